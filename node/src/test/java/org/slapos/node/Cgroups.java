package org.slapos.node;

import java.io.File;
import java.nio.file.Path;
import java.util.Optional;

/// The control groups of a test's node, which are named after its instance root: no other test has that.
public final class Cgroups {
    private static final File ALL = new File("/sys/fs/cgroup");

    private Cgroups() {}

    /// Takes away what promises and services left behind, once none of them runs; one in which something runs stays.
    public static void remove(Path instanceRoot) {
        var name = "slapos" + instanceRoot.toString().replace('/', '-');
        removeIn(ALL, name);
        for (var hierarchy : directories(ALL)) {
            removeIn(hierarchy, name);
        }
    }

    private static void removeIn(File hierarchy, String name) {
        var node = new File(hierarchy, name);
        for (var partition : directories(node)) {
            partition.delete();
        }
        node.delete();
    }

    private static File[] directories(File folder) {
        return Optional.ofNullable(folder.listFiles(File::isDirectory)).orElse(new File[0]);
    }
}

package org.slapos.node.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Processes that a killed node left behind. They are known by an entry of their environment, which every descendant
/// inherits, so that no number of a process is trusted that another one may have by now.
final class Leftovers {
    private Leftovers() {}

    /// Ends every process of the user that has this entry (`NAME=value`) in its environment, and returns how many.
    static int end(String entry, int uid) {
        var found = withEntry(entry, uid);
        if (!found.isEmpty()) {
            ProcessTree.kill(() -> withEntry(entry, uid));
        }
        return found.size();
    }

    /// The values that a variable has in the environments of all processes but root's.
    static Set<String> values(String name) {
        var found = new HashSet<String>();
        boolean root = LinuxUsers.currentUid() == 0;
        for (var process : ProcessTree.all()) {
            if (!root || process.uid() != 0) {
                environment(process.pid()).stream()
                        .filter(entry -> entry.startsWith(name + "="))
                        .map(entry -> entry.substring(name.length() + 1))
                        .forEach(found::add);
            }
        }
        return found;
    }

    private static Set<Long> withEntry(String entry, int uid) {
        var found = new HashSet<Long>();
        for (var process : ProcessTree.all()) {
            if (process.uid() == uid && environment(process.pid()).contains(entry)) {
                found.add(process.pid());
            }
        }
        return found;
    }

    private static List<String> environment(long pid) {
        try {
            var bytes = Files.readAllBytes(Path.of("/proc", Long.toString(pid), "environ"));
            return List.of(new String(bytes, StandardCharsets.UTF_8).split("\0", -1));
        } catch (IOException _) {
            return List.of(); // ended meanwhile, or not ours to look at
        }
    }
}

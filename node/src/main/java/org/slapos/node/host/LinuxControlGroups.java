package org.slapos.node.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Control groups of both versions, below `/sys/fs/cgroup`. Where they cannot be written to (a container, another
/// user than root) there are none, which is no error. `slapnode/confine.py` does the same for services.
final class LinuxControlGroups {
    private static final Logger LOG = LoggerFactory.getLogger(LinuxControlGroups.class);
    private static final Path ALL = Path.of("/sys/fs/cgroup");
    private static final String PROCESSES = "cgroup.procs";

    private LinuxControlGroups() {}

    /// A hierarchy of groups, and the files in each group of it that take a weight.
    private record Hierarchy(Path root, List<String> weights) {}

    private static boolean isUnified() {
        return Files.exists(ALL.resolve("cgroup.controllers"));
    }

    private static List<Hierarchy> hierarchies() {
        return isUnified()
                ? List.of(new Hierarchy(ALL, List.of("cpu.weight", "io.weight", "io.bfq.weight")))
                : List.of(
                        new Hierarchy(ALL.resolve("cpu"), List.of("cpu.shares")),
                        new Hierarchy(ALL.resolve("blkio"), List.of("blkio.weight", "blkio.bfq.weight")));
    }

    /// Makes the group where that can be.
    ///
    /// @return the files to which a process writes 0 to join it
    static List<Path> make(ControlGroup group) {
        var files = new ArrayList<Path>();
        for (var hierarchy : hierarchies()) {
            var folder = hierarchy.root().resolve(group.name());
            try {
                if (Files.isDirectory(hierarchy.root())) {
                    make(folder, hierarchy.root().resolve(group.parent()));
                    hierarchy.weights().forEach(name -> weigh(folder.resolve(name), group.weight()));
                    files.add(folder.resolve(PROCESSES));
                }
            } catch (IOException e) {
                LOG.debug("no control group {}: {}", folder, e.toString());
            }
        }
        return files;
    }

    /// The last group of a node that goes takes its parent along: it may do so between the two steps.
    private static void make(Path folder, Path parent) throws IOException {
        try {
            Files.createDirectories(folder);
        } catch (NoSuchFileException _) {
            Files.createDirectories(folder);
        }
        if (isUnified()) {
            for (var controller : List.of("+cpu", "+io")) {
                for (var above : List.of(ALL, parent)) {
                    write(above.resolve("cgroup.subtree_control"), controller);
                }
            }
        }
    }

    /// Version 1 counts 1024 where version 2 counts 100.
    private static void weigh(Path file, int weight) {
        if (Files.exists(file)) {
            write(file, Integer.toString(file.endsWith("cpu.shares") ? Math.max(2, weight * 1024 / 100) : weight));
        }
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            LOG.debug("{} does not take {}: {}", file, text, e.toString());
        }
    }

    /// Ends whoever is in the group, and takes it away; its parent too when it was the last one there.
    static void end(ControlGroup group) {
        if (!members(group).isEmpty()) {
            ProcessTree.kill(() -> members(group));
        }
        for (var hierarchy : hierarchies()) {
            remove(hierarchy.root().resolve(group.name()));
            remove(hierarchy.root().resolve(group.parent()));
        }
    }

    private static Set<Long> members(ControlGroup group) {
        var found = new HashSet<Long>();
        for (var hierarchy : hierarchies()) {
            try {
                Files.readAllLines(hierarchy.root().resolve(group.name()).resolve(PROCESSES))
                        .forEach(pid -> found.add(Long.parseLong(pid)));
            } catch (IOException _) {
                // there is none
            }
        }
        return found;
    }

    private static void remove(Path folder) {
        try {
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            LOG.debug("{} stays: {}", folder, e.toString());
        }
    }
}

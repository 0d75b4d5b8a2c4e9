package org.slapos.cli.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Processes that are the demo's: of its users, running a program of its root, or working below its root without a
/// terminal (a person's shell that only stands there is left alone). Each is looked up in `/proc` right before.
final class Leftovers {
    private static final int ROUNDS = 50;

    private final Path root;
    private final Set<Integer> uids;

    /// @param uids never that of root or of a person
    Leftovers(Path root, Set<Integer> uids) {
        this.root = root;
        this.uids = uids;
    }

    /// Kills them until there are none, for some seconds.
    ///
    /// @return how many were found
    int kill() throws IOException {
        var killed = new HashSet<Long>();
        for (int round = 0; round < ROUNDS; round++) {
            var found = find();
            if (found.isEmpty()) {
                break;
            }
            found.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
            killed.addAll(found);
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return killed.size();
            }
        }
        return killed.size();
    }

    List<Long> find() throws IOException {
        var found = new ArrayList<Long>();
        var callers = callers();
        try (var entries = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (var entry : entries) {
                long pid = Long.parseLong(entry.getFileName().toString());
                if (!callers.contains(pid) && isOurs(entry)) {
                    found.add(pid);
                }
            }
        }
        return found;
    }

    /// This process and those that started it: a person in the demo's folder may call `demo stop` too.
    private static Set<Long> callers() {
        var found = new HashSet<Long>();
        var process = Optional.of(ProcessHandle.current());
        while (process.isPresent() && found.add(process.get().pid())) {
            process = process.get().parent();
        }
        return found;
    }

    private boolean isOurs(Path process) {
        try {
            var stat = Files.readString(process.resolve("stat"));
            var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            if (fields[0].equals("Z")) {
                return false;
            }
            boolean hasTerminal = !fields[4].equals("0");
            return uids.contains(Files.getAttribute(process, "unix:uid"))
                    || isBelow(process.resolve("exe"))
                    || (!hasTerminal && isBelow(process.resolve("cwd")));
        } catch (IOException | IndexOutOfBoundsException _) {
            return false;
        }
    }

    /// Where a link of `/proc` leads; the kernel says so in words when that is deleted already.
    private boolean isBelow(Path link) {
        try {
            return Path.of(Files.readSymbolicLink(link).toString().replace(" (deleted)", ""))
                    .startsWith(root);
        } catch (IOException _) {
            return false;
        }
    }
}

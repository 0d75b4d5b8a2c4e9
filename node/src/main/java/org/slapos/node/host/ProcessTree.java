package org.slapos.node.host;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/// Processes as `/proc` shows them, and ending all of a family without letting one escape by forking.
final class ProcessTree {
    private static final Path PROC = Path.of("/proc");
    private static final int ROUNDS = 50;
    private static final long MILLIS_PER_TICK = 10; // the kernel tells user space hundredths of a second, always
    private static final Instant BOOT = bootTime();

    /// @param startTicks when it started, in clock ticks since boot: with the pid, an identity
    record Entry(long pid, long parent, long session, int uid, long startTicks) {
        /// The moment it started, within a hundredth of a second.
        Instant startedAt() {
            return BOOT.plusMillis(startTicks * MILLIS_PER_TICK);
        }
    }

    private static Instant bootTime() {
        try (var lines = Files.lines(PROC.resolve("stat"))) {
            return lines.filter(line -> line.startsWith("btime "))
                    .map(line -> Instant.ofEpochSecond(
                            Long.parseLong(line.substring(6).strip())))
                    .findFirst()
                    .orElseThrow(() -> new HostException("no boot time in /proc/stat"));
        } catch (IOException e) {
            throw new HostException("cannot read /proc/stat: " + e, e);
        }
    }

    private ProcessTree() {}

    /// Every process but kernel threads that can be read; one that ends meanwhile is left out.
    static List<Entry> all() {
        var found = new ArrayList<Entry>();
        try (var entries = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (var entry : entries) {
                read(entry).ifPresent(found::add);
            }
        } catch (IOException | DirectoryIteratorException e) {
            throw new HostException("cannot read /proc: " + e, e);
        }
        return found;
    }

    static Optional<Entry> of(long pid) {
        return read(PROC.resolve(Long.toString(pid)));
    }

    private static Optional<Entry> read(Path directory) {
        try {
            var stat = Files.readString(directory.resolve("stat"), java.nio.charset.StandardCharsets.ISO_8859_1);
            // The name of the program stands in parentheses and may hold anything: fields count from the last one.
            var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            if (fields[0].equals("Z")) {
                return Optional.empty(); // dead, waits for its parent to notice
            }
            var uid = (Integer) Files.getAttribute(directory, "unix:uid");
            return Optional.of(new Entry(
                    Long.parseLong(directory.getFileName().toString()),
                    Long.parseLong(fields[1]),
                    Long.parseLong(fields[3]),
                    uid,
                    Long.parseLong(fields[19])));
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    /// The process itself, all it started, and all in its session, also when their parent is gone.
    static Set<Long> family(long root) {
        Map<Long, List<Long>> children = new HashMap<>();
        var family = new HashSet<Long>();
        for (var entry : all()) {
            children.computeIfAbsent(entry.parent(), _ -> new ArrayList<>()).add(entry.pid());
            if (entry.pid() == root || entry.session() == root) {
                family.add(entry.pid());
            }
        }
        var queue = new ArrayList<>(family);
        while (!queue.isEmpty()) {
            for (var child : children.getOrDefault(queue.removeLast(), List.of())) {
                if (family.add(child)) {
                    queue.add(child);
                }
            }
        }
        return family;
    }

    /// Every process of a user.
    static Set<Long> ofUser(int uid) {
        var found = new HashSet<Long>();
        for (var entry : all()) {
            if (entry.uid() == uid) {
                found.add(entry.pid());
            }
        }
        return found;
    }

    /// Freezes the processes that `members` names, looking again until there is no new one, then kills them all and
    /// waits up to 10 s for them to be gone.
    static void kill(Supplier<Set<Long>> members) {
        var frozen = new HashSet<Long>();
        for (int round = 0; round < ROUNDS; round++) {
            var fresh = new HashSet<>(members.get());
            fresh.remove(ProcessHandle.current().pid());
            fresh.removeAll(frozen);
            if (fresh.isEmpty()) {
                break;
            }
            signal("STOP", fresh);
            frozen.addAll(fresh);
            pause(Duration.ofMillis(20));
        }
        var handles =
                frozen.stream().flatMap(pid -> ProcessHandle.of(pid).stream()).toList();
        handles.forEach(ProcessHandle::destroyForcibly);
        var end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (System.nanoTime() < end
                && handles.stream().anyMatch(h -> of(h.pid()).isPresent())) {
            pause(Duration.ofMillis(10));
        }
    }

    /// Sends a signal; a process that is gone already is no error.
    static void signal(String name, Set<Long> pids) {
        var line = new ArrayList<>(List.of("/bin/sh", "-c", "kill -\"$0\" \"$@\"", name));
        pids.forEach(pid -> line.add(Long.toString(pid)));
        try {
            var process = new ProcessBuilder(line)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            process.waitFor();
        } catch (IOException e) {
            throw new HostException("cannot send the signal " + name + ": " + e.getMessage(), e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static void pause(Duration duration) {
        try {
            Thread.sleep(duration);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // the kill itself goes on: nothing may survive it
        }
    }
}

package org.slapos.node.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// Reads [ProcessUse] from `/proc` (proc(5): stat, smaps_rollup).
final class LinuxProcessUse {
    private static final Path PROC = Path.of("/proc");
    private static final double TICKS_PER_SECOND = 100; // USER_HZ, the same on every Linux the JDK runs on
    private static final long PAGE_BYTES = 4096;

    private LinuxProcessUse() {}

    /// The processes of users that `isWanted` names.
    static List<ProcessUse> all(Predicate<Integer> isWanted) {
        var found = new ArrayList<ProcessUse>();
        try (var entries = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (var entry : entries) {
                read(entry, isWanted).ifPresent(found::add);
            }
        } catch (IOException | DirectoryIteratorException e) {
            throw new HostException("cannot read /proc: " + e, e);
        }
        return found;
    }

    private static Optional<ProcessUse> read(Path directory, Predicate<Integer> isWanted) {
        try {
            int uid = (Integer) Files.getAttribute(directory, "unix:uid");
            if (!isWanted.test(uid)) {
                return Optional.empty();
            }
            var stat = Files.readString(directory.resolve("stat"), StandardCharsets.ISO_8859_1);
            // The name of the program stands in parentheses and may hold anything: fields count from the last one.
            var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            var pid = directory.getFileName().toString();
            double ticks = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
            return Optional.of(new ProcessUse(
                    pid + "@" + fields[19],
                    Long.parseLong(pid),
                    Long.parseLong(fields[1]),
                    uid,
                    ticks / TICKS_PER_SECOND,
                    share(directory).orElse(Long.parseLong(fields[21]) * PAGE_BYTES)));
        } catch (IOException _) {
            return Optional.empty(); // ended meanwhile
        }
    }

    private static Optional<Long> share(Path directory) {
        try (var lines = Files.lines(directory.resolve("smaps_rollup"), StandardCharsets.ISO_8859_1)) {
            return lines.filter(line -> line.startsWith("Pss:"))
                    .map(line -> Long.parseLong(line.replaceAll("\\D+", "")) * 1024)
                    .findFirst();
        } catch (IOException | java.io.UncheckedIOException _) {
            return Optional.empty();
        }
    }
}

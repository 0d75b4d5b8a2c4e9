package org.slapos.node.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// Reads [ProcessUse] and [ProcessDetail] from `/proc` (proc(5): stat, smaps_rollup, io, cmdline).
final class LinuxProcessUse {
    private static final Path PROC = Path.of("/proc");
    private static final int TICKS_PER_SECOND = 100; // USER_HZ, the same on every Linux the JDK runs on
    private static final long PAGE_BYTES = 4096;
    private static final int MAX_COMMAND = 4096;

    private LinuxProcessUse() {}

    /// `/proc/<pid>/stat`.
    ///
    /// @param fields from the third on
    private record Stat(Path folder, int uid, String name, List<String> fields) {
        String pid() {
            return String.valueOf(folder.getFileName());
        }

        /// A field by its number in proc(5).
        long field(int number) {
            return Long.parseLong(fields.get(number - 3));
        }

        String identity() {
            return pid() + "@" + field(22);
        }

        double seconds(long ticks) {
            return ticks / (double) TICKS_PER_SECOND;
        }

        long residentBytes() {
            return field(24) * PAGE_BYTES;
        }
    }

    private interface Reader<T> {
        T read(Stat stat) throws IOException;
    }

    /// The processes of users that `isWanted` names.
    static List<ProcessUse> all(Predicate<Integer> isWanted) {
        return each(
                isWanted,
                stat -> new ProcessUse(
                        stat.identity(),
                        Long.parseLong(stat.pid()),
                        stat.field(4),
                        stat.uid(),
                        stat.seconds(stat.field(14) + stat.field(15)),
                        share(stat.folder()).orElse(stat.residentBytes())));
    }

    static List<ProcessDetail> details(Predicate<Integer> isWanted) {
        long bootMillis = bootSeconds() * 1000;
        return each(isWanted, stat -> {
            var io = text(stat.folder().resolve("io"));
            return new ProcessDetail(
                    stat.identity(),
                    Long.parseLong(stat.pid()),
                    stat.field(4),
                    stat.uid(),
                    Instant.ofEpochMilli(bootMillis + stat.field(22) * (1000 / TICKS_PER_SECOND)),
                    stat.name(),
                    command(stat.folder()),
                    stat.seconds(stat.field(14) + stat.field(15) + stat.field(16) + stat.field(17)),
                    stat.field(20),
                    stat.residentBytes(),
                    number(io, "\nread_bytes: ") + number(io, "\nwrite_bytes: "),
                    number(io, "\nsyscr: ") + number(io, "\nsyscw: "));
        });
    }

    private static <T> List<T> each(Predicate<Integer> isWanted, Reader<T> reader) {
        var found = new ArrayList<T>();
        try (var entries = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (var entry : entries) {
                try {
                    int uid = (Integer) Files.getAttribute(entry, "unix:uid");
                    if (isWanted.test(uid)) {
                        found.add(reader.read(stat(entry, uid)));
                    }
                } catch (IOException _) {
                    // ended meanwhile
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            throw new HostException("cannot read /proc: " + e, e);
        }
        return found;
    }

    private static Stat stat(Path folder, int uid) throws IOException {
        var text = Files.readString(folder.resolve("stat"), StandardCharsets.ISO_8859_1);
        // The name of the program stands in parentheses and may hold anything: fields count from the last one.
        int end = text.lastIndexOf(')');
        return new Stat(
                folder,
                uid,
                text.substring(text.indexOf('(') + 1, end),
                List.of(text.substring(end + 2).strip().split(" ", -1)));
    }

    private static Optional<Long> share(Path directory) {
        try (var lines = Files.lines(directory.resolve("smaps_rollup"), StandardCharsets.ISO_8859_1)) {
            return lines.filter(line -> line.startsWith("Pss:"))
                    .map(line -> Long.parseLong(line.replaceAll("\\D+", "")) * 1024)
                    .findFirst();
        } catch (IOException | UncheckedIOException _) {
            return Optional.empty();
        }
    }

    private static String command(Path folder) throws IOException {
        try (var stream = Files.newInputStream(folder.resolve("cmdline"))) {
            return new String(stream.readNBytes(MAX_COMMAND), StandardCharsets.UTF_8)
                    .replace('\0', ' ')
                    .strip();
        }
    }

    /// Nothing when it is not ours to see.
    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException _) {
            return "";
        }
    }

    /// What stands behind a word, up to the end of its line.
    private static long number(String text, String word) {
        int begin = text.indexOf(word) + word.length();
        int end = text.indexOf('\n', begin);
        return begin < word.length() || end < 0
                ? 0
                : Long.parseLong(text.substring(begin, end).strip());
    }

    private static long bootSeconds() {
        return number(text(PROC.resolve("stat")), "\nbtime ");
    }
}

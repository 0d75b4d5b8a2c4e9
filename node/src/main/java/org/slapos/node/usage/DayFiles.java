package org.slapos.node.usage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slapos.node.host.Command;
import org.slapos.node.host.Host;
import org.slapos.node.host.HostException;

/// What a machine and its partitions used, for tools of the field: a folder for today with a `dump_<table>.csv` for
/// each kind of measure, an archive for each day before, and `system_<measure>.csv` of today. Times are UTC. A
/// sample costs what it adds, however long the day is. One thread at a time.
final class DayFiles {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);
    private static final Duration PACKING = Duration.ofMinutes(30);
    private static final String TITLES = "time,entry\n";
    /// Of an empty partition nothing is noted.
    private static final long EMPTY_KIB = 1024;

    private static final double KIB = 1024;

    private final Host host;
    private final Path folder;

    DayFiles(Host host, Path folder) {
        this.host = host;
        this.folder = folder;
    }

    /// Adds a sample to its day.
    ///
    /// @param last the sample before; of another day, it begins one
    void add(Sample sample, LastSample last) {
        var machine = sample.machine();
        var when = sample.when();
        note(
                when,
                "user",
                sample.partitions().stream()
                        .flatMap(partition ->
                                partition.processes().stream().map(process -> process(partition.name(), process)))
                        .toList());
        var sizes = machine.disks().stream()
                .map(disk -> disk.device() + "=" + disk.totalBytes())
                .collect(Collectors.joining(";"));
        note(
                when,
                "computer",
                List.of(List.of(
                        machine.processors(),
                        machine.processorMegahertz(),
                        machine.processorType(),
                        machine.memoryBytes(),
                        "",
                        sizes)));
        note(when, "system", List.of(List.copyOf(system(sample).values())));
        note(
                when,
                "disk",
                machine.disks().stream()
                        .map(disk ->
                                List.<Object>of(disk.device(), disk.usedBytes(), disk.freeBytes(), disk.mountPoint()))
                        .toList());
        show(sample, last);
    }

    /// Adds the size of a partition's directory to its day.
    void addSize(Instant when, String name, long kib) {
        if (kib > EMPTY_KIB) {
            note(when, "folder", List.of(List.of(name, kib)));
        }
    }

    private static List<Object> process(String name, Sample.OfProcess process) {
        var detail = process.detail();
        return List.of(
                name,
                detail.pid(),
                detail.pid() + "-" + detail.start().toEpochMilli() / 1000.0,
                process.cpuPercent(),
                detail.cpuSeconds(),
                detail.threads(),
                process.memoryPercent(),
                detail.memoryBytes(),
                detail.ioBytes(),
                detail.ioOperations());
    }

    /// The columns of the table of that name, in their order.
    private static Map<String, Object> system(Sample sample) {
        var machine = sample.machine();
        var columns = new LinkedHashMap<String, Object>();
        columns.put("loadavg", machine.load());
        columns.put("cpu_percent", sample.cpuPercent());
        columns.put("memory_used", machine.memoryUsedBytes());
        columns.put("memory_free", machine.memoryFreeBytes());
        columns.put("net_in_bytes", machine.in().bytes());
        columns.put("net_in_errors", machine.in().errors());
        columns.put("net_in_dropped", machine.in().dropped());
        columns.put("net_out_bytes", machine.out().bytes());
        columns.put("net_out_errors", machine.out().errors());
        columns.put("net_out_dropped", machine.out().dropped());
        return columns;
    }

    private void note(Instant when, String table, List<List<Object>> rows) {
        if (rows.isEmpty()) {
            return;
        }
        var time = when.atOffset(ZoneOffset.UTC);
        var day = folder.resolve(time.toLocalDate().toString());
        host.createDirectory(day, 0755);
        var end = List.<Object>of(time.toLocalDate(), TIME.format(time), 0);
        var text = rows.stream()
                .map(row -> Stream.concat(row.stream(), end.stream())
                                .map(DayFiles::cell)
                                .collect(Collectors.joining(","))
                        + "\n")
                .collect(Collectors.joining());
        append(day.resolve("dump_" + table + ".csv"), "", text);
    }

    /// RFC 4180; numbers without an exponent.
    private static String cell(Object value) {
        var text = value instanceof Double number ? String.format(Locale.ROOT, "%.3f", number) : value.toString();
        return text.matches("[^,\"\\r\\n]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
    }

    /// The day's first sample has no other to be compared with: of the machine it is not shown, of disks it is.
    private void show(Sample sample, LastSample last) {
        boolean isFirst = !day(last.when()).equals(day(sample.when()));
        if (isFirst) {
            entries("system_*.csv").forEach(DayFiles::delete);
        }
        var time = TIME.format(sample.utc()) + ",";
        var in = sample.machine().in();
        var out = sample.machine().out();
        var values = system(sample);
        values.replaceAll((name, value) -> switch (name) {
            case "memory_used", "memory_free" -> ((Long) value) / KIB;
            case "net_in_bytes" -> grown(in.bytes(), last.in().bytes()) / KIB;
            case "net_in_errors" -> grown(in.errors(), last.in().errors());
            case "net_in_dropped" -> grown(in.dropped(), last.in().dropped());
            case "net_out_bytes" -> grown(out.bytes(), last.out().bytes()) / KIB;
            case "net_out_errors" -> grown(out.errors(), last.out().errors());
            case "net_out_dropped" -> grown(out.dropped(), last.out().dropped());
            default -> value;
        });
        values.forEach((name, value) ->
                append(folder.resolve("system_" + name + ".csv"), TITLES, isFirst ? "" : time + cell(value) + "\n"));
        for (var disk : sample.machine().disks()) {
            var device = disk.device().replaceAll("[/-]", "_");
            Map.of("used_", disk.usedBytes(), "free_", disk.freeBytes())
                    .forEach((kind, bytes) -> append(
                            folder.resolve("system_disk_memory_" + kind + device + ".csv"),
                            TITLES,
                            time + cell(bytes / KIB) + "\n"));
        }
    }

    /// Counters begin anew when the machine does.
    private static long grown(long now, long before) {
        return now < before ? now : now - before;
    }

    private static LocalDate day(Instant when) {
        return LocalDate.ofInstant(when, ZoneOffset.UTC);
    }

    /// Adds whole lines; the piece of one that a crash left at the end makes way.
    ///
    /// @param titles of a new file
    private static void append(Path file, String titles, String lines) {
        try (var channel = FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                LinkOption.NOFOLLOW_LINKS)) {
            long end = channel.size();
            var last = ByteBuffer.allocate(1);
            while (end > 0 && !(channel.read(last.clear(), end - 1) == 1 && last.get(0) == '\n')) {
                end--;
            }
            channel.truncate(end).position(end);
            var bytes = ByteBuffer.wrap(((end == 0 ? titles : "") + lines).getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw new HostException("cannot write " + file + ": " + e, e);
        }
    }

    /// Packs the days before today, and deletes the archives of those that are older than is wanted.
    void tidy(Instant now, int days) {
        var today = day(now);
        for (var entry : entries("????-??-??")) {
            if (entry.getFileName().toString().compareTo(today.toString()) < 0) {
                pack(entry.getFileName().toString());
            }
        }
        var oldest = today.minusDays(days).toString();
        for (var entry : entries("????-??-??.*tar.gz")) {
            if (entry.getFileName().toString().compareTo(oldest) < 0) {
                delete(entry);
            }
        }
    }

    /// An archive is there whole, or not at all; a day is deleted when it is. One that is there already, of a day that
    /// came back, stays.
    private void pack(String day) {
        var unfinished = folder.resolve("." + day + ".unfinished");
        host.run(Command.of("nice", "-n", "19", "tar", "--create", "--gzip", "--file", unfinished.toString(), day)
                        .withDirectory(folder)
                        .withUmask(022)
                        .withDeadline(PACKING))
                .orThrow("pack " + folder.resolve(day));
        var archive = folder.resolve(day + ".tar.gz");
        for (int i = 1; Files.exists(archive); i++) {
            archive = folder.resolve(day + "." + i + ".tar.gz");
        }
        try {
            Files.move(unfinished, archive, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new HostException("cannot pack " + folder.resolve(day) + ": " + e, e);
        }
        host.deleteTree(folder.resolve(day), false);
    }

    private List<Path> entries(String pattern) {
        var found = new ArrayList<Path>();
        try (var stream = Files.newDirectoryStream(folder, pattern)) {
            stream.forEach(found::add);
        } catch (IOException | DirectoryIteratorException e) {
            throw new HostException("cannot list " + folder + ": " + e, e);
        }
        return found;
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new HostException("cannot delete " + file + ": " + e, e);
        }
    }
}

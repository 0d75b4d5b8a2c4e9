package org.slapos.node.usage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slapos.node.host.Host;
import org.slapos.node.host.ProcessUse;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.UsageReport;
import org.slapos.protocol.UsageReport.Movement;
import org.slapos.protocol.client.SlapClient;
import org.slapos.protocol.client.SlapException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Measures what partitions use and sends it. Any thread may call; calls are done one after the other.
///
/// `<instance root>/var/usage/period.json` holds the running period, `var/usage/pending/` the closed ones that the
/// Master has not acknowledged. Processes that begin and end between two samples are not counted.
public final class MeasureUsage {
    private static final Logger LOG = LoggerFactory.getLogger(MeasureUsage.class);
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");
    private static final String PERIOD = "period.json";
    private static final int MAX_BYTES = 16 << 20;
    private static final int MAX_PENDING = 1000;
    private static final Duration SHORTEST_PERIOD = Duration.ofSeconds(1);
    private static final Duration DISK_DEADLINE = Duration.ofMinutes(5);

    private final Host host;
    private final InstantSource clock;
    private final Path var;
    private final Path folder;
    private final Path pending;

    public MeasureUsage(Host host, Path instanceRoot, InstantSource clock) {
        this.host = host;
        this.clock = clock;
        this.var = instanceRoot.resolve("var");
        this.folder = var.resolve("usage");
        this.pending = folder.resolve("pending");
    }

    /// Adds one sample of what runs now.
    public synchronized void sample(List<MeasuredPartition> partitions) {
        var known = read();
        save(known.orElseGet(() -> Period.startingAt(clock.instant())).sampled(running(partitions), known.isEmpty()));
    }

    /// When the running period began; empty before the first sample.
    public synchronized Optional<Instant> periodStart() {
        return read().map(Period::start);
    }

    /// Ends the running period and begins the next one. The report waits for [#send]. Nothing is reported of a period
    /// under a second, or without a partition in it.
    public synchronized void closePeriod(ComputerId computer, List<MeasuredPartition> partitions) {
        sample(partitions);
        var period = read().orElseThrow();
        var now = clock.instant();
        var length = Duration.between(period.start(), now);
        if (length.compareTo(SHORTEST_PERIOD) < 0) {
            return;
        }
        var movements = movements(period, length, partitions);
        if (!movements.isEmpty()) {
            // Named by its start: closed again after a crash, it replaces itself.
            var reference = computer + "-" + period.start();
            var report = new UsageReport(
                    "Resource consumption of " + computer, date(period.start()), date(now), reference, movements);
            write(pending, period.start().toEpochMilli() + ".xml", report.write());
        }
        save(period.next(now));
    }

    /// Keeps a report that was made elsewhere for [#send].
    synchronized void keep(Instant when, UsageReport report) {
        write(pending, when.toEpochMilli() + "-partitions.xml", report.write());
    }

    /// Sends what is pending, oldest first. A report that the Master does not accept is laid aside as `.refused`.
    ///
    /// @return how many were acknowledged
    /// @throws SlapException when the Master cannot be talked to; what was not acknowledged stays
    public synchronized int send(SlapClient master, ComputerId computer) {
        int sent = 0;
        for (var file : pendingFiles()) {
            try {
                master.use(computer, UsageReport.read(Files.readAllBytes(file)));
                Files.delete(file);
                sent++;
            } catch (SlapException e) {
                if (e.kind() != SlapException.Kind.REFUSED) {
                    throw e;
                }
                layAside(file, String.valueOf(e.getMessage()));
            } catch (MalformedException e) {
                layAside(file, String.valueOf(e.getMessage()));
            } catch (IOException e) {
                throw new UncheckedIOException("cannot send the usage report " + file + ": " + e, e);
            }
        }
        return sent;
    }

    private static void layAside(Path file, String why) {
        LOG.warn("The usage report {} is not accepted and laid aside: {}", file.getFileName(), why);
        try {
            Files.move(file, file.resolveSibling(file.getFileName() + ".refused"));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot lay aside " + file + ": " + e, e);
        }
    }

    private List<Movement> movements(Period period, Duration length, List<MeasuredPartition> partitions) {
        var disk =
                partitions.stream().collect(Collectors.toMap(p -> p.partition().text(), p -> diskMiB(p.directory())));
        var movements = new ArrayList<Movement>();
        period.partitions().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(entry -> {
                    var used = entry.getValue();
                    var whose = used.reference();
                    double percent = 100 * used.cpuSeconds() / (length.toMillis() / 1000.0);
                    movements.add(new Movement(
                            "service_module/cpu_load_percent",
                            "CPU Load Percent Average for " + whose,
                            whose,
                            percent));
                    movements.add(new Movement(
                            "service_module/memory_used",
                            "Memory Used Average for " + whose,
                            whose,
                            used.averageMemoryMiB()));
                    Optional.ofNullable(disk.get(entry.getKey()))
                            .ifPresent(mib -> movements.add(new Movement(
                                    "service_module/disk_used",
                                    "Partition Disk Used Average for " + whose,
                                    whose,
                                    mib)));
                });
        return movements;
    }

    private double diskMiB(Path directory) {
        return DiskUse.kib(host, List.of(directory), DISK_DEADLINE) / 1024.0;
    }

    private Map<MeasuredPartition, List<ProcessUse>> running(List<MeasuredPartition> partitions) {
        var uids = partitions.stream().map(MeasuredPartition::uid).collect(Collectors.toSet());
        var all = partitions.isEmpty() ? List.<ProcessUse>of() : host.processUse(uids::contains);
        var running = new LinkedHashMap<MeasuredPartition, List<ProcessUse>>();
        partitions.forEach(partition -> running.put(partition, partition.processes(all)));
        return running;
    }

    private List<Path> pendingFiles() {
        if (!Files.isDirectory(pending)) {
            return List.of();
        }
        try (var files = Files.list(pending)) {
            return files.filter(file -> file.toString().endsWith(".xml"))
                    .sorted()
                    .limit(MAX_PENDING)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + pending + ": " + e, e);
        }
    }

    private Optional<Period> read() {
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        return host.readTenantFile(folder, PERIOD, MAX_BYTES).flatMap(bytes -> {
            try {
                return Optional.of(Period.of(bytes));
            } catch (IOException e) {
                LOG.warn("What was measured since the last report cannot be read and is lost: {}", e.getMessage());
                return Optional.empty();
            }
        });
    }

    private void save(Period period) {
        write(folder, PERIOD, period.toJson());
    }

    private void write(Path directory, String name, byte[] content) {
        host.createDirectory(var, 0755);
        host.createDirectory(folder, 0700);
        host.createDirectory(pending, 0700);
        var self = host.self();
        host.writeTenantFile(directory, name, content, 0600, self.uid(), self.gid());
    }

    private static String date(Instant instant) {
        return DATE.format(instant.atOffset(ZoneOffset.UTC));
    }
}

package org.slapos.node.usage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.slapos.node.host.Command;
import org.slapos.node.host.Host;
import org.slapos.node.host.HostException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What an instance used, for its own monitoring, in `.slapgrid/monitor` of a partition that was deployed: series of
/// processes, memory and input/output, the last values, and the last values of each process.
final class MonitorFiles {
    private static final Logger LOG = LoggerFactory.getLogger(MonitorFiles.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final String FOLDER = ".slapgrid/monitor";
    /// Two or three days of minutes. A series that is longer loses its older half.
    private static final int MAX_BYTES = 256 << 10;

    private static final double MIB = 1 << 20;

    /// A file of samples.
    ///
    /// @param titles of the columns, the first being the date
    /// @param names  of the values behind the date
    private record Series(String kind, String titles, List<String> names) {}

    private static final List<Series> ALL = List.of(
            new Series(
                    "process",
                    "date, total process, CPU percent, CPU time, CPU threads",
                    List.of("total_process", "cpu_percent", "cpu_time", "cpu_num_threads")),
            new Series("memory", "date, memory used percent, memory used", List.of("memory_percent", "memory_rss")),
            new Series(
                    "io",
                    "date, io rw counter, io cycles counter, disk used",
                    List.of("io_rw_counter", "io_cycles_counter", "disk_used")));

    private final Host host;

    MonitorFiles(Host host) {
        this.host = host;
    }

    /// One that cannot be written keeps no other from it.
    void write(Sample sample) {
        for (var partition : sample.partitions()) {
            try {
                if (Files.isDirectory(partition.directory().resolve(".slapgrid"), LinkOption.NOFOLLOW_LINKS)) {
                    write(sample, partition);
                }
            } catch (HostException e) {
                LOG.warn("{}: {}", partition.id(), e.getMessage());
            }
        }
    }

    private void write(Sample sample, Sample.OfPartition partition) {
        if (!Files.isDirectory(partition.directory().resolve(FOLDER), LinkOption.NOFOLLOW_LINKS)) {
            host.run(Command.of("mkdir", "-p", "--", FOLDER)
                            .withDirectory(partition.directory())
                            .withUser(host.owner(partition.directory())
                                    .orElseThrow(() -> new HostException(partition.directory() + " has no owner")))
                            .withUmask(027))
                    .orThrow("make " + FOLDER + " in " + partition.directory());
        }
        var status = status(sample, partition);
        ALL.forEach(series -> extend(partition, series, status));
        put(partition, "monitor_resource.status.json", status);
        put(partition, "monitor_process_resource.status.json", processes(partition));
    }

    private static ObjectNode status(Sample sample, Sample.OfPartition partition) {
        var all = partition.processes();
        return JSON.createObjectNode()
                .put("date", DATE.format(sample.when()))
                .put("total_process", all.size())
                .put("cpu_percent", rounded(sum(all, Sample.OfProcess::cpuPercent)))
                .put("cpu_time", rounded(sum(all, process -> process.detail().cpuSeconds()) / 60))
                .put("cpu_num_threads", (long)
                        sum(all, process -> process.detail().threads()))
                .put("memory_percent", rounded(sum(all, Sample.OfProcess::memoryPercent)))
                .put("memory_rss", rounded(sum(all, process -> process.detail().memoryBytes()) / MIB))
                .put("io_rw_counter", (long)
                        sum(all, process -> process.detail().ioBytes()))
                .put("io_cycles_counter", (long)
                        sum(all, process -> process.detail().ioOperations()))
                .put("disk_used", rounded(partition.diskKib() / 1024.0));
    }

    private static double sum(List<Sample.OfProcess> processes, ToDoubleFunction<Sample.OfProcess> value) {
        return processes.stream().mapToDouble(value).sum();
    }

    private static ArrayNode processes(Sample.OfPartition partition) {
        var list = JSON.createArrayNode();
        for (var process : partition.processes()) {
            var detail = process.detail();
            list.addObject()
                    .put("pid", detail.pid())
                    .put("name", detail.name())
                    .put("command", detail.command())
                    .put("user", partition.name())
                    .put("date", DATE.format(detail.start()))
                    .put("cpu_percent", rounded(process.cpuPercent()))
                    .put("cpu_time", rounded(detail.cpuSeconds() / 60))
                    .put("cpu_num_threads", detail.threads())
                    .put("memory_percent", rounded(process.memoryPercent()))
                    .put("memory_rss", rounded(detail.memoryBytes() / MIB))
                    .put("io_rw_counter", detail.ioBytes())
                    .put("io_cycles_counter", detail.ioOperations());
        }
        return list;
    }

    /// With one more sample, in its place; what is no such series begins anew.
    private void extend(Sample.OfPartition partition, Series series, ObjectNode status) {
        var file = FOLDER + "/monitor_resource_" + series.kind() + ".data.json";
        var date = status.path("date").asText();
        var row = date
                + series.names().stream()
                        .map(name -> ", " + status.path(name).asText())
                        .collect(Collectors.joining());
        var end = "\"]}";
        var more = "\",\"" + row + end;
        if (!host.extendTenantFile(partition.directory(), file, bytes(end), bytes(more), MAX_BYTES)) {
            var whole = shortened(partition, file);
            var data = whole.path("data") instanceof ArrayNode rows && !rows.isEmpty()
                    ? rows
                    : whole.put("date", date).putArray("data").add(series.titles());
            data.add(row);
            host.showTenantFile(
                    partition.directory(), file, bytes(whole.toString()), 0644, partition.uid(), partition.gid());
        }
    }

    /// What is in the file, with its titles and the newer half of its samples; empty when it is nothing of that kind.
    private ObjectNode shortened(Sample.OfPartition partition, String file) {
        try {
            var bytes = host.readTenantFile(partition.directory(), file, 2 * MAX_BYTES);
            if (bytes.isPresent()
                    && JSON.readTree(bytes.get()) instanceof ObjectNode whole
                    && whole.path("data") instanceof ArrayNode rows) {
                for (int more = rows.size() / 2; more > 0; more--) {
                    rows.remove(1);
                }
                return JSON.createObjectNode()
                        .put("date", whole.path("date").asText())
                        .set("data", rows);
            }
        } catch (IOException | HostException e) {
            LOG.warn("{}: {} begins anew: {}", partition.id(), file, e.getMessage());
        }
        return JSON.createObjectNode();
    }

    private void put(Sample.OfPartition partition, String file, JsonNode content) {
        host.showTenantFile(
                partition.directory(),
                FOLDER + "/" + file,
                bytes(content.toString()),
                0644,
                partition.uid(),
                partition.gid());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static double rounded(double value) {
        return Math.round(value * 100) / 100.0;
    }
}

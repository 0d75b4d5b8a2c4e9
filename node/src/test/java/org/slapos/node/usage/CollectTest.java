package org.slapos.node.usage;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slapos.node.NodeConfiguration.Collecting;
import org.slapos.node.host.Command;
import org.slapos.node.host.LinuxHost;
import org.slapos.node.host.ProcessDetail;
import org.slapos.node.host.UndoList;
import org.slapos.node.host.UnixUser;
import org.slapos.protocol.PartitionId;

/// What is measured for monitoring: real processes, a real file system; time is the test's.
class CollectTest {
    private static final int USER = 61_100 + (int) (ProcessHandle.current().pid() % 1_000);
    private static final Duration DAY = Duration.ofDays(1);
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path root;

    private final LinuxHost host = new LinuxHost(UndoList.none());
    private final LocalDate today = LocalDate.now(ZoneOffset.UTC).plusDays(1);
    private Instant now = today.atTime(LocalTime.NOON).toInstant(ZoneOffset.UTC);
    private Path partition;
    private UnixUser owner;
    private Process process;
    private final List<Process> started = new ArrayList<>();

    @BeforeEach
    void open() throws IOException {
        host.setMode(root, 0755);
        partition = Files.createDirectory(root.resolve("part0"));
        if (host.isRoot()) {
            host.setOwner(partition, USER, USER);
        }
        Files.write(partition.resolve("data"), new byte[3 << 20]);
        owner = host.owner(partition).orElseThrow();
        process = start();
    }

    /// A process of the partition's user.
    private Process start() throws IOException {
        var line = host.isRoot()
                ? List.of("setpriv", "--reuid", "" + USER, "--regid", "" + USER, "--clear-groups", "sleep", "600")
                : List.of("sleep", "600");
        var begun = new ProcessBuilder(line).start();
        started.add(begun);
        return begun;
    }

    @AfterEach
    void close() throws InterruptedException {
        for (var begun : started) {
            begun.destroyForcibly().waitFor();
        }
    }

    private Collect collect() {
        return collect(true);
    }

    private Collect collect(boolean sizes) {
        return new Collect(
                host, root, new Collecting(sizes, DAY, 2, Optional.empty()), () -> List.of(measured()), () -> now);
    }

    /// By root its user is its own; else it is the test's, and its processes are the one that the test started.
    private MeasuredPartition measured() {
        return new MeasuredPartition(
                new PartitionId("part0"), "slapuser0", partition, owner.uid(), !host.isRoot(), Set.of(process.pid()));
    }

    private void measure() {
        assertThat(collect().sample()).isTrue();
    }

    private void measureSizes() {
        assertThat(collect().measureSizes()).isTrue();
    }

    /// What was noted of a kind on a day, cell by cell.
    private List<List<String>> rows(LocalDate day, String table) {
        var file = root.resolve("var/data-log/" + day + "/dump_" + table + ".csv");
        try {
            return !Files.exists(file)
                    ? List.of()
                    : Files.readAllLines(file).stream()
                            .map(line -> List.of(line.split(",", -1)))
                            .toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private List<String> names(String folder) {
        return List.of(Objects.requireNonNull(root.resolve(folder).toFile().list()));
    }

    /// The process that the test started.
    private ProcessDetail detail() {
        return begun().stream()
                .filter(detail -> detail.pid() == process.pid())
                .findFirst()
                .orElseThrow();
    }

    /// All that the test started, once they are what they become.
    private List<ProcessDetail> begun() {
        var pids = started.stream().map(Process::pid).toList();
        var end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (System.nanoTime() < end) {
            var found = host.processDetails(uid -> uid == owner.uid()).stream()
                    .filter(detail ->
                            pids.contains(detail.pid()) && detail.name().equals("sleep"))
                    .toList();
            if (found.size() == pids.size()) {
                return found;
            }
            Thread.onSpinWait();
        }
        throw new AssertionError("they do not run");
    }

    private List<List<String>> rowsOfProcess() {
        return rows(today, "user").stream()
                .filter(row -> row.get(1).equals("" + process.pid()))
                .toList();
    }

    private JsonNode monitor(String name) throws IOException {
        return JSON.readTree(
                partition.resolve(".slapgrid/monitor").resolve(name).toFile());
    }

    @Test
    @Tag("checklist:CO-02")
    @Tag("checklist:CO-09")
    @Tag("checklist:CO-12")
    void eachKindOfMeasureIsKeptAndReadBack() {
        var detail = detail();
        measure();

        var row = rowsOfProcess().getFirst();
        assertThat(row.get(0)).isEqualTo("slapuser0");
        assertThat(row.get(2)).startsWith(process.pid() + "-");
        assertThat(row.get(4)).isEqualTo(String.format(java.util.Locale.ROOT, "%.3f", detail.cpuSeconds()));
        assertThat(row.get(5)).isEqualTo("1");
        assertThat(Double.parseDouble(row.get(6))).isBetween(0.0, 5.0);
        assertThat(Long.parseLong(row.get(7))).isBetween(100_000L, 50_000_000L);
        assertThat(Long.parseLong(row.get(9))).as("operations").isPositive();
        assertThat(row.subList(10, 13)).containsExactly(today.toString(), "12:00:00", "0");

        measureSizes();
        var folder = rows(today, "folder").getFirst();
        assertThat(folder.get(0)).isEqualTo("slapuser0");
        assertThat(Long.parseLong(folder.get(1))).isBetween(3072L, 3300L);

        var computer = rows(today, "computer").getFirst();
        assertThat(Integer.parseInt(computer.get(0)))
                .isEqualTo(Runtime.getRuntime().availableProcessors());
        assertThat(Long.parseLong(computer.get(3))).isGreaterThan(100_000_000L);
        var system = rows(today, "system").getFirst();
        assertThat(Double.parseDouble(system.get(1))).isBetween(0.0, 100.0);
        assertThat(Long.parseLong(system.get(2)) + Long.parseLong(system.get(3)))
                .isEqualTo(Long.parseLong(computer.get(3)));
        var disks = rows(today, "disk");
        assertThat(disks)
                .isNotEmpty()
                .allSatisfy(disk -> assertThat(computer.get(5)).contains(disk.get(0) + "="));
        assertThat(disks).anyMatch(disk -> disk.get(3).equals("/"));
    }

    @Test
    @Tag("checklist:CO-09")
    void ofAProcessThatIsGoneThereIsNothing() throws InterruptedException {
        process.destroyForcibly().waitFor();

        measure();

        assertThat(rowsOfProcess()).isEmpty();
    }

    @Test
    @Tag("checklist:CO-06")
    @Tag("checklist:CO-08")
    void aDayThatIsOverBecomesAnArchiveOfOneFileForEachKindWithoutTitles() throws IOException {
        detail();
        measure();
        measureSizes();
        var first = Files.readAllLines(root.resolve("var/data-log/" + today + "/dump_system.csv"));
        assertThat(first).hasSize(1);
        assertThat(first.getFirst()).matches("[0-9.]+,.*,12:00:00,0");

        now = now.plus(DAY);
        measure();

        assertThat(names("var/data-log")).contains(today + ".tar.gz").doesNotContain(today.toString());
        var listed = host.run(Command.of("tar", "--list", "--file", root + "/var/data-log/" + today + ".tar.gz"))
                .output();
        assertThat(listed.lines())
                .contains(
                        today + "/dump_user.csv",
                        today + "/dump_folder.csv",
                        today + "/dump_computer.csv",
                        today + "/dump_system.csv",
                        today + "/dump_disk.csv");
        now = now.plus(DAY.multipliedBy(2));
        measure();
        assertThat(names("var/data-log")).doesNotContain(today + ".tar.gz").contains(today.plusDays(1) + ".tar.gz");
    }

    @Test
    @Tag("checklist:CO-07")
    void theDayIsShownByMeasure() throws IOException {
        for (int i = 0; i < 3; i++) {
            measure();
            now = now.plusSeconds(60);
        }
        var raw = rows(today, "system");

        for (var name : List.of(
                "loadavg",
                "cpu_percent",
                "memory_used",
                "memory_free",
                "net_in_bytes",
                "net_in_errors",
                "net_in_dropped",
                "net_out_bytes",
                "net_out_errors",
                "net_out_dropped")) {
            var lines = Files.readAllLines(root.resolve("var/data-log/system_" + name + ".csv"));
            assertThat(lines).as(name).hasSize(3).startsWith("time,entry");
            assertThat(lines.get(1)).startsWith("12:01:00,");
        }
        assertThat(value("system_memory_used.csv", 2))
                .isEqualTo(Double.parseDouble(raw.get(2).get(2)) / 1024);
        double sent = Double.parseDouble(raw.get(2).get(7))
                - Double.parseDouble(raw.get(1).get(7));
        assertThat(value("system_net_out_bytes.csv", 2))
                .isEqualTo(sent / 1024, org.assertj.core.data.Offset.offset(0.001));
        var device = rows(today, "disk").getFirst().get(0).replaceAll("[/-]", "_");
        assertThat(Files.readAllLines(root.resolve("var/data-log/system_disk_memory_used_" + device + ".csv")))
                .hasSize(4);
        assertThat(root.resolve("var/data-log/system_disk_memory_free_" + device + ".csv"))
                .exists();
    }

    private double value(String file, int line) throws IOException {
        return Double.parseDouble(
                Files.readAllLines(root.resolve("var/data-log").resolve(file))
                        .get(line)
                        .split(",", 2)[1]);
    }

    @Test
    @Tag("checklist:CO-10")
    @Tag("checklist:CO-11")
    void sizesAreMeasuredOnceInTheirCycleAndNothingWhileAnotherMeasures() throws IOException {
        Files.createDirectories(root.resolve("var/data-log"));
        try (var channel = FileChannel.open(
                        root.resolve("var/data-log/sizes.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var _ = channel.lock()) {
            assertThat(collect().measureSizes()).isFalse();
            assertThat(rows(today, "folder")).isEmpty();
            measure(); // a long measure of sizes holds up nothing else
            assertThat(rows(today, "system")).hasSize(1);
        }
        assertThat(collect(false).measureSizes()).isTrue();
        assertThat(rows(today, "folder")).as("switched off").isEmpty();

        measureSizes();
        assertThat(rows(today, "folder")).hasSize(1);
        now = now.plusSeconds(60);
        measureSizes();
        assertThat(rows(today, "folder")).as("in its cycle").hasSize(1);
        now = now.plus(DAY);
        measureSizes();
        assertThat(rows(today.plusDays(1), "folder")).hasSize(1);
    }

    /// What it costs stands in the test's report.
    @Test
    void aHundredPartitionsAreSampledAtOnce() throws IOException {
        var all = new ArrayList<MeasuredPartition>();
        for (int i = 1; i <= 100; i++) {
            var directory = Files.createDirectory(root.resolve("part" + i));
            var folder = Files.createDirectories(directory.resolve(".slapgrid/monitor"));
            if (host.isRoot()) {
                for (var own : List.of(directory, directory.resolve(".slapgrid"), folder)) {
                    host.setOwner(own, USER, USER);
                }
            }
            all.add(new MeasuredPartition(
                    new PartitionId("part" + i), "part" + i, directory, owner.uid(), true, Set.of(start().pid())));
        }
        var collect = new Collect(host, root, new Collecting(false, DAY, 2, Optional.empty()), () -> all, () -> now);
        begun();
        int times = 40;
        long begin = 0;
        for (int i = 0; i < 2 * times; i++) {
            if (i == times) {
                begin = cpuNanos();
            }
            now = now.plusSeconds(60);
            assertThat(collect.sample()).isTrue();
        }
        System.out.printf(
                "one sample of 100 partitions of one process: %.1f ms of processor%n",
                (cpuNanos() - begin) / 1e6 / times);

        assertThat(rows(today, "user")).hasSize(2 * times * 100);
        assertThat(rows(today, "system")).hasSize(2 * times);
        for (var partition : all) {
            var file = partition.directory().resolve(".slapgrid/monitor/monitor_resource_io.data.json");
            assertThat(JSON.readTree(file.toFile()).path("data")).hasSize(2 * times + 1);
        }
    }

    private static long cpuNanos() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    @Test
    void whatATenantHasOnAnotherDiskCountsAndWhatIsNotItsOwnDoesNot() throws IOException {
        var own = Files.createDirectory(root.resolve("disk0"));
        var alien = Files.createDirectory(root.resolve("disk1"));
        var data = Files.createDirectory(partition.resolve("DATA"));
        Files.write(own.resolve("data"), new byte[5 << 20]);
        Files.write(alien.resolve("data"), new byte[7 << 20]);
        Files.createSymbolicLink(data.resolve("a"), own);
        Files.createSymbolicLink(data.resolve("b"), alien);
        Files.createSymbolicLink(data.resolve("c"), root.resolve("nowhere"));
        if (host.isRoot()) {
            host.setOwner(own, USER, USER);
        } else {
            Files.delete(data.resolve("b")); // all is the test's
        }

        measureSizes();

        assertThat(Long.parseLong(rows(today, "folder").getFirst().get(1))).isBetween(8L << 10, 9L << 10);
    }

    @Test
    void theRowThatACrashCutShortMakesWayForTheNext() throws IOException {
        measure();
        var file = root.resolve("var/data-log/" + today + "/dump_system.csv");
        var first = Files.readString(file);
        Files.writeString(file, first + "0.5,12.0");

        measure();

        assertThat(Files.readString(file)).startsWith(first);
        assertThat(rows(today, "system"))
                .hasSize(2)
                .allSatisfy(row -> assertThat(row).hasSize(13));
    }

    @Test
    void ofADayThatComesBackNothingIsLost() throws IOException {
        for (int i = 0; i < 2; i++) {
            measure();
            now = now.plus(DAY);
            measure();
            now = now.minus(DAY);
        }

        assertThat(names("var/data-log")).contains(today + ".tar.gz", today + ".1.tar.gz");
    }

    @Test
    @Tag("checklist:CO-18")
    @Tag("checklist:CO-21")
    void aDeployedPartitionGetsFiveFilesForItsMonitoring() throws IOException {
        var detail = detail();
        measureSizes();
        measure();
        assertThat(partition.resolve(".slapgrid")).doesNotExist();
        var folder = Files.createDirectory(partition.resolve(".slapgrid"));
        if (host.isRoot()) {
            host.setOwner(folder, USER, USER);
        }
        // As if it had used 6 seconds of a processor in the minute since.
        var last = root.resolve("var/data-log/last.json");
        var known = (ObjectNode) JSON.readTree(last.toFile());
        ((ObjectNode) known.path("processes")).put(detail.identity(), detail.cpuSeconds() - 6);
        Files.writeString(last, known.toString());
        now = now.plusSeconds(60);
        measure();
        now = now.plusSeconds(60);
        measure();

        assertThat(names("part0/.slapgrid/monitor"))
                .containsExactlyInAnyOrder(
                        "monitor_resource_process.data.json",
                        "monitor_resource_memory.data.json",
                        "monitor_resource_io.data.json",
                        "monitor_resource.status.json",
                        "monitor_process_resource.status.json");
        var series = monitor("monitor_resource_process.data.json");
        assertThat(series.fieldNames()).toIterable().containsExactly("date", "data");
        assertThat(series.path("data")).hasSize(3);
        assertThat(series.path("data").get(0).asText()).startsWith("date, total process, CPU percent");
        assertThat(series.path("data").get(1).asText()).startsWith(today + " 12:01:00, ");
        assertThat(monitor("monitor_resource_memory.data.json").path("data")).hasSize(3);
        assertThat(monitor("monitor_resource_io.data.json")
                        .path("data")
                        .get(1)
                        .asText()
                        .split(", ", -1))
                .hasSize(4);
        if (host.isRoot()) {
            assertThat(series.path("data").get(1).asText())
                    .isEqualTo(today + " 12:01:00, 1, 10.0, " + Math.round(detail.cpuSeconds() / 60 * 100) / 100.0
                            + ", 1");
            var status = monitor("monitor_resource.status.json");
            assertThat(status.path("total_process").asInt()).isEqualTo(1);
            assertThat(status.path("cpu_percent").asDouble()).as("idle since").isZero();
            assertThat(status.path("memory_rss").asDouble()).isBetween(0.1, 50.0);
            assertThat(status.path("disk_used").asDouble()).isBetween(3.0, 3.3);
            var processes = monitor("monitor_process_resource.status.json");
            assertThat(processes).singleElement().satisfies(one -> {
                assertThat(one.path("pid").asLong()).isEqualTo(process.pid());
                assertThat(one.path("name").asText()).isEqualTo("sleep");
                assertThat(one.path("command").asText()).isEqualTo("sleep 600");
            });
        }
    }

    @Test
    @Tag("checklist:CO-21")
    void aSeriesKeepsItsTitlesAndItsNewerHalfWhenItIsLongAndBeginsAnewWhenItIsBroken() throws IOException {
        var folder = Files.createDirectories(partition.resolve(".slapgrid/monitor"));
        var memory = folder.resolve("monitor_resource_memory.data.json");
        var io = folder.resolve("monitor_resource_io.data.json");
        var process = folder.resolve("monitor_resource_process.data.json");
        var outside = Files.writeString(root.resolve("outside"), "{\"data\":[\"\"]}");
        var series = JSON.createObjectNode().put("date", "2026-01-01 00:00:00");
        var rows = series.putArray("data").add("titles");
        for (int i = 0; i < 10_000; i++) {
            rows.add("2026-01-01 00:00:00, row " + i);
        }
        Files.writeString(memory, series.toString());
        Files.writeString(io, "{\"date\": \"x\", \"da");
        Files.createSymbolicLink(process, outside);

        measure();

        var kept = JSON.readTree(memory.toFile());
        assertThat(kept.path("date").asText()).isEqualTo("2026-01-01 00:00:00");
        assertThat(kept.path("data").get(0).asText()).isEqualTo("titles");
        assertThat(kept.path("data").get(1).asText()).endsWith(", row 5000");
        assertThat(kept.path("data")).hasSize(5002);
        assertThat(JSON.readTree(io.toFile()).path("data")).hasSize(2);
        assertThat(outside).as("what a tenant points at").hasContent("{\"data\":[\"\"]}");
        assertThat(JSON.readTree(process.toFile()).path("data")).hasSize(2);
    }
}

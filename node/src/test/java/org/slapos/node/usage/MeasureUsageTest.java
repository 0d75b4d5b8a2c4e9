package org.slapos.node.usage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slapos.node.host.LinuxHost;
import org.slapos.node.host.UndoList;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.UsageReport;

/// What is sent to the Master of what partitions used.
class MeasureUsageTest {
    private static final ComputerId COMPUTER = new ComputerId("COMP-1");
    private static final String PERIOD = """
            {"start": "2026-03-05T00:00:00Z", "processes": {},
             "partitions": {"part0": {"reference": "slapuser0", "cpu_seconds": %d, "memory_mib_sum": 300.0, "samples": 4}}}
            """;

    @TempDir
    Path root;

    private final LinuxHost host = new LinuxHost(UndoList.none());
    private Instant now = Instant.parse("2026-03-05T02:00:00Z");

    private MeasureUsage usage() {
        return new MeasureUsage(host, root, () -> now);
    }

    /// Whose processes run nowhere.
    private List<MeasuredPartition> partitions() throws IOException {
        var folder = root.resolve("part0");
        if (!Files.exists(folder)) {
            Files.createDirectory(folder);
            Files.write(folder.resolve("data"), new byte[8 << 20]);
        }
        return List.of(new MeasuredPartition(new PartitionId("part0"), "slapuser0", folder, 62_999, false, Set.of()));
    }

    private void measured(String period) throws IOException {
        Files.createDirectories(root.resolve("var/usage/pending"));
        Files.writeString(root.resolve("var/usage/period.json"), period);
    }

    private List<Path> pending() {
        return List.of(Objects.requireNonNull(
                        root.resolve("var/usage/pending").toFile().listFiles()))
                .stream()
                .map(file -> file.toPath())
                .toList();
    }

    @Test
    @Tag("checklist:CO-16")
    @Tag("checklist:CO-17")
    void averagesOfProcessorMemoryAndDiskBecomeAJournalOfTheExactForm() throws IOException {
        measured(PERIOD.formatted(1800));

        usage().closePeriod(COMPUTER, partitions());

        var document = Files.readString(pending().getFirst());
        var report = UsageReport.read(document.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        assertThat(report.movements())
                .extracting(UsageReport.Movement::resource)
                .containsExactly(
                        "service_module/cpu_load_percent", "service_module/memory_used", "service_module/disk_used");
        assertThat(report.movements().get(0).quantity()).as("1800 s of 7200 s").isEqualTo(25);
        // Four samples of 300 MiB together, and one of nothing now.
        assertThat(report.movements().get(1).quantity()).isEqualTo(60);
        double disk = report.movements().get(2).quantity();
        assertThat(disk).isEqualTo(8, Offset.offset(0.1));
        assertThat(document).isEqualTo("""
                <?xml version='1.0' encoding='utf-8'?>
                <journal>
                  <transaction type="Sale Packing List">
                    <title>Resource consumption of COMP-1</title>
                    <start_date>2026-03-05 00:00:00</start_date>
                    <stop_date>2026-03-05 02:00:00</stop_date>
                    <reference>COMP-1-2026-03-05T00:00:00Z</reference>
                    <currency/>
                    <payment_mode/>
                    <category/>
                    <arrow type="Destination"/>
                    <movement>
                      <resource>service_module/cpu_load_percent</resource>
                      <title>CPU Load Percent Average for slapuser0</title>
                      <reference>slapuser0</reference>
                      <quantity>25.0</quantity>
                      <price>0.0</price>
                      <VAT/>
                      <category/>
                    </movement>
                    <movement>
                      <resource>service_module/memory_used</resource>
                      <title>Memory Used Average for slapuser0</title>
                      <reference>slapuser0</reference>
                      <quantity>60.0</quantity>
                      <price>0.0</price>
                      <VAT/>
                      <category/>
                    </movement>
                    <movement>
                      <resource>service_module/disk_used</resource>
                      <title>Partition Disk Used Average for slapuser0</title>
                      <reference>slapuser0</reference>
                      <quantity>%s</quantity>
                      <price>0.0</price>
                      <VAT/>
                      <category/>
                    </movement>
                  </transaction>
                </journal>
                """.formatted(disk));
    }

    @Test
    @Tag("checklist:CO-17")
    void withoutAnythingMeasuredThereIsNoReport() throws IOException {
        measured("{\"start\": \"2026-03-05T00:00:00Z\", \"processes\": {}, \"partitions\": {}}");

        usage().closePeriod(COMPUTER, List.of());

        assertThat(pending()).isEmpty();
    }

    /// Killed after it wrote the report and before it noted that the period is over.
    @Test
    void aPeriodThatIsClosedAgainIsReportedOnce() throws IOException {
        measured(PERIOD.formatted(1800));
        usage().closePeriod(COMPUTER, partitions());
        measured(PERIOD.formatted(1800));

        usage().closePeriod(COMPUTER, partitions());

        assertThat(pending()).hasSize(1);
    }
}

package org.slapos.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.slapos.master.TestTrades.ALICE;
import static org.slapos.master.TestTrades.BOB;
import static org.slapos.master.TestTrades.HELLO;
import static org.slapos.master.TestTrades.reason;
import static org.slapos.master.TestTrades.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slapos.master.http.Answer;
import org.slapos.master.party.Requester;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareState;
import org.slapos.protocol.UsageReport;

/// What instances and their use leave in the ledger.
class MovementsTest {
    private final TestTrades cloud = new TestTrades();
    private ComputerId computer = new ComputerId("COMP-1");

    @BeforeEach
    void supply() {
        computer = cloud.computer(ALICE, "machine", 3);
        cloud.supply(ALICE, computer, HELLO, SoftwareState.AVAILABLE);
    }

    @AfterEach
    void close() {
        cloud.close();
    }

    private JsonNode movements(Requester who) {
        var listing = cloud.json(who, "slapos.allDocs.v0.movement_list", "{}");
        assertThat(listing.path("balanced").asBoolean()).isTrue();
        return listing.path("result_list");
    }

    @Test
    void aHostingOpensWhenTheInstanceReallyStartsAndClosesWhenItStops() {
        var placed = cloud.start(BOB, "blog");
        assertThat(movements(BOB)).isEmpty();
        cloud.report("startedComputerPartition", placed);
        cloud.clock.advance(Duration.ofSeconds(30));
        cloud.report("startedComputerPartition", placed);
        assertThat(movements(BOB)).hasSize(1);
        assertThat(movements(BOB).get(0).path("quantity").isNull()).isTrue();
        cloud.request(BOB, "blog", RequestedState.STOPPED);
        cloud.report("startedComputerPartition", placed);
        cloud.clock.advance(Duration.ofSeconds(60));
        cloud.report("stoppedComputerPartition", placed);
        cloud.report("stoppedComputerPartition", placed);
        var hosting = movements(BOB).get(0);
        assertThat(movements(BOB)).hasSize(1);
        assertThat(hosting.path("quantity").decimalValue()).isEqualByComparingTo("90");
        assertThat(hosting.path("unit").asText()).isEqualTo("s");
        assertThat(hosting.path("source").asText()).isEqualTo("COMP-1");
        assertThat(hosting.path("destination").asText()).isEqualTo("PERSON-2");
        assertThat(hosting.path("item").asText()).isEqualTo(placed.guid());
        assertThat(movements(ALICE)).as("who delivers sees it too").hasSize(1);
        cloud.start(BOB, "blog");
        cloud.report("startedComputerPartition", placed);
        assertThat(movements(BOB)).hasSize(2);
        cloud.request(BOB, "blog", RequestedState.DESTROYED);
        cloud.clock.advance(Duration.ofSeconds(5));
        cloud.report("destroyedComputerPartition", placed);
        assertThat(movements(BOB).get(0).path("quantity").decimalValue()).isEqualByComparingTo("5");
    }

    @Test
    void aUsageReportPostsOnceForWhoOccupiesThePartition() {
        var placed = cloud.start(BOB, "blog");
        var report = new UsageReport(
                "Resource consumptions",
                "2031-04-01 07:00:00",
                "2031-04-01 07:59:59",
                "2031-04-01-global",
                List.of(
                        new UsageReport.Movement("service_module/cpu_load_percent", "cpu", "slapuser0", 12.75),
                        new UsageReport.Movement("service_module/memory_used", "memory", "slapuser0", 64),
                        new UsageReport.Movement("service_module/disk_used", "disk", "slappart0", 2.5),
                        new UsageReport.Movement("service_module/disk_used", "disk", "slapuser1", 7),
                        new UsageReport.Movement("service_module/memory_used", "memory", "COMP-1", 1000),
                        new UsageReport.Movement("service_module/zero_emission_ratio", "not known", "COMP-1", -1),
                        new UsageReport.Movement("service_module/cpu_load_percent", "cpu", "slappart0", 0)));
        for (int i = 0; i < 3; i++) {
            assertThat(text(use(report))).isEqualTo("OK");
        }
        assertThat(cloud.count("usage_report")).isEqualTo(1);
        var posted = movements(BOB);
        assertThat(posted).hasSize(3);
        assertThat(posted.findValuesAsText("item")).containsOnly(placed.guid());
        assertThat(posted.findValuesAsText("unit")).containsExactly("MiB", "MiB", "percent");
        assertThat(posted.findValuesAsText("stop")).containsOnly("2031-04-01T07:59:59Z");
    }

    @Test
    void aReportThatIsNotValidIsRefusedWithAnEmptyBodyAndLeavesNothing() {
        var node = new Requester.Computer(computer);
        for (var bad : List.of(
                "nonsense",
                "<journal/>",
                "<!DOCTYPE journal><journal/>",
                new String(
                        new UsageReport(
                                        "",
                                        "",
                                        "",
                                        "",
                                        List.of(new UsageReport.Movement("service_module/disk_used", "", "x", -1)))
                                .write(),
                        StandardCharsets.UTF_8))) {
            var answer = cloud.post(node, "useComputer", Map.of("computer_id", "COMP-1", "use_string", bad));
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.body()).isEmpty();
            assertThat(reason(answer)).isNotEmpty();
        }
        assertThat(cloud.count("usage_report")).isZero();
    }

    private Answer use(UsageReport report) {
        return cloud.post(
                new Requester.Computer(computer),
                "useComputer",
                Map.of("computer_id", "COMP-1", "use_string", new String(report.write(), StandardCharsets.UTF_8)));
    }
}

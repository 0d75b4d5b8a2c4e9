package org.slapos.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.slapos.master.TestTrades.ALICE;
import static org.slapos.master.TestTrades.HELLO;
import static org.slapos.master.TestTrades.reason;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slapos.master.http.Answer;
import org.slapos.master.party.Requester;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareState;

/// SoftwareReleases on a Computer: wanted, built, failed, removed; and what is formatted around them.
class SoftwareLifeTest {
    private final TestTrades cloud = new TestTrades();
    private ComputerId computer = new ComputerId("COMP-1");

    @BeforeEach
    void supply() {
        computer = cloud.computer(ALICE, "machine", 1);
        cloud.supply(ALICE, computer, HELLO, SoftwareState.AVAILABLE);
    }

    @AfterEach
    void close() {
        cloud.close();
    }

    private Answer report(String method, Map<String, String> more) {
        var fields = new TreeMap<>(more);
        fields.put("computer_id", computer.text());
        fields.put("url", HELLO);
        return cloud.post(new Requester.Computer(computer), method, fields);
    }

    private JsonNode installation() {
        return cloud.json(
                ALICE,
                "slapos.get.v0.software_installation",
                "{\"computer_guid\": \"COMP-1\", \"software_release_uri\": \"" + HELLO + "\"}");
    }

    @Test
    @Tag("row:4.7.2")
    void supplyingAgainChangesNothing() {
        cloud.supply(ALICE, computer, HELLO, SoftwareState.AVAILABLE);
        assertThat(cloud.count("software_installation")).isEqualTo(1);
        assertThat(cloud.count("allocation_supply")).isEqualTo(1);
    }

    @Test
    void theWholeOutputOfAFailedBuildIsKeptUntilABuildSucceeds() {
        report("buildingSoftwareRelease", Map.of());
        assertThat(installation().path("reported_state").asText()).isEqualTo("building");
        report("softwareReleaseError", Map.of("error_log", "é line\n".repeat(1000) + "the end"));
        var failed = installation();
        assertThat(failed.path("access_status_message").asText()).isEqualTo("#error while installing " + HELLO);
        assertThat(failed.path("error_log").asText()).hasSize(7007).endsWith("the end");
        report("softwareReleaseError", Map.of("error_log", "x".repeat(2 * 1024 * 1024) + "\0tail"));
        assertThat(installation().path("error_log").asText())
                .hasSize(1024 * 1024)
                .endsWith("?tail");
        report("buildingSoftwareRelease", Map.of());
        assertThat(installation().path("error_log").asText()).endsWith("?tail");
        report("availableSoftwareRelease", Map.of());
        var built = installation();
        assertThat(built.path("access_status_message").asText())
                .isEqualTo("#access software release " + HELLO + " available");
        assertThat(built.path("error_log").asText()).isEmpty();
    }

    @Test
    void howFarABuildIsStandsInOneLineBesideItsName() {
        report("buildingSoftwareRelease", Map.of());
        assertThat(installation().path("access_status_message").asText())
                .isEqualTo("#building software release " + HELLO);
        report("buildingSoftwareRelease", Map.of("progress", "checking\u001b[2J for\n gcc... " + "x".repeat(300)));
        assertThat(installation().path("access_status_message").asText())
                .isEqualTo("#building software release " + HELLO + ": checking [2J for gcc... " + "x".repeat(176));
        report("availableSoftwareRelease", Map.of());
        assertThat(installation().path("access_status_message").asText()).doesNotContain("checking");
    }

    @Test
    @Tag("row:38")
    @Tag("row:19")
    @Tag("row:4.7.2")
    void whatIsWantedAgainBeforeItsRemovalIsConfirmedIsAFreshInstallation() {
        assertThat(report("destroyedSoftwareRelease", Map.of()).status()).isEqualTo(404);
        cloud.supply(ALICE, computer, HELLO, SoftwareState.DESTROYED);
        assertThat(cloud.information(computer).software()).extracting("state").containsExactly(SoftwareState.DESTROYED);
        assertThat(cloud.request(ALICE, "blog", RequestedState.STARTED).status())
                .isEqualTo(408);
        cloud.supply(ALICE, computer, HELLO, SoftwareState.AVAILABLE);
        assertThat(installation().path("reference").asText()).isEqualTo("SOFTINSTALL-2");
        assertThat(cloud.start(ALICE, "blog").computer()).isEqualTo(computer);
        cloud.supply(ALICE, computer, HELLO, SoftwareState.DESTROYED);
        assertThat(report("destroyedSoftwareRelease", Map.of()).status()).isEqualTo(200);
        assertThat(cloud.information(computer).software()).isEmpty();
    }

    @Test
    void aPartitionThatIsNotFormattedAnyMoreGoesUnlessItIsBusy() {
        cloud.format(computer, 3);
        cloud.start(ALICE, "blog");
        cloud.format(computer, 0);
        assertThat(cloud.information(computer).partitions()).hasSize(1);
        var full = cloud.request(ALICE, "shop", RequestedState.STARTED);
        assertThat(full.status()).isEqualTo(408);
        assertThat(reason(full)).contains("COMP-1 has 1 of 1 in use");
        var placed = cloud.start(ALICE, "blog");
        cloud.request(ALICE, "blog", RequestedState.DESTROYED);
        cloud.report("destroyedComputerPartition", placed);
        assertThat(cloud.information(computer).partitions()).isEmpty();
        cloud.format(computer, 2);
        assertThat(cloud.information(computer).partitions()).hasSize(2);
        assertThat(cloud.count("computer_partition")).isEqualTo(3);
    }
}

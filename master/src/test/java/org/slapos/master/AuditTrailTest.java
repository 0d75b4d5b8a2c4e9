package org.slapos.master;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slapos.protocol.jsonrpc.JsonMethod;

/// Every method that changes something leaves an event that says who, with which certificate, from where. The methods
/// are those of the tables of both doors: one that stands in no list here fails.
class AuditTrailTest {
    /// They change nothing. `getComputerPartitionCertificate` and its twin may renew: that is an event of its own.
    private static final Set<String> QUESTIONS = Set.of(
            "getFullComputerInformation",
            "getComputerInformation",
            "registerComputerPartition",
            "getComputerPartitionCertificate",
            "getHostingSubscriptionIpList",
            "getComputerStatus",
            "getComputerPartitionStatus",
            "getSoftwareInstallationStatus",
            "getSoftwareReleaseListFromSoftwareProduct",
            "getHateoasUrl");

    /// What nodes say again and again of what they were told to do: a status, not a change (ADR 0022).
    private static final Set<String> REPORTS = Set.of(
            "buildingSoftwareRelease",
            "availableSoftwareRelease",
            "softwareReleaseError",
            "startedComputerPartition",
            "stoppedComputerPartition",
            "softwareInstanceError",
            "updateComputerPartitionRelatedInstanceList",
            "slapos.put.v0.software_instance_error",
            "slapos.put.v0.software_installation_error");

    @TempDir
    private static Path folder;

    private static Neighbourhood cloud;
    private static AuditedChanges all;

    @BeforeAll
    static void open() throws IOException {
        cloud = new Neighbourhood(folder);
        all = new AuditedChanges(cloud);
    }

    @AfterAll
    static void close() {
        cloud.close();
    }

    @Test
    void everyMethodIsAQuestionAReportOrAChange() {
        var known = new TreeSet<>(QUESTIONS);
        known.addAll(REPORTS);
        all.changes().forEach(change -> known.add(change.method()));
        known.removeIf(name -> name.startsWith("account/"));
        try (var trades = new TestTrades()) {
            var methods = new TreeSet<>(trades.slapMethods());
            for (var method : JsonMethod.values()) {
                if (isQuestion(method.wire())) {
                    assertThat(known).doesNotContain(method.wire());
                } else {
                    methods.add(method.wire());
                }
            }
            methods.removeAll(Set.of("slapos.put.v0.software_instance_reported_state")); // as its SLAP twins
            methods.remove("slapos.remove.v0.compute_node"); // computer.lost, after a day of silence
            assertThat(known).containsExactlyInAnyOrderElementsOf(methods);
        }
    }

    private static boolean isQuestion(String wire) {
        return wire.startsWith("slapos.get.") || wire.startsWith("slapos.allDocs.");
    }

    @Test
    void everyChangeLeavesAnEventThatSaysWhoWithWhatAndFromWhere() {
        destroyOther();
        for (var change : all.changes()) {
            if (change.caller().equals("computer")) {
                restored();
            }
            var body = change.body().get();
            long before = cloud.lastEvent();
            var answer = all.send(change.caller(), change.method(), body);
            var what = change.method() + " by " + change.caller() + " " + body + ": " + answer.statusCode() + " "
                    + answer.body();
            assertThat(answer.statusCode()).as(what).isIn(200, 408);
            var events = cloud.eventsAfter(before);
            assertThat(events)
                    .as(what)
                    .extracting(event -> event.path("action").asText())
                    .contains(change.action());
            assertThat(events).as(what).allSatisfy(event -> {
                assertThat(event.path("who").asText()).isEqualTo(cloud.reference(change.caller()));
                assertThat(event.path("proof").asText()).matches("[0-9a-f]{64}");
                assertThat(event.path("address").asText()).isEqualTo("127.0.0.1");
                assertThat(event.path("request").asText()).isNotEmpty();
            });
        }
    }

    /// So that its node may report its end.
    private static void destroyOther() {
        var form = AuditedChanges.request("elsewhere").replace("started", "destroyed");
        assertThat(all.send("other", "requestComputerPartition", form).statusCode())
                .isIn(200, 408);
    }

    private static void restored() {
        try {
            cloud.restoreComputer();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What nobody asked for over the wire: how the Master began.
    @Test
    void howTheMasterBeganIsInTheTrailToo() {
        assertThat(cloud.eventsAfter(0))
                .filteredOn(event -> event.path("who").asText().equals("master"))
                .extracting(event -> event.path("action").asText())
                .contains("authority.create", "person.create", "token.create");
    }
}

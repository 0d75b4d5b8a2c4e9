package org.slapos.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.slapos.master.TestTrades.ALICE;
import static org.slapos.master.TestTrades.HELLO;
import static org.slapos.master.TestTrades.reason;
import static org.slapos.master.TestTrades.text;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slapos.master.http.Answer;
import org.slapos.master.party.Requester;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareState;
import org.slapos.protocol.marshal.MarshalReader;
import org.slapos.protocol.marshal.MarshalWriter;
import org.slapos.protocol.marshal.Value;

/// Bodies, statuses and headers of the SLAP door, and what it takes for a request.
class SlapAnswerTest {
    private static final String SHORT = "public, max-age=1, stale-if-error=604800";

    private final TestTrades cloud = new TestTrades();
    private final Map<String, String> fields = new TreeMap<>();
    private Requester node = ALICE;

    @BeforeEach
    void place() {
        var computer = cloud.computer(ALICE, "machine", 2);
        cloud.supply(ALICE, computer, HELLO, SoftwareState.AVAILABLE);
        cloud.start(ALICE, "blog");
        node = new Requester.Computer(computer);
        fields.putAll(Map.of(
                "computer_id",
                computer.text(),
                "computer_reference",
                computer.text(),
                "computer_partition_id",
                "slappart0",
                "computer_partition_reference",
                "slappart0",
                "url",
                HELLO,
                "software_release_url",
                HELLO,
                "connection_xml",
                "<marshal><dictionary/></marshal>"));
    }

    @AfterEach
    void close() {
        cloud.close();
    }

    @Test
    @Tag("row:23")
    void queriesSayHowLongTheyMayBeKept() {
        Map.of(
                        "getFullComputerInformation",
                        SHORT,
                        "getComputerInformation",
                        SHORT,
                        "registerComputerPartition",
                        SHORT,
                        "getHostingSubscriptionIpList",
                        SHORT,
                        "getSoftwareReleaseListFromSoftwareProduct",
                        SHORT,
                        "getComputerStatus",
                        "max-age=60",
                        "getComputerPartitionStatus",
                        "max-age=60",
                        "getSoftwareInstallationStatus",
                        "max-age=60",
                        "getHateoasUrl",
                        "max-age=3600",
                        "getComputerPartitionCertificate",
                        "private, no-store")
                .forEach((method, caching) -> {
                    var answer = cloud.get(node, method, fields);
                    if (answer.status() == 403) {
                        answer = cloud.get(ALICE, method, fields);
                    }
                    assertThat(answer.status()).as(method).isEqualTo(200);
                    assertThat(answer.headers())
                            .as(method)
                            .containsEntry("Cache-Control", caching)
                            .containsEntry("Vary", "REMOTE_USER")
                            .containsEntry("Content-Type", "text/xml; charset=utf-8");
                });
        assertThat(cloud.get(node, "getHateoasUrl", Map.of()).headers()).containsKey("ETag");
        for (var method :
                new String[] {"registerComputerPartition", "getHostingSubscriptionIpList", "getComputerStatus"}) {
            assertThat(cloud.get(method.equals("getComputerStatus") ? ALICE : node, method, fields)
                            .headers())
                    .as(method)
                    .containsEntry("Last-Modified", "Tue, 01 Apr 2031 08:00:00 GMT");
        }
    }

    @Test
    void aQueryMayComeAsAForm() {
        var asked = cloud.get(node, "getFullComputerInformation", fields);
        assertThat(cloud.post(node, "getFullComputerInformation", fields).body())
                .isEqualTo(asked.body());
        assertThat(cloud.post(node, "registerComputerPartition", fields).status())
                .isEqualTo(200);
    }

    @Test
    void commandsWithNothingToSaySayIt() {
        Map.of(
                        "buildingSoftwareRelease", "None",
                        "availableSoftwareRelease", "None",
                        "softwareReleaseError", "None",
                        "startedComputerPartition", "None",
                        "stoppedComputerPartition", "None",
                        "destroyedComputerPartition", "None",
                        "softwareInstanceError", "None",
                        "softwareInstanceBang", "OK",
                        "setComputerPartitionConnectionXml", "None",
                        "updateComputerPartitionRelatedInstanceList", "")
                .forEach((method, body) -> {
                    var answer = cloud.post(node, method, fields);
                    assertThat(answer.status()).as(method).isEqualTo(200);
                    assertThat(text(answer)).as(method).isEqualTo(body);
                });
        assertThat(text(cloud.post(ALICE, "supplySupply", fields))).isEqualTo("None");
        var invalid = cloud.post(node, "useComputer", Map.of("computer_id", "COMP-1", "use_string", "<journal/>"));
        assertThat(invalid.status()).isEqualTo(400);
        assertThat(invalid.body()).isEmpty();
        assertThat(reason(invalid)).isNotEmpty();
    }

    @Test
    void aWaitingRequestIsNobodyElsesToKeep() {
        var waiting = cloud.request(ALICE, "gone", RequestedState.DESTROYED);
        assertThat(waiting.status()).isEqualTo(408);
        assertThat(waiting.headers()).containsEntry("Cache-Control", "private");
    }

    @Test
    void aBangOfAComputerIsItsStatusUntilItIsHeardOfAgain() {
        cloud.get(node, "getFullComputerInformation", fields);
        assertThat(status()).isEqualTo("#access COMP-1");
        cloud.clock.advance(Duration.ofSeconds(1));
        var banged = new TreeMap<>(fields);
        banged.put("message", "disk é\0full" + "x".repeat(5000));
        var before = cloud.start(ALICE, "blog").timestamp();
        assertThat(text(cloud.post(node, "computerBang", banged))).isEqualTo("None");
        assertThat(status()).startsWith("#error bang: disk é?fullxxx").hasSize(1000);
        assertThat(cloud.start(ALICE, "blog").timestamp()).isNotEqualTo(before);
        cloud.clock.advance(Duration.ofSeconds(1));
        cloud.get(node, "getFullComputerInformation", fields);
        assertThat(status()).isEqualTo("#access COMP-1");
    }

    private String status() {
        return MarshalReader.read(cloud.get(ALICE, "getComputerStatus", fields).body())
                .asDictionary()
                .requiredText("text");
    }

    @Test
    void theEndOfALongErrorIsShown() {
        var failed = new TreeMap<>(fields);
        failed.put("error_log", "begin" + "x".repeat(200) + "the end");
        cloud.post(node, "softwareInstanceError", failed);
        var shown = MarshalReader.read(
                        cloud.get(ALICE, "getComputerPartitionStatus", fields).body())
                .asDictionary()
                .requiredText("text");
        assertThat(shown).startsWith("#error while instanciating: xxx").endsWith("the end");
        assertThat(shown).hasSize("#error while instanciating: ".length() + 80);
    }

    private Answer request(String... changes) {
        var form = new TreeMap<>(Map.of("software_release", HELLO, "partition_reference", "least"));
        for (int i = 0; i < changes.length; i += 2) {
            form.put(changes[i], changes[i + 1]);
        }
        return cloud.post(ALICE, "requestComputerPartition", form);
    }

    @Test
    @Tag("row:4.3.1")
    @Tag("row:4.4.1")
    void aRequestNeedsAReleaseAndATitleOnly() {
        var least = cloud.placed(request());
        assertThat(least.softwareType()).isEqualTo("default");
        assertThat(least.state()).isEqualTo(RequestedState.STARTED);
        assertThat(least.partition()).isEqualTo(new PartitionId("slappart1"));
        for (var same : new String[][] {
            {"state", "<marshal><none/></marshal>"},
            {"state", "None"},
            {"state", "<marshal> <unicode>started</unicode> </marshal>"},
            {"shared_xml", "<marshal><bool>0</bool></marshal>"},
            {"shared_xml", "<marshal><none/></marshal>"},
            {"software_type", "None"},
            {"project_reference", "PROJ-1"},
            {"computer_id", "None"},
            {"computer_id", "none", "computer_partition_id", "NONE"},
            {"partition_parameter_xml", "<marshal><dictionary id=\"i2\"/></marshal>"},
            {"unknown", "field"}
        }) {
            assertThat(cloud.placed(request(same))).as(String.join(" ", same)).isEqualTo(least);
        }
        for (var missing : Stream.of("software_release", "partition_reference").toList()) {
            assertThat(request(missing, "None").status()).isEqualTo(400);
            assertThat(reason(request(missing, "None"))).contains("'" + missing + "'");
        }
        assertThat(request("state", "<marshal><string>paused</string></marshal>")
                        .status())
                .isEqualTo(400);
        assertThat(request("shared_xml", "<marshal><string>yes</string></marshal>")
                        .status())
                .isEqualTo(400);
        assertThat(request("computer_id", "COMP-1").status()).isEqualTo(400);
        assertThat(request("computer_id", "COMP-1", "computer_partition_id", "slappart7")
                        .status())
                .isEqualTo(404);
    }

    @Test
    void valuesThatAreNoStringsAreWrittenAsPythonDoes() {
        var document = "<marshal><dictionary id=\"i2\"><string>retention_delay</string><float>7.0</float>"
                + "<string>fw_restricted_access</string><bool>1</bool></dictionary></marshal>";
        var parameters =
                "<marshal><dictionary id=\"i2\"><unicode>n</unicode><long>123456789012345678901234567890</long>"
                        + "<string>no</string><bool>0</bool><string>nothing</string><none/>"
                        + "<string>_</string><string>{&amp;quot;a&amp;quot;: [1]}</string></dictionary></marshal>";
        var placed = cloud.placed(request("filter_xml", document, "partition_parameter_xml", parameters));
        assertThat(placed.filter()).isEqualTo(Map.of("retention_delay", "7.0", "fw_restricted_access", "True"));
        assertThat(placed.parameters())
                .isEqualTo(Map.of(
                        "n", "123456789012345678901234567890",
                        "no", "False",
                        "nothing", "None",
                        "_", "{&quot;a&quot;: [1]}"));
        assertThat(cloud.placed(request("filter_xml", document, "partition_parameter_xml", parameters)))
                .isEqualTo(placed);
    }

    @Test
    void aProjectIsTakenByItsReferenceOnly() {
        assertThat(request("filter_xml", filter("project_guid", "PROJ-1")).status())
                .isEqualTo(200);
        var refused = request("partition_reference", "other", "filter_xml", filter("project_guid", "PROJ-2"));
        assertThat(refused.status()).isEqualTo(404);
        assertThat(reason(refused)).contains("PROJ-2").contains("You are in PROJ-1");
    }

    private static String filter(String key, String value) {
        return MarshalWriter.write(Value.texts(Map.of(key, value)));
    }

    @Test
    void anInstanceIsToldOfItsOwnPartitionAsItIsOnTheWire() {
        var answer = cloud.get(node, "registerComputerPartition", fields);
        assertThat(InstanceInformation.ofComputerPartition(MarshalReader.read(answer.body()))
                        .computer())
                .isEqualTo(new ComputerId("COMP-1"));
        assertThat(text(answer)).startsWith("<marshal><object id=\"i2\"");
    }
}

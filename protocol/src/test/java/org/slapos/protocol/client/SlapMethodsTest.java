package org.slapos.protocol.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slapos.protocol.AccessStatus;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.marshal.MarshalReader;
import org.slapos.protocol.marshal.MarshalWriter;
import org.slapos.protocol.marshal.Value;

/// The methods that a node or client may need now and then, each against the documented answer.
class SlapMethodsTest {
    private static final ComputerId COMPUTER = new ComputerId("COMP-12");
    private static final PartitionId PARTITION = new PartitionId("slappart0");
    private static final String STATUS = "<marshal><dictionary id=\"i2\"><string>created_at</string>"
            + "<string>Tue, 01 Apr 2031 08:00:00 GMT</string><string>no_data_since_15_minutes</string><int>0</int>"
            + "<string>no_data_since_5_minutes</string><int>0</int><string>portal_type</string>"
            + "<string>Compute Node</string><string>reference</string><string>COMP-12</string><string>since</string>"
            + "<string>Tue, 01 Apr 2031 07:00:00 GMT</string><string>state</string><string></string>"
            + "<string>text</string><string>#access COMP-12</string><string>user</string><string>COMP-12</string>"
            + "</dictionary></marshal>";

    private final WireServer server = new WireServer();
    private SlapClient client;

    @BeforeEach
    void open() throws IOException {
        client = SlapClient.open(server.settings());
    }

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    @Test
    void aMasterWithoutTheFullInformationIsAskedForTheOldOne() {
        server.then(404, "").then(200, computer());
        assertThat(client.computerInformation(COMPUTER, "")).isInstanceOf(SlapClient.Conditional.Changed.class);
        assertThat(server.received())
                .extracting(WireServer.Received::method)
                .containsExactly("getFullComputerInformation", "getComputerInformation");
    }

    @Test
    void aComputerThatIsNotThereIsAskedForTwiceAndNotFound() {
        server.then(404, "");
        assertNotFound(() -> client.computerInformation(COMPUTER, ""));
        assertThat(server.received()).hasSize(2);
    }

    @Test
    void aStatusIsReadAndWrittenAsDocumented() {
        server.then(200, STATUS);
        var status = client.status(COMPUTER).orElseThrow();
        assertThat(status)
                .isEqualTo(new AccessStatus(
                        "#access COMP-12",
                        "",
                        "COMP-12",
                        Optional.of(Instant.parse("2031-04-01T08:00:00Z")),
                        Optional.of(Instant.parse("2031-04-01T07:00:00Z")),
                        "COMP-12",
                        "Compute Node",
                        AccessStatus.Silence.NONE));
        assertThat(status.isAccess()).isTrue();
        assertThat(MarshalWriter.write(status.toValue())).isEqualTo(STATUS);
        assertThat(server.last().target()).isEqualTo("/slap/getComputerStatus?computer_id=COMP-12");
    }

    @Test
    void howLongNothingWasReportedIsOneWord() {
        var never = "<marshal><dictionary><string>text</string><string>#error no data found for COMP-12</string>"
                + "<string>no_data</string><int>1</int></dictionary></marshal>";
        assertThat(AccessStatus.of(MarshalReader.read(never)).silence()).isEqualTo(AccessStatus.Silence.ALWAYS);
        for (var silence : AccessStatus.Silence.values()) {
            var status = new AccessStatus(
                    "#error no data", "", "", Optional.empty(), Optional.empty(), "COMP-12", "Compute Node", silence);
            assertThat(AccessStatus.of(status.toValue())).isEqualTo(status);
        }
        assertThatThrownBy(() -> AccessStatus.of(MarshalReader.read(STATUS.replace("Tue, 01 Apr", "Someday"))))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("Someday 2031");
    }

    @Test
    void whatAProxyDoesNotOfferIsNoFailure() {
        server.then(404, "<html>Not Found</html>");
        assertThat(client.status(COMPUTER)).isEmpty();
        assertThat(client.status(COMPUTER, "http://x/y.cfg")).isEmpty();
        assertThat(client.treeAddresses(COMPUTER, PARTITION)).isEmpty();
        assertThat(client.hypermediaUrl()).isEmpty();
        assertThat(client.runId()).isEmpty();
        assertThat(client.related(COMPUTER, PARTITION, List.of("db"))).isFalse();
    }

    @Test
    void aProxysStubOfAStatusIsNoStatus() {
        server.then(200, "<marshal><string>Not implemented.</string></marshal>");
        assertThat(client.status(COMPUTER, PARTITION)).isEmpty();
        assertThat(server.last().target())
                .isEqualTo("/slap/getComputerPartitionStatus?computer_id=COMP-12&computer_partition_id=slappart0");
    }

    @Test
    void theAddressesOfATreeAreTuples() {
        server.then(
                200,
                "<marshal><list id=\"i2\"><tuple><string>slaptap0</string><string>10.0.0.2</string></tuple><tuple>"
                        + "<string>slaptap4</string><string>2001:db8:1::6</string></tuple></list></marshal>");
        assertThat(client.treeAddresses(COMPUTER, PARTITION))
                .contains(List.of(List.of("slaptap0", "10.0.0.2"), List.of("slaptap4", "2001:db8:1::6")));
    }

    @Test
    void theReleasesOfAProductAreListedByProductOrByOneOfThem() {
        server.then(200, "<marshal><list id='i2'><string>http://x/2.cfg</string></list></marshal>");
        assertThat(client.softwareReleases("wp", Optional.empty())).containsExactly("http://x/2.cfg");
        assertThat(client.softwareReleasesBeside("http://x/1.cfg", Optional.of("PROJ-1")))
                .containsExactly("http://x/2.cfg");
        assertThat(server.received())
                .extracting(WireServer.Received::target)
                .containsExactly(
                        "/slap/getSoftwareReleaseListFromSoftwareProduct?software_product_reference=wp",
                        "/slap/getSoftwareReleaseListFromSoftwareProduct?project_reference=PROJ-1"
                                + "&software_release_url=http%3A%2F%2Fx%2F1.cfg");
    }

    @Test
    void plainTextsAreReadWithoutTheirLineEnds() {
        server.then(200, "https://slap.example/hateoas/\n").then(200, "a1b2c3");
        assertThat(client.hypermediaUrl()).contains(URI.create("https://slap.example/hateoas/"));
        assertThat(client.runId()).contains("a1b2c3");
    }

    @Test
    void aComputerIsRequestedByItsTitle() {
        server.then(
                200,
                "<marshal><object id=\"i2\" module=\"slapos.slap.slap\" class=\"Computer\"><tuple><string>COMP-13"
                        + "</string></tuple><dictionary id=\"i3\"><string>_computer_id</string><string>COMP-13</string>"
                        + "</dictionary></object></marshal>");
        assertThat(client.requestComputer("my é", Optional.of("PROJ-1"))).isEqualTo(new ComputerId("COMP-13"));
        assertThat(server.last().form().fields())
                .isEqualTo(Map.of("computer_title", "my é", "project_reference", "PROJ-1"));
    }

    @Test
    void aCertificateIsMadeOnceAndRevoked() {
        server.then(
                        200,
                        "<marshal><dictionary><string>certificate</string><string>C</string><string>key</string>"
                                + "<string>K</string></dictionary></marshal>")
                .then(200, "None")
                .then(404, "");
        assertThat(client.generateCertificate(COMPUTER)).isEqualTo(new SlapClient.CertificatePair("C", "K"));
        client.revokeCertificate(COMPUTER);
        assertNotFound(() -> client.revokeCertificate(COMPUTER));
        assertThat(server.received())
                .extracting(it -> it.verb() + " " + it.method() + " " + it.body())
                .containsExactly(
                        "POST generateComputerCertificate computer_id=COMP-12",
                        "POST revokeComputerCertificate computer_id=COMP-12",
                        "POST revokeComputerCertificate computer_id=COMP-12");
    }

    @Test
    void reportsNameTheSharedInstanceOrNone() {
        server.then(200, "None");
        var ids = Map.of("computer_id", "COMP-12", "computer_partition_id", "slappart0");
        client.rename(COMPUTER, PARTITION, "new");
        assertFields(ids, "new_name", "new");
        client.rename(COMPUTER, PARTITION, "SOFTINST-9", "new");
        assertFields(ids, "new_name", "new", "slave_reference", "SOFTINST-9");
        client.instanceError(COMPUTER, PARTITION, "broken");
        assertFields(ids, "error_log", "broken");
        client.instanceError(COMPUTER, PARTITION, "SOFTINST-9", "broken");
        assertFields(ids, "error_log", "broken", "slave_reference", "SOFTINST-9");
        var published = "<marshal><dictionary id=\"i2\"><string>url</string><string>u</string></dictionary></marshal>";
        client.connection(COMPUTER, PARTITION, Map.of("url", "u"));
        assertFields(ids, "connection_xml", published);
        assertThat(server.last().body()).contains("slave_reference=None");
        client.connection(COMPUTER, PARTITION, "_shop", Map.of("url", "u"));
        assertFields(ids, "connection_xml", published, "slave_reference", "_shop");
    }

    @Test
    void aComputerCanBangAndAnInstanceSaysWhatItRequested() {
        server.then(200, "<marshal><string/></marshal>");
        client.bang(COMPUTER, "power is back");
        assertThat(server.last().method()).isEqualTo("computerBang");
        assertThat(server.last().form().fields())
                .isEqualTo(Map.of("computer_id", "COMP-12", "message", "power is back"));
        assertThat(client.related(COMPUTER, PARTITION, List.of("db", "web"))).isTrue();
        assertThat(MarshalReader.read(server.last().form().required("instance_reference_xml")))
                .isEqualTo(Value.list(List.of(Value.of("db"), Value.of("web"))));
    }

    private void assertFields(Map<String, String> ids, String... more) {
        var expected = new java.util.TreeMap<>(ids);
        for (int i = 0; i < more.length; i += 2) {
            expected.put(more[i], more[i + 1]);
        }
        var form = server.last().form();
        var present = new java.util.TreeMap<String, String>();
        form.fields().keySet().forEach(name -> form.get(name).ifPresent(text -> present.put(name, text)));
        assertThat(present).isEqualTo(expected);
    }

    private static String computer() {
        return "<marshal><object id='i2' module='slapos.slap.slap' class='Computer'><tuple><string>COMP-12</string>"
                + "</tuple><dictionary id='i3'><string>_computer_id</string><string>COMP-12</string></dictionary>"
                + "</object></marshal>";
    }

    private static void assertNotFound(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        SlapException.class, e -> assertThat(e.kind()).isEqualTo(SlapException.Kind.NOT_FOUND));
    }
}

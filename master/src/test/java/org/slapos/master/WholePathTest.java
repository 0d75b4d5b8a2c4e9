package org.slapos.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slapos.master.pki.IssuedCertificate;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareState;
import org.slapos.protocol.UsageReport;
import org.slapos.protocol.client.SlapClient;
import org.slapos.protocol.client.SlapClient.InstanceReport;
import org.slapos.protocol.client.SlapClient.SoftwareReport;
import org.slapos.protocol.client.SlapException;
import org.slapos.protocol.jsonrpc.InstanceCall;

/// From the first token to the last report over real HTTPS, with the client that nodes and people use.
class WholePathTest {
    private static final String HELLO = "https://soft.example/hello/software.cfg?a=1&b=2";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private TestMaster master() throws IOException {
        return TestMaster.open(folder.resolve("master"), InstantSource.system());
    }

    private SlapClient client(TestMaster master, Optional<SlapClient.Identity> identity) throws IOException {
        return SlapClient.open(new SlapClient.Settings(
                master.url().resolve("slap/"),
                identity,
                Optional.of(master.configuration().authorityFile())));
    }

    private SlapClient.Identity identity(String name, String certificate, String key) throws IOException {
        return new SlapClient.Identity(
                Files.writeString(folder.resolve(name + ".crt"), certificate),
                Files.writeString(folder.resolve(name + ".key"), key));
    }

    private SlapClient.Identity redeem(
            TestMaster master, String name, String method, String token, Map<String, String> form) throws IOException {
        try (var nobody = client(master, Optional.empty())) {
            var answer = nobody.redeemToken(root(master), method, token, form);
            return identity(
                    name,
                    answer.path("certificate").asText(),
                    answer.path("key").asText());
        }
    }

    private static URI root(TestMaster master) {
        return master.url();
    }

    private SlapClient.Identity firstPerson(TestMaster master) throws IOException {
        var token = Files.readString(master.configuration().firstTokenFile()).strip();
        return redeem(master, "person", "Person_getCertificate", token, Map.of());
    }

    private static String computerToken(SlapClient person) {
        return person.json("slapos.post.v0.compute_node_token", SlapClient.parameters())
                .path("token")
                .asText();
    }

    @Test
    @Tag("row:16")
    @Tag("row:9")
    @Tag("row:13")
    @Tag("row:15")
    void aMachineServesAnInstanceFromRegistrationToDestruction() throws IOException {
        try (var master = master();
                var alice = client(master, Optional.of(firstPerson(master)))) {
            var nodeIdentity = redeem(
                    master, "node", "Person_requestComputer", computerToken(alice), Map.of("title", "machine é"));
            assertThat(Files.readString(nodeIdentity.certificate())).contains("COMP-1/email");
            var computer = new ComputerId("COMP-1");
            try (var node = client(master, Optional.of(nodeIdentity))) {
                node.configure(TestTrades.configuration(computer, 2));
                alice.supply(HELLO, computer, SoftwareState.AVAILABLE);
                node.report(computer, HELLO, SoftwareReport.BUILDING);
                node.report(computer, HELLO, SoftwareReport.AVAILABLE);
                var parameters = Map.of("_", "{\"text\": \"a & <b> é\"}", "amp", "&amp; &lt;");
                var placed = placed(alice, InstanceRequest.started("hello", HELLO, parameters));
                var promised = information(node, computer);
                assertThat(promised.getFirst().parameters()).isEqualTo(parameters);
                assertThat(promised.getFirst().softwareRelease()).isEqualTo(HELLO);
                runAndStop(alice, node, placed);
                assertThat(information(node, computer)).isEmpty();
                assertThat(placed(alice, InstanceRequest.started("hello", HELLO, parameters))
                                .guid())
                        .isEqualTo("SOFTINST-2");
            }
        }
    }

    private void runAndStop(SlapClient alice, SlapClient node, InstanceInformation placed) throws IOException {
        var computer = placed.computer();
        node.report(computer, placed.partition(), InstanceReport.STARTED);
        var pair = node.partitionCertificate(computer, placed.partition());
        assertThat(pair.certificate()).contains("BEGIN CERTIFICATE");
        node.connection(computer, placed.partition(), Map.of("url", "http://[fd00::2]:8080/?x=1&y=<é>"));
        var hypermedia = alice.hypermedia(Optional.empty()).orElseThrow();
        assertThat(hypermedia.trees()).isEqualTo(Map.of("hello", HELLO));
        var tree = hypermedia.tree("hello").orElseThrow();
        assertThat(tree.connection()).containsEntry("url", "http://[fd00::2]:8080/?x=1&y=<é>");
        assertThat(tree.parameters()).isEqualTo(placed.parameters());
        assertThat(hypermedia.computers()).isEqualTo(Map.of("COMP-1", "machine é"));
        assertThat(hypermedia.computer("COMP-1").orElseThrow().text("title")).contains("machine é");
        assertThat(hypermedia.instances("hello")).hasSize(1);
        assertThat(hypermedia.installations(Optional.of("COMP-1"))).hasSize(1);
        assertThat(alice.json(new InstanceCall.Get(placed.guid())).connection()).isEqualTo(tree.connection());
        var seen = placed(alice, InstanceRequest.started("hello", HELLO, placed.parameters()));
        assertThat(seen.connection()).containsEntry("url", "http://[fd00::2]:8080/?x=1&y=<é>");
        node.use(
                computer,
                new UsageReport(
                        "use",
                        "2026-01-01 00:00:00",
                        "2026-01-01 01:00:00",
                        "one",
                        List.of(new UsageReport.Movement("service_module/memory_used", "memory", "slapuser0", 12))));
        alice.request(wanting(placed, RequestedState.STOPPED));
        node.report(computer, placed.partition(), InstanceReport.STOPPED);
        assertThat(alice.request(wanting(placed, RequestedState.DESTROYED)))
                .isInstanceOf(SlapClient.RequestAnswer.NotReady.class);
        assertThat(information(node, computer).getFirst().state()).isEqualTo(RequestedState.DESTROYED);
        node.report(computer, placed.partition(), InstanceReport.DESTROYED);
        JsonNode ledger = alice.json("slapos.allDocs.v0.movement_list", SlapClient.parameters());
        assertThat(ledger.path("balanced").asBoolean()).isTrue();
        assertThat(ledger.path("result_list").findValuesAsText("resource"))
                .containsExactly("service_module/memory_used", "software_hosting");
        assertThat(ledger.path("result_list").findValuesAsText("quantity")).doesNotContain("null");
    }

    private static InstanceRequest wanting(InstanceInformation placed, RequestedState state) {
        return new InstanceRequest(
                placed.softwareRelease(),
                placed.softwareType(),
                placed.title(),
                false,
                placed.parameters(),
                Map.of(),
                Optional.of(state),
                Optional.empty(),
                Optional.empty());
    }

    private static InstanceInformation placed(SlapClient client, InstanceRequest request) {
        return switch (client.request(request)) {
            case SlapClient.RequestAnswer.Placed(var instance) -> instance;
            case SlapClient.RequestAnswer.NotReady(var reason) -> throw new AssertionError(reason);
        };
    }

    private static List<InstanceInformation> information(SlapClient node, ComputerId computer) {
        return switch (node.computerInformation(computer, "")) {
            case SlapClient.Conditional.Changed(var information, var version) -> {
                assertThat(node.computerInformation(computer, version))
                        .isInstanceOf(SlapClient.Conditional.Unchanged.class);
                yield information.partitions().stream()
                        .flatMap(partition -> partition.instance().stream())
                        .toList();
            }
            case SlapClient.Conditional.Unchanged() -> throw new AssertionError("nothing was known before");
        };
    }

    @Test
    @Tag("row:8")
    void aTitleIsRegisteredAgainOnlyAfterItsCertificateWasRevoked() throws IOException {
        try (var master = master();
                var alice = client(master, Optional.of(firstPerson(master)))) {
            var token = computerToken(alice);
            var form = Map.of("title", "machine");
            var first = redeem(master, "node", "Person_requestComputer", token, form);
            assertThatThrownBy(() -> redeem(master, "x", "Person_requestComputer", token, form))
                    .isInstanceOfSatisfying(
                            SlapException.class,
                            refused -> assertThat(refused.kind()).isEqualTo(SlapException.Kind.FORBIDDEN))
                    .hasMessageContaining("used already");
            var second = computerToken(alice);
            assertThatThrownBy(() -> redeem(master, "x", "Person_requestComputer", second, form))
                    .hasMessageContaining("Certificate still active.");
            var trades = new ComputerId("COMP-1");
            try (var node = client(master, Optional.of(first))) {
                assertThat(information(node, trades)).isEmpty();
                post(master, first, "revokeComputerCertificate", "computer_id=COMP-1");
                assertThatThrownBy(() -> node.computerInformation(trades, ""))
                        .isInstanceOfSatisfying(
                                SlapException.class,
                                refused -> assertThat(refused.kind()).isEqualTo(SlapException.Kind.FORBIDDEN))
                        .hasMessageContaining("revoked");
            }
            var again = redeem(master, "again", "Person_requestComputer", second, form);
            try (var node = client(master, Optional.of(again))) {
                assertThat(information(node, trades)).isEmpty();
            }
        }
    }

    private void post(TestMaster master, SlapClient.Identity identity, String method, String form) throws IOException {
        var issued = new IssuedCertificate(
                Files.readString(identity.certificate()), Files.readString(identity.key()), "", Instant.MAX);
        try (var http = master.client(Optional.of(issued))) {
            var request = HttpRequest.newBuilder(master.url().resolve("slap/" + method))
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(HttpRequest.BodyPublishers.ofString(form))
                    .build();
            assertThat(http.send(request, HttpResponse.BodyHandlers.ofString()).body())
                    .isEqualTo("None");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    @Test
    void aRestartOfTheMasterLosesNothing() throws IOException {
        try (var master = master()) {
            var person = firstPerson(master);
            var computer = new ComputerId("COMP-1");
            SlapClient.Identity nodeIdentity;
            InstanceInformation before;
            try (var alice = client(master, Optional.of(person))) {
                nodeIdentity = redeem(
                        master, "node", "Person_requestComputer", computerToken(alice), Map.of("title", "machine"));
                try (var node = client(master, Optional.of(nodeIdentity))) {
                    node.configure(TestTrades.configuration(computer, 2));
                    alice.supply(HELLO, computer, SoftwareState.AVAILABLE);
                    before = placed(alice, InstanceRequest.started("hello", HELLO, Map.of("a", "b")));
                    node.report(computer, before.partition(), InstanceReport.STARTED);
                    information(node, computer);
                }
            }
            master.restart();
            try (var alice = client(master, Optional.of(person));
                    var node = client(master, Optional.of(nodeIdentity))) {
                var after = placed(alice, InstanceRequest.started("hello", HELLO, Map.of("a", "b")));
                assertThat(after)
                        .usingRecursiveComparison()
                        .ignoringFields("accessStatus")
                        .isEqualTo(before);
                assertThat(information(node, computer).getFirst().accessStatus())
                        .isEqualTo("#access");
                var nodes = alice.json("slapos.allDocs.WIP.compute_node_list", SlapClient.parameters());
                assertThat(nodes.path("result_list").get(0).path("last_contact").asText())
                        .isNotEqualTo("null");
                node.report(computer, before.partition(), InstanceReport.STOPPED);
                var ledger = alice.json("slapos.allDocs.v0.movement_list", SlapClient.parameters());
                assertThat(ledger.path("result_list").get(0).path("stop").isNull())
                        .isFalse();
            }
        }
    }

    @Test
    void whoeverShowsNoCertificateIsToldSo() throws IOException {
        try (var master = master();
                var nobody = client(master, Optional.empty())) {
            assertThatThrownBy(() -> nobody.computerInformation(new ComputerId("COMP-1"), ""))
                    .hasMessageContaining("401")
                    .hasMessageContaining("No client certificate was shown");
            assertThatThrownBy(() -> redeem(master, "x", "Person_getCertificate", "guess", Map.of()))
                    .hasMessageContaining("403")
                    .hasMessageContaining("not known here");
        }
    }
}

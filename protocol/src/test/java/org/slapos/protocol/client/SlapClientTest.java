package org.slapos.protocol.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.ComputerInformation;
import org.slapos.protocol.Form;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.Reason;

class SlapClientTest {
    private static final ComputerId COMPUTER = new ComputerId("COMP-12");

    private final List<String> received = new ArrayList<>();
    private HttpServer server;
    private SlapClient client;
    private int status = 200;
    private byte[] answer = {};
    private Map<String, String> headers = Map.of();

    @BeforeEach
    void open() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
        var master = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/slap");
        client = SlapClient.open(new SlapClient.Settings(master, Optional.empty(), Optional.empty()));
    }

    @AfterEach
    void close() {
        client.close();
        server.stop(0);
    }

    @Test
    void anUnchangedComputerIsAskedForByItsVersion() {
        answer = new ComputerInformation(COMPUTER, List.of(), List.of()).write();
        headers = Map.of("ETag", "\"7\"");
        assertThat(client.computerInformation(COMPUTER, ""))
                .isEqualTo(new SlapClient.Conditional.Changed(
                        new ComputerInformation(COMPUTER, List.of(), List.of()), "\"7\""));

        status = 304;
        assertThat(client.computerInformation(COMPUTER, "\"7\"")).isEqualTo(new SlapClient.Conditional.Unchanged());
        assertThat(received)
                .containsExactly(
                        "GET /slap/getFullComputerInformation?computer_id=COMP-12 null ",
                        "GET /slap/getFullComputerInformation?computer_id=COMP-12 \"7\" ");
    }

    @Test
    void aRequestThatIsNotReadySaysWhy() {
        status = 408;
        headers = Map.of(Reason.HEADER, Reason.encode("COMP-12 has 8 of 8 in use: é"));
        assertThat(client.request(InstanceRequest.started("blog", "http://x/y.cfg", Map.of("a", "ü & <b>"))))
                .isEqualTo(new SlapClient.RequestAnswer.NotReady("COMP-12 has 8 of 8 in use: é"));
        var sent = Form.parse(received.getFirst().substring("POST /slap/requestComputerPartition null ".length()));
        assertThat(InstanceRequest.of(sent).parameters()).isEqualTo(Map.of("a", "ü & <b>"));
    }

    @Test
    void aStatusBecomesAKindOfFailureWithItsReason() {
        answer = "no such computer".getBytes(StandardCharsets.UTF_8);
        Map.of(
                        404, SlapException.Kind.NOT_FOUND,
                        403, SlapException.Kind.FORBIDDEN,
                        401, SlapException.Kind.FORBIDDEN,
                        400, SlapException.Kind.REFUSED,
                        302, SlapException.Kind.REFUSED,
                        500, SlapException.Kind.SERVER_ERROR,
                        503, SlapException.Kind.BUSY)
                .forEach((code, kind) -> {
                    status = code;
                    assertThatThrownBy(() -> client.partition(COMPUTER, new PartitionId("slappart0")))
                            .isInstanceOfSatisfying(
                                    SlapException.class,
                                    e -> assertThat(e.kind()).isEqualTo(kind))
                            .hasMessageContaining("no such computer");
                });
    }

    @Test
    void aJsonMethodTellsWhatIsMissingFromWhatIsRefused() {
        status = 403;
        answer = "{\"type\":\"INSTANCE-TREE-NOT-FOUND\",\"title\":\"no such tree\"}".getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> client.json("slapos.get.v0.instance_tree", SlapClient.parameters()))
                .isInstanceOfSatisfying(
                        SlapException.class, e -> assertThat(e.kind()).isEqualTo(SlapException.Kind.NOT_FOUND));

        answer = "{\"type\":\"unauthorized\"}".getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> client.json("slapos.get.v0.instance_tree", SlapClient.parameters()))
                .isInstanceOfSatisfying(
                        SlapException.class, e -> assertThat(e.kind()).isEqualTo(SlapException.Kind.FORBIDDEN));
    }

    @Test
    void aMasterThatIsAwayIsUnreachable() {
        server.stop(0);
        assertThatThrownBy(() -> client.partition(COMPUTER, new PartitionId("slappart0")))
                .isInstanceOfSatisfying(
                        SlapException.class, e -> assertThat(e.kind()).isEqualTo(SlapException.Kind.UNREACHABLE))
                .hasMessageContaining("registerComputerPartition: no answer from http://127.0.0.1:");
    }

    private void answer(HttpExchange exchange) throws IOException {
        var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        received.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
                + exchange.getRequestHeaders().getFirst("If-None-Match") + " " + body);
        headers.forEach(exchange.getResponseHeaders()::set);
        exchange.sendResponseHeaders(status, status == 304 ? -1 : answer.length == 0 ? -1 : answer.length);
        exchange.getResponseBody().write(status == 304 ? new byte[0] : answer);
        exchange.close();
    }
}

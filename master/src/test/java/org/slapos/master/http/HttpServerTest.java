package org.slapos.master.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slapos.master.party.Requester;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.Reason;

class HttpServerTest {
    private HttpServer server;
    private volatile Requester who = new Requester.Anonymous("no certificate");

    @BeforeEach
    void open() throws IOException {
        server = HttpServer.open(
                new HttpServer.Settings("127.0.0.1", 0, 100_000, Duration.ofMillis(300), Optional.empty()),
                Optional.empty(),
                _ -> who,
                List.of(
                        new Mount("/", call -> Answer.text(200, "root")),
                        new Mount(
                                "/slap/",
                                call -> Answer.text(
                                        200, call.path() + " " + call.form().required("a"))),
                        new Mount(
                                "/where",
                                call -> Answer.text(200, call.absolute("x/").toString())),
                        new Mount("/broken", call -> {
                            throw new IllegalStateException("the secret inside");
                        }),
                        new Mount("/malformed", call -> {
                            throw new MalformedException("field 'ü' is wrong");
                        })));
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void somebodyUnknownSendsATitleAndNoMore() throws Exception {
        assertThat(post("/slap/x", "a=" + "1".repeat(60_000)).statusCode()).isEqualTo(200);
        var refused = post("/slap/x", "a=" + "1".repeat(70_000));
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.body()).contains("no certificate");
    }

    @Test
    void anAddressIsBuiltFromAProperHostOnly() throws Exception {
        var hosts = Map.of(
                "master.example:8443", "http://master.example:8443/x/",
                "[2001:db8::1]:8443", "http://[2001:db8::1]:8443/x/",
                "127.0.0.1", "http://127.0.0.1/x/",
                "evil.example/<x>", "400",
                "user@evil.example", "400",
                "a_b", "400");
        for (var host : hosts.entrySet()) {
            assertThat(raw("GET /where HTTP/1.1\r\nHost: " + host.getKey() + "\r\nConnection: close\r\n\r\n"))
                    .as(host.getKey())
                    .contains(host.getValue());
        }
    }

    @Test
    void theConfiguredAddressWins() throws Exception {
        try (var known = HttpServer.open(
                        new HttpServer.Settings("127.0.0.1", 0, Optional.of(URI.create("https://m.example/cloud/"))),
                        Optional.empty(),
                        _ -> who,
                        List.of(new Mount(
                                "/",
                                call -> Answer.text(200, call.absolute("x/").toString()))));
                var client = HttpClient.newHttpClient()) {
            var url = URI.create("http://127.0.0.1:" + known.address().getPort() + "/");
            var answer = client.send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofString());
            assertThat(answer.body().strip()).isEqualTo("https://m.example/cloud/x/");
        }
    }

    private String raw(String request) throws IOException {
        try (var socket =
                new Socket(InetAddress.getLoopbackAddress(), server.address().getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void aBodyThatComesByteByByteIsGivenUp() throws Exception {
        try (var socket =
                new Socket(InetAddress.getLoopbackAddress(), server.address().getPort())) {
            socket.setSoTimeout(10_000);
            var out = socket.getOutputStream();
            out.write("POST /slap/x HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
            var in = socket.getInputStream();
            for (int i = 0; i < 40 && in.available() == 0; i++) {
                out.write('a');
                Thread.sleep(50); // the server's patience is with a real client
            }
            assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 400")
                    .contains("too slowly");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/nowhere", "/slap/a?a=%zz"})
    void aCallThatIsAnsweredWithoutItsBodyDoesNotEndTheConnection(String target) throws Exception {
        try (var socket =
                new Socket(InetAddress.getLoopbackAddress(), server.address().getPort())) {
            socket.setSoTimeout(10_000);
            var out = socket.getOutputStream();
            out.write(("POST " + target + " HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            Thread.sleep(100); // the body is a packet of its own, and comes later
            out.write("{}GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 40")
                    .endsWith("root\n");
        }
    }

    @Test
    void aHeadThatComesByteByByteIsGivenUp() throws Exception {
        try (var slow = new Socket(
                        InetAddress.getLoopbackAddress(), server.address().getPort());
                var idle = new Socket(
                        InetAddress.getLoopbackAddress(), server.address().getPort())) {
            slow.setSoTimeout(10_000);
            slow.getOutputStream().write("GET / HTTP/1.1\r\nHost: x\r\nX: ".getBytes(StandardCharsets.US_ASCII));
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 100; i++) {
                            slow.getOutputStream().write('a');
                            Thread.sleep(50); // the server's patience is with a real client
                        }
                    })
                    .isInstanceOf(IOException.class);
            idle.setSoTimeout(10_000);
            idle.getOutputStream()
                    .write("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(idle.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .as("a connection may wait for its first request")
                    .startsWith("HTTP/1.1 200");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /%ff",
                "GET /%c0%ae%c0%ae/x",
                "GET /slap/%00",
                "OPTIONS *",
                "GET /slap/a?a=%zz",
                "GET /a;b=c/../d",
                "GET /%2e%2e/x",
                "GET /a%2fb"
            })
    void anOddTargetIsNeverAnInternalError(String line) throws Exception {
        try (var socket =
                new Socket(InetAddress.getLoopbackAddress(), server.address().getPort())) {
            socket.getOutputStream()
                    .write((line + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            var answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer).startsWith("HTTP/1.1 4").doesNotContain("org.eclipse");
        }
    }

    @Test
    void theLongestPrefixFindsTheDoor() throws Exception {
        assertThat(post("/slap/request", "a=1%202").body()).isEqualTo("request 1 2\n");
        assertThat(post("/", "").body()).isEqualTo("root\n");
        assertThat(post("/nowhere", "").statusCode()).isEqualTo(404);
    }

    @Test
    void anUnexpectedFailureShowsOnlyTheRequestsId() throws Exception {
        var answer = post("/broken", "");
        assertThat(answer.statusCode()).isEqualTo(500);
        assertThat(answer.body()).matches("(?s).*request [0-9a-f]{16}\\.\n").doesNotContain("secret");
    }

    @Test
    void aMalformedRequestIsToldWhy() throws Exception {
        var answer = post("/malformed", "");
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(Reason.decode(answer.headers().firstValue(Reason.HEADER).orElseThrow()))
                .isEqualTo("field 'ü' is wrong");
    }

    @Test
    void aBodyThatIsTooLongIsRefused() throws Exception {
        who = new Requester.Person("PERSON-1");
        assertThat(post("/slap/x", "a=" + "1".repeat(99_998)).statusCode()).isEqualTo(200);
        assertThat(post("/slap/x", "a=" + "1".repeat(99_999)).statusCode()).isEqualTo(413);
    }

    @Test
    void aPortInUseIsNamed() {
        assertThatThrownBy(() -> HttpServer.open(
                        new HttpServer.Settings("127.0.0.1", server.address().getPort()),
                        Optional.empty(),
                        _ -> new Requester.Anonymous(""),
                        List.of()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("port " + server.address().getPort())
                .hasMessageContaining("choose another");
    }

    private HttpResponse<String> post(String path, String form) throws Exception {
        try (var client = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(
                            URI.create("http://127.0.0.1:" + server.address().getPort() + path))
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(HttpRequest.BodyPublishers.ofString(form))
                    .build();
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        }
    }
}

package org.slapos.master.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slapos.master.party.Requester;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.Reason;

class HttpServerTest {
    private HttpServer server;

    @BeforeEach
    void open() throws IOException {
        server = HttpServer.open(
                new HttpServer.Settings("127.0.0.1", 0, 1000),
                Optional.empty(),
                _ -> new Requester.Anonymous("no certificate"),
                List.of(
                        new Mount("/", call -> Answer.text(200, "root")),
                        new Mount(
                                "/slap/",
                                call -> Answer.text(
                                        200, call.path() + " " + call.form().required("a"))),
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
        assertThat(post("/slap/x", "a=" + "1".repeat(998)).statusCode()).isEqualTo(200);
        assertThat(post("/slap/x", "a=" + "1".repeat(999)).statusCode()).isEqualTo(413);
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

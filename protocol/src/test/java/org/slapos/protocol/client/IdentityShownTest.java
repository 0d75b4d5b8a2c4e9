package org.slapos.protocol.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// To whom the client's certificate is shown. One server that is known by two names: `127.0.0.1` and `localhost`.
class IdentityShownTest {
    private final List<String> asked = new ArrayList<>();
    private String location = "";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private HttpsServer server;

    @SuppressWarnings("NullAway.Init")
    private SlapClient.Identity identity;

    @BeforeEach
    void start() throws Exception {
        identity = identity();
        var context = PemFiles.context(Optional.of(identity), Optional.of(identity.certificate()));
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                var wanted = context.getDefaultSSLParameters();
                wanted.setWantClientAuth(true);
                parameters.setSSLParameters(wanted);
            }
        });
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void aRedirectWithinTheHostSeesTheCertificate() throws IOException {
        location = "/elsewhere";
        try (var client = SlapClient.open(settings("127.0.0.1"))) {
            assertThat(client.runId()).contains("x");
        }
        assertThat(asked).containsExactly("127.0.0.1 /getRunId known", "127.0.0.1 /elsewhere known");
    }

    @Test
    void aRedirectToAnotherHostDoesNot() throws IOException {
        location = "https://localhost:" + server.getAddress().getPort() + "/elsewhere";
        try (var client = SlapClient.open(settings("127.0.0.1"))) {
            assertThat(client.runId()).contains("x");
        }
        assertThat(asked).containsExactly("127.0.0.1 /getRunId known", "localhost /elsewhere anonymous");
    }

    @Test
    void theHostThatTheMasterNamesForItsHypermediaDoes() throws IOException {
        var begin = URI.create("https://localhost:" + server.getAddress().getPort() + "/hateoas/");
        try (var client = SlapClient.open(settings("127.0.0.1"))) {
            var hypermedia = client.hypermedia(Optional.of(begin)).orElseThrow();
            assertThatThrownBy(hypermedia::trees).isInstanceOf(SlapException.class);
        }
        assertThat(asked).containsExactly("localhost /hateoas/ known");
    }

    @Test
    void aRedirectToPlainHttpIsNotFollowed() throws IOException {
        location = "http://127.0.0.1:" + server.getAddress().getPort() + "/elsewhere";
        try (var client = SlapClient.open(settings("127.0.0.1"))) {
            assertThatThrownBy(client::runId)
                    .isInstanceOfSatisfying(
                            SlapException.class, e -> assertThat(e.kind()).isEqualTo(SlapException.Kind.REFUSED))
                    .hasMessageContaining("which is not followed");
        }
        assertThat(asked).hasSize(1);
    }

    @Test
    void aMasterOfAnUnknownAuthorityIsNotTalkedTo() throws IOException {
        var settings = new SlapClient.Settings(settings("127.0.0.1").master(), Optional.of(identity), Optional.empty());
        try (var client = SlapClient.open(settings)) {
            assertThatThrownBy(client::runId)
                    .isInstanceOfSatisfying(
                            SlapException.class, e -> assertThat(e.kind()).isEqualTo(SlapException.Kind.UNREACHABLE));
        }
        assertThat(asked).isEmpty();
    }

    private SlapClient.Settings settings(String host) {
        return new SlapClient.Settings(
                        URI.create("https://" + host + ":" + server.getAddress().getPort()),
                        Optional.of(identity),
                        Optional.of(identity.certificate()))
                .withTries(1);
    }

    private synchronized void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            var path = exchange.getRequestURI().getPath();
            var host = exchange.getRequestHeaders().getFirst("Host").replaceFirst(":.*", "");
            asked.add(host + " " + path + " " + who((HttpsExchange) exchange));
            if (path.equals("/elsewhere") || location.isEmpty()) {
                WireServer.send(exchange, 200, "x".getBytes(StandardCharsets.UTF_8));
            } else {
                WireServer.send(exchange, 302, new byte[0], "Location", location);
            }
        }
    }

    private static String who(HttpsExchange exchange) {
        try {
            return exchange.getSSLSession().getPeerCertificates().length > 0 ? "known" : "anonymous";
        } catch (SSLPeerUnverifiedException _) {
            return "anonymous";
        }
    }

    /// A key of its own and the certificate that it signs itself, made by the JDK's keytool.
    private SlapClient.Identity identity() throws Exception {
        var store = folder.resolve("store.p12");
        var keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        var process = new ProcessBuilder((keytool + " -genkeypair -alias a -keyalg EC -groupname secp256r1"
                                + " -dname CN=test -validity 2 -ext SAN=dns:localhost,ip:127.0.0.1"
                                + " -storepass changeit -keystore " + store)
                        .split(" "))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(process.waitFor()).isZero();
        var keys = KeyStore.getInstance(store.toFile(), "changeit".toCharArray());
        return new SlapClient.Identity(
                pem("CERTIFICATE", keys.getCertificate("a").getEncoded()),
                pem("PRIVATE KEY", keys.getKey("a", "changeit".toCharArray()).getEncoded()));
    }

    private Path pem(String what, byte[] content) throws IOException {
        return Files.writeString(
                folder.resolve(what),
                "-----BEGIN " + what + "-----\n" + Base64.getMimeEncoder().encodeToString(content) + "\n-----END "
                        + what + "-----\n");
    }
}

package org.slapos.cli.verbs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.Security;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slapos.protocol.client.SlapException;

/// Whom the lists believe. One server, known by two names, whose certificate is for one of them.
class PageReaderTest {
    private static final char[] PASSWORD = "password".toCharArray();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private HttpsServer server;

    @BeforeEach
    void start() throws Exception {
        var keys = keys("server", "SAN=DNS:localhost");
        var own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, PASSWORD);
        var context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), null, null);
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        server.createContext("/", exchange -> {
            try (exchange) {
                exchange.sendResponseHeaders(200, 2);
                exchange.getResponseBody().write(new byte[] {'o', 'k'});
            }
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void aServerIsBelievedByANameInItsCertificateOnly() throws IOException {
        var reader = trusting("server");
        assertThat(reader.get(url("localhost")).body()).isEqualTo("ok");
        assertThatThrownBy(() -> reader.get(url("127.0.0.1")))
                .isInstanceOf(SlapException.class)
                .hasMessageContaining("not for the name 127.0.0.1")
                .hasCauseInstanceOf(SSLPeerUnverifiedException.class);
    }

    @Test
    void aServerOfAnotherAuthorityIsNotBelieved() throws Exception {
        keys("other", "SAN=DNS:localhost");
        var reader = trusting("other");
        assertThatThrownBy(() -> reader.get(url("localhost")))
                .isInstanceOf(SlapException.class)
                .hasMessageContaining("certificate");
    }

    @Test
    void noSignatureBySha1CountsWhoeverMadeIt() throws IOException {
        trusting("server");
        assertThat(Security.getProperty("jdk.certpath.disabledAlgorithms"))
                .contains("SHA1 usage TLSServer")
                .doesNotContain("jdkCA");
    }

    private PageReader trusting(String name) throws IOException {
        var factory =
                PageReader.factory(url("localhost"), Optional.empty(), Optional.of(folder.resolve(name + ".crt")));
        return new PageReader(factory, Duration.ofSeconds(10));
    }

    private URI url(String host) {
        return URI.create("https://" + host + ":" + server.getAddress().getPort() + "/");
    }

    /// A key with its certificate, which is also written to a file.
    private KeyStore keys(String name, String extension) throws Exception {
        var file = folder.resolve(name + ".p12");
        var keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/keytool").toString(),
                        "-genkeypair",
                        "-alias",
                        name,
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-dname",
                        "CN=" + name,
                        "-ext",
                        extension,
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        new String(PASSWORD),
                        "-keystore",
                        file.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(name + ".log").toFile())
                .start();
        assertThat(keytool.waitFor()).isZero();
        var keys = KeyStore.getInstance(file.toFile(), PASSWORD);
        var certificate =
                Base64.getMimeEncoder().encodeToString(keys.getCertificate(name).getEncoded());
        Files.writeString(
                folder.resolve(name + ".crt"),
                "-----BEGIN CERTIFICATE-----\n" + certificate + "\n-----END CERTIFICATE-----\n");
        return keys;
    }
}

package org.slapos.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slapos.node.TestIdentity;
import org.slapos.protocol.Form;

/// The watchdog's own words to a Master behind TLS that wants certificates: the real program, told of events as
/// supervisord tells them.
class WatchdogTlsTest {
    private static final Path RUNTIME =
            Path.of(System.getProperty("slapos.home"), "runtime").toAbsolutePath();

    /// @param who the subject of the certificate that was shown
    private record Bang(String who, String method, Form form) {}

    @TempDir
    Path root;

    private final BlockingQueue<Bang> bangs = new LinkedBlockingQueue<>();
    private HttpsServer master;
    private Process watchdog;

    @BeforeEach
    void open() throws Exception {
        Files.createDirectories(root.resolve("pki"));
        var server = TestIdentity.make(root, "master");
        var trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        for (var id : new String[] {"part0", "part1"}) {
            Files.createDirectories(root.resolve("instance").resolve(id));
            trusted.setCertificateEntry(
                    id, TestIdentity.make(root.resolve("pki"), id).certificate());
        }
        master = HttpsServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
        master.setHttpsConfigurator(new HttpsConfigurator(context(server, trusted)) {
            @Override
            public void configure(HttpsParameters parameters) {
                var wanted = getSSLContext().getDefaultSSLParameters();
                wanted.setNeedClientAuth(true);
                parameters.setSSLParameters(wanted);
            }
        });
        master.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        master.createContext("/slap/", exchange -> {
            try (exchange) {
                var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
                var session = ((HttpsExchange) exchange).getSSLSession();
                bangs.add(new Bang(
                        session.getPeerPrincipal().getName(),
                        exchange.getRequestURI().getPath(),
                        Form.parse(body)));
                exchange.sendResponseHeaders(200, -1);
            }
        });
        master.start();
        watchdog = new ProcessBuilder(
                        RUNTIME.resolve("bin/slap-watchdog").toString(),
                        "--master-url",
                        "https://127.0.0.1:" + master.getAddress().getPort() + "/slap/",
                        "--master-ca-file",
                        server.certificateFile().toString(),
                        "--certificate-repository-path",
                        root.resolve("pki").toString(),
                        "--computer-id",
                        "COMP-1",
                        "--instance-root-path",
                        root.resolve("instance").toString())
                .redirectError(root.resolve("said").toFile())
                .start();
    }

    private static SSLContext context(TestIdentity server, KeyStore trusted) throws Exception {
        var password = TestIdentity.PASSWORD.toCharArray();
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(KeyStore.getInstance(server.store().toFile(), password), password);
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        var context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    @AfterEach
    void close() throws InterruptedException {
        watchdog.destroy();
        watchdog.waitFor();
        master.stop(0);
    }

    private void event(String name, String process, String group) throws IOException {
        var payload = "processname:" + process + " groupname:" + group + " from_state:RUNNING expected:0 pid:7";
        var header = "ver:3.0 server:supervisor serial:1 pool:watchdog poolserial:1 eventname:" + name + " len:"
                + payload.length() + "\n";
        watchdog.getOutputStream().write((header + payload).getBytes(StandardCharsets.US_ASCII));
        watchdog.getOutputStream().flush();
    }

    private Bang next() throws Exception {
        var bang = bangs.poll(30, TimeUnit.SECONDS);
        assertThat(bang).as(Files.readString(root.resolve("said"))).isNotNull();
        return java.util.Objects.requireNonNull(bang);
    }

    @Test
    @Tag("checklist:WD-03")
    @Tag("checklist:WD-04")
    @Tag("checklist:WD-05")
    void anEndAndAGivingUpAreToldEachWithThePartitionsOwnCertificate() throws Exception {
        event("PROCESS_STATE_EXITED", "server-on-watch", "part0");
        var ended = next();
        assertThat(ended.who()).isEqualTo("CN=part0");
        assertThat(ended.method()).isEqualTo("/slap/softwareInstanceBang");
        assertThat(ended.form().required("computer_partition_id")).isEqualTo("part0");
        assertThat(ended.form().required("message")).contains("server-on-watch", "part0", "ended");

        // Answered in order: whatever of these were told would come before the next.
        for (var other : List.of("STARTING", "RUNNING", "BACKOFF", "STOPPING", "STOPPED", "UNKNOWN")) {
            event("PROCESS_STATE_" + other, "server-on-watch", "part1");
        }
        event("PROCESS_STATE_EXITED", "server", "part1");
        event("PROCESS_STATE_FATAL", "server", "part1");
        event("PROCESS_STATE_FATAL", "server-on-watch", "part1");
        var givenUp = next();
        assertThat(givenUp.who()).isEqualTo("CN=part1");
        assertThat(givenUp.form().required("computer_partition_id")).isEqualTo("part1");
        assertThat(givenUp.form().required("message")).contains("given up");
    }
}

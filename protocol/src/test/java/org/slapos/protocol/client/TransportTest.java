package org.slapos.protocol.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slapos.protocol.ComputerConfiguration;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.SoftwareState;

class TransportTest {
    private static final ComputerId COMPUTER = new ComputerId("COMP-12");
    private static final PartitionId PARTITION = new PartitionId("slappart0");
    private static final String LIST = "<marshal><list id='i2'/></marshal>";
    private static final String CERTIFICATE =
            "<marshal><dictionary id='i2'><string>certificate</string><string>é</string>"
                    + "<string>key</string><string/></dictionary></marshal>";

    private final WireServer server = new WireServer();
    private final List<Duration> pauses = new ArrayList<>();

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void readingIsTriedAgainWithGrowingUnevenPauses() throws IOException {
        server.then(503, "").then(503, "").then(503, "").then(200, CERTIFICATE);
        try (var client = client(server.settings().withTries(4))) {
            assertThat(client.partitionCertificate(COMPUTER, PARTITION).certificate())
                    .isEqualTo("é");
        }
        assertThat(server.received()).hasSize(4);
        assertThat(pauses).hasSize(3);
        for (int i = 0; i < pauses.size(); i++) {
            assertThat(pauses.get(i)).isBetween(Duration.ZERO, Duration.ofMillis(200L << i));
        }
        assertThat(pauses).doesNotHaveDuplicates();
    }

    @Test
    void aCallThatBeginsWhileTheFilesAreReadAgainIsAnswered() throws Exception {
        server.then(200, CERTIFICATE);
        try (var client = client(server.settings().withTries(1))) {
            var failure = new AtomicReference<Exception>();
            var reading = Thread.ofVirtual().start(() -> {
                try {
                    for (int i = 0; i < 200; i++) {
                        client.rereadFiles();
                    }
                } catch (IOException | RuntimeException e) {
                    failure.set(e);
                }
            });
            while (reading.isAlive()) {
                assertThat(client.partitionCertificate(COMPUTER, PARTITION).certificate())
                        .isEqualTo("é");
            }
            assertThat(failure).hasNullValue();
        }
    }

    @Test
    void whatBreaksInTheMiddleIsReadAgain() throws IOException {
        server.then(exchange -> {
                    exchange.sendResponseHeaders(200, 1000);
                    exchange.getResponseBody().write(new byte[10]);
                })
                .then(200, CERTIFICATE);
        try (var client = client(server.settings())) {
            assertThat(client.partitionCertificate(COMPUTER, PARTITION).key()).isEmpty();
        }
        assertThat(server.received()).hasSize(2);
    }

    @Test
    void theTriesEndAndTheLastAnswerCounts() throws IOException {
        server.then(503, "cache is cold");
        try (var client = client(server.settings())) {
            assertThatThrownBy(() -> client.partition(COMPUTER, PARTITION))
                    .isInstanceOfSatisfying(
                            SlapException.class, e -> assertThat(e.kind()).isEqualTo(SlapException.Kind.BUSY))
                    .hasMessageContaining("cache is cold");
        }
        assertThat(server.received()).hasSize(3);
    }

    @Test
    void aCommandIsGivenAgainOnlyWhenTheMasterSaysWhen() throws IOException {
        server.then(503, "").then(503, "", "Retry-After", "7").then(200, "done");
        try (var client = client(server.settings())) {
            assertThatThrownBy(() -> client.supply("http://x/y.cfg", COMPUTER, SoftwareState.AVAILABLE))
                    .isInstanceOf(SlapException.class);
            client.supply("http://x/y.cfg", COMPUTER, SoftwareState.AVAILABLE);
        }
        assertThat(server.received()).hasSize(3);
        assertThat(pauses).containsExactly(Duration.ofSeconds(7));
    }

    @Test
    void aMasterThatWantsMoreTimeThanTheDeadlineGivesIsNotWaitedFor() throws IOException {
        server.then(503, "", "Retry-After", "7");
        try (var client = client(server.settings().withDeadline(Duration.ofSeconds(2)))) {
            assertThatThrownBy(() -> client.partition(COMPUTER, PARTITION)).isInstanceOf(SlapException.class);
        }
        assertThat(server.received()).hasSize(1);
        assertThat(pauses).isEmpty();
    }

    @Test
    void aBangIsNeverGivenTwiceOnceItMayHaveArrived() throws IOException {
        server.then(exchange -> exchange.close()).then(503, "", "Retry-After", "1");
        try (var client = client(server.settings())) {
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> client.bang(COMPUTER, PARTITION, "help"))
                        .isInstanceOf(SlapException.class);
            }
            assertThat(server.received()).hasSize(2);
            assertThatThrownBy(() -> client.configure(new ComputerConfiguration(COMPUTER, "", "", Map.of(), List.of())))
                    .isInstanceOf(SlapException.class);
        }
    }

    @Test
    void aConnectionThatCannotBeMadeIsTriedAgainForAnything() throws IOException {
        int port = freePort();
        var nobody = new SlapClient.Settings(
                URI.create("http://127.0.0.1:" + port), java.util.Optional.empty(), java.util.Optional.empty());
        try (var client = client(nobody)) {
            assertThatThrownBy(() -> client.bang(COMPUTER, PARTITION, "help"))
                    .isInstanceOfSatisfying(
                            SlapException.class, e -> assertThat(e.kind()).isEqualTo(SlapException.Kind.UNREACHABLE))
                    .hasMessageContaining("softwareInstanceBang: no answer from http://127.0.0.1:" + port + "/");
        }
        assertThat(pauses).hasSize(2);
    }

    @Test
    void oneTryIsOneTry() throws IOException {
        server.then(503, "");
        try (var client = client(server.settings().withTries(1))) {
            assertThatThrownBy(() -> client.partition(COMPUTER, PARTITION)).isInstanceOf(SlapException.class);
        }
        assertThat(server.received()).hasSize(1);
    }

    @Test
    void anAnswerThatDripsEndsAtTheDeadline() throws IOException {
        var end = new CountDownLatch(1);
        server.then(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write('<');
            exchange.getResponseBody().flush();
            try {
                end.await();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        });
        try (var client = client(server.settings().withDeadline(Duration.ofMillis(300)))) {
            assertThatThrownBy(() -> client.partition(COMPUTER, PARTITION))
                    .isInstanceOfSatisfying(
                            SlapException.class, e -> assertThat(e.kind()).isEqualTo(SlapException.Kind.UNREACHABLE))
                    .hasMessageContaining("no whole answer within 300 ms");
        } finally {
            end.countDown();
        }
    }

    @Test
    void anInterruptedCallEndsAtOnceAndStaysInterrupted() throws Exception {
        var asked = new CountDownLatch(1);
        var end = new CountDownLatch(1);
        server.then(_ -> {
            asked.countDown();
            try {
                end.await();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        });
        try (var client = client(server.settings())) {
            var seen = new AtomicReference<String>();
            var caller = Thread.ofVirtual().start(() -> {
                var failure = catchThrowableOfType(SlapException.class, () -> client.partition(COMPUTER, PARTITION));
                seen.set(Thread.currentThread().isInterrupted() + " " + failure.kind());
            });
            asked.await();
            caller.interrupt();
            caller.join();
            assertThat(seen).hasValue("true UNREACHABLE");
        } finally {
            end.countDown();
        }
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void anAnswerBeyondTheLimitIsRefusedWhetherItSaysItsLengthOrNot(boolean saysLength) throws IOException {
        server.then(exchange -> {
            exchange.sendResponseHeaders(200, saysLength ? 2_000_000 : 0);
            try {
                exchange.getResponseBody().write(new byte[2_000_000]);
            } catch (IOException _) {
                // Whoever asked went away.
            }
        });
        var usual = server.settings();
        var settings = new SlapClient.Settings(
                usual.master(),
                usual.identity(),
                usual.authority(),
                usual.deadline(),
                usual.userAgent(),
                usual.tries(),
                1_000_000);
        try (var client = client(settings)) {
            assertThatThrownBy(() -> client.partition(COMPUTER, PARTITION))
                    .isInstanceOfSatisfying(
                            SlapException.class, e -> assertThat(e.kind()).isEqualTo(SlapException.Kind.SERVER_ERROR))
                    .hasMessageContaining("longer than 1000000 bytes");
        }
        assertThat(server.received()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"301", "302", "307", "308"})
    void readingFollowsARedirect(int status) throws IOException {
        server.then(status, "", "Location", "/elsewhere/x?y=1").then(200, CERTIFICATE);
        try (var client = client(server.settings())) {
            assertThat(client.partitionCertificate(COMPUTER, PARTITION).certificate())
                    .isEqualTo("é");
        }
        assertThat(server.last().target()).isEqualTo("/elsewhere/x?y=1");
    }

    @Test
    void aRedirectInACircleEnds() throws IOException {
        server.then(302, "", "Location", "/again");
        try (var client = client(server.settings())) {
            assertThatThrownBy(() -> client.partition(COMPUTER, PARTITION))
                    .isInstanceOfSatisfying(
                            SlapException.class, e -> assertThat(e.kind()).isEqualTo(SlapException.Kind.REFUSED))
                    .hasMessageContaining("redirects to /again");
        }
        assertThat(server.received()).hasSize(6);
    }

    @Test
    void aCommandFollowsNoRedirect() throws IOException {
        server.then(302, "", "Location", "/elsewhere");
        try (var client = client(server.settings())) {
            assertThatThrownBy(() -> client.supply("http://x/y.cfg", COMPUTER, SoftwareState.AVAILABLE))
                    .hasMessageContaining("redirects to /elsewhere, which is not followed");
        }
        assertThat(server.received()).hasSize(1);
    }

    @Test
    void theCharsetThatIsDeclaredIsHonoured() throws IOException {
        server.then(exchange -> WireServer.send(
                        exchange,
                        200,
                        CERTIFICATE.getBytes(StandardCharsets.ISO_8859_1),
                        "Content-Type",
                        "text/xml; charset=\"ISO-8859-1\""))
                .then(200, CERTIFICATE, "Content-Type", "text/html")
                .then(200, CERTIFICATE, "Content-Type", "image/png; charset=x-unheard-of");
        try (var client = client(server.settings())) {
            for (int i = 0; i < 3; i++) {
                assertThat(client.partitionCertificate(COMPUTER, PARTITION).certificate())
                        .isEqualTo("é");
            }
        }
    }

    @Test
    void theProgramSaysItsName() throws IOException {
        server.then(200, LIST);
        try (var client = client(server.settings())) {
            assertThatThrownBy(() -> client.partition(COMPUTER, PARTITION)).isInstanceOf(MalformedException.class);
        }
        assertThat(server.last().headers()).containsEntry("User-agent", "slapos-java");
    }

    @ParameterizedTest
    @CsvSource({
        "http://2001:db8::1:5000/, http://[2001:db8::1]:5000/",
        "http://2001:db8::1:5000, http://[2001:db8::1]:5000/",
        "http://2001:db8:0:0:0:0:0:1/, http://[2001:db8:0:0:0:0:0:1]/",
        "https://[2001:db8::1]/slap, https://[2001:db8::1]/slap/",
        "http://127.0.0.1:5000/foo, http://127.0.0.1:5000/foo/",
        "https://slap.example, https://slap.example/"
    })
    void theUrlOfAMasterIsReadAsPeopleWriteIt(URI written, URI base) {
        assertThat(MasterUrl.base(written)).isEqualTo(base);
    }

    @ParameterizedTest
    @CsvSource({"ftp://x/", "slap.example", "http:///slap", "http://a_b:c:d/", "file:///etc/passwd"})
    void whatIsNoMastersUrlIsRefused(URI written) {
        assertThatThrownBy(() -> MasterUrl.base(written)).isInstanceOf(MalformedException.class);
    }

    private SlapClient client(SlapClient.Settings settings) throws IOException {
        return new SlapClient(new Transport(settings, new Random(1), pauses::add));
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}

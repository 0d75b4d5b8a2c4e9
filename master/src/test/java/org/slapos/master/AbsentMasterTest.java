package org.slapos.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.slapos.master.TestTrades.ALICE;
import static org.slapos.master.TestTrades.HELLO;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slapos.master.party.Requester;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.ComputerInformation;
import org.slapos.protocol.SoftwareState;
import org.slapos.protocol.client.SlapClient;
import org.slapos.protocol.client.SlapException;

/// A node behind a cache, and a Master that is away.
class AbsentMasterTest {
    @Test
    @Tag("row:23")
    void aNodeBehindACacheGoesOnForSevenDays() throws IOException {
        try (var cloud = new TestTrades()) {
            var computer = cloud.computer(ALICE, "machine", 2);
            cloud.supply(ALICE, computer, HELLO, SoftwareState.AVAILABLE);
            cloud.start(ALICE, "blog");
            var master = org.slapos.master.http.HttpServer.open(
                    new org.slapos.master.http.HttpServer.Settings("127.0.0.1", 0),
                    Optional.empty(),
                    _ -> new Requester.Computer(computer),
                    cloud.mounts());
            var origin = URI.create("http://127.0.0.1:" + master.address().getPort());
            try (var cache = new Cache(origin, cloud.clock);
                    var node = SlapClient.open(new SlapClient.Settings(
                            cache.url().resolve("/slap/"), Optional.empty(), Optional.empty()))) {
                var known = information(node, computer);
                assertThat(known.software()).hasSize(1);
                master.close();
                cloud.clock.advance(Duration.ofDays(7));
                assertThat(information(node, computer)).isEqualTo(known);
                cloud.clock.advance(Duration.ofSeconds(2));
                assertThatThrownBy(() -> information(node, computer)).isInstanceOf(SlapException.class);
            }
        }
    }

    private static ComputerInformation information(SlapClient node, ComputerId computer) {
        return switch (node.computerInformation(computer, "")) {
            case SlapClient.Conditional.Changed(var information, var _) -> information;
            case SlapClient.Conditional.Unchanged() -> throw new AssertionError("nothing was known before");
        };
    }

    /// A cache that knows nothing of SLAP: it keeps what its headers allow (RFC 9111, RFC 5861).
    private static final class Cache implements AutoCloseable {
        private static final Pattern AGES = Pattern.compile("public, max-age=(\\d+), stale-if-error=(\\d+)");

        private final URI origin;
        private final InstantSource clock;
        private final HttpServer server;
        private final HttpClient client = HttpClient.newHttpClient();
        private final Map<String, Kept> kept = new ConcurrentHashMap<>();

        private record Kept(HttpResponse<byte[]> answer, Map<String, String> headers, Instant until) {}

        Cache(URI origin, InstantSource clock) throws IOException {
            this.origin = origin;
            this.clock = clock;
            this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", this::answer);
            server.start();
        }

        URI url() {
            return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        }

        private void answer(HttpExchange call) throws IOException {
            var path = call.getRequestURI().toString();
            try {
                var answer = client.send(
                        HttpRequest.newBuilder(origin.resolve(path)).build(), HttpResponse.BodyHandlers.ofByteArray());
                var headers = Map.of(
                        "Content-Type",
                        answer.headers().firstValue("Content-Type").orElse(""),
                        "ETag",
                        answer.headers().firstValue("ETag").orElse(""));
                var ages = AGES.matcher(
                        answer.headers().firstValue("Cache-Control").orElse(""));
                if (answer.statusCode() == 200 && ages.matches()) {
                    long seconds = Long.parseLong(ages.group(1)) + Long.parseLong(ages.group(2));
                    kept.put(path, new Kept(answer, headers, clock.instant().plusSeconds(seconds)));
                }
                send(call, answer.statusCode(), headers, answer.body());
            } catch (IOException e) {
                var stale = kept.get(path);
                if (stale == null || stale.until().isBefore(clock.instant())) {
                    send(call, 504, Map.of("Content-Type", "text/plain"), new byte[0]);
                } else {
                    send(call, 200, stale.headers(), stale.answer().body());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException(e);
            }
        }

        private static void send(HttpExchange call, int status, Map<String, String> headers, byte[] body)
                throws IOException {
            try (call) {
                headers.forEach(call.getResponseHeaders()::set);
                call.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
                call.getResponseBody().write(body);
            }
        }

        @Override
        public void close() {
            client.close();
            server.stop(0);
        }
    }
}

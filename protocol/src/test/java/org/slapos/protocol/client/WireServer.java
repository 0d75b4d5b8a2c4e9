package org.slapos.protocol.client;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slapos.protocol.Form;

/// An HTTP server on a free port of loopback that gives the answers it was told to give, in their order, the last one
/// again and again, and keeps what it was asked.
final class WireServer implements AutoCloseable {
    private final List<Received> received = new ArrayList<>();
    private final ArrayDeque<Handler> answers = new ArrayDeque<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpServer server;

    interface Handler {
        void answer(HttpExchange exchange) throws IOException;
    }

    record Received(String verb, String target, Map<String, String> headers, String body) {
        Form form() {
            return Form.parse(body);
        }

        /// The name of the method, without the base and the query.
        String method() {
            return target.replaceFirst("[?].*", "").replaceFirst("^.*/", "");
        }
    }

    WireServer() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + port() + "/slap");
    }

    int port() {
        return server.getAddress().getPort();
    }

    SlapClient.Settings settings() {
        return new SlapClient.Settings(url(), Optional.empty(), Optional.empty());
    }

    /// One more answer; headers are names and values in turn.
    WireServer then(int status, String body, String... headers) {
        return then(exchange -> send(exchange, status, body.getBytes(StandardCharsets.UTF_8), headers));
    }

    synchronized WireServer then(Handler answer) {
        answers.add(answer);
        return this;
    }

    synchronized List<Received> received() {
        return List.copyOf(received);
    }

    /// What was asked last.
    synchronized Received last() {
        return received.getLast();
    }

    static void send(HttpExchange exchange, int status, byte[] body, String... headers) throws IOException {
        for (int i = 0; i < headers.length; i += 2) {
            exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
        }
        exchange.sendResponseHeaders(status, body.length == 0 || status == 304 ? -1 : body.length);
        if (body.length > 0 && status != 304) {
            exchange.getResponseBody().write(body);
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            var headers = new LinkedHashMap<String, String>();
            exchange.getRequestHeaders().forEach((name, values) -> headers.put(name, values.getFirst()));
            next(new Received(
                            exchange.getRequestMethod(),
                            exchange.getRequestURI().toString(),
                            headers,
                            body))
                    .answer(exchange);
        }
    }

    private synchronized Handler next(Received request) {
        received.add(request);
        return answers.size() > 1 ? answers.remove() : answers.element();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}

package org.slapos.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slapos.protocol.Form;
import org.slapos.protocol.Reason;

/// The other end of the wire: answers each method with what a test put there, and keeps what it received.
final class LoopbackMaster implements AutoCloseable {
    private final HttpServer server;
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();
    private final Map<String, String> redirects = new ConcurrentHashMap<>();
    private final Map<String, Runnable> changes = new ConcurrentHashMap<>();
    private final List<Received> received = new ArrayList<>();

    record Answer(int status, String body, String reason) {}

    /// @param method the last name of the path; of a path below `/hateoas` also the mode of its query
    /// @param query  decoded
    record Received(String method, String query, String body, Map<String, List<String>> headers) {
        Form form() {
            return Form.parse(body);
        }
    }

    LoopbackMaster() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    LoopbackMaster answers(String method, String body) {
        return answers(method, 200, body, "");
    }

    LoopbackMaster answers(String method, int status, String body, String reason) {
        answers.put(method, new Answer(status, body, reason));
        return this;
    }

    /// What happens at the Master once it was asked.
    LoopbackMaster then(String method, Runnable change) {
        changes.put(method, change);
        return this;
    }

    LoopbackMaster redirects(String method, String location) {
        redirects.put(method, location);
        return this;
    }

    /// Has lists over hypermedia, with templates of the form that explodes lists.
    LoopbackMaster hasHypermedia() {
        var root = url() + "/hateoas/";
        return answers("getHateoasUrl", root).answers("hateoas root", """
                        {"_links": {"raw_search": {"href": "%1$s?mode=search{&query,select_list*,limit}"},
                                    "traverse": {"href": "%1$s?mode=traverse{&relative_url,view}"}}}
                        """.formatted(root));
    }

    synchronized List<Received> received() {
        return List.copyOf(received);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            var path = exchange.getRequestURI().getPath();
            var query = String.valueOf(exchange.getRequestURI().getQuery());
            var mode = query.startsWith("mode=") ? query.substring(5).split("&", 2)[0] : "root";
            var method = path.startsWith("/hateoas") ? "hateoas " + mode : path.substring(path.lastIndexOf('/') + 1);
            var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            synchronized (this) {
                received.add(new Received(method, query, body, exchange.getRequestHeaders()));
            }
            if (redirects.containsKey(method)) {
                exchange.getResponseHeaders().set("Location", redirects.get(method));
                exchange.sendResponseHeaders(308, -1);
                return;
            }
            var answer = answers.getOrDefault(method, new Answer(404, "", ""));
            if (!answer.reason().isEmpty()) {
                exchange.getResponseHeaders().set(Reason.HEADER, Reason.encode(answer.reason()));
            }
            changes.getOrDefault(method, () -> {}).run();
            var bytes = answer.body().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(answer.status(), bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}

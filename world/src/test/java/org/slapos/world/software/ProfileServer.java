package org.slapos.world.software;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Serves a folder of profiles on loopback and notes what was asked for.
final class ProfileServer implements AutoCloseable {
    private final Path folder;
    private final HttpServer server;
    private final List<String> asked = new CopyOnWriteArrayList<>();

    ProfileServer(Path folder) throws IOException {
        this.folder = folder.toRealPath();
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    String url(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/" + path;
    }

    /// The paths that were asked for since the last call.
    List<String> asked() {
        List<String> seen = List.copyOf(asked);
        asked.clear();
        return seen;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            // Buildout joins a relative `extends` as text, so dot segments arrive here.
            String path = exchange.getRequestURI().normalize().getPath().substring(1);
            asked.add(path);
            Path file = folder.resolve(path).normalize();
            if (!file.startsWith(folder) || !Files.isRegularFile(file)) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            byte[] content = Files.readAllBytes(file);
            exchange.sendResponseHeaders(200, content.length);
            exchange.getResponseBody().write(content);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}

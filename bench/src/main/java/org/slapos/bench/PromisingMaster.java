package org.slapos.bench;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.ComputerInformation;
import org.slapos.protocol.Form;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.PartitionInformation;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareInformation;
import org.slapos.protocol.SoftwareState;
import org.slapos.protocol.marshal.MarshalWriter;
import org.slapos.protocol.marshal.Value;

/// The wire's other end when the node alone is measured: promises a number of equal instances, and counts who started.
final class PromisingMaster implements AutoCloseable {
    static final ComputerId COMPUTER = new ComputerId("COMP-1");

    private final HttpServer server;
    private final String release;
    private final Set<String> started = ConcurrentHashMap.newKeySet();
    private int count;
    private int version;
    private int revision;

    PromisingMaster(String release) throws IOException {
        this.release = release;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/slap/", this::answer);
        server.start();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/slap/");
    }

    /// From now on each of `wanted` partitions is to hold an instance, another one than before.
    synchronized void promise(int wanted) {
        count = wanted;
        version++;
        revision++;
        started.clear();
        notifyAll();
    }

    /// As before, though the document is another one.
    synchronized void promiseTheSame() {
        revision++;
        notifyAll();
    }

    int started() {
        return started.size();
    }

    private synchronized ComputerInformation information() {
        return new ComputerInformation(
                COMPUTER,
                IntStream.range(0, count).mapToObj(this::partition).toList(),
                List.of(new SoftwareInformation(release, SoftwareState.AVAILABLE)));
    }

    private PartitionInformation partition(int number) {
        var id = new PartitionId("part" + number);
        return new PartitionInformation(
                COMPUTER,
                id,
                Optional.of(new InstanceInformation(
                        COMPUTER,
                        id,
                        "SOFTINST-" + number,
                        "instance " + number,
                        "instance " + number,
                        "",
                        release,
                        "default",
                        RequestedState.STARTED,
                        Map.of("greeting", "greeting " + version),
                        Map.of(),
                        Map.of(),
                        List.of(List.of("lo", "127.0.0.1")),
                        List.of(),
                        List.of(),
                        Integer.toString(version),
                        "")));
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            var method = exchange.getRequestURI().getPath().substring("/slap/".length());
            var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            switch (method) {
                case "getFullComputerInformation" -> promise(exchange);
                case "getComputerPartitionCertificate" ->
                    send(exchange, MarshalWriter.bytes(Value.texts(Map.of("certificate", "none\n", "key", "none\n"))));
                case "startedComputerPartition" -> {
                    started.add(Form.parse(body).required("computer_partition_id"));
                    send(exchange, new byte[] {'O', 'K'});
                }
                default -> send(exchange, new byte[] {'O', 'K'});
            }
        }
    }

    private void promise(HttpExchange exchange) throws IOException {
        String tag;
        byte[] document;
        synchronized (this) {
            awaitNews(exchange);
            tag = tag();
            document = tag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))
                    ? new byte[0]
                    : information().write();
        }
        if (document.length == 0) {
            exchange.sendResponseHeaders(304, -1);
            return;
        }
        exchange.getResponseHeaders().set("ETag", tag);
        send(exchange, document);
    }

    private String tag() {
        return "\"" + revision + "\"";
    }

    /// As a Master of ours: who prefers to wait is answered when there is something new.
    private synchronized void awaitNews(HttpExchange exchange) {
        var prefer = exchange.getRequestHeaders().getFirst("Prefer");
        if (prefer == null || !prefer.startsWith("wait=")) {
            return;
        }
        long end = System.nanoTime() + Long.parseLong(prefer.substring("wait=".length())) * 1_000_000_000;
        try {
            while (tag().equals(exchange.getRequestHeaders().getFirst("If-None-Match")) && System.nanoTime() < end) {
                wait(Math.max(1, (end - System.nanoTime()) / 1_000_000));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void send(HttpExchange exchange, byte[] content) throws IOException {
        exchange.sendResponseHeaders(200, content.length);
        exchange.getResponseBody().write(content);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}

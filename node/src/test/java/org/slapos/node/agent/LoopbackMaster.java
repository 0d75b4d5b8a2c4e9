package org.slapos.node.agent;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.ComputerInformation;
import org.slapos.protocol.Form;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.PartitionInformation;
import org.slapos.protocol.SoftwareInformation;
import org.slapos.protocol.SoftwareState;
import org.slapos.protocol.marshal.MarshalWriter;
import org.slapos.protocol.marshal.Value;

/// The other end of the wire: promises what a test writes down, and notes what a node says. Also serves profiles.
final class LoopbackMaster implements AutoCloseable {
    static final ComputerId COMPUTER = new ComputerId("COMP-1");

    /// A call of a node that changes something.
    record Call(String method, Form form) {
        String partition() {
            return form.get("computer_partition_id").orElse("");
        }
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Path profiles;
    private final List<PartitionId> ids;
    private final Map<String, SoftwareState> software = new TreeMap<>();
    private final Map<PartitionId, InstanceInformation> instances = new ConcurrentHashMap<>();
    private final Map<String, Integer> refused = new ConcurrentHashMap<>();
    private volatile Value certificate =
            Value.texts(Map.of("certificate", "CERTIFICATE of a test\n", "key", "KEY of a test\n"));
    private int revision;

    final List<Call> calls = new CopyOnWriteArrayList<>();
    /// Methods that were answered with another status than 200.
    final List<String> refusals = new CopyOnWriteArrayList<>();

    /// Every call, in order.
    final List<String> asked = new CopyOnWriteArrayList<>();

    final Set<String> served = ConcurrentHashMap.newKeySet();

    LoopbackMaster(Path profiles, List<PartitionId> ids) throws IOException {
        this.profiles = profiles;
        this.ids = ids;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/slap/", this::slap);
        server.createContext("/software/", this::file);
        server.start();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/slap/");
    }

    String profile(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/software/" + path;
    }

    synchronized void supply(String url, SoftwareState state) {
        software.put(url, state);
        revision++;
    }

    /// From now on no release is wanted, nor known.
    synchronized void forgetSoftware() {
        software.clear();
        revision++;
    }

    synchronized void promise(InstanceInformation instance) {
        instances.put(instance.partition(), instance);
        revision++;
    }

    synchronized void free(PartitionId partition) {
        instances.remove(partition);
        revision++;
    }

    /// From now on a method answers this status; 200 = as usual.
    void answer(String method, int status) {
        refused.put(method, status);
    }

    /// From now on instances get none, as from a proxy.
    void hasNoCertificates() {
        certificate = Value.texts(Map.of("certificate", "", "key", ""));
    }

    List<String> methods() {
        return calls.stream().map(Call::method).toList();
    }

    List<Call> calls(String method) {
        return calls.stream().filter(call -> call.method().equals(method)).toList();
    }

    private synchronized ComputerInformation information() {
        return new ComputerInformation(
                COMPUTER,
                ids.stream()
                        .map(id -> new PartitionInformation(
                                COMPUTER, id, java.util.Optional.ofNullable(instances.get(id))))
                        .toList(),
                software.entrySet().stream()
                        .map(entry -> new SoftwareInformation(entry.getKey(), entry.getValue()))
                        .toList());
    }

    private synchronized String version() {
        return "\"" + revision + "\"";
    }

    private void slap(HttpExchange exchange) throws IOException {
        try (exchange) {
            var method = exchange.getRequestURI().getPath().substring("/slap/".length());
            var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            asked.add(method);
            int status = refused.getOrDefault(method, 200);
            if (status != 200) {
                refusals.add(method);
                send(exchange, status, "refused by the test".getBytes(StandardCharsets.UTF_8));
            } else if (method.equals("getFullComputerInformation")) {
                promise(exchange);
            } else if (method.equals("getComputerPartitionCertificate")) {
                send(exchange, 200, MarshalWriter.bytes(certificate));
            } else {
                calls.add(new Call(method, Form.parse(body)));
                send(exchange, 200, "OK".getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    private void promise(HttpExchange exchange) throws IOException {
        var version = version();
        if (version.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
            exchange.sendResponseHeaders(304, -1);
            return;
        }
        exchange.getResponseHeaders().set("ETag", version);
        send(exchange, 200, information().write());
    }

    private void file(HttpExchange exchange) throws IOException {
        try (exchange) {
            // Buildout joins a relative `extends` as text, so dot segments arrive here.
            var name = exchange.getRequestURI().normalize().getPath().substring("/software/".length());
            served.add(name);
            var file = profiles.resolve(name).normalize();
            if (!file.startsWith(profiles) || !Files.isRegularFile(file)) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            send(exchange, 200, Files.readAllBytes(file));
        }
    }

    private static void send(HttpExchange exchange, int status, byte[] content) throws IOException {
        exchange.sendResponseHeaders(status, content.length == 0 ? -1 : content.length);
        exchange.getResponseBody().write(content);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}

package org.slapos.bench;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.slapos.protocol.client.PemFiles;
import org.slapos.protocol.client.SlapClient;

/// New and resumed TLS handshakes with a client certificate, each followed by one request: the Master, with the
/// JDK's engine, beside a minimal server with Conscrypt's (BoringSSL). The client is the same for both, and shares
/// the machine with them: the CPU time of the server says what a handshake costs it. How many were really resumed
/// is printed.
final class Handshakes {
    private static final int CLIENTS = 4;
    private static final int ROUNDS = 2;
    private static final Duration WARM_UP = Duration.ofSeconds(2);
    private static final Duration TIME = Duration.ofSeconds(4);
    private static final double TICKS_PER_SECOND = 100; // of /proc, on every Linux that we run on

    /// @param perSecond handshakes with their requests
    /// @param cpu       milliseconds of the server's CPU for each
    /// @param resumed   share of those that resumed a session
    private record Result(double perSecond, double cpu, double resumed) {}

    private record Counted(int all, int resumed) {
        Counted plus(Counted other) {
            return new Counted(all + other.all, resumed + other.resumed);
        }
    }

    /// A server, its process, and how a client trusts it.
    private record Server(URI address, long pid, Optional<SlapClient.Identity> identity, Path authority) {
        SSLContext context() {
            try {
                return PemFiles.context(identity, Optional.of(authority));
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private Handshakes() {}

    static List<Figure> measure(Installed installed, Cloud cloud) throws IOException, InterruptedException {
        var body = Files.writeString(installed.file("short-answer"), "hello\n");
        try (var minimal = MinimalProcess.start(installed.file(""), body, "Conscrypt")) {
            var identity = Optional.of(cloud.personIdentity());
            var ours = new Server(cloud.web(), cloud.pid(), identity, cloud.authority());
            var other = new Server(minimal.address(), minimal.running().pid(), identity, minimal.root());
            var figures = new ArrayList<Figure>();
            figures.addAll(row("new mTLS handshake", ours, other, false));
            figures.addAll(row("resumed mTLS handshake", ours, other, true));
            return figures;
        }
    }

    private static List<Figure> row(String name, Server ours, Server other, boolean resumed)
            throws InterruptedException {
        var mine = new ArrayList<Result>();
        var theirs = new ArrayList<Result>();
        for (int round = 0; round < ROUNDS; round++) {
            theirs.add(measure(other, resumed));
            mine.add(measure(ours, resumed));
        }
        var best = Comparator.comparingDouble(Result::perSecond);
        var a = mine.stream().max(best).orElseThrow();
        var b = theirs.stream().max(best).orElseThrow();
        System.out.printf("%s: resumed were %.0f%% | %.0f%%%n", name, 100 * a.resumed(), 100 * b.resumed());
        return List.of(
                new Figure(name + " JDK | Conscrypt, each/s", a.perSecond(), b.perSecond()),
                new Figure(name + " JDK | Conscrypt, server CPU ms", a.cpu(), b.cpu()));
    }

    private static Result measure(Server server, boolean resumed) throws InterruptedException {
        run(server, resumed, WARM_UP);
        double before = cpuSeconds(server.pid());
        long began = System.nanoTime();
        var count = run(server, resumed, TIME);
        double seconds = (System.nanoTime() - began) / 1e9;
        return new Result(
                count.all() / seconds,
                1000 * (cpuSeconds(server.pid()) - before) / count.all(),
                (double) count.resumed() / count.all());
    }

    private static Counted run(Server server, boolean resumed, Duration time) throws InterruptedException {
        var request = LoadClient.request(server.address().resolve("/nothing"), "");
        long end = System.nanoTime() + time.toNanos();
        try (var threads = Executors.newFixedThreadPool(CLIENTS)) {
            var running = new ArrayList<Future<Counted>>();
            for (int i = 0; i < CLIENTS; i++) {
                running.add(threads.submit(() -> {
                    var shared = server.context();
                    Supplier<SSLContext> contexts = resumed ? () -> shared : server::context;
                    var count = new Counted(0, 0);
                    while (System.nanoTime() < end) {
                        boolean again = once(server.address(), contexts.get(), request);
                        count = count.plus(new Counted(1, again ? 1 : 0));
                    }
                    return count;
                }));
            }
            var all = new Counted(0, 0);
            for (var one : running) {
                all = all.plus(one.get());
            }
            return all;
        } catch (ExecutionException e) {
            throw new IllegalStateException(server.address() + ": " + e.getCause(), e.getCause());
        }
    }

    /// @return whether it resumed a session
    private static boolean once(URI address, SSLContext tls, byte[] request) throws IOException {
        long began = System.currentTimeMillis();
        try (var socket = (SSLSocket) tls.getSocketFactory().createSocket(address.getHost(), address.getPort())) {
            socket.setTcpNoDelay(true);
            socket.startHandshake();
            socket.getOutputStream().write(request);
            var answer = socket.getInputStream().readNBytes(12); // with it comes what the next one resumes by
            if (answer.length < 12) {
                throw new IOException("closed without an answer");
            }
            return socket.getSession().getCreationTime() < began;
        }
    }

    private static double cpuSeconds(long pid) {
        try {
            var text = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            var fields = text.substring(text.lastIndexOf(')') + 2).split(" ", -1);
            return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}

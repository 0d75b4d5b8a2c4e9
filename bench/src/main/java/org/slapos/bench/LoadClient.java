package org.slapos.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/// A client that sends one fixed request over and over on connections that stay open, each waiting for its answer
/// before it asks again. It reads no more of HTTP/1.1 than it needs, so that the figures are the server's.
public final class LoadClient {
    private static final int LINE_LIMIT = 16 * 1024;

    private final SSLContext tls;
    private final int connections;

    public LoadClient(SSLContext tls, int connections) {
        this.tls = tls;
        this.connections = connections;
    }

    /// The head of an answer: its status, its ETag (empty when it has none) and the length of its body.
    public record Head(int status, String version, int length) {}

    /// The whole text of a GET.
    ///
    /// @param knownVersion for `If-None-Match`; empty = none
    public static byte[] request(URI target, String knownVersion) {
        var query = target.getRawQuery() == null ? "" : "?" + target.getRawQuery();
        return ("GET " + target.getRawPath() + query + " HTTP/1.1\r\nHost: " + target.getAuthority() + "\r\n"
                        + (knownVersion.isEmpty() ? "" : "If-None-Match: " + knownVersion + "\r\n") + "\r\n")
                .getBytes(US_ASCII);
    }

    /// The whole text of a POST of a JSON object.
    static byte[] post(URI target, String json) {
        var body = json.getBytes(UTF_8);
        var head = "POST " + target.getRawPath() + " HTTP/1.1\r\nHost: " + target.getAuthority()
                + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length + "\r\n\r\n";
        var text = ByteBuffer.allocate(head.length() + body.length);
        return text.put(head.getBytes(US_ASCII)).put(body).array();
    }

    /// Sends each of the requests once, over connections that stay open, and reads the answers.
    ///
    /// @throws IllegalStateException when one is answered by another status than 200, with its text
    void all(URI server, List<byte[]> requests) throws InterruptedException {
        var next = new AtomicInteger();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var running = new ArrayList<Future<?>>();
            for (int i = 0; i < connections; i++) {
                running.add(threads.submit(() -> {
                    try (var connection = new Connection(tls, server)) {
                        for (int n = next.getAndIncrement(); n < requests.size(); n = next.getAndIncrement()) {
                            var head = connection.ask(requests.get(n));
                            var body = connection.body(head);
                            if (head.status() != 200) {
                                throw new IllegalStateException(head.status() + " " + new String(body, UTF_8));
                            }
                        }
                        return null;
                    }
                }));
            }
            for (var one : running) {
                one.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException(server + ": " + e.getCause(), e.getCause());
        }
    }

    /// One request on a connection of its own; the body goes into a file.
    public Head download(URI server, byte[] request, Path file) throws IOException {
        try (var connection = new Connection(tls, server)) {
            var head = connection.ask(request);
            Files.write(file, connection.body(head));
            return head;
        }
    }

    /// Asks for `warmUp` unmeasured, then for `time` measured.
    ///
    /// @throws IllegalStateException when an answer has another status than expected, or a connection breaks
    public Load measure(URI server, byte[] request, int expectedStatus, Duration warmUp, Duration time)
            throws InterruptedException {
        var start = System.nanoTime() + warmUp.toNanos();
        var end = start + time.toNanos();
        var latencies = new ArrayList<long[]>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var running = new ArrayList<Future<long[]>>();
            for (int i = 0; i < connections; i++) {
                running.add(threads.submit(() -> askUntil(server, request, expectedStatus, start, end)));
            }
            for (var one : running) {
                latencies.add(one.get());
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException(server + ": " + e.getCause(), e.getCause());
        }
        return Load.of(latencies, time);
    }

    private long[] askUntil(URI server, byte[] request, int expectedStatus, long start, long end) throws IOException {
        var latencies = new long[1024];
        int count = 0;
        try (var connection = new Connection(tls, server)) {
            for (long asked = System.nanoTime(); asked < end; ) {
                var head = connection.ask(request);
                connection.body(head);
                if (head.status() != expectedStatus) {
                    throw new IllegalStateException("status " + head.status() + " instead of " + expectedStatus);
                }
                long answered = System.nanoTime();
                if (asked >= start) {
                    if (count == latencies.length) {
                        latencies = Arrays.copyOf(latencies, 2 * count);
                    }
                    latencies[count++] = answered - asked;
                }
                asked = answered;
            }
        }
        return Arrays.copyOf(latencies, count);
    }

    /// A connection that stays open. One thread at a time.
    private static final class Connection implements AutoCloseable {
        private final SSLSocket socket;
        private final InputStream input;

        Connection(SSLContext tls, URI server) throws IOException {
            socket = (SSLSocket) tls.getSocketFactory().createSocket(server.getHost(), server.getPort());
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(30_000);
            input = new BufferedInputStream(socket.getInputStream(), 32 * 1024);
        }

        Head ask(byte[] request) throws IOException {
            socket.getOutputStream().write(request);
            int status = Integer.parseInt(line().substring(9, 12));
            int length = status == 304 ? 0 : -1;
            var version = "";
            for (var line = line(); !line.isEmpty(); line = line()) {
                var header = line.toLowerCase(Locale.ROOT);
                if (header.startsWith("content-length:") && status != 304) {
                    length = Integer.parseInt(line.substring(15).strip());
                } else if (header.startsWith("etag:")) {
                    version = line.substring(5).strip();
                }
            }
            if (length < 0) {
                throw new IOException("status " + status + " without Content-Length");
            }
            return new Head(status, version, length);
        }

        byte[] body(Head head) throws IOException {
            var body = input.readNBytes(head.length());
            if (body.length < head.length()) {
                throw new EOFException("the server closed the connection inside an answer");
            }
            return body;
        }

        private String line() throws IOException {
            var line = new StringBuilder(80);
            while (line.length() < LINE_LIMIT) {
                int next = input.read();
                if (next < 0) {
                    throw new EOFException("the server closed the connection");
                }
                if (next == '\n') {
                    return line.toString();
                }
                if (next != '\r') {
                    line.append((char) next);
                }
            }
            throw new IOException("a header line of more than " + LINE_LIMIT + " bytes");
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}

package org.slapos.protocol.golden;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// An HTTP server on loopback that keeps the bytes of one request and plays one answer back, byte by byte.
final class OneAnswerServer implements AutoCloseable {
    private final ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    private final FutureTask<Message> request;

    OneAnswerServer(Message answer) throws IOException {
        request = new FutureTask<>(() -> {
            try (var connection = socket.accept()) {
                var received = Message.read(connection.getInputStream());
                connection
                        .getOutputStream()
                        .write(answer.with("connection", "close").bytes(Map.of()));
                return received;
            }
        });
        Thread.ofVirtual().start(request);
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + socket.getLocalPort());
    }

    /// What was received.
    ///
    /// @throws AssertionError when nothing was
    Message request() throws InterruptedException, IOException {
        try {
            return request.get(10, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("the client sent no request", e);
        } catch (ExecutionException e) {
            throw new IOException("the client sent no whole request", e.getCause());
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}

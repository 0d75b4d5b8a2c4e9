package org.slapos.protocol.golden;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// An HTTP server on loopback that plays answers back in their order, byte by byte, one for each request, and keeps
/// what it was asked.
final class AnswersServer implements AutoCloseable {
    private final ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    private final FutureTask<List<Message>> requests;

    /// @param search   the query of the template for searching, where a root document is played
    /// @param traverse the query of the template for traversing
    AnswersServer(List<Message> answers, String search, String traverse) throws IOException {
        var begin = url() + "/hateoas/?mode=";
        var blanks = Map.of("searchTemplate", begin + search, "traverseTemplate", begin + traverse);
        requests = new FutureTask<>(() -> {
            var received = new ArrayList<Message>();
            for (var answer : answers) {
                try (var connection = socket.accept()) {
                    received.add(Message.read(connection.getInputStream()));
                    connection
                            .getOutputStream()
                            .write(answer.with("connection", "close").bytes(blanks));
                }
            }
            return received;
        });
        Thread.ofVirtual().start(requests);
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + socket.getLocalPort());
    }

    /// What was received.
    ///
    /// @throws AssertionError when it was less than there are answers
    List<Message> requests() throws InterruptedException, IOException {
        try {
            return requests.get(10, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("the client sent too few requests", e);
        } catch (ExecutionException e) {
            throw new IOException("the client sent no whole request", e.getCause());
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}

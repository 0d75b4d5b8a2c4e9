package org.slapos.node.promise;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slapos.node.host.HostException;

/// The warm process that runs promises (`slap-promise` of the runtime, where the words of both sides are written down).
/// Any thread may ask. When it dies, whoever waits is told so and it is not used again.
final class PromiseServer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MAX_ANSWERS = 10_000;

    private final Process process;
    private final OutputStream requests;
    private final AtomicLong lastId = new AtomicLong();
    private final Map<Long, Waiting> waiting = new ConcurrentHashMap<>();

    private record Waiting(List<JsonNode> answers, CountDownLatch ended) {}

    PromiseServer(Process process) {
        this.process = process;
        this.requests = process.getOutputStream();
        Thread.ofPlatform().daemon().name("promises").start(this::listen);
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /// The answers to a request, one for each promise that ended; empty when the server died or is too slow.
    Optional<List<JsonNode>> ask(ObjectNode request, Duration deadline) {
        long id = lastId.incrementAndGet();
        var mine = new Waiting(new CopyOnWriteArrayList<>(), new CountDownLatch(1));
        waiting.put(id, mine);
        try {
            var line = (request.put("id", id) + "\n").getBytes(StandardCharsets.UTF_8);
            synchronized (requests) {
                requests.write(line);
                requests.flush();
            }
            boolean ended = mine.ended().await(deadline.toMillis(), TimeUnit.MILLISECONDS);
            return ended && process.isAlive() ? Optional.of(List.copyOf(mine.answers())) : Optional.empty();
        } catch (IOException _) {
            return Optional.empty(); // it has just died
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HostException("waiting for promises was interrupted", e);
        } finally {
            waiting.remove(id);
        }
    }

    private void listen() {
        try (var lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                take(line);
            }
        } catch (IOException _) {
            // it ended
        } finally {
            process.destroyForcibly();
            waiting.values().forEach(someone -> someone.ended().countDown());
        }
    }

    private void take(String line) {
        try {
            var answer = JSON.readTree(line);
            var someone = waiting.get(answer.path("id").asLong());
            if (someone == null) {
                return; // who asked has gone
            }
            if (answer.path("end").asBoolean()) {
                someone.ended().countDown();
            } else if (someone.answers().size() < MAX_ANSWERS) {
                someone.answers().add(answer);
            }
        } catch (JsonProcessingException _) {
            // not of our server
        }
    }

    @Override
    public void close() {
        process.destroy();
    }
}

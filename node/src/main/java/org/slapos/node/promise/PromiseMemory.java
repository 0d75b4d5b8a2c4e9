package org.slapos.node.promise;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slapos.node.host.Host;
import org.slapos.node.host.HostException;
import org.slapos.protocol.PartitionId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the node remembers of the promises of partitions: `<instance root>/var/promise/<partition>.json`, for the node
/// alone to read and write, since what it does depends on it. Losing one costs an execution of each promise.
final class PromiseMemory {
    private static final Logger LOG = LoggerFactory.getLogger(PromiseMemory.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Host host;
    private final Path var;
    private final Path folder;

    PromiseMemory(Host host, Path instanceRoot) {
        this.host = host;
        this.var = instanceRoot.resolve("var");
        this.folder = var.resolve("promise");
    }

    /// By title.
    Map<String, PromiseState> find(PartitionId partition) {
        var states = new LinkedHashMap<String, PromiseState>();
        try {
            var root = JSON.readTree(Files.readAllBytes(file(partition)));
            for (var node : root.path("promises")) {
                var state = state(node);
                states.put(state.title(), state);
            }
        } catch (NoSuchFileException _) {
            return Map.of();
        } catch (JsonProcessingException | DateTimeException | IllegalArgumentException e) {
            LOG.warn("What is remembered of the promises of {} cannot be read: they are all run again", partition);
            return Map.of();
        } catch (IOException e) {
            throw new HostException("cannot read " + file(partition) + ": " + e, e);
        }
        return states;
    }

    void save(PartitionId partition, Collection<PromiseState> states) {
        var root = JSON.createObjectNode();
        var list = root.putArray("promises");
        states.forEach(state -> write(list.addObject(), state));
        host.createDirectory(var, 0755);
        host.createDirectory(folder, 0700);
        host.writeFile(file(partition), root.toString().getBytes(StandardCharsets.UTF_8), 0600);
    }

    void forget(PartitionId partition) {
        try {
            Files.deleteIfExists(file(partition));
        } catch (IOException e) {
            throw new HostException("cannot delete " + file(partition) + ": " + e, e);
        }
    }

    private Path file(PartitionId partition) {
        return folder.resolve(partition.text() + ".json");
    }

    private static void write(ObjectNode node, PromiseState state) {
        node.put("title", state.title())
                .put("changed", state.changed())
                .put("periodicity", state.periodicity().toSeconds())
                .put("is_tested", state.isTested())
                .put("is_anomaly_detected", state.isAnomalyDetected())
                .put("due", state.due().toString());
        state.last()
                .ifPresent(last -> node.putObject("last")
                        .put("name", last.name())
                        .put("kind", last.kind().name())
                        .put("failed", last.failed())
                        .put("was_bad", last.wasBad())
                        .put("message", last.message())
                        .put("date", last.date().toString())
                        .put("milliseconds", last.took().toMillis()));
        var history = node.putArray("history");
        for (var execution : state.history()) {
            history.addArray()
                    .add(execution.date().toEpochMilli())
                    .add(execution.took().toMillis())
                    .add(execution.failed());
        }
    }

    /// An array of numbers, since fifty dates as text are slow to read and write, and each check does; an object is
    /// of an earlier version.
    private static PromiseState.Execution execution(JsonNode node) {
        return node.isArray()
                ? new PromiseState.Execution(
                        Instant.ofEpochMilli(node.path(0).asLong()),
                        Duration.ofMillis(node.path(1).asLong()),
                        node.path(2).asBoolean())
                : new PromiseState.Execution(
                        Instant.parse(node.path("date").asText()),
                        Duration.ofMillis(node.path("milliseconds").asLong()),
                        node.path("failed").asBoolean());
    }

    private static PromiseState state(JsonNode node) {
        var title = node.path("title").asText();
        var history = new ArrayList<PromiseState.Execution>();
        for (var one : node.path("history")) {
            history.add(execution(one));
        }
        return new PromiseState(
                title,
                node.path("changed").asLong(),
                Duration.ofSeconds(node.path("periodicity").asLong()),
                node.path("is_tested").asBoolean(),
                node.path("is_anomaly_detected").asBoolean(),
                Instant.parse(node.path("due").asText()),
                node.has("last") ? Optional.of(result(title, node.path("last"))) : Optional.empty(),
                List.copyOf(history));
    }

    private static PromiseResult result(String title, JsonNode node) {
        return new PromiseResult(
                title,
                node.path("name").asText(),
                PromiseResult.Kind.valueOf(node.path("kind").asText()),
                node.path("failed").asBoolean(),
                node.path("was_bad").asBoolean(),
                node.path("message").asText(),
                "",
                Instant.parse(node.path("date").asText()),
                Duration.ofMillis(node.path("milliseconds").asLong()));
    }
}

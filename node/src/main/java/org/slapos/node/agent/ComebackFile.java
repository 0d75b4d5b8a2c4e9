package org.slapos.node.agent;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.slapos.node.host.Host;
import org.slapos.node.host.HostException;

/// Which partitions wait to be started again and when each is expected to be: `<instance root>/var/run/comeback.json`,
/// written by the agent, read by `slapos node status`. Gone when none waits.
public final class ComebackFile {
    private static final String NAME = "comeback.json";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Host host;
    private final Path file;

    /// @param folder the node's own, `<instance root>/var/run`
    public ComebackFile(Host host, Path folder) {
        this.host = host;
        this.file = folder.resolve(NAME);
    }

    /// A partition that waits.
    ///
    /// @param up when its services are expected to be started
    public record Expected(String partition, int priority, Instant up) {}

    void write(List<Expected> waiting) {
        var json = JSON.createArrayNode();
        for (var one : waiting) {
            json.addObject()
                    .put("partition", one.partition())
                    .put("priority", one.priority())
                    .put("up", one.up().toString());
        }
        host.writeFile(file, json.toString().getBytes(StandardCharsets.UTF_8), 0600);
    }

    void clear() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new HostException("cannot delete " + file + ": " + e, e);
        }
    }

    /// In the order in which they start; empty when none waits or what is there cannot be read.
    public List<Expected> read() {
        var found = new ArrayList<Expected>();
        try {
            if (Files.exists(file)) {
                for (var one : JSON.readTree(Files.readAllBytes(file))) {
                    found.add(new Expected(
                            one.path("partition").asText(),
                            one.path("priority").asInt(),
                            Instant.parse(one.path("up").asText())));
                }
            }
        } catch (IOException | DateTimeException _) {
            return List.of();
        }
        return found;
    }
}

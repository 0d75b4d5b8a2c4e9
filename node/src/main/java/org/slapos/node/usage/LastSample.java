package org.slapos.node.usage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.slapos.node.host.Host;
import org.slapos.node.host.HostException;
import org.slapos.node.host.MachineUse.Network;
import org.slapos.node.host.ProcessorTime;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the next sample is compared with, in `var/data-log/last.json`: counters that only grow. Losing it costs one
/// comparison, and has what is shown of today begin anew.
///
/// @param cpuSeconds of each process, by its identity
record LastSample(Instant when, ProcessorTime processors, Network in, Network out, Map<String, Double> cpuSeconds) {
    private static final Logger LOG = LoggerFactory.getLogger(LastSample.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String FILE = "last.json";
    private static final int MAX_BYTES = 16 << 20;
    private static final LastSample NONE = new LastSample(
            Instant.EPOCH, new ProcessorTime(0, 0), new Network(0, 0, 0), new Network(0, 0, 0), Map.of());

    static LastSample of(Sample sample, ProcessorTime processors) {
        var seconds = new HashMap<String, Double>();
        sample.partitions()
                .forEach(partition -> partition
                        .processes()
                        .forEach(process -> seconds.put(
                                process.detail().identity(), process.detail().cpuSeconds())));
        return new LastSample(
                sample.when(),
                processors,
                sample.machine().in(),
                sample.machine().out(),
                seconds);
    }

    void write(Host host, Path folder) {
        var root = JSON.createObjectNode()
                .put("when", when.toString())
                .put("busy", processors.busyTicks())
                .put("all", processors.allTicks());
        root.putArray("in").add(in.bytes()).add(in.errors()).add(in.dropped());
        root.putArray("out").add(out.bytes()).add(out.errors()).add(out.dropped());
        var cpu = root.putObject("processes");
        cpuSeconds.forEach(cpu::put);
        host.writeFile(folder.resolve(FILE), root.toString().getBytes(StandardCharsets.UTF_8), 0600);
    }

    static LastSample read(Host host, Path folder) {
        try {
            var bytes = host.readTenantFile(folder, FILE, MAX_BYTES);
            return bytes.isPresent() ? of(JSON.readTree(bytes.get())) : NONE;
        } catch (IOException | HostException | DateTimeException e) {
            LOG.warn("what was measured last cannot be read: {}", e.getMessage());
            return NONE;
        }
    }

    private static LastSample of(JsonNode root) {
        var seconds = new HashMap<String, Double>();
        root.path("processes")
                .properties()
                .forEach(e -> seconds.put(e.getKey(), e.getValue().asDouble()));
        return new LastSample(
                Instant.parse(root.path("when").asText()),
                new ProcessorTime(root.path("busy").asLong(), root.path("all").asLong()),
                network(root.path("in")),
                network(root.path("out")),
                seconds);
    }

    private static Network network(JsonNode array) {
        return new Network(
                array.path(0).asLong(), array.path(1).asLong(), array.path(2).asLong());
    }
}

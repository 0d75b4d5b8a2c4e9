package org.slapos.node.usage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.slapos.node.host.ProcessUse;

/// What was measured since the last report. Immutable; a file holds it between two runs of the node.
///
/// @param processes  CPU seconds of each process when it was last seen, by its identity
/// @param partitions by id
record Period(Instant start, Map<String, Double> processes, Map<String, Used> partitions) {
    private static final ObjectMapper JSON = new ObjectMapper();

    Period {
        processes = Map.copyOf(processes);
        partitions = Map.copyOf(partitions);
    }

    /// @param reference   of the partition in movements
    /// @param memoryMiB   sum over the samples
    record Used(String reference, double cpuSeconds, double memoryMiB, long samples) {
        Used plus(String newReference, double moreCpuSeconds, double moreMemoryMiB) {
            return new Used(newReference, cpuSeconds + moreCpuSeconds, memoryMiB + moreMemoryMiB, samples + 1);
        }

        double averageMemoryMiB() {
            return samples == 0 ? 0 : memoryMiB / samples;
        }
    }

    static Period startingAt(Instant start) {
        return new Period(start, Map.of(), Map.of());
    }

    /// With one more sample: the processes of each partition as they are now.
    ///
    /// A process not seen before counts whole, but in the very first sample, which only sets where counting begins.
    Period sampled(Map<MeasuredPartition, java.util.List<ProcessUse>> running, boolean isFirst) {
        var seen = new TreeMap<String, Double>();
        var used = new TreeMap<>(partitions);
        running.forEach((partition, its) -> {
            double cpu = 0;
            double memory = 0;
            for (var process : its) {
                seen.put(process.identity(), process.cpuSeconds());
                double before = processes.getOrDefault(process.identity(), isFirst ? process.cpuSeconds() : 0.0);
                cpu += Math.max(0, process.cpuSeconds() - before);
                memory += process.memoryBytes() / (double) (1 << 20);
            }
            var id = partition.partition().text();
            used.put(
                    id,
                    used.getOrDefault(id, new Used(partition.reference(), 0, 0, 0))
                            .plus(partition.reference(), cpu, memory));
        });
        return new Period(start, seen, used);
    }

    /// The next period: counting goes on from where this one ends.
    Period next(Instant begin) {
        return new Period(begin, processes, Map.of());
    }

    byte[] toJson() {
        var root = JSON.createObjectNode().put("start", start.toString());
        var cpu = root.putObject("processes");
        processes.forEach(cpu::put);
        var list = root.putObject("partitions");
        partitions.forEach((id, used) -> list.putObject(id)
                .put("reference", used.reference())
                .put("cpu_seconds", used.cpuSeconds())
                .put("memory_mib_sum", used.memoryMiB())
                .put("samples", used.samples()));
        return root.toString().getBytes(StandardCharsets.UTF_8);
    }

    /// @throws IOException when it is not what [#toJson] wrote
    static Period of(byte[] json) throws IOException {
        var root = JSON.readTree(json);
        var processes = new TreeMap<String, Double>();
        root.path("processes")
                .properties()
                .forEach(e -> processes.put(e.getKey(), e.getValue().asDouble()));
        var partitions = new TreeMap<String, Used>();
        root.path("partitions").properties().forEach(e -> partitions.put(e.getKey(), used(e.getValue())));
        try {
            return new Period(Instant.parse(root.path("start").asText()), processes, partitions);
        } catch (java.time.DateTimeException e) {
            throw new IOException("no start of the period", e);
        }
    }

    private static Used used(JsonNode node) {
        return new Used(
                node.path("reference").asText(),
                node.path("cpu_seconds").asDouble(),
                node.path("memory_mib_sum").asDouble(),
                node.path("samples").asLong());
    }
}

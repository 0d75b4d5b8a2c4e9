package org.slapos.node.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/// What a machine has, and what of it is in use.
///
/// @param load          average over one minute
/// @param processorType as the processor calls itself; empty when it does not say
/// @param memoryFreeBytes what programs may still get
/// @param in            what came over all interfaces but the machine's own loop, since it was started
public record MachineUse(
        double load,
        int processors,
        double processorMegahertz,
        String processorType,
        long memoryBytes,
        long memoryFreeBytes,
        Network in,
        Network out,
        List<Disk> disks) {
    public MachineUse {
        disks = List.copyOf(disks);
    }

    public record Network(long bytes, long errors, long dropped) {}

    /// A file system on a device of its own, where it is mounted first.
    public record Disk(String device, String mountPoint, long totalBytes, long freeBytes) {
        public long usedBytes() {
            return totalBytes - freeBytes;
        }
    }

    public long memoryUsedBytes() {
        return memoryBytes - memoryFreeBytes;
    }

    /// As `/proc` says it (proc(5): loadavg, cpuinfo, meminfo, net/dev, self/mounts).
    static MachineUse now() {
        var memory = lines("meminfo");
        var processor = lines("cpuinfo");
        var network = network();
        return new MachineUse(
                Double.parseDouble(lines("loadavg").getFirst().split(" ", 2)[0]),
                Runtime.getRuntime().availableProcessors(),
                Double.parseDouble("0" + value(processor, "cpu MHz").replaceAll("[^\\d.]", "")),
                value(processor, "model name"),
                kib(memory, "MemTotal") * 1024,
                kib(memory, "MemAvailable") * 1024,
                new Network(network[0], network[2], network[3]),
                new Network(network[8], network[10], network[11]),
                mounted());
    }

    /// What stands behind the first line of that name; empty when there is none.
    private static String value(List<String> lines, String name) {
        return lines.stream()
                .filter(line -> line.startsWith(name))
                .findFirst()
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .orElse("");
    }

    private static long kib(List<String> lines, String name) {
        return Long.parseLong("0" + value(lines, name).replaceAll("\\D", ""));
    }

    /// The sum of each column over the interfaces.
    private static long[] network() {
        var sum = new long[16];
        for (var line : lines("net/dev")) {
            int colon = line.indexOf(':');
            if (colon > 0 && !line.substring(0, colon).strip().equals("lo")) {
                var words = line.substring(colon + 1).strip().split("\\s+", -1);
                for (int i = 0; i < sum.length && i < words.length; i++) {
                    sum[i] += Long.parseLong(words[i]);
                }
            }
        }
        return sum;
    }

    /// What `/` lies on always, also when it is no device.
    private static List<Disk> mounted() {
        var points = new LinkedHashMap<String, String>();
        for (var line : lines("self/mounts")) {
            var words = line.split(" ", 3);
            if (words.length > 2 && (words[0].startsWith("/dev/") || words[1].equals("/"))) {
                points.putIfAbsent(words[0], words[1]);
            }
        }
        var found = new ArrayList<Disk>();
        points.forEach((device, point) -> {
            try {
                var store = Files.getFileStore(Path.of(point));
                found.add(new Disk(device, point, store.getTotalSpace(), store.getUsableSpace()));
            } catch (IOException _) {
                // it cannot be looked into, or is gone
            }
        });
        return found;
    }

    private static List<String> lines(String name) {
        try {
            return Files.readAllLines(Path.of("/proc", name), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new HostException("cannot read /proc/" + name + ": " + e, e);
        }
    }
}

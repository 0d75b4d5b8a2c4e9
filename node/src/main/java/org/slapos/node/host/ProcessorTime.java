package org.slapos.node.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/// How long the machine's processors have worked and rested together, since it was started, in the kernel's ticks.
public record ProcessorTime(long busyTicks, long allTicks) {
    static ProcessorTime now() {
        try (var lines = Files.lines(Path.of("/proc/stat"))) {
            var ticks = Arrays.stream(lines.findFirst().orElse("").split("\\s+", -1))
                    .skip(1)
                    .mapToLong(Long::parseLong)
                    .limit(8) // user nice system idle iowait irq softirq steal; guests are in user already
                    .toArray();
            long all = Arrays.stream(ticks).sum();
            return new ProcessorTime(all - ticks[3] - ticks[4], all);
        } catch (IOException | RuntimeException e) {
            throw new HostException("cannot read /proc/stat: " + e, e);
        }
    }

    /// The share of all processors that was used since `earlier`, in percent; 0 when no time passed.
    public double busyPercentSince(ProcessorTime earlier) {
        long all = allTicks - earlier.allTicks;
        return all <= 0 ? 0 : 100.0 * (busyTicks - earlier.busyTicks) / all;
    }
}

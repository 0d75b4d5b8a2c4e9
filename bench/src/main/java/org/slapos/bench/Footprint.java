package org.slapos.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// What processes take of the machine, read from `/proc`.
///
/// @param residentMib memory that is in RAM, in MiB; what processes share is counted for each
/// @param cpu         time on the processors since they started
public record Footprint(double residentMib, Duration cpu) {
    /// Linux counts processor time for `/proc` in hundredths of a second on all machines we run on.
    private static final int TICKS_PER_SECOND = 100;

    static Footprint of(List<Long> pids) throws IOException {
        double mib = 0;
        long ticks = 0;
        for (var pid : pids) {
            var folder = Path.of("/proc", pid.toString());
            mib += residentKib(Files.readString(folder.resolve("status"))) / 1024.0;
            ticks += ticks(Files.readString(folder.resolve("stat")));
        }
        return new Footprint(mib, Duration.ofMillis(ticks * 1000 / TICKS_PER_SECOND));
    }

    /// The share of one processor used between `earlier` and this, in percent.
    double cpuPercentSince(Footprint earlier, Duration between) {
        return 100.0 * cpu.minus(earlier.cpu).toNanos() / between.toNanos();
    }

    private static long residentKib(String status) {
        return status.lines()
                .filter(line -> line.startsWith("VmRSS:"))
                .map(line -> line.replaceAll("[^0-9]", ""))
                .mapToLong(Long::parseLong)
                .findFirst()
                .orElse(0);
    }

    /// proc(5): the fields after the command, which stands in parentheses, begin with the third; user and system time
    /// are the 14th and 15th.
    private static long ticks(String stat) {
        var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }
}

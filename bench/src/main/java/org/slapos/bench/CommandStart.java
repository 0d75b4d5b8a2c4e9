package org.slapos.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// How long the `slapos` command takes from its start to its end, beside a Java program that does nothing, started with
/// the same options. Both take turns, so that both meet the same machine.
final class CommandStart {
    /// The options that `bin/slapos` gives the client.
    private static final List<String> OPTIONS =
            List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xms8m", "-Xmx64m", "-Xss512k");

    private static final int RUNS = 15;

    private CommandStart() {}

    static List<Figure> measure(Installed installed, Cloud cloud) throws IOException, InterruptedException {
        var empty = new ArrayList<String>();
        empty.add(Jvm.program("java"));
        empty.addAll(OPTIONS);
        empty.addAll(List.of("-cp", System.getProperty("java.class.path"), EmptyProgram.class.getName()));
        var configuration = cloud.clientConfiguration().toString();
        return List.of(
                compare("slapos --version, ms", installed, installed.slapos("--version"), empty),
                compare(
                        "slapos service list, ms",
                        installed,
                        installed.slapos("service", "list", "--cfg", configuration),
                        empty));
    }

    private static Figure compare(String metric, Installed installed, List<String> ours, List<String> baseline)
            throws IOException, InterruptedException {
        var oursTimes = new ArrayList<Double>();
        var baselineTimes = new ArrayList<Double>();
        for (int run = 0; run < RUNS; run++) {
            oursTimes.add(milliseconds(installed, ours));
            baselineTimes.add(milliseconds(installed, baseline));
        }
        return new Figure(metric, median(oursTimes), median(baselineTimes));
    }

    private static double milliseconds(Installed installed, List<String> command)
            throws IOException, InterruptedException {
        var start = System.nanoTime();
        Running.toTheEnd(installed.log("command"), command);
        return (System.nanoTime() - start) / (double) TimeUnit.MILLISECONDS.toNanos(1);
    }

    private static double median(List<Double> times) {
        return times.stream().sorted().toList().get(times.size() / 2);
    }
}

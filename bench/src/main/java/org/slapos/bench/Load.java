package org.slapos.bench;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/// What a load did: how many answers in how long, and how long each took.
public record Load(double answersPerSecond, Duration median, Duration p99) {

    static Load of(List<long[]> nanosecondsOfEach, Duration time) {
        var all = nanosecondsOfEach.stream()
                .flatMapToLong(Arrays::stream)
                .sorted()
                .toArray();
        if (all.length == 0) {
            throw new IllegalStateException("no answer came within " + time);
        }
        return new Load(
                all.length / (time.toNanos() / 1e9),
                Duration.ofNanos(all[all.length / 2]),
                Duration.ofNanos(all[(int) (all.length * 0.99)]));
    }
}

package org.slapos.node.promise;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What the node remembers of one promise.
///
/// @param changed           the time of its file when it ran
/// @param periodicity       how long a result holds
/// @param isTested          whether it answers to [PromiseResult.Kind#TEST]
/// @param isAnomalyDetected whether it answers to [PromiseResult.Kind#ANOMALY]
/// @param due               when it runs again by itself
/// @param last              its last result; none when it has none for the question it was asked
/// @param history           its last executions, the newest last
record PromiseState(
        String title,
        long changed,
        Duration periodicity,
        boolean isTested,
        boolean isAnomalyDetected,
        Instant due,
        Optional<PromiseResult> last,
        List<Execution> history) {
    static final Duration USUAL_PERIODICITY = Duration.ofMinutes(2);
    private static final int MAX_HISTORY = 50;
    private static final Duration LONGEST_PERIODICITY = Duration.ofDays(7);

    /// One execution: when it began, how long it took, and whether it failed.
    record Execution(Instant date, Duration took, boolean failed) {}

    PromiseState {
        history = List.copyOf(history.subList(Math.max(0, history.size() - MAX_HISTORY), history.size()));
        if (periodicity.compareTo(LONGEST_PERIODICITY) > 0) {
            periodicity = LONGEST_PERIODICITY;
        }
    }

    /// Nothing is known of it yet.
    static PromiseState unknown(PromiseFile file) {
        return new PromiseState(
                file.title(),
                file.changed(),
                USUAL_PERIODICITY,
                true,
                true,
                Instant.EPOCH,
                Optional.empty(),
                List.of());
    }

    boolean answers(PromiseResult.Kind kind) {
        return kind == PromiseResult.Kind.TEST ? isTested : isAnomalyDetected;
    }

    boolean hasFailed() {
        return last.filter(PromiseResult::failed).isPresent();
    }

    /// How many of its last executions failed, without a good one between.
    int failuresInARow() {
        int count = 0;
        for (int i = history.size() - 1; i >= 0 && history.get(i).failed(); i--) {
            count++;
        }
        return count;
    }

    PromiseState ran(PromiseResult result) {
        var longer = new ArrayList<>(history);
        longer.add(new Execution(result.date(), result.took(), result.wasBad()));
        return new PromiseState(
                title,
                changed,
                periodicity,
                isTested,
                isAnomalyDetected,
                result.date().plus(periodicity),
                Optional.of(result),
                longer);
    }
}

package org.slapos.node.agent;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/// When something that failed is tried again: after a first pause that doubles up to the longest one. A failure is
/// forgotten when what was wanted is another thing by now. Not for several threads at once.
///
/// @param <K> what fails
final class Backoff<K> {
    private final Duration first;
    private final Duration longest;
    private final Map<K, Failure> failures = new HashMap<>();

    private record Failure(Object wanted, Duration pause, Instant due) {}

    Backoff(Duration first, Duration longest) {
        this.first = first;
        this.longest = longest;
    }

    boolean isDue(K what, Object wanted, Instant now) {
        var failure = failures.get(what);
        return failure == null || !failure.wanted().equals(wanted) || !now.isBefore(failure.due());
    }

    /// Whether it failed while the same thing was wanted.
    boolean hasFailed(K what, Object wanted) {
        var failure = failures.get(what);
        return failure != null && failure.wanted().equals(wanted);
    }

    /// @return when it is due again
    Instant failed(K what, Object wanted, Instant now) {
        var before = failures.get(what);
        var pause = before == null || !before.wanted().equals(wanted)
                ? first
                : min(before.pause().multipliedBy(2), longest);
        failures.put(what, new Failure(wanted, pause, now.plus(pause)));
        return now.plus(pause);
    }

    /// Through no fault of its own it has to wait until then; the next pause does not grow for it.
    void postponed(K what, Object wanted, Instant due) {
        var before = failures.get(what);
        var pause = before == null || !before.wanted().equals(wanted) ? first.dividedBy(2) : before.pause();
        failures.put(what, new Failure(wanted, pause, due));
    }

    void succeeded(K what) {
        failures.remove(what);
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}

package org.slapos.master;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/// A clock that stands still until it is moved.
final class SettableClock implements InstantSource {
    private volatile Instant now = Instant.parse("2031-04-01T08:00:00Z");

    @Override
    public Instant instant() {
        return now;
    }

    void advance(Duration step) {
        now = now.plus(step);
    }
}

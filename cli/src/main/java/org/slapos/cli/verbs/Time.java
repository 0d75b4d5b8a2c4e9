package org.slapos.cli.verbs;

import java.time.Duration;
import java.time.Instant;

/// The clock of a command and its patience: tests bring their own, and never sleep.
public interface Time {
    /// The machine's own.
    Time REAL = new Time() {
        @Override
        public Instant now() {
            return Instant.now();
        }

        @Override
        public void pause(Duration length) throws InterruptedException {
            Thread.sleep(length);
        }
    };

    Instant now();

    void pause(Duration length) throws InterruptedException;
}

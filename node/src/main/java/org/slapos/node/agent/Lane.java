package org.slapos.node.agent;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

/// Lets a few go at once, and those aside that take long: they wait for something rather than use the processor. Any
/// thread may call.
final class Lane {
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final int MOST_ASIDE = 32;

    private final Duration patience;
    private final Semaphore ways;
    private final Semaphore aside = new Semaphore(MOST_ASIDE);

    Lane(int atOnce) {
        this(atOnce, PATIENCE);
    }

    Lane(int atOnce, Duration patience) {
        this.ways = new Semaphore(atOnce, true);
        this.patience = patience;
    }

    /// Being on the way; closed at its end.
    final class Turn implements AutoCloseable {
        private final AtomicBoolean isOnTheWay = new AtomicBoolean(true);
        private final Thread watch = Thread.ofVirtual().start(this::stepAside);

        private void stepAside() {
            try {
                Thread.sleep(patience);
                if (aside.tryAcquire() && !leaveTheWay()) {
                    aside.release();
                }
            } catch (InterruptedException _) {
                // it ended in time
            }
        }

        private boolean leaveTheWay() {
            boolean was = isOnTheWay.getAndSet(false);
            if (was) {
                ways.release();
            }
            return was;
        }

        @Override
        public void close() {
            watch.interrupt();
            if (!leaveTheWay()) {
                aside.release();
            }
        }
    }

    /// Waits for its turn.
    Turn enter() throws InterruptedException {
        ways.acquire();
        return new Turn();
    }
}

package org.slapos.master.work;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slapos.master.db.Database;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A thread that does the same thing again and again: at once when it is woken, and after a pause in any case. What
/// fails is done again at the next turn. Ending it waits for the step that is being done, so that no transaction is
/// cut.
public final class Loop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Loop.class);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Semaphore news = new Semaphore(0);
    private final Duration pause;
    private final BooleanSupplier step;
    private final Thread thread;
    private volatile boolean closed;

    /// @param name of the thread, and of what waits when it fails
    /// @param step says whether there is more to do at once
    public Loop(Database database, String name, Duration pause, BooleanSupplier step) {
        this.pause = pause;
        this.step = step;
        this.thread = database.start(name, this::run);
    }

    /// There is something to do. Any thread may call.
    public void wake() {
        news.release();
    }

    private void run() {
        try {
            while (!closed) {
                news.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS);
                news.drainPermits();
                turn();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void turn() {
        try {
            boolean isMore = true;
            while (isMore && !closed) {
                isMore = step.getAsBoolean();
            }
        } catch (RuntimeException e) {
            LOG.warn("{} waits: {}", Thread.currentThread().getName(), e.getMessage());
        }
    }

    @Override
    public void close() {
        closed = true;
        wake();
        try {
            if (!thread.join(PATIENCE)) {
                thread.interrupt();
                thread.join();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}

package org.slapos.master.work;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slapos.master.db.Database;
import org.slapos.master.db.Listening;
import org.slapos.master.db.Transaction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Does the work that is wanted and due, on a thread of its own. Of all Masters on the database one takes each piece;
/// it is done and gone in one transaction, so that it is done once. When its Master dies another takes it after five
/// minutes; what fails is tried again, a minute later, then less and less often.
public final class Workers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Workers.class);
    private static final Duration LEASE = Duration.ofMinutes(5);
    private static final Duration LOOK = Duration.ofMinutes(1);
    private static final int MAX_MINUTES = 60;
    private static final int MAX_ERROR = 1000;

    private final Database database;
    private final InstantSource clock;
    private final WorkStore store = new WorkStore();
    private final Map<String, Known> jobs = new ConcurrentHashMap<>();
    private final ReentrantLock oneAtATime = new ReentrantLock();
    private @Nullable Listening listening;
    private @Nullable Loop loop;

    public Workers(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /// What can be done. Doing it twice is harmless.
    @FunctionalInterface
    public interface Job {
        /// @return whether there is more of it to do at once
        boolean run(Transaction tx, String subject, Instant now);
    }

    private record Known(Job job, Optional<Duration> period) {}

    /// Does that when it is wanted ([Outbox]).
    public Workers does(String kind, Job job) {
        jobs.put(kind, new Known(job, Optional.empty()));
        return this;
    }

    /// Does that again and again, with that time between.
    public Workers every(String kind, Duration period, Job job) {
        jobs.put(kind, new Known(job, Optional.of(period)));
        return this;
    }

    /// Begins; to be called once, when all jobs are known.
    public void start() {
        var now = clock.instant();
        database.inTransaction(tx -> {
            jobs.forEach((kind, known) -> known.period().ifPresent(_ -> store.plant(tx, kind, now)));
            return now;
        });
        var started = new Loop(database, "work", LOOK, this::step);
        loop = started;
        listening = database.listen(Outbox.CHANNEL, _ -> started.wake());
    }

    /// Does all that is due now.
    public void doDue() {
        boolean isMore = true;
        while (isMore) {
            isMore = step();
        }
    }

    private boolean step() {
        oneAtATime.lock();
        try {
            var now = clock.instant();
            var next = database.inTransaction(tx -> store.claim(tx, jobs.keySet(), now, now.plus(LEASE)));
            next.ifPresent(work -> work(work, now));
            return next.isPresent();
        } finally {
            oneAtATime.unlock();
        }
    }

    private void work(WorkStore.Claimed work, Instant now) {
        var known = jobs.get(work.kind());
        if (known == null) {
            return;
        }
        try {
            database.inTransaction(tx -> {
                boolean isMore = known.job().run(tx, work.subject(), now);
                var due = isMore ? Optional.of(now) : known.period().map(now::plus);
                due.ifPresentOrElse(then -> store.again(tx, work, then), () -> store.done(tx, work));
                return work;
            });
        } catch (RuntimeException e) {
            int minutes = Math.min(work.attempts() * work.attempts(), MAX_MINUTES);
            LOG.warn("{} {} failed and is tried again in {} min", work.kind(), work.subject(), minutes, e);
            var text = String.valueOf(e.getMessage()).replace('\0', '?');
            database.inTransaction(tx -> {
                store.failed(
                        tx,
                        work,
                        text.substring(0, Math.min(text.length(), MAX_ERROR)),
                        now.plus(Duration.ofMinutes(minutes)));
                return work;
            });
        }
    }

    @Override
    public void close() {
        if (listening != null) {
            listening.close();
        }
        if (loop != null) {
            loop.close();
        }
    }
}

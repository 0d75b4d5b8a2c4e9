package org.slapos.master.computer;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slapos.master.db.Database;
import org.slapos.master.db.Listening;
import org.slapos.master.db.Transaction;
import org.slapos.protocol.ComputerId;

/// The revisions of Computers, and what this process has heard of them from all Masters on the database.
///
/// Any thread may call. What was rendered at a revision may be shown as long as no later one was announced and the
/// connection that carries the announcements was not lost in between ([#epoch]).
public final class Revisions implements AutoCloseable {
    private static final String CHANNEL = "computer_changed";
    /// For one Computer at a time: its agent, and somebody who looks.
    private static final int MOST_WAITING = 4;

    private final Map<ComputerId, Long> announced = new ConcurrentHashMap<>();
    private final AtomicLong epoch = new AtomicLong();
    private final Map<ComputerId, List<CountDownLatch>> waiting = new ConcurrentHashMap<>();
    private volatile boolean isEnding;
    private final Listening listening;

    public Revisions(Database database) {
        this.listening = database.listen(CHANNEL, this::heard);
    }

    /// Moves the revision of each of these Computers, by their numbers; in order, so that transactions that touch
    /// several meet without a deadlock. To be called last in a transaction: it holds the rows until the end.
    public void bump(Transaction tx, SortedSet<Long> computers) {
        for (long id : computers) {
            tx.handle()
                    .createQuery("""
                            with moved as (
                                update computer set revision = revision + 1, market_xid = pg_current_xact_id()
                                where id = :id
                                returning reference, revision)
                            select reference, revision, pg_notify(:channel, reference || ' ' || revision) from moved""")
                    .bind("id", id)
                    .bind("channel", CHANNEL)
                    .map((row, _) -> Map.entry(new ComputerId(row.getString(1)), row.getLong(2)))
                    .forEach(moved -> {
                        tx.afterCommit(() -> announce(moved.getKey(), moved.getValue()));
                    });
        }
    }

    /// The highest revision heard of; 0 when none was.
    public long announced(ComputerId computer) {
        return announced.getOrDefault(computer, 0L);
    }

    /// Grows whenever announcements may have been missed.
    public long epoch() {
        return epoch.get();
    }

    /// Whether announcements arrive: otherwise what was rendered has to be compared with the database.
    public boolean hears() {
        return listening.hears();
    }

    /// Waits for a later revision than that one to be announced, or for what may be one.
    ///
    /// @param seen the epoch in which that revision was current
    /// @return whether there may be one; else the time is over, too many wait for that Computer, or the end is near
    public boolean await(ComputerId computer, long revision, long seen, Duration most) throws InterruptedException {
        var news = new CountDownLatch(1);
        var all = waiting.merge(computer, List.of(news), Revisions::joined);
        if (!all.contains(news)) {
            return false;
        }
        try {
            if (announced(computer) > revision || epoch.get() != seen) {
                return true;
            }
            return !isEnding && news.await(most.toNanos(), TimeUnit.NANOSECONDS) && !isEnding;
        } finally {
            waiting.computeIfPresent(computer, (_, others) -> without(news, others));
        }
    }

    /// Who waits is answered now, and nobody waits from here on: to be called before what they are connected to ends.
    public void endWaiting() {
        isEnding = true;
        wakeAll();
    }

    private static List<CountDownLatch> joined(List<CountDownLatch> before, List<CountDownLatch> one) {
        return before.size() < MOST_WAITING
                ? Stream.concat(before.stream(), one.stream()).toList()
                : before;
    }

    private static @Nullable List<CountDownLatch> without(CountDownLatch one, List<CountDownLatch> all) {
        var others = all.stream().filter(other -> !other.equals(one)).toList();
        return others.isEmpty() ? null : others;
    }

    private void wakeAll() {
        waiting.values().forEach(all -> all.forEach(CountDownLatch::countDown));
    }

    private void announce(ComputerId computer, long revision) {
        announced.merge(computer, revision, Math::max);
        waiting.getOrDefault(computer, List.of()).forEach(CountDownLatch::countDown);
    }

    private void heard(String payload) {
        int blank = payload.lastIndexOf(' ');
        if (blank < 0) {
            epoch.incrementAndGet();
            wakeAll();
            return;
        }
        announce(new ComputerId(payload.substring(0, blank)), Long.parseLong(payload.substring(blank + 1)));
    }

    @Override
    public void close() {
        listening.close();
    }
}

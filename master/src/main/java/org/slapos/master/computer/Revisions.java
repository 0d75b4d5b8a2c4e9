package org.slapos.master.computer;

import java.util.Map;
import java.util.SortedSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
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

    private final Map<ComputerId, Long> announced = new ConcurrentHashMap<>();
    private final AtomicLong epoch = new AtomicLong();
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
                        tx.afterCommit(() -> announced.merge(moved.getKey(), moved.getValue(), Math::max));
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

    private void heard(String payload) {
        int blank = payload.lastIndexOf(' ');
        if (blank < 0) {
            epoch.incrementAndGet();
            return;
        }
        announced.merge(
                new ComputerId(payload.substring(0, blank)), Long.valueOf(payload.substring(blank + 1)), Math::max);
    }

    @Override
    public void close() {
        listening.close();
    }
}

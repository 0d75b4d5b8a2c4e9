package org.slapos.master.computer;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.slapos.master.db.Database;
import org.slapos.master.db.Transaction;
import org.slapos.master.work.Loop;
import org.slapos.protocol.ComputerId;

/// When each Computer was last heard of: noted in memory, written to the database every few seconds in one go, and at
/// the end. One that comes back from a silence that somebody waits to end is written at once, and he is told of it in
/// that transaction: who knows of the contact knows what follows from it. Any thread may call.
public final class Contacts implements AutoCloseable {
    /// One that was not heard of for longer is silent: it takes nothing new.
    public static final Duration SILENCE = Duration.ofMinutes(10);
    private static final Duration PAUSE = Duration.ofSeconds(5);

    private final Map<ComputerId, Instant> last = new ConcurrentHashMap<>();
    private final Map<ComputerId, Contact> unwritten = new ConcurrentHashMap<>();
    private final Database database;
    private final Loop writer;
    private volatile Returns returns = Returns.NOBODY_WAITS;

    /// Who waits for silent Computers to come back.
    public interface Returns {
        Returns NOBODY_WAITS = new Returns() {
            @Override
            public boolean isAwaited(ComputerId computer, Instant now) {
                return false;
            }

            @Override
            public void returned(Transaction tx, Set<ComputerId> returned) {}
        };

        /// Asked at a Computer's first contact and at each after a silence, before it is noted.
        boolean isAwaited(ComputerId computer, Instant now);

        /// Told inside the transaction that writes such contacts down.
        void returned(Transaction tx, Set<ComputerId> returned);
    }

    private record Contact(Instant at, boolean isReturn) {
        Contact before(Contact later) {
            return new Contact(later.at(), isReturn || later.isReturn());
        }
    }

    public Contacts(Database database) {
        this.database = database;
        this.writer = new Loop(database, "contacts", PAUSE, () -> {
            write();
            return false;
        });
    }

    /// Has somebody told of Computers that come back.
    public void whenHeardAgain(Returns told) {
        returns = told;
    }

    public void seen(ComputerId computer, Instant now) {
        var before = last.get(computer);
        boolean isReturn = (before == null || before.plus(SILENCE).isBefore(now)) && returns.isAwaited(computer, now);
        last.put(computer, now);
        unwritten.merge(computer, new Contact(now, isReturn), Contact::before);
        if (isReturn) {
            writer.wake();
        }
    }

    /// As this process knows it; other Masters' contacts are in the database.
    public Optional<Instant> last(ComputerId computer) {
        return Optional.ofNullable(last.get(computer));
    }

    /// Writes what is not written yet.
    public void write() {
        var batch = Map.copyOf(unwritten);
        if (batch.isEmpty()) {
            return;
        }
        var back = new TreeSet<ComputerId>(Comparator.comparing(ComputerId::text));
        batch.forEach((computer, contact) -> {
            if (contact.isReturn()) {
                back.add(computer);
            }
        });
        database.inTransaction(tx -> {
            var update = tx.handle().prepareBatch("""
                    update computer set contacted_at = greatest(contacted_at, :at),
                        market_xid = case when :back then pg_current_xact_id() else market_xid end
                    where reference = :reference"""); // of one that comes back, every Master is to know
            // In order, so that two Masters that write at once meet without a deadlock.
            batch.entrySet().stream()
                    .sorted(Comparator.comparing(e -> e.getKey().text()))
                    .forEach(e -> update.bind("reference", e.getKey().text())
                            .bind("at", e.getValue().at())
                            .bind("back", e.getValue().isReturn())
                            .add());
            update.execute();
            if (!back.isEmpty()) {
                returns.returned(tx, back);
            }
            return batch;
        });
        batch.forEach(unwritten::remove);
    }

    @Override
    public void close() {
        writer.close();
        write();
    }
}

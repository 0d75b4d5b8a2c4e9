package org.slapos.master.work;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.slapos.master.db.Transaction;

/// Wants work done after a change, in the change's own transaction. Of the same kind and subject there is one at a
/// time: wanted again before it is done, it is done at the new time.
///
/// Its rows are written as the last thing of the transaction, in one order: whoever does the work changes other rows
/// first and its own last, too, and so the two never wait for each other.
public final class Outbox {
    static final String CHANNEL = "work_due";

    private static final BiConsumer<Transaction, List<Wanted>> WRITE = Outbox::write;

    private Outbox() {}

    private record Key(String kind, String subject) {}

    private record Wanted(Key key, Instant due, boolean isUrgent) {}

    /// As soon as the transaction is committed, by any Master.
    public static void add(Transaction tx, String kind, String subject, Instant now) {
        tx.gather(WRITE, new Wanted(new Key(kind, subject), now, true));
    }

    /// At that time, or up to a minute after it.
    public static void later(Transaction tx, String kind, String subject, Instant due) {
        tx.gather(WRITE, new Wanted(new Key(kind, subject), due, false));
    }

    private static void write(Transaction tx, List<Wanted> all) {
        var last = new TreeMap<Key, Instant>(Comparator.comparing(Key::kind).thenComparing(Key::subject));
        all.forEach(wanted -> last.put(wanted.key(), wanted.due()));
        var rows = tx.handle().prepareBatch("""
                        insert into work (kind, subject, due_at) values (:kind, :subject, :due)
                        on conflict (kind, subject)
                            do update set due_at = excluded.due_at, claim = 0, attempts = 0, error = ''""");
        last.forEach((key, due) -> rows.bind("kind", key.kind())
                .bind("subject", key.subject())
                .bind("due", due)
                .add());
        rows.execute();
        if (all.stream().anyMatch(Wanted::isUrgent)) {
            tx.notify(CHANNEL, "");
        }
    }

    /// When that is to be done; nothing when it is not wanted, or is by this transaction.
    public static Optional<Instant> due(Transaction tx, String kind, String subject) {
        return tx.handle()
                .createQuery("select due_at from work where kind = :kind and subject = :subject")
                .bind("kind", kind)
                .bind("subject", subject)
                .mapTo(Instant.class)
                .findOne();
    }
}

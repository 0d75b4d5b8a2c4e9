package org.slapos.master.work;

import java.time.Instant;
import java.util.Optional;
import org.slapos.master.db.Transaction;

/// Wants work done after a change, in the change's own transaction. Of the same kind and subject there is one at a
/// time: wanted again before it is done, it is done at the new time.
public final class Outbox {
    static final String CHANNEL = "work_due";

    private Outbox() {}

    /// As soon as the transaction is committed, by any Master.
    public static void add(Transaction tx, String kind, String subject, Instant now) {
        later(tx, kind, subject, now);
        tx.notify(CHANNEL, "");
    }

    /// At that time, or up to a minute after it.
    public static void later(Transaction tx, String kind, String subject, Instant due) {
        tx.handle()
                .createUpdate("""
                        insert into work (kind, subject, due_at) values (:kind, :subject, :due)
                        on conflict (kind, subject)
                            do update set due_at = excluded.due_at, claim = 0, attempts = 0, error = ''""")
                .bind("kind", kind)
                .bind("subject", subject)
                .bind("due", due)
                .execute();
    }

    /// When that is to be done; nothing when it is not wanted.
    public static Optional<Instant> due(Transaction tx, String kind, String subject) {
        return tx.handle()
                .createQuery("select due_at from work where kind = :kind and subject = :subject")
                .bind("kind", kind)
                .bind("subject", subject)
                .mapTo(Instant.class)
                .findOne();
    }
}

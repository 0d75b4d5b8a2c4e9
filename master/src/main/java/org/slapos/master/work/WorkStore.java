package org.slapos.master.work;

import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import org.slapos.master.db.Transaction;

/// Takes rows of the table `work`, and gives them back.
final class WorkStore {
    /// @param claim    of who took it
    /// @param attempts with this one
    record Claimed(long id, String kind, String subject, long claim, int attempts) {}

    /// What comes again and again; nothing when it is there already.
    void plant(Transaction tx, String kind, Instant now) {
        tx.handle()
                .createUpdate("insert into work (kind, due_at) values (:kind, :now) on conflict do nothing")
                .bind("kind", kind)
                .bind("now", now)
                .execute();
    }

    /// The next that is due, of those kinds; nobody else takes it before `until`.
    Optional<Claimed> claim(Transaction tx, Collection<String> kinds, Instant now, Instant until) {
        return tx.handle()
                .createQuery("""
                        update work set claim = nextval('work_claim'), attempts = attempts + 1, due_at = :until
                        where id = (
                            select id from work where due_at <= :now and kind = any(:kinds)
                            order by due_at, id limit 1 for update skip locked)
                        returning id, kind, subject, claim, attempts""")
                .bind("kinds", kinds.toArray(String[]::new))
                .bind("now", now)
                .bind("until", until)
                .map((row, _) ->
                        new Claimed(row.getLong(1), row.getString(2), row.getString(3), row.getLong(4), row.getInt(5)))
                .findOne();
    }

    /// It is done; what was wanted anew meanwhile stays.
    void done(Transaction tx, Claimed work) {
        tx.handle()
                .createUpdate("delete from work where id = :id and claim = :claim")
                .bind("id", work.id())
                .bind("claim", work.claim())
                .execute();
    }

    /// It is done, and comes again then.
    void again(Transaction tx, Claimed work, Instant due) {
        tx.handle()
                .createUpdate("""
                        update work set due_at = :due, attempts = 0, error = '', runs = runs + 1
                        where id = :id and claim = :claim""")
                .bind("id", work.id())
                .bind("claim", work.claim())
                .bind("due", due)
                .execute();
    }

    /// It failed, and is tried again then.
    void failed(Transaction tx, Claimed work, String error, Instant due) {
        tx.handle()
                .createUpdate("update work set due_at = :due, error = :error where id = :id and claim = :claim")
                .bind("id", work.id())
                .bind("claim", work.claim())
                .bind("error", error)
                .bind("due", due)
                .execute();
    }
}

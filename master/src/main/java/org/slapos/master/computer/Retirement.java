package org.slapos.master.computer;

import java.time.Instant;
import org.slapos.master.db.Transaction;
import org.slapos.master.work.Outbox;

/// The end of Computers: who is closed for ever and holds nothing retires.
public final class Retirement {
    /// Of the work that looks whether a Computer may retire; the subject is its reference.
    public static final String KIND = "computer.retire";

    private Retirement() {}

    /// @param heard the last contact that is written down, or else when it was registered
    public record State(AllocationScope scope, Instant heard) {
        public boolean isClosed() {
            return scope != AllocationScope.OPEN;
        }

        public boolean isForEver() {
            return scope == AllocationScope.FOREVER;
        }
    }

    public static State stateOf(Transaction tx, long computer) {
        return tx.handle()
                .createQuery("""
                        select scope, greatest(contacted_at, formatted_at, created_at) from computer where id = :id""")
                .bind("id", computer)
                .map((row, _) -> new State(
                        AllocationScope.ofWire(row.getString(1)).orElseThrow(),
                        row.getTimestamp(2).toInstant()))
                .one();
    }

    /// Something has left the Computer: when it is closed for ever, that may have been the last.
    public static void considered(Transaction tx, long computer, Instant now) {
        tx.handle()
                .createQuery("select reference from computer"
                        + " where id = :id and scope = 'close/forever' and retired_at is null")
                .bind("id", computer)
                .mapTo(String.class)
                .findOne()
                .ifPresent(reference -> Outbox.add(tx, KIND, reference, now));
    }

    public static void retire(Transaction tx, long computer, Instant now) {
        tx.handle()
                .createUpdate("update computer set retired_at = :now where id = :id and retired_at is null")
                .bind("id", computer)
                .bind("now", now)
                .execute();
    }

    /// It is registered again: open, as a new one is.
    static void comeBack(Transaction tx, long computer) {
        tx.handle()
                .createUpdate("update computer set retired_at = null, scope = 'open',"
                        + " market_xid = pg_current_xact_id(), offer_xid = pg_current_xact_id()"
                        + " where id = :id and retired_at is not null")
                .bind("id", computer)
                .execute();
    }
}

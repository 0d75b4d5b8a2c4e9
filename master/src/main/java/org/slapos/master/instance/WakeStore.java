package org.slapos.master.instance;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.slapos.master.db.Transaction;

/// The table `market_wake`: Computers that became better and were not looked at yet.
final class WakeStore {
    /// @param computer its number
    /// @param after    instances up to that number were looked at
    record Wake(long computer, long after) {}

    void add(Transaction tx, long computer, Instant from, long after) {
        tx.handle()
                .createUpdate(
                        "insert into market_wake (computer_id, due_at, after_id) values (:computer, :from, :after)")
                .bind("computer", computer)
                .bind("from", from)
                .bind("after", after)
                .execute();
    }

    /// Where nobody waits and no pool is kept, there is nothing to look for.
    void addIfAnyWaits(Transaction tx, Set<Long> computers, Instant now) {
        tx.handle()
                .createUpdate("""
                        insert into market_wake (computer_id, due_at)
                        select id, :now from unnest(:computers) as id
                        where exists (select from instance
                                where ended_at is null and partition_id is null and not shared and state <> 'destroyed')
                            or exists (select from pool)""")
                .bind("computers", computers.toArray(Long[]::new))
                .bind("now", now)
                .execute();
    }

    /// The next that is due and nobody is looking at, which is then this transaction's.
    Optional<Wake> take(Transaction tx, Instant now) {
        return tx.handle()
                .createQuery("""
                        delete from market_wake where id = (
                            select id from market_wake where due_at <= :now order by id limit 1
                            for update skip locked)
                        returning computer_id, after_id""")
                .bind("now", now)
                .map((row, _) -> new Wake(row.getLong(1), row.getLong(2)))
                .findOne();
    }
}

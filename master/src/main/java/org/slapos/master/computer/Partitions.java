package org.slapos.master.computer;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.slapos.master.db.Transaction;

/// Gives partitions away, takes them back, and says that there is something to do in one. Inside a transaction that
/// moves the Computer's revision afterwards ([Revisions#bump]).
public final class Partitions {
    /// Takes the first free partition of a Computer; nothing when none is left, or when others are taking what is left.
    ///
    /// @param capability one that has it; nothing = one that has none
    /// @param weight     of what comes into it
    /// @param patient waits for those others and sees how they end
    public Optional<Long> take(
            Transaction tx, long computer, Optional<String> capability, int weight, boolean patient, Instant now) {
        return tx.handle()
                .createQuery("""
                        update computer_partition
                        set state = 'busy', weight = :weight, desired_at = greatest(desired_at + 1, :now)
                        where state = 'free' and id = (
                            select id from computer_partition
                            where computer_id = :computer and state = 'free'
                                and case when :capability = '' then capabilities = '{}'
                                    else :capability = any(capabilities) end
                            order by position, id limit 1
                            for update %s)
                        returning id""".formatted(patient ? "" : "skip locked"))
                .bind("computer", computer)
                .bind("capability", capability.orElse(""))
                .bind("weight", weight)
                .bind("now", microseconds(now))
                .mapTo(Long.class)
                .findOne();
    }

    /// The partition holds nothing any more.
    public void free(Transaction tx, long partition) {
        tx.handle().createUpdate("""
                        update computer_partition set state = case when listed then 'free' else 'inactive' end
                        where id = :partition and state = 'busy'""").bind("partition", partition).execute();
    }

    /// Those that count as busy and hold nothing; nobody else changes them until the end of the transaction.
    public List<Long> lockEmpty(Transaction tx, int atMost) {
        return tx.handle()
                .createQuery("""
                        select p.id from computer_partition p
                        where p.state = 'busy' and not exists (select from instance i where i.partition_id = p.id)
                        order by p.id limit :most for update skip locked""")
                .bind("most", atMost)
                .mapTo(Long.class)
                .list();
    }

    /// The Computer is gone: what it formatted is no more, until it formats again.
    public void dropAll(Transaction tx, long computer) {
        tx.handle().createUpdate("""
                        update computer_partition set listed = false, state = 'inactive'
                        where computer_id = :computer and state <> 'busy'""").bind("computer", computer).execute();
    }

    /// Its node has something to do there: moves the timestamp, strictly upwards. Answers the number of its Computer.
    public long touch(Transaction tx, long partition, Instant now) {
        return tx.handle()
                .createQuery("""
                        update computer_partition set desired_at = greatest(desired_at + 1, :now)
                        where id = :partition returning computer_id""")
                .bind("partition", partition)
                .bind("now", microseconds(now))
                .mapTo(Long.class)
                .one();
    }

    static long microseconds(Instant instant) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
    }
}

package org.slapos.master.software;

import java.time.Duration;
import java.time.Instant;
import org.slapos.master.db.Transaction;
import org.slapos.master.work.Outbox;

/// Notices when installed software may have become of no use on a Computer: looked at again a day later.
public final class SoftwareUse {
    /// The subject is the Computer's reference, a blank, and the address of the SoftwareRelease.
    public static final String KIND = "software.unused";

    private static final Duration PATIENCE = Duration.ofDays(1);

    private static final String UNSUPPLIED = """
            exists (select from software_installation s
                where s.computer_id = c.id and s.url = :url and s.ended_at is null and s.requested_state = 'available')
            and (c.scope = 'close/forever' or not exists (
                select from allocation_supply a join software_release r on r.id = a.release_id
                where a.computer_id = c.id and r.url = :url and a.ended_at is null))""";

    /// An instance in that partition does not want that SoftwareRelease any more.
    public void left(Transaction tx, long partition, String url, Instant now) {
        tx.handle()
                .createQuery("select c.reference from computer c"
                        + " where c.id = (select computer_id from computer_partition where id = :partition) and "
                        + UNSUPPLIED)
                .bind("partition", partition)
                .bind("url", url)
                .mapTo(String.class)
                .findOne()
                .ifPresent(computer -> Outbox.later(tx, KIND, computer + " " + url, now.plus(PATIENCE)));
    }

    /// No supply allows it there any more, or less than before.
    void forbidden(Transaction tx, long computer, String url, Instant now) {
        tx.handle()
                .createQuery("select c.reference from computer c where c.id = :computer and " + UNSUPPLIED)
                .bind("computer", computer)
                .bind("url", url)
                .mapTo(String.class)
                .findOne()
                .ifPresent(reference -> Outbox.later(tx, KIND, reference + " " + url, now.plus(PATIENCE)));
    }

    /// The Computer takes nothing new any more, for ever.
    public void closed(Transaction tx, long computer, Instant now) {
        tx.handle()
                .createQuery("""
                        select s.url from software_installation s
                        where s.computer_id = :computer and s.ended_at is null and s.requested_state = 'available'""")
                .bind("computer", computer)
                .mapTo(String.class)
                .list()
                .forEach(url -> forbidden(tx, computer, url, now));
    }

    /// Whether it is installed there and no supply allows it.
    public boolean isUnsupplied(Transaction tx, long computer, String url) {
        return tx.handle()
                .createQuery("select exists (select from computer c where c.id = :computer and " + UNSUPPLIED + ")")
                .bind("computer", computer)
                .bind("url", url)
                .mapTo(Boolean.class)
                .one();
    }
}

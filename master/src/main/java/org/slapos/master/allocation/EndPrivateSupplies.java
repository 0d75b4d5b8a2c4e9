package org.slapos.master.allocation;

import java.time.Instant;
import org.slapos.master.audit.Audit;
import org.slapos.master.computer.ChangeComputer;
import org.slapos.master.db.Transaction;

/// Ends the supplies that are for one customer who may not request anything in their project any more.
public final class EndPrivateSupplies {
    public static final String KIND = "supply.customers";

    private final ChangeComputer computers = new ChangeComputer();

    public void run(Transaction tx, Instant now) {
        tx.handle()
                .createQuery("""
                        update allocation_supply s set ended_at = :now
                        where s.ended_at is null and s.customer is not null
                            and (exists (select from party p where p.reference = s.customer and p.state = 'invalidated')
                                or not exists (select from assignment a
                                    where a.person = s.customer and a.closed_at is null and a.project = s.project))
                        returning s.computer_id, s.customer""")
                .bind("now", now)
                .map((row, _) -> new Ended(row.getLong(1), row.getString(2)))
                .list()
                .forEach(ended -> {
                    computers.moved(tx, ended.computer());
                    Audit.note(tx, now, "supply.end", ended.customer(), "no longer a customer of the project");
                });
    }

    private record Ended(long computer, String customer) {}
}

package org.slapos.master.billing;

import java.time.Instant;
import org.slapos.master.db.Transaction;
import org.slapos.master.instance.HostingWatch;
import org.slapos.master.ledger.Ledger;
import org.slapos.master.ledger.Transfer;

/// Opens a hosting Movement when an instance really starts, and closes it when it stops; the quantity is seconds.
public final class HostingMovements implements HostingWatch {
    private final Ledger ledger = new Ledger();

    @Override
    public void started(Transaction tx, Hosting hosting) {
        ledger.open(
                tx,
                cause(hosting),
                new Transfer(
                        "software_hosting", "s", hosting.computer().text(), hosting.customer(), hosting.instance()),
                hosting.since());
    }

    @Override
    public void stopped(Transaction tx, Hosting hosting, Instant at) {
        ledger.close(tx, cause(hosting), at);
    }

    private static String cause(Hosting hosting) {
        return "hosting " + hosting.instance() + " since " + hosting.since();
    }
}

package org.slapos.master.instance;

import java.time.Instant;
import org.slapos.master.db.Transaction;
import org.slapos.protocol.ComputerId;

/// Told, inside the transaction of the report, when an instance really starts to run and when it no longer does.
public interface HostingWatch {
    /// @param instance `SOFTINST-n`
    /// @param customer reference of the person who owns the tree
    /// @param since    when it started to run: with the instance it names one hosting
    record Hosting(String instance, String customer, ComputerId computer, String release, Instant since) {}

    void started(Transaction tx, Hosting hosting);

    void stopped(Transaction tx, Hosting hosting, Instant at);
}

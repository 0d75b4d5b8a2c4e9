package org.slapos.master.instance;

import java.time.Instant;
import org.slapos.master.computer.Computers;
import org.slapos.master.db.Transaction;
import org.slapos.master.software.SoftwareUse;
import org.slapos.master.software.SupplySoftware;
import org.slapos.protocol.ComputerId;

/// Has a SoftwareRelease removed from a Computer when for a day no supply has allowed it there and no instance there
/// has wanted it ([SoftwareUse] says when that begins).
public final class RemoveUnusedSoftware {
    private final SupplySoftware supply;
    private final Computers computers = new Computers();
    private final SoftwareUse use = new SoftwareUse();
    private final InstanceStore instances = new InstanceStore();

    public RemoveUnusedSoftware(SupplySoftware supply) {
        this.supply = supply;
    }

    /// @param subject as [SoftwareUse] writes it
    public void run(Transaction tx, String subject, Instant now) {
        int blank = subject.indexOf(' ');
        var reference = new ComputerId(subject.substring(0, blank));
        var url = subject.substring(blank + 1);
        computers
                .find(tx, reference)
                .filter(computer ->
                        use.isUnsupplied(tx, computer.id(), url) && !instances.isWanted(tx, computer.id(), url))
                .ifPresent(_ -> supply.remove(tx, reference, url, now));
    }
}

package org.slapos.master.instance;

import java.time.Instant;
import org.slapos.master.audit.Audit;
import org.slapos.master.computer.ComputerCertificates;
import org.slapos.master.computer.Computers;
import org.slapos.master.computer.Retirement;
import org.slapos.master.db.Transaction;
import org.slapos.master.software.SoftwareInstallations;
import org.slapos.master.software.SupplySoftware;
import org.slapos.protocol.ComputerId;

/// Ends a Computer that is closed for ever and holds nothing any more, neither instances nor software: its certificate
/// is revoked, nothing is supplied on it, and lists leave it out. Registered again under its title, it is open again.
public final class RetireComputer {
    private final ComputerCertificates certificates;
    private final SupplySoftware software;
    private final Computers computers = new Computers();
    private final SoftwareInstallations installations = new SoftwareInstallations();

    public RetireComputer(ComputerCertificates certificates, SupplySoftware software) {
        this.certificates = certificates;
        this.software = software;
    }

    /// @param reference of the Computer
    public void run(Transaction tx, String reference, Instant now) {
        var id = new ComputerId(reference);
        computers
                .find(tx, id)
                .filter(computer -> Retirement.stateOf(tx, computer.id()).isForEver()
                        && computers.usage(tx, computer.id()).busy() == 0
                        && installations.on(tx, computer.id()).isEmpty())
                .ifPresent(computer -> {
                    Retirement.retire(tx, computer.id(), now);
                    software.retire(tx, computer.id(), now);
                    certificates.revoke(tx, id, now);
                    Audit.note(tx, now, "computer.retire", reference, "closed for ever, nothing left on it");
                });
    }
}

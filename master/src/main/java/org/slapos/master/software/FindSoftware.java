package org.slapos.master.software;

import java.util.List;
import java.util.Optional;
import org.slapos.master.computer.Computers;
import org.slapos.master.db.Database;
import org.slapos.protocol.ComputerId;

/// Finds SoftwareInstallations for who shows them. Each method is one transaction; any thread.
public final class FindSoftware {
    private final Database database;
    private final Computers computers = new Computers();
    private final SoftwareInstallations installations = new SoftwareInstallations();

    public FindSoftware(Database database) {
        this.database = database;
    }

    /// All on a Computer, in order of creation, without error logs; none when there is no such Computer.
    public List<SoftwareInstallation> on(ComputerId computer) {
        return database.inTransaction(tx -> computers
                .find(tx, computer)
                .map(found -> installations.on(tx, found.id()))
                .orElse(List.of()));
    }

    public Optional<SoftwareInstallation> find(ComputerId computer, String url) {
        return database.inTransaction(
                tx -> computers.find(tx, computer).flatMap(found -> installations.find(tx, found.id(), url)));
    }
}

package org.slapos.master.software;

import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.slapos.master.computer.Computers;
import org.slapos.master.db.Database;
import org.slapos.protocol.ComputerId;

/// Finds SoftwareInstallations and SoftwareReleases for who shows them. Each method is one transaction; any thread.
public final class FindSoftware {
    private final Database database;
    private final InstantSource clock;
    private final Computers computers = new Computers();
    private final SoftwareInstallations installations = new SoftwareInstallations();
    private final SoftwareProducts products = new SoftwareProducts();

    public FindSoftware(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /// All on a Computer, in order of creation, without error logs; none when there is no such Computer.
    public List<SoftwareInstallation> on(ComputerId computer) {
        return database.inTransaction(tx -> computers
                .find(tx, computer)
                .map(found -> installations.on(tx, found.id()))
                .orElse(List.of()));
    }

    /// An installation with its Computer.
    public record Listed(ComputerId computer, SoftwareInstallation installation) {}

    /// Those on the Computers of a person, or on one of them, in order of creation, without error logs.
    public List<Listed> ownedBy(String person, Optional<ComputerId> computer, int most) {
        return database.inTransaction(tx -> installations.ownedBy(tx, person, computer, most));
    }

    public Optional<SoftwareInstallation> find(ComputerId computer, String url) {
        return database.inTransaction(
                tx -> computers.find(tx, computer).flatMap(found -> installations.find(tx, found.id(), url)));
    }

    /// The addresses of a product's releases that may be allocated somewhere, newest first; none when there is no such
    /// product.
    public List<String> releasesOf(String product) {
        return database.inTransaction(tx -> products.releases(tx, product, clock.instant()));
    }

    /// As [#releasesOf], of the product of which that is a release; nothing when that release is not known.
    public Optional<List<String>> releasesLike(String url) {
        return database.inTransaction(
                tx -> products.of(tx, url).map(title -> products.releases(tx, title, clock.instant())));
    }
}

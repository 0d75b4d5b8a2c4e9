package org.slapos.master.instance;

import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slapos.master.Problem;
import org.slapos.master.computer.Computers;
import org.slapos.master.db.Database;
import org.slapos.master.db.Transaction;
import org.slapos.master.party.RenewCertificate;
import org.slapos.master.party.Requester;
import org.slapos.master.pki.CertificateAuthority;
import org.slapos.master.pki.Holder;
import org.slapos.master.pki.ListedCertificate;

/// The certificates that are a requester's affair: their own, and a person's also those of their Computers and of the
/// instances in their trees.
public final class HeldCertificates {
    private final Database database;
    private final InstantSource clock;
    private final CertificateAuthority authority;
    private final Computers computers = new Computers();
    private final InstanceStore instances = new InstanceStore();

    public HeldCertificates(Database database, InstantSource clock, CertificateAuthority authority) {
        this.database = database;
        this.clock = clock;
        this.authority = authority;
    }

    /// A certificate, and whether it works.
    public record Held(ListedCertificate certificate, boolean works) {}

    /// @param all those that do not work any more, too
    public List<Held> list(Requester who, boolean all, int limit, int offset) {
        var now = clock.instant();
        return database.inTransaction(tx ->
                authority.list(tx, Optional.of(holders(tx, who)), all, now, limit, offset).stream()
                        .map(certificate -> new Held(certificate, certificate.works(now)))
                        .toList());
    }

    /// Ends one of them at once.
    public Optional<Problem> revoke(Requester who, String serial) {
        var now = clock.instant();
        return database.inTransaction(tx -> revoke(tx, who, serial, now));
    }

    private Optional<Problem> revoke(Transaction tx, Requester who, String serial, Instant now) {
        var holder = authority.holderOf(tx, serial);
        if (holder.filter(holders(tx, who)::contains).isEmpty()) {
            return Optional.of(Problem.notFound("There is no certificate '" + serial + "' that you may revoke"));
        }
        return authority.revoke(tx, serial, now)
                ? Optional.empty()
                : Optional.of(Problem.conflict(
                        "The certificate " + serial + " of " + holder.get().reference() + " has ended already"));
    }

    private Set<Holder> holders(Transaction tx, Requester who) {
        var holders = new LinkedHashSet<Holder>();
        RenewCertificate.holder(who).ifPresent(holders::add);
        if (who instanceof Requester.Person(var person)) {
            computers
                    .ownedBy(tx, person)
                    .forEach(one -> holders.add(Holder.computer(one.reference().text())));
            instances.ownedBy(tx, person).forEach(reference -> holders.add(Holder.instance(reference)));
        }
        return holders;
    }
}

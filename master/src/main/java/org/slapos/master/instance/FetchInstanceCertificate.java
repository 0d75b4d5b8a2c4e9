package org.slapos.master.instance;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.slapos.master.db.Database;
import org.slapos.master.db.Transaction;
import org.slapos.master.pki.CertificateAuthority;
import org.slapos.master.pki.Holder;
import org.slapos.master.pki.IssuedCertificate;

/// Hands out the certificate and the key that were made for an instance when it was requested (SLAP protocol,
/// getComputerPartitionCertificate). At two thirds of its life a new one is made, so that a node which only fetches
/// again renews.
public final class FetchInstanceCertificate {
    private final Database database;
    private final InstantSource clock;
    private final CertificateAuthority authority;
    private final InstanceStore instances = new InstanceStore();

    public FetchInstanceCertificate(Database database, InstantSource clock, CertificateAuthority authority) {
        this.database = database;
        this.clock = clock;
        this.authority = authority;
    }

    /// Nothing when there is no such instance, or it is shared and so has none.
    public Optional<IssuedCertificate> fetch(WhichInstance which) {
        var now = clock.instant();
        return database.inTransaction(tx -> instances
                .find(tx, which)
                .filter(instance -> !instance.isShared())
                .flatMap(instance -> authority
                        .keptAndFresh(tx, holder(instance.reference()), now)
                        .or(() -> renewed(tx, which, now))));
    }

    /// Of two that ask at once the second gets what the first has renewed; an instance that ends meanwhile gets none.
    private Optional<IssuedCertificate> renewed(Transaction tx, WhichInstance which, Instant now) {
        return instances.lock(tx, which).map(instance -> {
            var holder = holder(instance.reference());
            return authority.keptAndFresh(tx, holder, now).orElseGet(() -> {
                var renewed = authority.renew(tx, holder, Optional.empty(), now);
                authority.keep(tx, holder, renewed);
                return renewed;
            });
        });
    }

    static Holder holder(String reference) {
        return Holder.instance(reference);
    }
}

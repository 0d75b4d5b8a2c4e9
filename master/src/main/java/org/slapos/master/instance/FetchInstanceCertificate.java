package org.slapos.master.instance;

import java.util.Optional;
import org.slapos.master.db.Database;
import org.slapos.master.pki.CertificateAuthority;
import org.slapos.master.pki.Holder;
import org.slapos.master.pki.IssuedCertificate;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.PartitionId;

/// Hands out the certificate and the key that were made for an instance when it was requested (SLAP protocol,
/// getComputerPartitionCertificate).
public final class FetchInstanceCertificate {
    private final Database database;
    private final CertificateAuthority authority;
    private final InstanceStore instances = new InstanceStore();

    public FetchInstanceCertificate(Database database, CertificateAuthority authority) {
        this.database = database;
        this.authority = authority;
    }

    /// Nothing when the partition holds no instance.
    public Optional<IssuedCertificate> fetch(ComputerId computer, PartitionId partition) {
        return fetch(new WhichInstance.InPartition(computer, partition));
    }

    /// Nothing when there is no such instance, or it is shared and so has none.
    public Optional<IssuedCertificate> fetch(WhichInstance which) {
        return database.inTransaction(tx ->
                instances.find(tx, which).flatMap(instance -> authority.kept(tx, holder(instance.reference()))));
    }

    static Holder holder(String reference) {
        return Holder.instance(reference);
    }
}

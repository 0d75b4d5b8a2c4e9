package org.slapos.master.pki;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import org.slapos.master.db.DatabaseAddress;
import org.slapos.master.db.TestDatabase;

/// What a Master has left in its database that knew of one root and no issuing keys, the tables being of that time
/// (version 016).
///
/// @param root  what its nodes trust, PEM
/// @param shown a certificate that this root has signed
public record OldMaster(String root, IssuedCertificate shown) {
    /// @param address an empty database
    /// @param holder  of the certificate
    public static OldMaster found(DatabaseAddress address, KeyFile keyFile, Holder holder, Instant now)
            throws GeneralSecurityException {
        var random = new SecureRandom();
        var old = TestKeys.authority(TestKeys.ec(), 0, now, Duration.ofDays(7300));
        var key = TestKeys.ec();
        var end = now.plus(Duration.ofDays(3650));
        var client = Pem.readCertificate(
                Pem.certificate(old.signClient(holder, key.getPublic(), Signer.newSerial(random), now, end)));
        var root = Pem.certificate(old.certificate());
        var shown = TestKeys.shown(client, key.getPrivate());
        var sealed = keyFile.seal("the authority", Pem.key(old.key()));
        try (var before = TestDatabase.at(address, "016")) {
            before.inTransaction(tx -> {
                tx.handle().execute("INSERT INTO authority VALUES (1, ?, ?)", root, sealed);
                return tx.handle()
                        .execute(
                                "INSERT INTO certificate (serial, holder_kind, holder, intended_at, not_after,"
                                        + " fingerprint, certificate)"
                                        + " VALUES (?, ?, ?, ?::timestamptz, ?::timestamptz, ?, ?)",
                                client.getSerialNumber().toString(16),
                                holder.kind().name(),
                                holder.reference(),
                                now.toString(),
                                end.toString(),
                                shown.fingerprint(),
                                shown.certificatePem());
            });
        }
        return new OldMaster(root, shown);
    }
}

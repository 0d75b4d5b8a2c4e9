package org.slapos.master.computer;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.slapos.master.Problem;
import org.slapos.master.db.Database;
import org.slapos.master.db.Transaction;
import org.slapos.master.pki.CertificateAuthority;
import org.slapos.master.pki.Holder;
import org.slapos.master.pki.SigningRequest;
import org.slapos.protocol.ComputerId;

/// Issues and revokes the certificates of Computers; a Computer has at most one that is active (SLAP protocol,
/// generateComputerCertificate and revokeComputerCertificate).
public final class ComputerCertificates {
    private final Database database;
    private final InstantSource clock;
    private final CertificateAuthority authority;
    private final Computers computers = new Computers();

    public ComputerCertificates(Database database, InstantSource clock, CertificateAuthority authority) {
        this.database = database;
        this.clock = clock;
        this.authority = authority;
    }

    /// How asking for a certificate ends.
    public sealed interface Generated {
        /// Both PEM. The key is kept nowhere: this is the only time it is shown; empty when the Computer made it.
        record Pair(String certificate, String key) implements Generated {
            @Override
            public String toString() {
                return "Pair[certificate=" + certificate + ", key=*****]";
            }
        }

        record Refused(Problem problem) implements Generated {}
    }

    /// @param request for the Computer's own key; without one, a key is made here
    public Generated generate(ComputerId computer, Optional<SigningRequest> request) {
        var now = clock.instant();
        return database.inTransaction(tx -> generate(tx, computer, request, now));
    }

    /// As [#generate], inside a transaction.
    Generated generate(Transaction tx, ComputerId computer, Optional<SigningRequest> request, Instant now) {
        if (computers.lock(tx, computer).isEmpty()) {
            return new Generated.Refused(Problem.notFound("No Computer " + computer));
        }
        return authority
                .issueIfNone(tx, holder(computer), request, now)
                .<Generated>map(issued -> new Generated.Pair(issued.certificatePem(), issued.keyPem()))
                // In the words of the protocol, which clients look for.
                .orElseGet(() ->
                        new Generated.Refused(Problem.conflict("Certificate still active. Revoke the certificate of "
                                + computer + " first, or register under another title")));
    }

    public Optional<Problem> revoke(ComputerId computer) {
        var now = clock.instant();
        return database.inTransaction(tx -> {
            if (computers.lock(tx, computer).isEmpty()) {
                return Optional.of(Problem.notFound("No Computer " + computer));
            }
            return authority.revoke(tx, holder(computer), now)
                    ? Optional.empty()
                    : Optional.of(Problem.notFound(computer + " has no active certificate"));
        });
    }

    /// As [#revoke], inside a transaction; nothing happens when there is no active certificate.
    public void revoke(Transaction tx, ComputerId computer, Instant now) {
        authority.revoke(tx, holder(computer), now);
    }

    private static Holder holder(ComputerId computer) {
        return Holder.computer(computer.text());
    }
}

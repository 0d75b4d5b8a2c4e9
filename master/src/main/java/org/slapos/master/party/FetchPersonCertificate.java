package org.slapos.master.party;

import java.time.InstantSource;
import java.util.Optional;
import org.slapos.master.Problem;
import org.slapos.master.db.Database;
import org.slapos.master.pki.CertificateAuthority;
import org.slapos.master.pki.Holder;
import org.slapos.master.pki.IssuedCertificate;
import org.slapos.master.pki.SigningRequest;

/// Turns a person's one-time token into their certificate and key (SLAP protocol, Person_getCertificate).
public final class FetchPersonCertificate {
    private final Database database;
    private final InstantSource clock;
    private final CertificateAuthority authority;
    private final RedeemToken tokens = new RedeemToken();

    public FetchPersonCertificate(Database database, InstantSource clock, CertificateAuthority authority) {
        this.database = database;
        this.clock = clock;
        this.authority = authority;
    }

    /// How it ends.
    public sealed interface Fetched {
        /// The key is kept nowhere: this is the only time it is shown; empty when the person made it.
        record Issued(String person, IssuedCertificate certificate) implements Fetched {}

        record Refused(Problem problem) implements Fetched {}
    }

    public Fetched fetch(String token) {
        return fetch(token, Optional.empty());
    }

    /// @param token   the text of a token for a person's certificate
    /// @param request for the person's own key; without one, a key is made here
    public Fetched fetch(String token, Optional<SigningRequest> request) {
        var now = clock.instant();
        return database.inTransaction(tx -> switch (tokens.look(tx, token, Token.Scope.PERSON_CERTIFICATE, now)) {
            case RedeemToken.Worth.Refused(var problem) -> new Fetched.Refused(problem);
            case RedeemToken.Worth.Valid(var person, var _) -> {
                var issued = authority.issueIfNone(tx, Holder.person(person), request, now);
                if (issued.isEmpty()) {
                    yield new Fetched.Refused(Problem.conflict(
                            "Certificate still active. Use it, or have it revoked before asking for another."));
                }
                tokens.spend(tx, token, now);
                yield new Fetched.Issued(person, issued.get());
            }
        });
    }
}

package org.slapos.master.party;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.slapos.master.Problem;
import org.slapos.master.db.Database;
import org.slapos.master.pki.ActiveCertificate;
import org.slapos.master.pki.CertificateAuthority;
import org.slapos.master.pki.Holder;
import org.slapos.master.pki.IssuedCertificate;
import org.slapos.master.pki.SigningRequest;

/// Gives who shows a certificate that works another one in its place. An instance's is renewed for it, since its node
/// fetches it.
public final class RenewCertificate {
    private final Database database;
    private final InstantSource clock;
    private final CertificateAuthority authority;

    public RenewCertificate(Database database, InstantSource clock, CertificateAuthority authority) {
        this.database = database;
        this.clock = clock;
        this.authority = authority;
    }

    /// How it ends.
    public sealed interface Renewed {
        record Issued(IssuedCertificate certificate) implements Renewed {}

        record Refused(Problem problem) implements Renewed {}
    }

    /// When a certificate ends, and from when on it is to be renewed: at once, when it ends before its time.
    public record Life(String reference, Instant notAfter, Instant renewFrom) {}

    /// @param request for the caller's own key; without one, a key is made here
    public Renewed renew(Requester who, Optional<SigningRequest> request) {
        var holder = holder(who);
        if (holder.isEmpty()) {
            return new Renewed.Refused(Problem.forbidden("Nobody known has a certificate to renew"));
        }
        if (holder.get().kind() == Holder.Kind.INSTANCE) {
            return new Renewed.Refused(
                    Problem.forbidden("The certificate of " + holder.get().reference()
                            + " is renewed for it: its node fetches it (getComputerPartitionCertificate)"));
        }
        var now = clock.instant();
        return database.inTransaction(tx -> new Renewed.Issued(authority.renew(tx, holder.get(), request, now)));
    }

    /// Nothing for who is unknown.
    public Optional<Life> life(Requester who) {
        var now = clock.instant();
        return holder(who)
                .map(holder -> database.inTransaction(tx -> authority
                        .active(tx, holder)
                        .map(active -> life(holder, active))
                        .orElseGet(() -> new Life(holder.reference(), now, now))));
    }

    private static Life life(Holder holder, ActiveCertificate active) {
        return new Life(holder.reference(), active.notAfter(), active.renewFrom());
    }

    /// Who holds the certificate of a requester.
    public static Optional<Holder> holder(Requester who) {
        return switch (who) {
            case Requester.Person(var reference) -> Optional.of(Holder.person(reference));
            case Requester.Computer(var id) -> Optional.of(Holder.computer(id.text()));
            case Requester.Instance(var guid) -> Optional.of(Holder.instance(guid));
            case Requester.Anonymous _ -> Optional.empty();
        };
    }
}

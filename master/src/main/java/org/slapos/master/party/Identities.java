package org.slapos.master.party;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.slapos.master.db.Database;
import org.slapos.master.pki.CertificateAuthority;
import org.slapos.master.pki.CertificateUse;
import org.slapos.master.pki.CertificateWatch;
import org.slapos.master.pki.Holder;
import org.slapos.master.pki.KnownCertificate;
import org.slapos.protocol.ComputerId;

/// Who shows a certificate: looked up by its fingerprint and remembered, until the database tells that it was revoked.
/// Any thread may ask.
public final class Identities implements AutoCloseable {
    private static final int MAX_REMEMBERED = 200_000;

    private final Database database;
    private final InstantSource clock;
    private final CertificateAuthority authority;
    private final Assignments assignments;
    private final CertificateWatch watch;
    private final CertificateUse use;
    private final Object lock = new Object();
    private final Map<String, KnownCertificate> remembered = new HashMap<>();
    private long changes;

    public Identities(Database database, InstantSource clock, CertificateAuthority authority, Assignments assignments) {
        this.database = database;
        this.clock = clock;
        this.authority = authority;
        this.assignments = assignments;
        authority.whenRevoked(this::forget);
        this.watch = new CertificateWatch(database, clock, authority);
        this.use = new CertificateUse(database);
    }

    /// As below, for a server without front ends before it.
    public Requester of(Shown shown) {
        return of(shown.certificate());
    }

    /// The identity that the certificate stands for right now; without one, or with one that does not work,
    /// [Requester.Anonymous] with the reason.
    public Requester of(Optional<X509Certificate> shown) {
        if (shown.isEmpty()) {
            return new Requester.Anonymous("No client certificate was shown.");
        }
        var fingerprint = fingerprint(shown.get());
        var known = known(fingerprint);
        if (known.isEmpty()) {
            return new Requester.Anonymous(authority.stranger(shown.get()));
        }
        var now = clock.instant();
        var refused = refusal(known.get(), shown.get(), now);
        if (refused.isPresent()) {
            return new Requester.Anonymous(
                    "The certificate of " + known.get().holder().reference() + " " + refused.get());
        }
        use.seen(fingerprint, now);
        return requester(known.get().holder());
    }

    private static Optional<String> refusal(KnownCertificate known, X509Certificate shown, Instant now) {
        if (known.isRevoked(now)) {
            return Optional.of(known.isReplaced() ? "was replaced by a renewed one." : "was revoked.");
        }
        if (!known.notAfter().isAfter(now)) {
            return Optional.of("expired at " + known.notAfter() + ".");
        }
        var begin = shown.getNotBefore().toInstant();
        return begin.isAfter(now) ? Optional.of("is not valid before " + begin + ".") : Optional.empty();
    }

    private Requester requester(Holder holder) {
        return switch (holder.kind()) {
            case PERSON -> person(holder.reference());
            case COMPUTER -> new Requester.Computer(new ComputerId(holder.reference()));
            case INSTANCE -> new Requester.Instance(holder.reference());
        };
    }

    private Requester person(String reference) {
        var state = assignments.of(reference).state();
        return state.equals(Optional.of(PartyState.VALIDATED))
                ? new Requester.Person(reference)
                : new Requester.Anonymous(
                        reference + " is " + state.map(PartyState::wire).orElse("not known here") + ".");
    }

    /// Who holds a certificate that works and names this reference; nobody else can be named.
    Requester named(String reference) {
        var holder = reference.matches("[A-Za-z0-9._-]{1,200}")
                ? database.inTransaction(tx -> authority.holderNamed(tx, reference, clock.instant()))
                : Optional.<Holder>empty();
        return holder.map(this::requester)
                .orElseGet(() ->
                        new Requester.Anonymous("Nobody named '" + reference + "' holds a certificate that works."));
    }

    /// Tells of each fingerprint whose certificate ended, here or by another Master; of the empty one when it may be
    /// any.
    public void whenRevoked(Consumer<String> told) {
        authority.whenRevoked(told);
    }

    /// Those of the fingerprints whose certificates work, as the database has them now.
    public Set<String> working(Set<String> fingerprints) {
        return database.inTransaction(tx -> authority.working(tx, fingerprints, clock.instant()));
    }

    private Optional<KnownCertificate> known(String fingerprint) {
        long before;
        synchronized (lock) {
            var known = remembered.get(fingerprint);
            if (known != null && watch.hears()) {
                return Optional.of(known);
            }
            before = changes;
        }
        var found = database.readOnce(tx -> authority.known(tx, fingerprint));
        synchronized (lock) {
            if (found.isPresent() && changes == before) { // else it may be older than the change
                if (remembered.size() >= MAX_REMEMBERED) {
                    remembered.clear();
                }
                remembered.put(fingerprint, found.get());
            }
        }
        return found;
    }

    private void forget(String fingerprint) {
        synchronized (lock) {
            changes++;
            if (fingerprint.isEmpty()) {
                remembered.clear();
            } else {
                remembered.remove(fingerprint);
            }
        }
    }

    /// SHA-256 of the certificate, lower-case hexadecimal.
    public static String fingerprint(X509Certificate certificate) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
        } catch (NoSuchAlgorithmException | CertificateEncodingException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        watch.close();
        use.close();
    }
}

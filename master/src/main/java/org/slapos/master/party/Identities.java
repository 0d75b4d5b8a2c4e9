package org.slapos.master.party;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import org.slapos.master.db.Database;
import org.slapos.master.db.Listening;
import org.slapos.master.pki.CertificateAuthority;
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
    private final Listening listening;
    private final Object lock = new Object();
    private final Map<String, KnownCertificate> remembered = new HashMap<>();
    private long changes;

    public Identities(Database database, InstantSource clock, CertificateAuthority authority, Assignments assignments) {
        this.database = database;
        this.clock = clock;
        this.authority = authority;
        this.assignments = assignments;
        authority.whenRevoked(this::forget);
        this.listening = database.listen(CertificateAuthority.CHANGED, this::forget);
    }

    /// The identity that the certificate stands for right now; without one, or with one that does not work,
    /// [Requester.Anonymous] with the reason.
    public Requester of(Optional<X509Certificate> shown) {
        if (shown.isEmpty()) {
            return new Requester.Anonymous("No client certificate was shown.");
        }
        var known = known(fingerprint(shown.get()));
        if (known.isEmpty()) {
            return new Requester.Anonymous("The client certificate shown was not issued by this Master.");
        }
        var certificate = known.get();
        var holder = certificate.holder();
        if (certificate.isRevoked()) {
            return new Requester.Anonymous("The certificate of " + holder.reference() + " was revoked.");
        }
        if (!certificate.notAfter().isAfter(clock.instant())) {
            return new Requester.Anonymous(
                    "The certificate of " + holder.reference() + " expired at " + certificate.notAfter() + ".");
        }
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

    private Optional<KnownCertificate> known(String fingerprint) {
        long before;
        synchronized (lock) {
            var known = remembered.get(fingerprint);
            if (known != null && listening.hears()) {
                return Optional.of(known);
            }
            before = changes;
        }
        var found = database.inTransaction(tx -> authority.known(tx, fingerprint));
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
        listening.close();
    }
}

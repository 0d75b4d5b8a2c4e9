package org.slapos.master.pki;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slapos.master.db.Database;
import org.slapos.master.db.Transaction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The root of trust of one cloud. Its certificate and sealed key lie in the database, so all Masters over one database
/// are the same authority. Certificates live long because revoking one works at once: each request's certificate is
/// looked up.
public final class CertificateAuthority {
    /// Told with a fingerprint when that certificate stops working.
    public static final String CHANGED = "certificate_changed";

    private static final Logger log = LoggerFactory.getLogger(CertificateAuthority.class);
    private static final Duration CLIENT_LIFE = Duration.ofDays(10 * 365);
    private static final Duration SERVER_LIFE = Duration.ofDays(2 * 365);

    private final Root root;
    private final KeyFile keyFile;
    private final SecureRandom random;
    private final CertificateStore store = new CertificateStore();
    private final List<Consumer<String>> whenRevoked = new CopyOnWriteArrayList<>();

    private CertificateAuthority(Root root, KeyFile keyFile, SecureRandom random) {
        this.root = root;
        this.keyFile = keyFile;
        this.random = random;
    }

    /// The authority of this database, made on the first call.
    ///
    /// @throws IllegalStateException when the key file is not the one it was sealed under
    public static CertificateAuthority open(Database database, KeyFile keyFile, SecureRandom random, Instant now) {
        var root = database.inTransaction(tx -> {
            var store = new CertificateStore();
            if (store.authority(tx).isEmpty()) {
                store.insertAuthority(tx, sealed(Root.make(random, now), keyFile));
            }
            return opened(store.authority(tx).orElseThrow(), keyFile);
        });
        return new CertificateAuthority(root, keyFile, random);
    }

    /// Whether this database has an authority, and so needs its key file.
    public static boolean isIn(Database database) {
        return database.inTransaction(tx -> new CertificateStore().authority(tx).isPresent());
    }

    private static CertificateStore.AuthorityRow sealed(Root root, KeyFile keyFile) {
        try {
            return new CertificateStore.AuthorityRow(
                    Pem.certificate(root.certificate()), keyFile.seal("the authority", Pem.key(root.key())));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot store the authority", e);
        }
    }

    private static Root opened(CertificateStore.AuthorityRow row, KeyFile keyFile) {
        try {
            return new Root(
                    Pem.readCertificate(row.certificate()),
                    Pem.readKey(keyFile.open("the authority", row.sealedKey())));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot read the authority's certificate and key", e);
        }
    }

    /// The authority's certificate, which callers trust.
    public String certificatePem() {
        try {
            return Pem.certificate(root.certificate());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Makes a P-256 key pair and a certificate for the holder. An expired one of the same holder is revoked first.
    ///
    /// @throws IllegalStateException when the holder has one that works: look by [#active] before, or revoke it
    public IssuedCertificate issue(Transaction tx, Holder holder, Instant now) {
        var expired = store.active(tx, holder).filter(old -> !old.notAfter().isAfter(now));
        if (expired.isPresent()) {
            revoke(tx, holder, now);
        }
        var serial = Root.newSerial(random);
        var notAfter = now.plus(CLIENT_LIFE).truncatedTo(ChronoUnit.SECONDS);
        if (!store.insertIntent(tx, serial, holder, now, notAfter)) {
            throw new IllegalStateException("Certificate still active for " + holder + ": revoke it first.");
        }
        var pair = Root.newKeyPair(random);
        var certificate = root.signClient(holder, pair.getPublic(), serial, now, notAfter);
        try {
            var fingerprint = Pem.fingerprint(certificate);
            var pem = subjectLine(holder) + Pem.certificate(certificate);
            store.complete(tx, serial, fingerprint, pem);
            tx.afterCommit(() -> log.info("issued certificate {} to {}", serial.toString(16), holder));
            return new IssuedCertificate(pem, Pem.key(pair.getPrivate()), fingerprint, notAfter);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot encode the certificate of " + holder, e);
        }
    }

    private static String subjectLine(Holder holder) {
        return holder.kind() == Holder.Kind.COMPUTER
                ? "subject=/CN=" + holder.reference() + "/emailAddress=" + email(holder) + "\n"
                : "";
    }

    /// Nobody's mailbox (RFC 2606): nodes of old look for an email in their certificate's subject.
    static String email(Holder holder) {
        return holder.reference().toLowerCase(Locale.ROOT) + "@slapos.invalid";
    }

    /// Ends the holder's certificate, at once and for good; a kept key is forgotten.
    ///
    /// @return whether there was one
    public boolean revoke(Transaction tx, Holder holder, Instant now) {
        var revoked = store.revoke(tx, holder, now);
        for (var fingerprint : revoked) {
            tx.notify(CHANGED, fingerprint);
            tx.afterCommit(() -> whenRevoked.forEach(told -> told.accept(fingerprint)));
        }
        return !revoked.isEmpty();
    }

    /// Tells of each fingerprint revoked through this Master, before the transaction that revoked it returns; other
    /// Masters tell by [#CHANGED].
    public void whenRevoked(Consumer<String> told) {
        whenRevoked.add(told);
    }

    /// The holder's certificate that is not revoked; it may have expired, see its `notAfter`.
    public Optional<ActiveCertificate> active(Transaction tx, Holder holder) {
        return store.active(tx, holder);
    }

    /// Keeps the key too, encrypted, for who may ask for it again: the node that hosts an instance.
    ///
    /// @throws IllegalStateException when this is not the holder's active certificate
    public void keep(Transaction tx, Holder holder, IssuedCertificate issued) {
        var sealed = keyFile.seal(holder.toString(), issued.keyPem());
        if (store.keep(tx, holder, issued.fingerprint(), sealed) != 1) {
            throw new IllegalStateException("not the active certificate of " + holder);
        }
    }

    /// What was kept, until it is revoked.
    public Optional<IssuedCertificate> kept(Transaction tx, Holder holder) {
        return store.kept(tx, holder)
                .map(row -> new IssuedCertificate(
                        row.certificate(),
                        keyFile.open(holder.toString(), row.sealedKey()),
                        row.fingerprint(),
                        row.notAfter()));
    }

    /// Whose certificate has this SHA-256 fingerprint (lower-case hexadecimal); empty when it is none of ours.
    public Optional<KnownCertificate> known(Transaction tx, String fingerprint) {
        return store.known(tx, fingerprint);
    }

    /// A new certificate and key for the Master's own server; they live in memory only.
    ///
    /// @param names host names, IPv4 and IPv6 addresses
    public ServerIdentity server(List<String> names, Instant now) {
        var pair = Root.newKeyPair(random);
        var certificate = root.signServer(names, pair.getPublic(), Root.newSerial(random), now, now.plus(SERVER_LIFE));
        return new ServerIdentity(List.<X509Certificate>of(certificate, root.certificate()), pair.getPrivate());
    }
}

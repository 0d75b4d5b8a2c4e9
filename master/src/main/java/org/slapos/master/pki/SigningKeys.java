package org.slapos.master.pki;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slapos.master.audit.Audit;
import org.slapos.master.db.Database;
import org.slapos.master.db.Transaction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The keys that sign in this cloud, the same for all Masters over one database. Any thread.
///
/// ```
///   root ──signs──▶ issuing key 1 (rotated)   what it signed goes on working
///      └───signs──▶ issuing key 2             signs what callers and servers show
/// ```
final class SigningKeys {
    private static final Logger log = LoggerFactory.getLogger(SigningKeys.class);

    private final SigningKeyStore store;
    private final SecureRandom random;
    private volatile List<SigningKey> known = List.of();

    private SigningKeys(SigningKeyStore store, SecureRandom random) {
        this.store = store;
        this.random = random;
    }

    /// The keys of this database; what is missing is made.
    ///
    /// @param imported the root to begin with, where there is none
    static SigningKeys open(
            Database database,
            KeyFile keyFile,
            SecureRandom random,
            Optional<ImportedAuthority> imported,
            Instant now) {
        var keys = new SigningKeys(new SigningKeyStore(keyFile), random);
        keys.known = database.inTransaction(tx -> {
            var there = keys.store.all(tx);
            if (there.stream().anyMatch(key -> key.kind() == SigningKey.Kind.ISSUING && key.signs())) {
                return there;
            }
            keys.store.lock(tx);
            return keys.completed(tx, imported, now);
        });
        return keys;
    }

    /// The keys are sealed under a key that nobody has any more: new ones are made under this key file.
    static SigningKeys remake(
            Database database,
            KeyFile keyFile,
            SecureRandom random,
            Optional<ImportedAuthority> imported,
            Instant now) {
        var keys = new SigningKeys(new SigningKeyStore(keyFile), random);
        keys.known = database.inTransaction(tx -> {
            keys.store.lock(tx);
            keys.store.endAllAsLost(tx, now);
            tx.notify(CertificateAuthority.CHANGED, "");
            return keys.completed(tx, imported, now);
        });
        return keys;
    }

    private List<SigningKey> completed(Transaction tx, Optional<ImportedAuthority> imported, Instant now) {
        var there = store.all(tx);
        Audit.note(
                tx,
                now,
                "authority.create",
                "authority",
                imported.isPresent()
                        ? "an imported root, and an issuing key"
                        : "what was missing of root and issuing key");
        if (root(there).isEmpty()) {
            var made = imported.map(ImportedAuthority::signer).orElseGet(() -> Signer.makeRoot(random, now));
            var pem = imported.map(ImportedAuthority::pem).orElseGet(() -> pem(made.certificate()));
            store.insert(tx, SigningKey.Kind.ROOT, Optional.empty(), pem, made.key(), now);
            there = store.all(tx);
        }
        if (issuing(there).isEmpty()) {
            addIssuing(tx, root(there).orElseThrow(), now);
        }
        return store.all(tx);
    }

    private void addIssuing(Transaction tx, SigningKey root, Instant now) {
        var made = root.signer().makeIssuing(random, now);
        int number = store.insert(
                tx, SigningKey.Kind.ISSUING, Optional.of(root.number()), pem(made.certificate()), made.key(), now);
        tx.afterCommit(() -> log.info("issuing key {} was made, signed by root {}", number, root.number()));
    }

    /// A new issuing key takes over, in this transaction.
    ///
    /// @param why what became of the one before
    /// @return the one before
    SigningKey replaceIssuing(Transaction tx, SigningKey.Why why, Instant now) {
        store.lock(tx);
        var before = issuing(store.all(tx)).orElseThrow();
        store.end(tx, before.number(), why, now);
        addIssuing(tx, root(store.all(tx)).orElseThrow(), now);
        tx.notify(CertificateAuthority.CHANGED, "");
        reload(tx);
        return before;
    }

    /// The root that signed nothing but the server's certificate, so that nodes of an earlier Master trust it, ends.
    ///
    /// @return whether there was one
    boolean endOldRoots(Transaction tx, Instant now) {
        store.lock(tx);
        var old = store.all(tx).stream().filter(SigningKeys::isOldRoot).toList();
        old.forEach(key -> store.end(tx, key.number(), SigningKey.Why.ROTATED, now));
        tx.notify(CertificateAuthority.CHANGED, "");
        reload(tx);
        return !old.isEmpty();
    }

    /// Reads them again when there are others.
    void reloadIfChanged(Transaction tx) {
        var count = store.count(tx);
        if (!count.equals(SigningKeyStore.Count.of(known))) {
            reload(tx);
        }
    }

    void reload(Transaction tx) {
        var before = known;
        var now = store.all(tx);
        known = now;
        if (!before.equals(now)) {
            log.info(
                    "the signing keys have changed: {} issues now", issuing(now).orElseThrow());
        }
    }

    List<SigningKey> all() {
        return known;
    }

    /// The one that signs what callers show.
    SigningKey issuing() {
        return issuing(known).orElseThrow();
    }

    /// The one that signs what the server shows: as long as there is a root of an earlier Master, that one.
    SigningKey serving() {
        return known.stream().filter(SigningKeys::isOldRoot).findFirst().orElseGet(this::issuing);
    }

    /// The signer's certificate and those above it, without the one that callers trust.
    List<X509Certificate> chain(SigningKey signer) {
        if (signer.kind() == SigningKey.Kind.ROOT) {
            return List.of();
        }
        var root = byNumber(signer.root().orElseThrow());
        var above = Stream.concat(Stream.of(root.certificate()), root.above().stream())
                .filter(certificate -> !certificate.equals(root.anchor()))
                .toList();
        var chain = new ArrayList<>(List.of(signer.certificate()));
        chain.addAll(above);
        return List.copyOf(chain);
    }

    /// What callers trust: first that which vouches for the server.
    String trustedPem() {
        var serving = serving();
        var first = serving.root().map(this::byNumber).orElse(serving);
        return Stream.concat(
                        Stream.of(first),
                        known.stream().filter(key -> key.kind() == SigningKey.Kind.ROOT && key.signs()))
                .map(SigningKey::anchor)
                .distinct()
                .map(SigningKeys::pem)
                .reduce("", String::concat);
    }

    SigningKey byNumber(int number) {
        return known.stream().filter(key -> key.number() == number).findFirst().orElseThrow();
    }

    private static Optional<SigningKey> issuing(List<SigningKey> keys) {
        return keys.reversed().stream()
                .filter(key -> key.kind() == SigningKey.Kind.ISSUING && key.signs())
                .findFirst();
    }

    private static Optional<SigningKey> root(List<SigningKey> keys) {
        return keys.reversed().stream()
                .filter(key -> key.kind() == SigningKey.Kind.ROOT
                        && key.signs()
                        && key.signer().mayRoot())
                .findFirst();
    }

    private static boolean isOldRoot(SigningKey key) {
        return key.kind() == SigningKey.Kind.ROOT
                && key.signs()
                && !key.signer().mayRoot();
    }

    private static String pem(X509Certificate certificate) {
        try {
            return Pem.certificate(certificate);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}

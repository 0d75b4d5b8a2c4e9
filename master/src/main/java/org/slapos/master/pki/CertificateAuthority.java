package org.slapos.master.pki;

import java.math.BigInteger;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slapos.master.audit.Audit;
import org.slapos.master.db.Database;
import org.slapos.master.db.Transaction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The root of trust of one cloud. Its certificates and sealed keys lie in the database, so all Masters over one
/// database are the same authority. A certificate stands for its holder by its fingerprint, looked up on each request:
/// revoking works at once, and what a thief signs with a stolen key stands for nobody.
///
/// ```
///   issue ──▶ works ──renew──▶ works beside the new one ──7 days──▶ ended
///                └────revoke────────────────┴──────────────────────▶ ended, at once
/// ```
public final class CertificateAuthority {
    /// Told with a fingerprint when that certificate stops working, or will; with nothing when anything may have
    /// changed.
    public static final String CHANGED = "certificate_changed";

    /// How long a certificate works beside the one that has taken its place.
    public static final Duration OVERLAP = Duration.ofDays(7);

    private static final Logger log = LoggerFactory.getLogger(CertificateAuthority.class);
    private static final Duration SERVER_LIFE = Duration.ofDays(2 * 365);

    private final SigningKeys keys;
    private final KeyFile keyFile;
    private final SecureRandom random;
    private final CertificateStore store = new CertificateStore();
    private final List<Consumer<String>> whenRevoked = new CopyOnWriteArrayList<>();

    private CertificateAuthority(SigningKeys keys, KeyFile keyFile, SecureRandom random) {
        this.keys = keys;
        this.keyFile = keyFile;
        this.random = random;
    }

    /// The authority of this database, made on the first call.
    ///
    /// @throws IllegalStateException when the key file is not the one it was sealed under
    public static CertificateAuthority open(Database database, KeyFile keyFile, SecureRandom random, Instant now) {
        return open(database, keyFile, random, now, Optional.empty());
    }

    /// As above, beginning with an authority that was there before.
    ///
    /// @throws IllegalStateException when this database has an authority already
    public static CertificateAuthority open(
            Database database,
            KeyFile keyFile,
            SecureRandom random,
            Instant now,
            Optional<ImportedAuthority> imported) {
        if (imported.isPresent() && isIn(database)) {
            throw new IllegalStateException(
                    "This Master has an authority already: another one can be imported only before the first start.");
        }
        return new CertificateAuthority(SigningKeys.open(database, keyFile, random, imported, now), keyFile, random);
    }

    /// The key file is lost for good: a new root and issuing key under this one. Certificates go on working; callers
    /// have to be given the new root before they trust the server again; keys that were kept are forgotten.
    public static CertificateAuthority afterLoss(
            Database database,
            KeyFile keyFile,
            SecureRandom random,
            Instant now,
            Optional<ImportedAuthority> imported) {
        var keys = SigningKeys.remake(database, keyFile, random, imported, now);
        database.inTransaction(tx -> {
            new CertificateStore().forgetKept(tx);
            Audit.note(
                    tx,
                    now,
                    "authority.recover",
                    "authority",
                    "the key file was lost: another root, kept keys forgotten");
            return 1;
        });
        return new CertificateAuthority(keys, keyFile, random);
    }

    /// Whether this database has an authority, and so needs its key file.
    public static boolean isIn(Database database) {
        return database.inTransaction(tx -> tx.handle()
                .select("SELECT EXISTS (SELECT 1 FROM signing_key)")
                .mapTo(Boolean.class)
                .one());
    }

    /// What callers trust, PEM: the root; first that which vouches for the server, should there be two.
    public String certificatePem() {
        return keys.trustedPem();
    }

    /// Makes a P-256 key pair and a certificate for the holder. An expired one of the same holder is revoked first.
    ///
    /// @throws IllegalStateException when the holder has one that works: look by [#active] before, or revoke it
    public IssuedCertificate issue(Transaction tx, Holder holder, Instant now) {
        return issue(tx, holder, Optional.empty(), now);
    }

    /// As [#issue] and [#keep], for a holder that is new: its row is written once, signed.
    ///
    /// @throws IllegalStateException when the holder has one that works
    public void issueAndKeep(Transaction tx, Holder holder, Instant now) {
        var pair = Signer.newKeyPair(random);
        var serial = Signer.newSerial(random);
        var sealed = keyFile.seal(holder.toString(), Pem.key(pair.getPrivate()));
        store.lockSigning(tx);
        for (int tried = 0; tried < 3; tried++) {
            var issuing = keys.issuing();
            var notAfter =
                    issuing.signer().latest(now.plus(holder.kind().life(false))).truncatedTo(ChronoUnit.SECONDS);
            var certificate = issuing.signer().signClient(holder, pair.getPublic(), serial, now, notAfter);
            var row = new CertificateStore.Signed(
                    serial,
                    holder,
                    now,
                    notAfter,
                    issuing.number(),
                    Pem.fingerprint(certificate),
                    subjectLine(holder) + Pem.certificate(certificate),
                    sealed);
            if (store.insert(tx, row)) {
                Audit.note(
                        tx, now, "certificate.issue", holder.reference(), serial.toString(16) + " until " + notAfter);
                tx.afterCommit(() -> log.info("issued certificate {} to {}", serial.toString(16), holder));
                return;
            }
            keys.reload(tx);
        }
        throw new IllegalStateException("Certificate still active for " + holder + ": revoke it first.");
    }

    /// As above, for the key of the request if there is one.
    public IssuedCertificate issue(Transaction tx, Holder holder, Optional<SigningRequest> request, Instant now) {
        return issueIfNone(tx, holder, request, now)
                .orElseThrow(() ->
                        new IllegalStateException("Certificate still active for " + holder + ": revoke it first."));
    }

    /// As above; nothing when the holder has one that works.
    public Optional<IssuedCertificate> issueIfNone(
            Transaction tx, Holder holder, Optional<SigningRequest> request, Instant now) {
        var issued = sign(tx, holder, request, now);
        if (issued.isPresent()
                || store.active(tx, holder)
                        .filter(old -> !old.notAfter().isAfter(now))
                        .isEmpty()) {
            return issued;
        }
        tell(tx, store.revoke(tx, holder, CertificateStore.Reason.EXPIRED, now));
        return sign(tx, holder, request, now);
    }

    /// A certificate in the place of the one that the holder has; both work for [#OVERLAP]. Asked again with the same
    /// key, it is the same certificate again: an answer that was lost costs nothing.
    ///
    /// @param request without one, the key is made here
    public IssuedCertificate renew(Transaction tx, Holder holder, Optional<SigningRequest> request, Instant now) {
        store.lockHolder(tx, holder);
        var active = store.active(tx, holder);
        var known = active.filter(old -> old.notAfter().isAfter(now))
                .filter(old -> request.filter(asked -> Arrays.equals(asked.key().getEncoded(), old.key()))
                        .isPresent());
        if (known.isPresent()) {
            return new IssuedCertificate(
                    known.get().certificatePem(),
                    "",
                    known.get().fingerprint(),
                    known.get().notAfter());
        }
        tell(tx, store.endReplaced(tx, holder, now));
        active.ifPresent(old -> store.replace(tx, holder, earlier(old.notAfter(), now.plus(OVERLAP))));
        return sign(tx, holder, request, now)
                .orElseThrow(() -> new IllegalStateException("a certificate of " + holder + " has not ended"));
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }

    /// Nothing when the holder has one without an end; then nothing is signed, nor is a key made.
    private Optional<IssuedCertificate> sign(
            Transaction tx, Holder holder, Optional<SigningRequest> request, Instant now) {
        var life = holder.kind().life(request.isPresent());
        var serial = Signer.newSerial(random);
        var notAfter = keys.issuing().signer().latest(now.plus(life)).truncatedTo(ChronoUnit.SECONDS);
        if (!store.insertIntent(tx, serial, holder, now, notAfter)) {
            return Optional.empty();
        }
        var pair = request.isPresent() ? null : Signer.newKeyPair(random);
        var key = pair == null ? request.orElseThrow().key() : pair.getPublic();
        var signed = complete(tx, serial, holder, key, now, notAfter);
        Audit.note(
                tx,
                now,
                "certificate.issue",
                holder.reference(),
                serial.toString(16) + " until " + notAfter + (pair == null ? ", for a key of its own" : ""));
        tx.afterCommit(() -> log.info("issued certificate {} to {}", serial.toString(16), holder));
        return Optional.of(new IssuedCertificate(
                signed.pem(), pair == null ? "" : Pem.key(pair.getPrivate()), signed.fingerprint(), notAfter));
    }

    private record Signed(String pem, String fingerprint) {}

    /// Signs by the issuing key of this moment, and again when it has ended meanwhile.
    private Signed complete(
            Transaction tx, BigInteger serial, Holder holder, PublicKey key, Instant now, Instant notAfter) {
        while (true) {
            var issuing = keys.issuing();
            var certificate = issuing.signer().signClient(holder, key, serial, now, notAfter);
            var signed = new Signed(subjectLine(holder) + Pem.certificate(certificate), Pem.fingerprint(certificate));
            if (store.complete(tx, serial, issuing.number(), signed.fingerprint(), signed.pem())) {
                return signed;
            }
            keys.reload(tx);
        }
    }

    private static String subjectLine(Holder holder) {
        return holder.kind() == Holder.Kind.COMPUTER
                ? "subject=/CN=" + holder.reference() + "/emailAddress=" + Signer.email(holder) + "\n"
                : "";
    }

    /// Ends what works of the holder, at once and for good; a kept key is forgotten.
    ///
    /// @return whether there was one
    public boolean revoke(Transaction tx, Holder holder, Instant now) {
        var revoked = store.revoke(tx, holder, CertificateStore.Reason.REVOKED, now);
        if (!revoked.isEmpty()) {
            Audit.note(tx, now, "certificate.revoke", holder.reference(), "all that worked: " + revoked.size());
        }
        tell(tx, revoked);
        return !revoked.isEmpty();
    }

    /// Ends one certificate, at once and for good.
    ///
    /// @param serial hexadecimal, as [ListedCertificate#serial]
    /// @return whether it worked until now
    public boolean revoke(Transaction tx, String serial, Instant now) {
        var revoked = store.revoke(tx, serial, now);
        if (revoked.isPresent()) {
            var holder = store.holderOf(tx, serial).map(Holder::reference).orElse("");
            Audit.note(tx, now, "certificate.revoke", holder, serial);
        }
        tell(tx, revoked.stream().toList());
        return revoked.isPresent();
    }

    private void tell(Transaction tx, List<String> fingerprints) {
        for (var fingerprint : fingerprints) {
            tx.notify(CHANGED, fingerprint);
            tx.afterCommit(() -> tell(fingerprint));
        }
    }

    /// Tells of each fingerprint revoked through this Master, before the transaction that revoked it returns, and of
    /// what a [CertificateWatch] hears from others; of the empty one when it may be any.
    public void whenRevoked(Consumer<String> told) {
        whenRevoked.add(told);
    }

    void tell(String fingerprint) {
        whenRevoked.forEach(told -> told.accept(fingerprint));
    }

    /// Another issuing key takes over. What the one before has signed goes on working, unless it was stolen: then all
    /// of that ends when the time of grace is over, in which holders renew.
    ///
    /// @param stolen how much time holders have; empty = the key was not stolen
    /// @return how many certificates end
    public int rotate(Transaction tx, Optional<Duration> stolen, Instant now) {
        Audit.note(
                tx,
                now,
                "authority.rotate",
                "authority",
                stolen.map(grace -> "stolen; what it signed ends in " + grace).orElse("another issuing key"));
        if (stolen.isEmpty()) {
            keys.replaceIssuing(tx, SigningKey.Why.ROTATED, now);
            return 0;
        }
        store.lockIssuing(tx);
        var before = keys.replaceIssuing(tx, SigningKey.Why.STOLEN, now);
        int ended = store.endSignedBy(tx, before.number(), now, now.plus(stolen.get()));
        tx.afterCommit(() -> tell(""));
        return ended;
    }

    /// The server stops showing a certificate that the root of an earlier Master has signed.
    ///
    /// @return whether it did until now
    public boolean endOldRoot(Transaction tx, Instant now) {
        boolean was = keys.endOldRoots(tx, now);
        if (was) {
            Audit.note(tx, now, "authority.end-old-root", "authority", "ended");
        }
        tx.afterCommit(() -> tell(""));
        return was;
    }

    /// Reads again which keys sign, when there are others.
    void reload(Transaction tx) {
        keys.reloadIfChanged(tx);
    }

    /// Changes whenever the server has to show another certificate.
    public int servingKey() {
        return keys.serving().number();
    }

    /// The holder's certificate that has no end but its time; it may have expired, see its `notAfter`. Locked until the
    /// end of the transaction.
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

    /// What was kept, until it ends.
    public Optional<IssuedCertificate> kept(Transaction tx, Holder holder) {
        return store.kept(tx, holder).map(row -> opened(holder, row));
    }

    /// What was kept, unless it is time to renew it.
    public Optional<IssuedCertificate> keptAndFresh(Transaction tx, Holder holder, Instant now) {
        return store.kept(tx, holder)
                .filter(row -> now.isBefore(ActiveCertificate.renewFrom(row.issuedAt(), row.notAfter())))
                .map(row -> opened(holder, row));
    }

    private IssuedCertificate opened(Holder holder, CertificateStore.KeptRow row) {
        return new IssuedCertificate(
                row.certificate(), keyFile.open(holder.toString(), row.sealedKey()), row.fingerprint(), row.notAfter());
    }

    /// Whose certificate has this SHA-256 fingerprint (lower-case hexadecimal); empty when it is none of ours.
    public Optional<KnownCertificate> known(Transaction tx, String fingerprint) {
        return store.known(tx, fingerprint);
    }

    /// Who of that name holds a certificate that works.
    public Optional<Holder> holderNamed(Transaction tx, String reference, Instant now) {
        return store.holderNamed(tx, reference, now);
    }

    /// Who holds, or held, the certificate of this serial number.
    public Optional<Holder> holderOf(Transaction tx, String serial) {
        return store.holderOf(tx, serial);
    }

    /// Those of the fingerprints whose certificates work.
    public Set<String> working(Transaction tx, Collection<String> fingerprints, Instant now) {
        return Set.copyOf(store.working(tx, fingerprints, now));
    }

    /// Certificates with what a list shows of them, by holder.
    ///
    /// @param holders nothing = everybody's
    /// @param all     also those that do not work any more
    public List<ListedCertificate> list(
            Transaction tx, Optional<Collection<Holder>> holders, boolean all, Instant now, int limit, int offset) {
        return store.list(tx, holders, all, now, limit, offset);
    }

    /// Why a certificate that is not known here does not work, in words for who shows it. No cryptography: anybody may
    /// show anything, as often as they like.
    public String stranger(X509Certificate shown) {
        var issuer = shown.getIssuerX500Principal();
        boolean isOurs = keys.all().stream()
                .anyMatch(key -> key.certificate().getSubjectX500Principal().equals(issuer));
        if (!isOurs) {
            return "The client certificate shown was not issued by this Master.";
        }
        return isForServers(shown)
                ? "The certificate shown is for servers: it stands for no client."
                : "The client certificate shown names this Master's authority, which has no record of it.";
    }

    private static boolean isForServers(X509Certificate shown) {
        try {
            var usage = shown.getExtendedKeyUsage();
            return usage != null && !usage.contains("1.3.6.1.5.5.7.3.2");
        } catch (java.security.cert.CertificateParsingException _) {
            return false;
        }
    }

    /// A new certificate and key for the Master's own server; they live in memory only.
    ///
    /// @param names host names, IPv4 and IPv6 addresses
    public ServerIdentity server(List<String> names, Instant now) {
        var serving = keys.serving();
        var pair = Signer.newKeyPair(random);
        var certificate = serving.signer()
                .signServer(names, pair.getPublic(), Signer.newSerial(random), now, now.plus(SERVER_LIFE));
        var chain = Stream.concat(Stream.of(certificate), keys.chain(serving).stream())
                .toList();
        return new ServerIdentity(chain, pair.getPrivate(), serving.number());
    }

    /// A key that signs, or did, as lists show it.
    public record ListedKey(int number, String kind, String state, String subject, Instant made, Instant notAfter) {}

    /// All keys that ever signed, the oldest first.
    public List<ListedKey> signingKeys() {
        return keys.all().stream()
                .map(key -> new ListedKey(
                        key.number(),
                        key.kind().name(),
                        key.ended()
                                .map(ended -> ended.why().name().toLowerCase(Locale.ROOT) + " " + ended.at())
                                .orElse("signs"),
                        key.certificate().getSubjectX500Principal().getName(),
                        key.made(),
                        key.certificate().getNotAfter().toInstant()))
                .toList();
    }

    SigningKeys keys() {
        return keys;
    }
}

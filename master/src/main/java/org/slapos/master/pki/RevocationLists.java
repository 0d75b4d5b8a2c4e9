package org.slapos.master.pki;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509CRL;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slapos.master.db.Database;

/// The lists of revoked certificates (RFC 5280, 5), one for each key that has signed, for outsiders: this Master looks
/// certificates up. A list is made when it is asked for and something has changed, at most every ten seconds, and at
/// least every hour. Any thread.
public final class RevocationLists {
    private static final Duration REST = Duration.ofSeconds(10);
    private static final Duration LIFE = Duration.ofDays(1);
    private static final Duration FRESH = Duration.ofHours(1);

    private final Database database;
    private final InstantSource clock;
    private final CertificateAuthority authority;
    private final CertificateStore store = new CertificateStore();
    private final Map<Integer, Made> made = new ConcurrentHashMap<>();
    private final AtomicLong changes = new AtomicLong();

    private record Made(X509CRL list, Instant at, long changes) {}

    /// @param version changes with the bytes
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Published(byte[] bytes, String version) {}

    public RevocationLists(Database database, InstantSource clock, CertificateAuthority authority) {
        this.database = database;
        this.clock = clock;
        this.authority = authority;
        authority.whenRevoked(_ -> changes.incrementAndGet());
    }

    /// The list of the key that issues now, DER.
    public Published current() {
        return der(authority.keys().issuing());
    }

    /// The list of one signing key, DER; nothing when there is no such key, or its key is lost.
    public Optional<Published> of(int number) {
        return signing().stream()
                .filter(key -> key.number() == number)
                .findFirst()
                .map(this::der);
    }

    /// The lists of all signing keys, PEM.
    public Published all() {
        var text = new StringBuilder();
        var version = new StringBuilder();
        for (var key : signing()) {
            var list = list(key);
            try {
                text.append(Pem.list(list.list()));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
            version.append(version(key, list)).append('.');
        }
        return new Published(text.toString().getBytes(StandardCharsets.US_ASCII), version.toString());
    }

    private List<SigningKey> signing() {
        return authority.keys().all().stream()
                .filter(key -> key.key().isPresent())
                .toList();
    }

    private Published der(SigningKey key) {
        var list = list(key);
        try {
            return new Published(list.list().getEncoded(), version(key, list));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String version(SigningKey key, Made list) {
        return key.number() + "-" + list.at().toEpochMilli();
    }

    private Made list(SigningKey key) {
        var now = clock.instant();
        return made.compute(key.number(), (_, known) -> {
            long seen = changes.get();
            boolean isGood = known != null
                    && !now.isBefore(known.at())
                    && (now.isBefore(known.at().plus(REST))
                            || (known.changes() == seen
                                    && now.isBefore(known.at().plus(FRESH))));
            return isGood ? known : new Made(sign(key, now), now, seen);
        });
    }

    private X509CRL sign(SigningKey key, Instant now) {
        var isRoot = key.kind() == SigningKey.Kind.ROOT;
        var signed = isRoot && key.signer().mayRoot()
                ? stolenBelow(key)
                : database.inTransaction(
                        tx -> store.revokedBy(tx, isRoot ? Optional.empty() : Optional.of(key.number()), now));
        return key.signer().signList(signed, BigInteger.valueOf(now.toEpochMilli()), now, now.plus(LIFE));
    }

    private List<Signer.Revoked> stolenBelow(SigningKey root) {
        return authority.keys().all().stream()
                .filter(key -> key.root().equals(Optional.of(root.number())))
                .flatMap(key -> key
                        .ended()
                        .filter(ended -> ended.why() == SigningKey.Why.STOLEN)
                        .map(ended -> new Signer.Revoked(key.certificate().getSerialNumber(), ended.at(), 2))
                        .stream())
                .toList();
    }
}

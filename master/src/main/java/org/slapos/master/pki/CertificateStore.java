package org.slapos.master.pki;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slapos.master.db.Transaction;

/// The tables `certificate` and `certificate_use`.
final class CertificateStore {
    /// Why a certificate ended before its time, or with it.
    enum Reason {
        REVOKED,
        REPLACED,
        EXPIRED,
        KEY_STOLEN
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    record KeptRow(String certificate, byte[] sealedKey, String fingerprint, Instant issuedAt, Instant notAfter) {}

    /// Who signs holds this until the end of the transaction; who ends a stolen key waits for them all.
    void lockIssuing(Transaction tx) {
        tx.handle().execute("SELECT pg_advisory_xact_lock(hashtext('issuing key'))");
    }

    /// As one of those who sign, and wait for who ends a stolen key.
    void lockSigning(Transaction tx) {
        tx.handle().execute("SELECT pg_advisory_xact_lock_shared(hashtext('issuing key'))");
    }

    /// A certificate that is signed already, with its key.
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Signed(
            BigInteger serial,
            Holder holder,
            Instant now,
            Instant notAfter,
            int issuer,
            String fingerprint,
            String certificate,
            byte[] sealedKey) {}

    /// Under [#lockSigning].
    ///
    /// @return whether it was written: not when the issuing key has ended meanwhile, or the holder has one already
    boolean insert(Transaction tx, Signed signed) {
        return tx.handle()
                        .execute(
                                """
                                INSERT INTO certificate (serial, holder_kind, holder, intended_at, not_after, fingerprint,
                                    certificate, issuer, sealed_key)
                                SELECT ?, ?, ?, ?::timestamptz, ?::timestamptz, ?, ?, id, ?
                                FROM signing_key WHERE id = ? AND ended_at IS NULL
                                ON CONFLICT (holder_kind, holder) WHERE revoked_at IS NULL DO NOTHING""",
                                signed.serial().toString(16),
                                signed.holder().kind().name(),
                                signed.holder().reference(),
                                signed.now().atOffset(ZoneOffset.UTC),
                                signed.notAfter().atOffset(ZoneOffset.UTC),
                                signed.fingerprint(),
                                signed.certificate(),
                                signed.sealedKey(),
                                signed.issuer())
                == 1;
    }

    /// @return whether it was written: not when the holder has one without an end
    boolean insertIntent(Transaction tx, BigInteger serial, Holder holder, Instant now, Instant notAfter) {
        return tx.handle()
                        .execute(
                                """
                                WITH held AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared(hashtext('issuing key')))
                                INSERT INTO certificate (serial, holder_kind, holder, intended_at, not_after)
                                SELECT ?, ?, ?, ?::timestamptz, ?::timestamptz FROM held
                                ON CONFLICT (holder_kind, holder) WHERE revoked_at IS NULL DO NOTHING""",
                                serial.toString(16),
                                holder.kind().name(),
                                holder.reference(),
                                now.atOffset(ZoneOffset.UTC),
                                notAfter.atOffset(ZoneOffset.UTC))
                == 1;
    }

    /// @return whether it was written: not when the issuing key has ended meanwhile
    boolean complete(Transaction tx, BigInteger serial, int issuer, String fingerprint, String certificate) {
        return tx.handle().execute("""
                                UPDATE certificate SET fingerprint = ?, certificate = ?, issuer = ?
                                WHERE serial = ?
                                  AND EXISTS (SELECT 1 FROM signing_key WHERE id = ? AND ended_at IS NULL)""", fingerprint, certificate, issuer, serial.toString(16), issuer) == 1;
    }

    /// Ends what works of the holder at once.
    ///
    /// @return its fingerprints
    List<String> revoke(Transaction tx, Holder holder, Reason reason, Instant now) {
        return tx.handle()
                .createQuery("""
                        UPDATE certificate SET revoked_at = :now, reason = :reason, sealed_key = NULL,
                            changed_in = pg_current_xact_id()
                        WHERE holder_kind = :kind AND holder = :holder AND (revoked_at IS NULL OR revoked_at > :now)
                        RETURNING coalesce(fingerprint, '')""")
                .bind("now", now.atOffset(ZoneOffset.UTC))
                .bind("reason", reason.name())
                .bind("kind", holder.kind().name())
                .bind("holder", holder.reference())
                .mapTo(String.class)
                .list();
    }

    /// Ends one certificate that works.
    ///
    /// @return its fingerprint
    Optional<String> revoke(Transaction tx, String serial, Instant now) {
        return tx.handle()
                .createQuery("""
                        UPDATE certificate SET revoked_at = :now, reason = 'REVOKED', sealed_key = NULL,
                            changed_in = pg_current_xact_id()
                        WHERE serial = :serial AND (revoked_at IS NULL OR revoked_at > :now) AND not_after > :now
                        RETURNING coalesce(fingerprint, '')""")
                .bind("now", now.atOffset(ZoneOffset.UTC))
                .bind("serial", serial)
                .mapTo(String.class)
                .findOne();
    }

    /// Ends what an issuing key has signed, now or later.
    ///
    /// @return how many
    int endSignedBy(Transaction tx, int issuer, Instant now, Instant end) {
        return tx.handle()
                .createUpdate("""
                        UPDATE certificate SET revoked_at = :end, reason = 'KEY_STOLEN', sealed_key = NULL,
                            changed_in = pg_current_xact_id()
                        WHERE issuer = :issuer AND not_after > :now AND (revoked_at IS NULL OR revoked_at > :end)""")
                .bind("now", now.atOffset(ZoneOffset.UTC))
                .bind("end", end.atOffset(ZoneOffset.UTC))
                .bind("issuer", issuer)
                .execute();
    }

    /// The holder's certificate without an end gets one: another takes its place.
    void replace(Transaction tx, Holder holder, Instant end) {
        tx.handle().execute("""
                        UPDATE certificate SET revoked_at = ?, reason = 'REPLACED', sealed_key = NULL,
                            changed_in = pg_current_xact_id()
                        WHERE holder_kind = ? AND holder = ? AND revoked_at IS NULL""", end.atOffset(ZoneOffset.UTC), holder.kind().name(), holder.reference());
    }

    /// Two renewals of one holder at once: the second sees what the first did.
    void lockHolder(Transaction tx, Holder holder) {
        tx.handle().execute("SELECT pg_advisory_xact_lock(hashtextextended(?, 30))", holder.toString());
    }

    /// Those that were replaced before and still work end now.
    List<String> endReplaced(Transaction tx, Holder holder, Instant now) {
        return tx.handle()
                .createQuery("""
                        UPDATE certificate SET revoked_at = :now, changed_in = pg_current_xact_id()
                        WHERE holder_kind = :kind AND holder = :holder AND reason = 'REPLACED'
                          AND revoked_at > :now AND not_after > :now
                        RETURNING fingerprint""")
                .bind("now", now.atOffset(ZoneOffset.UTC))
                .bind("kind", holder.kind().name())
                .bind("holder", holder.reference())
                .mapTo(String.class)
                .list();
    }

    /// Locked until the end of the transaction.
    Optional<ActiveCertificate> active(Transaction tx, Holder holder) {
        return tx.handle()
                .createQuery("""
                        SELECT fingerprint, certificate, intended_at, not_after FROM certificate
                        WHERE holder_kind = :kind AND holder = :holder AND revoked_at IS NULL
                          AND fingerprint IS NOT NULL FOR UPDATE""")
                .bind("kind", holder.kind().name())
                .bind("holder", holder.reference())
                .map((row, _) -> new ActiveCertificate(
                        row.getString(1), row.getString(2), instant(row, 3), instant(row, 4), key(row.getString(2))))
                .findOne();
    }

    private static byte[] key(String pem) {
        try {
            return Pem.readCertificate(pem).getPublicKey().getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a stored certificate cannot be read", e);
        }
    }

    int keep(Transaction tx, Holder holder, String fingerprint, byte[] sealedKey) {
        return tx.handle().execute("""
                        UPDATE certificate SET sealed_key = ?
                        WHERE fingerprint = ? AND holder_kind = ? AND holder = ? AND revoked_at IS NULL""", sealedKey, fingerprint, holder.kind().name(), holder.reference());
    }

    Optional<KeptRow> kept(Transaction tx, Holder holder) {
        return tx.handle()
                .createQuery("""
                        SELECT certificate, sealed_key, fingerprint, intended_at, not_after FROM certificate
                        WHERE holder_kind = :kind AND holder = :holder AND revoked_at IS NULL
                          AND sealed_key IS NOT NULL""")
                .bind("kind", holder.kind().name())
                .bind("holder", holder.reference())
                .map((row, _) -> new KeptRow(
                        row.getString(1), row.getBytes(2), row.getString(3), instant(row, 4), instant(row, 5)))
                .findOne();
    }

    /// Keys that were sealed under a key file that is lost.
    void forgetKept(Transaction tx) {
        tx.handle().execute("UPDATE certificate SET sealed_key = NULL WHERE sealed_key IS NOT NULL");
    }

    Optional<KnownCertificate> known(Transaction tx, String fingerprint) {
        return tx.handle()
                .createQuery("""
                        SELECT holder_kind, holder, not_after, revoked_at, reason FROM certificate
                        WHERE fingerprint = :fingerprint""")
                .bind("fingerprint", fingerprint)
                .map((row, _) -> new KnownCertificate(
                        holder(row),
                        instant(row, 3),
                        maybe(row, 4),
                        Reason.REPLACED.name().equals(row.getString(5))))
                .findOne();
    }

    /// Who holds a certificate that works, by the name in its subject.
    Optional<Holder> holderNamed(Transaction tx, String reference, Instant now) {
        return tx.handle()
                .createQuery("""
                        SELECT DISTINCT holder_kind, holder FROM certificate
                        WHERE holder = :holder AND fingerprint IS NOT NULL AND not_after > :now
                          AND (revoked_at IS NULL OR revoked_at > :now)""")
                .bind("holder", reference)
                .bind("now", now.atOffset(ZoneOffset.UTC))
                .map((row, _) -> holder(row))
                .findOne();
    }

    Optional<Holder> holderOf(Transaction tx, String serial) {
        return tx.handle()
                .createQuery("SELECT holder_kind, holder FROM certificate"
                        + " WHERE serial = :serial AND fingerprint IS NOT NULL")
                .bind("serial", serial)
                .map((row, _) -> holder(row))
                .findOne();
    }

    /// Which of them work.
    List<String> working(Transaction tx, Collection<String> fingerprints, Instant now) {
        return tx.handle()
                .createQuery("""
                        SELECT fingerprint FROM certificate WHERE fingerprint = ANY (:fingerprints)
                          AND not_after > :now AND (revoked_at IS NULL OR revoked_at > :now)""")
                .bindArray("fingerprints", String.class, fingerprints.toArray())
                .bind("now", now.atOffset(ZoneOffset.UTC))
                .mapTo(String.class)
                .list();
    }

    /// @param holders empty = all
    /// @param all     those that have ended, too
    List<ListedCertificate> list(
            Transaction tx, Optional<Collection<Holder>> holders, boolean all, Instant now, int limit, int offset) {
        var kinds = holders.stream()
                .flatMap(Collection::stream)
                .map(holder -> holder.kind().name());
        var names = holders.stream().flatMap(Collection::stream).map(Holder::reference);
        return tx.handle()
                .createQuery("""
                        SELECT c.holder_kind, c.holder, c.serial, c.fingerprint, c.intended_at, c.not_after,
                               c.revoked_at, c.reason, u.used_at, c.issuer
                        FROM certificate c LEFT JOIN certificate_use u USING (fingerprint)
                        WHERE c.fingerprint IS NOT NULL
                          AND (:everybody OR (c.holder_kind, c.holder)
                               IN (SELECT * FROM unnest(:kinds, :names)))
                          AND (:all OR (c.not_after > :now AND (c.revoked_at IS NULL OR c.revoked_at > :now)))
                        ORDER BY c.holder_kind, c.holder, c.intended_at LIMIT :limit OFFSET :offset""")
                .bind("everybody", holders.isEmpty())
                .bindArray("kinds", String.class, kinds.toArray())
                .bindArray("names", String.class, names.toArray())
                .bind("all", all)
                .bind("now", now.atOffset(ZoneOffset.UTC))
                .bind("limit", limit)
                .bind("offset", offset)
                .map((row, _) -> new ListedCertificate(
                        row.getString("serial"),
                        holder(row),
                        row.getString("fingerprint"),
                        instant(row, 5),
                        instant(row, 6),
                        maybe(row, 7),
                        Optional.ofNullable(row.getString("reason")).orElse(""),
                        maybe(row, 9),
                        row.getInt("issuer")))
                .list();
    }

    /// Of those that a key has signed and whose time is not over, the ended ones.
    ///
    /// @param issuer empty = the root of an earlier Master
    List<Signer.Revoked> revokedBy(Transaction tx, Optional<Integer> issuer, Instant now) {
        return tx.handle()
                .createQuery("""
                        SELECT serial, revoked_at, reason FROM certificate
                        WHERE issuer IS NOT DISTINCT FROM :issuer AND fingerprint IS NOT NULL
                          AND revoked_at <= :now AND not_after > :now
                        ORDER BY revoked_at, serial""")
                .bind("issuer", issuer.orElse(null))
                .bind("now", now.atOffset(ZoneOffset.UTC))
                .map((row, _) -> new Signer.Revoked(
                        new BigInteger(row.getString(1), 16), instant(row, 2), code(row.getString(3))))
                .list();
    }

    /// RFC 5280, 5.3.1: unspecified, superseded, cACompromise.
    private static int code(String reason) {
        return switch (Reason.valueOf(Optional.ofNullable(reason).orElse("REVOKED"))) {
            case REVOKED, EXPIRED -> 0;
            case REPLACED -> 4;
            case KEY_STOLEN -> 2;
        };
    }

    /// What a watch has seen: all transactions below this one.
    long horizon(Transaction tx) {
        return tx.handle()
                .select("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
                .mapTo(Long.class)
                .one();
    }

    /// The fingerprints whose end was moved by a transaction not below the horizon, or has come since.
    List<String> changedSince(Transaction tx, long horizon, Instant last, Instant now) {
        return tx.handle()
                .createQuery("""
                        SELECT fingerprint FROM certificate
                        WHERE changed_in >= :horizon::text::xid8 AND changed_in < pg_snapshot_xmax(pg_current_snapshot())
                        UNION SELECT fingerprint FROM certificate WHERE revoked_at > :last AND revoked_at <= :now
                        UNION SELECT fingerprint FROM certificate WHERE not_after > :last AND not_after <= :now""")
                .bind("horizon", horizon)
                .bind("last", last.atOffset(ZoneOffset.UTC))
                .bind("now", now.atOffset(ZoneOffset.UTC))
                .mapTo(String.class)
                .filter(fingerprint -> fingerprint != null)
                .list();
    }

    void used(Transaction tx, Map<String, Instant> shown) {
        // In order: two Masters that write at once never wait in a circle.
        var sorted = new TreeMap<>(shown);
        tx.handle()
                .createUpdate("""
                        INSERT INTO certificate_use AS known (fingerprint, used_at)
                        SELECT * FROM unnest(:fingerprints, :times::timestamptz[])
                        ON CONFLICT (fingerprint) DO UPDATE SET used_at = greatest(known.used_at, excluded.used_at)""")
                .bindArray("fingerprints", String.class, sorted.keySet().toArray())
                .bindArray(
                        "times",
                        String.class,
                        sorted.values().stream().map(Instant::toString).toArray())
                .execute();
    }

    private static Holder holder(ResultSet row) throws SQLException {
        return new Holder(Holder.Kind.valueOf(row.getString("holder_kind")), row.getString("holder"));
    }

    private static Instant instant(ResultSet row, int column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static Optional<Instant> maybe(ResultSet row, int column) throws SQLException {
        return Optional.ofNullable(row.getObject(column, OffsetDateTime.class)).map(OffsetDateTime::toInstant);
    }
}

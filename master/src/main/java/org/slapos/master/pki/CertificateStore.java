package org.slapos.master.pki;

import java.math.BigInteger;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.slapos.master.db.Transaction;

/// The tables `authority` and `certificate`.
final class CertificateStore {
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record AuthorityRow(String certificate, byte[] sealedKey) {}

    @SuppressWarnings("ArrayRecordComponent") // never compared
    record KeptRow(String certificate, byte[] sealedKey, String fingerprint, Instant notAfter) {}

    Optional<AuthorityRow> authority(Transaction tx) {
        return tx.handle()
                .select("SELECT certificate, sealed_key FROM authority")
                .map((row, _) -> new AuthorityRow(row.getString(1), row.getBytes(2)))
                .findOne();
    }

    void insertAuthority(Transaction tx, AuthorityRow row) {
        tx.handle()
                .execute(
                        "INSERT INTO authority VALUES (1, ?, ?) ON CONFLICT (id) DO NOTHING",
                        row.certificate(),
                        row.sealedKey());
    }

    /// @return whether it was written: not when the holder has one that is not revoked
    boolean insertIntent(Transaction tx, BigInteger serial, Holder holder, Instant now, Instant notAfter) {
        return tx.handle()
                        .execute(
                                """
                                INSERT INTO certificate (serial, holder_kind, holder, intended_at, not_after)
                                VALUES (?, ?, ?, ?, ?) ON CONFLICT (holder_kind, holder) WHERE revoked_at IS NULL DO NOTHING""",
                                serial.toString(16),
                                holder.kind().name(),
                                holder.reference(),
                                now.atOffset(ZoneOffset.UTC),
                                notAfter.atOffset(ZoneOffset.UTC))
                == 1;
    }

    void complete(Transaction tx, BigInteger serial, String fingerprint, String certificate) {
        tx.handle()
                .execute(
                        "UPDATE certificate SET fingerprint = ?, certificate = ? WHERE serial = ?",
                        fingerprint,
                        certificate,
                        serial.toString(16));
    }

    /// The fingerprints of what was revoked by this call.
    List<String> revoke(Transaction tx, Holder holder, Instant now) {
        return tx.handle()
                .createQuery("""
                        UPDATE certificate SET revoked_at = :now, sealed_key = NULL
                        WHERE holder_kind = :kind AND holder = :holder AND revoked_at IS NULL
                        RETURNING coalesce(fingerprint, '')""")
                .bind("now", now.atOffset(ZoneOffset.UTC))
                .bind("kind", holder.kind().name())
                .bind("holder", holder.reference())
                .mapTo(String.class)
                .list();
    }

    Optional<ActiveCertificate> active(Transaction tx, Holder holder) {
        return tx.handle()
                .createQuery("""
                        SELECT fingerprint, certificate, not_after FROM certificate
                        WHERE holder_kind = :kind AND holder = :holder AND revoked_at IS NULL
                          AND fingerprint IS NOT NULL""")
                .bind("kind", holder.kind().name())
                .bind("holder", holder.reference())
                .map((row, _) -> new ActiveCertificate(row.getString(1), row.getString(2), instant(row, 3)))
                .findOne();
    }

    int keep(Transaction tx, Holder holder, String fingerprint, byte[] sealedKey) {
        return tx.handle().execute("""
                        UPDATE certificate SET sealed_key = ?
                        WHERE fingerprint = ? AND holder_kind = ? AND holder = ? AND revoked_at IS NULL""", sealedKey, fingerprint, holder.kind().name(), holder.reference());
    }

    Optional<KeptRow> kept(Transaction tx, Holder holder) {
        return tx.handle()
                .createQuery("""
                        SELECT certificate, sealed_key, fingerprint, not_after FROM certificate
                        WHERE holder_kind = :kind AND holder = :holder AND revoked_at IS NULL
                          AND sealed_key IS NOT NULL""")
                .bind("kind", holder.kind().name())
                .bind("holder", holder.reference())
                .map((row, _) -> new KeptRow(row.getString(1), row.getBytes(2), row.getString(3), instant(row, 4)))
                .findOne();
    }

    Optional<KnownCertificate> known(Transaction tx, String fingerprint) {
        return tx.handle()
                .createQuery("""
                        SELECT holder_kind, holder, not_after, revoked_at IS NOT NULL FROM certificate
                        WHERE fingerprint = :fingerprint""")
                .bind("fingerprint", fingerprint)
                .map((row, _) -> new KnownCertificate(
                        new Holder(Holder.Kind.valueOf(row.getString(1)), row.getString(2)),
                        instant(row, 3),
                        row.getBoolean(4)))
                .findOne();
    }

    private static Instant instant(ResultSet row, int column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}

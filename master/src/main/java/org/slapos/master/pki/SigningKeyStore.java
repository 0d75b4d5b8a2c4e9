package org.slapos.master.pki;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.slapos.master.db.Transaction;

/// The table `signing_key`.
final class SigningKeyStore {
    private static final String PURPOSE = "the authority";

    private final KeyFile keyFile;

    SigningKeyStore(KeyFile keyFile) {
        this.keyFile = keyFile;
    }

    /// Keys are only added and ended: who knows as many of both knows all.
    record Count(long all, long ended) {
        static Count of(List<SigningKey> keys) {
            return new Count(
                    keys.size(),
                    keys.stream().filter(key -> key.ended().isPresent()).count());
        }
    }

    Count count(Transaction tx) {
        return tx.handle()
                .select("SELECT count(*), count(ended_at) FROM signing_key")
                .map((row, _) -> new Count(row.getLong(1), row.getLong(2)))
                .one();
    }

    /// All, the oldest first.
    ///
    /// @throws IllegalStateException when the key file is not the one they were sealed under
    List<SigningKey> all(Transaction tx) {
        return tx.handle()
                .select("SELECT id, kind, root, certificate, sealed_key, made_at, ended_at, ended_why"
                        + " FROM signing_key ORDER BY id")
                .map((row, _) -> key(row))
                .list();
    }

    /// One at a time may add or end keys.
    void lock(Transaction tx) {
        tx.handle().execute("LOCK TABLE signing_key IN SHARE ROW EXCLUSIVE MODE");
    }

    int insert(Transaction tx, SigningKey.Kind kind, Optional<Integer> root, String pem, PrivateKey key, Instant now) {
        return tx.handle()
                .createQuery("""
                        INSERT INTO signing_key (kind, root, certificate, sealed_key, made_at)
                        VALUES (:kind, :root, :pem, :sealed, :now) RETURNING id""")
                .bind("kind", kind.name())
                .bind("root", root.orElse(null))
                .bind("pem", pem)
                .bind("sealed", keyFile.seal(PURPOSE, Pem.key(key)))
                .bind("now", now.atOffset(ZoneOffset.UTC))
                .mapTo(Integer.class)
                .one();
    }

    void end(Transaction tx, int number, SigningKey.Why why, Instant now) {
        tx.handle()
                .execute(
                        "UPDATE signing_key SET ended_at = ?, ended_why = ? WHERE id = ? AND ended_at IS NULL",
                        now.atOffset(ZoneOffset.UTC),
                        why.name(),
                        number);
    }

    /// Before the keys are opened, which may not be possible any more.
    void endAllAsLost(Transaction tx, Instant now) {
        tx.handle()
                .execute(
                        "UPDATE signing_key SET sealed_key = NULL, ended_why = coalesce(ended_why, 'LOST'),"
                                + " ended_at = coalesce(ended_at, ?)",
                        now.atOffset(ZoneOffset.UTC));
    }

    private SigningKey key(ResultSet row) throws SQLException {
        var sealed = row.getBytes("sealed_key");
        var ended = row.getObject("ended_at", OffsetDateTime.class);
        int root = row.getInt("root");
        boolean hasRoot = !row.wasNull();
        try {
            var chain = Pem.readCertificates(row.getString("certificate"));
            return new SigningKey(
                    row.getInt("id"),
                    SigningKey.Kind.valueOf(row.getString("kind")),
                    hasRoot ? Optional.of(root) : Optional.empty(),
                    chain.getFirst(),
                    chain.subList(1, chain.size()),
                    sealed == null ? Optional.empty() : Optional.of(Pem.readKey(keyFile.open(PURPOSE, sealed))),
                    row.getObject("made_at", OffsetDateTime.class).toInstant(),
                    ended == null
                            ? Optional.empty()
                            : Optional.of(new SigningKey.Ended(
                                    ended.toInstant(), SigningKey.Why.valueOf(row.getString("ended_why")))));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot read signing key " + row.getInt("id") + ": " + e.getMessage(), e);
        }
    }
}

package org.slapos.master.party;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import org.slapos.master.db.Transaction;

/// The table `mail`: what is still to be sent.
final class MailStore {
    /// @param root where the link leads
    record Due(long id, Token.Scope scope, String person, String recipient, URI root, int attempts) {}

    void insert(Transaction tx, Token.Scope scope, String person, String recipient, URI root, Instant now) {
        tx.handle()
                .execute(
                        "DELETE FROM mail WHERE sent_at < ?::timestamptz - interval '30 days'",
                        now.atOffset(ZoneOffset.UTC));
        tx.handle()
                .execute(
                        """
                        INSERT INTO mail (scope, person, recipient, root, created_at, next_at)
                        VALUES (?, ?, ?, ?, ?, ?)""",
                        scope.name(),
                        person,
                        recipient,
                        root.toString(),
                        now.atOffset(ZoneOffset.UTC),
                        now.atOffset(ZoneOffset.UTC));
        tx.notify(DeliverMail.CHANNEL, "");
    }

    /// The next that is due, and not before the pause due again for anybody else.
    Optional<Due> take(Transaction tx, Duration pause, Instant now) {
        return tx.handle()
                .createQuery("""
                        UPDATE mail SET attempts = attempts + 1, next_at = :again
                        WHERE id = (SELECT id FROM mail WHERE sent_at IS NULL AND next_at <= :now
                            ORDER BY next_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
                        RETURNING id, scope, person, recipient, root, attempts""")
                .bind("now", now.atOffset(ZoneOffset.UTC))
                .bind("again", now.plus(pause).atOffset(ZoneOffset.UTC))
                .map((row, _) -> new Due(
                        row.getLong(1),
                        Token.Scope.valueOf(row.getString(2)),
                        row.getString(3),
                        row.getString(4),
                        URI.create(row.getString(5)),
                        row.getInt(6)))
                .findOne();
    }

    void sent(Transaction tx, long id, Instant now) {
        tx.handle().execute("UPDATE mail SET sent_at = ?, error = '' WHERE id = ?", now.atOffset(ZoneOffset.UTC), id);
    }

    void failed(Transaction tx, long id, String error, Instant again) {
        tx.handle()
                .execute(
                        "UPDATE mail SET error = ?, next_at = ? WHERE id = ?",
                        error,
                        again.atOffset(ZoneOffset.UTC),
                        id);
    }
}

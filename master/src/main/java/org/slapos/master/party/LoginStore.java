package org.slapos.master.party;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import org.slapos.master.db.Transaction;

/// The table `login`.
final class LoginStore {
    record Login(String name, String person, String hash, boolean blocked) {}

    private static final String COLUMNS = "SELECT name, person, password_hash, blocked_at IS NOT NULL FROM login ";

    Optional<Login> named(Transaction tx, String name) {
        return find(tx, "name", name);
    }

    Optional<Login> of(Transaction tx, String person) {
        return find(tx, "person", person);
    }

    private static Optional<Login> find(Transaction tx, String column, String value) {
        return tx.handle()
                .createQuery(COLUMNS + "WHERE " + column + " = :value")
                .bind("value", value)
                .map((row, _) -> new Login(row.getString(1), row.getString(2), row.getString(3), row.getBoolean(4)))
                .findOne();
    }

    /// @return whether nobody had that name, nor the person one
    boolean insert(Transaction tx, String name, String person, String hash, Instant now) {
        return tx.handle().execute("""
                                INSERT INTO login (name, person, password_hash, changed_at) VALUES (?, ?, ?, ?)
                                ON CONFLICT DO NOTHING""", name, person, hash, now.atOffset(ZoneOffset.UTC)) == 1;
    }

    void setPassword(Transaction tx, String person, String hash, Instant now) {
        tx.handle()
                .execute(
                        "UPDATE login SET password_hash = ?, changed_at = ? WHERE person = ?",
                        hash,
                        now.atOffset(ZoneOffset.UTC),
                        person);
    }

    /// @param since nothing = it is not
    void setBlocked(Transaction tx, String person, Optional<Instant> since) {
        tx.handle()
                .execute(
                        "UPDATE login SET blocked_at = ? WHERE person = ?",
                        since.map(at -> at.atOffset(ZoneOffset.UTC)).orElse(null),
                        person);
    }

    void delete(Transaction tx, String person) {
        tx.handle().execute("DELETE FROM login WHERE person = ?", person);
    }
}

package org.slapos.master.party;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.slapos.master.db.Transaction;

/// The table `session`.
final class SessionStore {
    private static final String COLUMNS = "id, person, way, address, agent, created_at, used_at, expires_at, ended_at";

    /// Those that ended long ago go at the same time.
    Session insert(
            Transaction tx, String hash, String person, String way, SignIn.From from, Duration life, Instant now) {
        tx.handle()
                .execute(
                        "DELETE FROM session WHERE expires_at < ?::timestamptz - interval '30 days'",
                        now.atOffset(ZoneOffset.UTC));
        return tx.handle()
                .createQuery("""
                        INSERT INTO session (hash, person, way, address, agent, created_at, used_at, expires_at)
                        VALUES (:hash, :person, :way, :address, :agent, :now, :now, :expires) RETURNING %s""".formatted(COLUMNS))
                .bind("hash", hash)
                .bind("person", person)
                .bind("way", way)
                .bind("address", from.address())
                .bind("agent", from.agent())
                .bind("now", now.atOffset(ZoneOffset.UTC))
                .bind("expires", now.plus(life).atOffset(ZoneOffset.UTC))
                .map((row, _) -> session(row))
                .one();
    }

    Optional<Session> find(Transaction tx, String hash) {
        return tx.handle()
                .createQuery("SELECT " + COLUMNS + " FROM session WHERE hash = :hash")
                .bind("hash", hash)
                .map((row, _) -> session(row))
                .findOne();
    }

    Optional<Session> find(Transaction tx, long id) {
        return tx.handle()
                .createQuery("SELECT " + COLUMNS + " FROM session WHERE id = :id")
                .bind("id", id)
                .map((row, _) -> session(row))
                .findOne();
    }

    /// Those of a person that have not ended, the latest first.
    List<Session> open(Transaction tx, String person, Instant now) {
        return tx.handle()
                .createQuery("SELECT " + COLUMNS + """
                         FROM session WHERE person = :person AND ended_at IS NULL AND expires_at > :now
                        ORDER BY id DESC LIMIT 1000""")
                .bind("person", person)
                .bind("now", now.atOffset(ZoneOffset.UTC))
                .map((row, _) -> session(row))
                .list();
    }

    void use(Transaction tx, long id, Instant now) {
        tx.handle().execute("UPDATE session SET used_at = ? WHERE id = ?", now.atOffset(ZoneOffset.UTC), id);
    }

    /// The hash of the session that this ended.
    Optional<String> end(Transaction tx, long id, Instant now) {
        return tx.handle()
                .createQuery("UPDATE session SET ended_at = :now WHERE id = :id AND ended_at IS NULL RETURNING hash")
                .bind("now", now.atOffset(ZoneOffset.UTC))
                .bind("id", id)
                .mapTo(String.class)
                .findOne();
    }

    private static Session session(ResultSet row) throws SQLException {
        return new Session(
                row.getLong("id"),
                row.getString("person"),
                row.getString("way"),
                row.getString("address"),
                row.getString("agent"),
                row.getObject("created_at", OffsetDateTime.class).toInstant(),
                row.getObject("used_at", OffsetDateTime.class).toInstant(),
                row.getObject("expires_at", OffsetDateTime.class).toInstant(),
                Optional.ofNullable(row.getObject("ended_at", OffsetDateTime.class))
                        .map(OffsetDateTime::toInstant));
    }
}

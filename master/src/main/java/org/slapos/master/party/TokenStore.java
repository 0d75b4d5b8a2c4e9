package org.slapos.master.party;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.slapos.master.db.Transaction;

/// The table `token`.
final class TokenStore {
    private static final int DAYS_TO_EXPLAIN = 30;
    private static final String COLUMNS =
            "id, scope, party, project, function, path, created_at, expires_at, used_at, withdrawn_at";

    /// Tokens long expired go at the same time; the others are kept to explain why they do not work.
    long insert(Transaction tx, Token token, String party, Token.Bound bound, Instant now) {
        tx.handle()
                .execute(
                        "DELETE FROM token WHERE expires_at < ?::timestamptz - make_interval(days => ?)",
                        now.atOffset(ZoneOffset.UTC),
                        DAYS_TO_EXPLAIN);
        return tx.handle()
                .createQuery("""
                        INSERT INTO token (hash, scope, party, project, function, path, created_at, expires_at)
                        VALUES (:hash, :scope, :party, :project, :function, :path, :now, :expires) RETURNING id""")
                .bind("hash", Token.hash(token.text()))
                .bind("scope", token.scope().name())
                .bind("party", party)
                .bind("project", bound.project().orElse(null))
                .bind("function", bound.function().map(Function::wire).orElse(null))
                .bind("path", bound.path().orElse(null))
                .bind("now", now.atOffset(ZoneOffset.UTC))
                .bind("expires", token.expires().atOffset(ZoneOffset.UTC))
                .mapTo(Long.class)
                .one();
    }

    /// Locked until the transaction ends: of two that show the same token, one waits for the other.
    Optional<IssuedToken> lock(Transaction tx, String text) {
        return tx.handle()
                .createQuery("SELECT " + COLUMNS + " FROM token WHERE hash = :hash FOR UPDATE")
                .bind("hash", Token.hash(text))
                .map((row, _) -> token(row))
                .findOne();
    }

    /// For one that works as often as one likes.
    Optional<IssuedToken> find(Transaction tx, String text) {
        return tx.handle()
                .createQuery("SELECT " + COLUMNS + " FROM token WHERE hash = :hash")
                .bind("hash", Token.hash(text))
                .map((row, _) -> token(row))
                .findOne();
    }

    Optional<IssuedToken> find(Transaction tx, long id) {
        return tx.handle()
                .createQuery("SELECT " + COLUMNS + " FROM token WHERE id = :id FOR UPDATE")
                .bind("id", id)
                .map((row, _) -> token(row))
                .findOne();
    }

    /// Those a person asked for, the latest first.
    List<IssuedToken> of(Transaction tx, String person, int limit) {
        return tx.handle()
                .createQuery("SELECT " + COLUMNS + " FROM token WHERE party = :person ORDER BY id DESC LIMIT :limit")
                .bind("person", person)
                .bind("limit", limit)
                .map((row, _) -> token(row))
                .list();
    }

    int use(Transaction tx, String text, Instant now) {
        return tx.handle()
                .execute(
                        "UPDATE token SET used_at = ? WHERE hash = ? AND used_at IS NULL AND withdrawn_at IS NULL",
                        now.atOffset(ZoneOffset.UTC),
                        Token.hash(text));
    }

    void withdraw(Transaction tx, long id, Instant now) {
        tx.handle()
                .execute(
                        "UPDATE token SET withdrawn_at = ? WHERE id = ? AND withdrawn_at IS NULL",
                        now.atOffset(ZoneOffset.UTC),
                        id);
    }

    /// Those of one purpose that a person has not used yet.
    void withdrawAll(Transaction tx, String person, Token.Scope scope, Instant now) {
        tx.handle().execute("""
                        UPDATE token SET withdrawn_at = ?
                        WHERE party = ? AND scope = ? AND used_at IS NULL AND withdrawn_at IS NULL""", now.atOffset(ZoneOffset.UTC), person, scope.name());
    }

    private static IssuedToken token(ResultSet row) throws SQLException {
        return new IssuedToken(
                row.getLong("id"),
                Token.Scope.valueOf(row.getString("scope")),
                row.getString("party"),
                new Token.Bound(
                        Optional.ofNullable(row.getString("project")),
                        Optional.ofNullable(row.getString("function")).flatMap(Function::ofWire),
                        Optional.ofNullable(row.getString("path"))),
                row.getObject("created_at", OffsetDateTime.class).toInstant(),
                row.getObject("expires_at", OffsetDateTime.class).toInstant(),
                instant(row, "used_at"),
                instant(row, "withdrawn_at"));
    }

    private static Optional<Instant> instant(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getObject(column, OffsetDateTime.class)).map(OffsetDateTime::toInstant);
    }
}

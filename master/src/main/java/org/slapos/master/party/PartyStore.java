package org.slapos.master.party;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import org.slapos.master.db.Transaction;

/// The tables `party`, `person` and `token`.
final class PartyStore {
    private static final int DAYS_TO_EXPLAIN = 30;

    record TokenRow(Token.Scope scope, String party, Instant expires, Optional<Instant> used) {}

    /// The person that was there first, locked until the transaction ends.
    Optional<String> firstPerson(Transaction tx) {
        return tx.handle()
                .select("SELECT reference FROM party WHERE kind = 'PERSON' ORDER BY created_at, reference LIMIT 1"
                        + " FOR UPDATE")
                .mapTo(String.class)
                .findOne();
    }

    /// Two Masters that start at once on an empty database make one first person.
    void lockPeople(Transaction tx) {
        tx.handle().execute("SELECT pg_advisory_xact_lock(hashtext('first person'))");
    }

    String insertPerson(Transaction tx, String title, Instant now) {
        return tx.handle()
                .createQuery("""
                        WITH made AS (
                            INSERT INTO party (reference, kind, title, created_at)
                            VALUES ('PERSON-' || nextval('person_number'), 'PERSON', :title, :now)
                            RETURNING reference)
                        INSERT INTO person (reference) SELECT reference FROM made RETURNING reference""")
                .bind("title", title)
                .bind("now", now.atOffset(ZoneOffset.UTC))
                .mapTo(String.class)
                .one();
    }

    void ownDefaultProject(Transaction tx, String person) {
        tx.handle()
                .execute("UPDATE project SET owner = ? WHERE reference = ? AND owner IS NULL", person, Project.DEFAULT);
    }

    /// Tokens long expired go at the same time; the others are kept to explain why they do not work.
    void insertToken(Transaction tx, Token token, String party, Instant now) {
        tx.handle()
                .execute(
                        "DELETE FROM token WHERE expires_at < ?::timestamptz - make_interval(days => ?)",
                        now.atOffset(ZoneOffset.UTC),
                        DAYS_TO_EXPLAIN);
        tx.handle()
                .execute(
                        "INSERT INTO token (hash, scope, party, created_at, expires_at) VALUES (?, ?, ?, ?, ?)",
                        Token.hash(token.text()),
                        token.scope().name(),
                        party,
                        now.atOffset(ZoneOffset.UTC),
                        token.expires().atOffset(ZoneOffset.UTC));
    }

    /// Locked until the transaction ends: of two that show the same token, one waits for the other.
    Optional<TokenRow> token(Transaction tx, String text) {
        return tx.handle()
                .createQuery("SELECT scope, party, expires_at, used_at FROM token WHERE hash = :hash FOR UPDATE")
                .bind("hash", Token.hash(text))
                .map((row, _) -> new TokenRow(
                        Token.Scope.valueOf(row.getString(1)),
                        row.getString(2),
                        row.getObject(3, OffsetDateTime.class).toInstant(),
                        Optional.ofNullable(row.getObject(4, OffsetDateTime.class))
                                .map(OffsetDateTime::toInstant)))
                .findOne();
    }

    int useToken(Transaction tx, String text, Instant now) {
        return tx.handle()
                .execute(
                        "UPDATE token SET used_at = ? WHERE hash = ? AND used_at IS NULL",
                        now.atOffset(ZoneOffset.UTC),
                        Token.hash(text));
    }
}

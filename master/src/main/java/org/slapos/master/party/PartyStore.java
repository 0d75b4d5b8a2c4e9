package org.slapos.master.party;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slapos.master.db.Transaction;
import org.slapos.master.party.Party.Detail;
import org.slapos.master.party.Party.Kind;

/// The tables `party`, `person`, `organisation`, `project` and `network`.
final class PartyStore {
    private static final String PARTIES = """
            SELECT p.reference, p.kind, p.title, p.state, p.created_at, e.first_name, e.last_name, e.email, e.new_email, e.employer,
                e.payer, o.vat_code, o.region, o.address, j.owner, n.project
            FROM party p
            LEFT JOIN person e ON e.reference = p.reference
            LEFT JOIN organisation o ON o.reference = p.reference
            LEFT JOIN project j ON j.reference = p.reference
            LEFT JOIN network n ON n.reference = p.reference
            """;

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

    /// Whoever gives somebody that address waits for others who do, from here to the end of the transaction.
    void serializeEmail(Transaction tx, String email) {
        tx.handle().execute("SELECT pg_advisory_xact_lock(hashtextextended(lower(?), 7))", email);
    }

    String insertPerson(Transaction tx, String title, Instant now) {
        return insert(tx, Kind.PERSON, title, Map.of(), PartyState.VALIDATED, now);
    }

    /// @param details those of its kind
    String insert(Transaction tx, Kind kind, String title, Map<Detail, String> details, PartyState state, Instant now) {
        var reference = tx.handle()
                .createQuery("""
                        INSERT INTO party (reference, kind, title, created_at, state)
                        VALUES (:prefix || nextval(CAST(:sequence AS regclass)), :kind, :title, :now, :state)
                        RETURNING reference""")
                .bind("prefix", prefix(kind))
                .bind("sequence", kind.wire() + "_number")
                .bind("kind", kind.name())
                .bind("title", title)
                .bind("now", now.atOffset(ZoneOffset.UTC))
                .bind("state", state.wire())
                .mapTo(String.class)
                .one();
        if (kind == Kind.NETWORK) {
            tx.handle()
                    .execute(
                            "INSERT INTO network (reference, project) VALUES (?, ?)",
                            reference,
                            details.get(Detail.PROJECT));
        } else {
            tx.handle().execute("INSERT INTO " + kind.wire() + " (reference) VALUES (?)", reference);
            details.forEach((detail, text) -> set(tx, reference, detail, text));
        }
        return reference;
    }

    private static String prefix(Kind kind) {
        return switch (kind) {
            case PERSON -> "PERSON-";
            case ORGANISATION -> "ORG-";
            case PROJECT -> "PROJ-";
            case NETWORK -> "NET-";
        };
    }

    void set(Transaction tx, String reference, Detail detail, String text) {
        boolean isReference = detail == Detail.EMPLOYER || detail == Detail.PAYER || detail == Detail.OWNER;
        tx.handle()
                .execute(
                        "UPDATE " + detail.kind().wire() + " SET " + detail.wire() + " = ? WHERE reference = ?",
                        isReference && text.isEmpty() ? null : text,
                        reference);
    }

    void rename(Transaction tx, String reference, String title) {
        tx.handle().execute("UPDATE party SET title = ? WHERE reference = ?", title, reference);
    }

    void setState(Transaction tx, String reference, PartyState state) {
        tx.handle().execute("UPDATE party SET state = ? WHERE reference = ?", state.wire(), reference);
    }

    Optional<Party> find(Transaction tx, String reference) {
        return tx.handle()
                .createQuery(PARTIES + "WHERE p.reference = :reference")
                .bind("reference", reference)
                .map((row, _) -> party(row))
                .findOne();
    }

    /// As [#find], and nobody else changes it until the transaction ends.
    Optional<Party> lock(Transaction tx, String reference) {
        return tx.handle()
                .createQuery(PARTIES + "WHERE p.reference = :reference FOR NO KEY UPDATE OF p")
                .bind("reference", reference)
                .map((row, _) -> party(row))
                .findOne();
    }

    Optional<Party> personOfEmail(Transaction tx, String email) {
        return tx.handle()
                .createQuery(PARTIES + "WHERE lower(e.email) = :email")
                .bind("email", email.toLowerCase(Locale.ROOT))
                .map((row, _) -> party(row))
                .findOne();
    }

    /// Of one kind, by age.
    ///
    /// @param all      whether all are visible; else only `me`, its employer, and what is in these projects
    List<Party> list(Transaction tx, Kind kind, boolean all, String me, List<String> projects, int limit, int offset) {
        return tx.handle()
                .createQuery(PARTIES + """
                        WHERE p.kind = :kind AND (:all OR p.reference = :me OR j.reference = ANY(:projects)
                            OR n.project = ANY(:projects)
                            OR p.reference = (SELECT employer FROM person WHERE reference = :me))
                        ORDER BY p.created_at, p.reference LIMIT :limit OFFSET :offset""")
                .bind("kind", kind.name())
                .bind("all", all)
                .bind("me", me)
                .bind("projects", projects.toArray(String[]::new))
                .bind("limit", limit)
                .bind("offset", offset)
                .map((row, _) -> party(row))
                .list();
    }

    void ownDefaultProject(Transaction tx, String person) {
        tx.handle()
                .execute("UPDATE project SET owner = ? WHERE reference = ? AND owner IS NULL", person, Project.DEFAULT);
    }

    /// Whether somebody other than this one is a system manager, and validated; nobody else changes that until the
    /// transaction ends.
    boolean hasOtherSystemManager(Transaction tx, String person) {
        tx.handle().execute("SELECT pg_advisory_xact_lock(hashtext('system manager'))");
        return tx.handle()
                .createQuery("""
                        SELECT EXISTS (SELECT FROM assignment a JOIN party p ON p.reference = a.person
                            WHERE a.function = 'system/manager' AND a.closed_at IS NULL AND p.state = 'validated'
                                AND a.person <> :person)""")
                .bind("person", person)
                .mapTo(Boolean.class)
                .one();
    }

    private static Party party(ResultSet row) throws SQLException {
        var kind = Kind.valueOf(row.getString("kind"));
        var details = new EnumMap<Detail, String>(Detail.class);
        for (var detail : Detail.values()) {
            var text = detail.kind() == kind ? row.getString(detail.wire()) : null;
            if (text != null && !text.isEmpty()) {
                details.put(detail, text);
            }
        }
        return new Party(
                row.getString("reference"),
                kind,
                row.getString("title"),
                PartyState.ofWire(row.getString("state")),
                row.getObject("created_at", OffsetDateTime.class).toInstant(),
                details);
    }
}

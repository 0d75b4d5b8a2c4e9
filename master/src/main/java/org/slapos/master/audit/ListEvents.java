package org.slapos.master.audit;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import org.slapos.master.db.Database;

/// Reads the audit trail, the latest first. Any thread.
public final class ListEvents {
    public static final int AT_MOST = 1000;

    private final Database database;

    public ListEvents(Database database) {
        this.database = database;
    }

    /// Which events.
    ///
    /// @param object empty = any
    /// @param who    empty = anybody's
    /// @param before older than this one, for the next page; empty = from the latest
    public record Wanted(Optional<String> object, Optional<String> who, Optional<Long> before) {}

    /// @param most at most so many, and never more than [#AT_MOST]
    public List<Event> list(Wanted wanted, int most) {
        var condition = new StringBuilder("true");
        wanted.object().ifPresent(_ -> condition.append(" AND object = :object"));
        wanted.who().ifPresent(_ -> condition.append(" AND who = :who"));
        wanted.before().ifPresent(_ -> condition.append(" AND id < :before"));
        return database.inTransaction(tx -> {
            var query = tx.handle().createQuery("""
                    SELECT id, at, who, proof, address, request, action, object, before, after FROM event
                    WHERE %s ORDER BY id DESC LIMIT :most""".formatted(condition));
            wanted.object().ifPresent(object -> query.bind("object", object));
            wanted.who().ifPresent(who -> query.bind("who", who));
            wanted.before().ifPresent(before -> query.bind("before", before));
            return query.bind("most", Math.clamp(most, 1, AT_MOST))
                    .map((row, _) -> event(row))
                    .list();
        });
    }

    private static Event event(ResultSet row) throws SQLException {
        return new Event(
                row.getLong(1),
                row.getObject(2, OffsetDateTime.class).toInstant(),
                row.getString(3),
                row.getString(4),
                row.getString(5),
                row.getString(6),
                row.getString(7),
                row.getString(8),
                row.getString(9),
                row.getString(10));
    }
}

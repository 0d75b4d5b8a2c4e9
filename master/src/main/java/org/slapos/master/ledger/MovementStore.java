package org.slapos.master.ledger;

import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.slapos.master.db.Transaction;

final class MovementStore {
    private static final String COLUMNS =
            "id, cause, resource, unit, source, destination, item, start_at, stop_at, quantity";

    Optional<Long> insert(Transaction tx, String cause, Transfer what, Instant start) {
        return tx.handle()
                .createQuery("""
                        INSERT INTO movement (cause, resource, unit, source, destination, item, start_at)
                        VALUES (:cause, :resource, :unit, :source, :destination, :item, :start)
                        ON CONFLICT (cause) DO NOTHING
                        RETURNING id""")
                .bind("cause", cause)
                .bind("resource", what.resource())
                .bind("unit", what.unit())
                .bind("source", what.source())
                .bind("destination", what.destination())
                .bind("item", what.item())
                .bind("start", start.atOffset(ZoneOffset.UTC))
                .mapTo(Long.class)
                .findOne();
    }

    /// The open Movement of that cause, locked until the transaction ends: two who close it do so once.
    Optional<Movement> open(Transaction tx, String cause) {
        return tx.handle()
                .createQuery("SELECT " + COLUMNS + " FROM movement WHERE cause = :cause AND stop_at IS NULL FOR UPDATE")
                .bind("cause", cause)
                .map((row, _) -> movement(row))
                .findOne();
    }

    void complete(Transaction tx, long id, Instant stop, BigDecimal quantity) {
        tx.handle()
                .createUpdate("""
                        UPDATE movement SET stop_at = GREATEST(start_at, :stop), quantity = :quantity
                        WHERE id = :id AND stop_at IS NULL""")
                .bind("id", id)
                .bind("stop", stop.atOffset(ZoneOffset.UTC))
                .bind("quantity", quantity)
                .execute();
    }

    void insertPosting(Transaction tx, long movement, String side, String party, BigDecimal quantity) {
        tx.handle()
                .createUpdate("""
                        INSERT INTO posting (movement_id, side, party, quantity)
                        VALUES (:movement, :side, :party, :quantity)""")
                .bind("movement", movement)
                .bind("side", side)
                .bind("party", party)
                .bind("quantity", quantity)
                .execute();
    }

    List<Movement> newest(Transaction tx, Collection<String> parties, int limit, long offset) {
        return tx.handle()
                .createQuery("SELECT " + COLUMNS + """
                         FROM movement WHERE source = ANY (:parties) OR destination = ANY (:parties)
                        ORDER BY id DESC LIMIT :limit OFFSET :offset""")
                .bindArray("parties", String.class, parties.toArray())
                .bind("limit", limit)
                .bind("offset", offset)
                .map((row, _) -> movement(row))
                .list();
    }

    boolean isBalanced(Transaction tx) {
        return tx.handle().createQuery("""
                        SELECT NOT EXISTS (
                          SELECT 1 FROM movement LEFT JOIN posting ON posting.movement_id = movement.id
                          GROUP BY movement.id, movement.stop_at
                          HAVING count(posting.side) <> CASE WHEN movement.stop_at IS NULL THEN 0 ELSE 2 END
                              OR coalesce(sum(posting.quantity), 0) <> 0)""").mapTo(Boolean.class).one();
    }

    private static Movement movement(ResultSet row) throws SQLException {
        return new Movement(
                row.getLong("id"),
                row.getString("cause"),
                new Transfer(
                        row.getString("resource"),
                        row.getString("unit"),
                        row.getString("source"),
                        row.getString("destination"),
                        row.getString("item")),
                row.getObject("start_at", OffsetDateTime.class).toInstant(),
                Optional.ofNullable(row.getObject("stop_at", OffsetDateTime.class))
                        .map(OffsetDateTime::toInstant),
                Optional.ofNullable(row.getBigDecimal("quantity")));
    }
}

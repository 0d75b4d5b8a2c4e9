package org.slapos.master.ledger;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import org.slapos.master.db.Transaction;

/// Posts Movements. Every method works inside the caller's transaction, so that what caused a Movement and the Movement
/// itself are kept together or not at all.
public final class Ledger {
    private static final BigDecimal MICROSECONDS = BigDecimal.valueOf(1_000_000);
    private static final int MAX_LISTED = 1000;

    private final MovementStore store = new MovementStore();

    /// Opens a Movement whose end is not known yet.
    ///
    /// @return whether it is new; `false` when that cause opened or posted one before
    public boolean open(Transaction tx, String cause, Transfer what, Instant start) {
        return store.insert(tx, cause, what, start).isPresent();
    }

    /// Closes the open Movement of that cause; its quantity is the seconds since its start, at least one microsecond.
    ///
    /// @return whether there was one to close
    public boolean close(Transaction tx, String cause, Instant stop) {
        var open = store.open(tx, cause);
        open.ifPresent(
                movement -> complete(tx, movement.id(), movement.transfer(), stop, seconds(movement.start(), stop)));
        return open.isPresent();
    }

    /// Posts a Movement of a known quantity.
    ///
    /// @param quantity more than zero, with at most six decimals after rounding
    /// @return whether it is new; `false` when that cause posted or opened one before
    public boolean post(Transaction tx, String cause, Transfer what, Instant start, Instant stop, BigDecimal quantity) {
        var rounded = quantity.setScale(6, RoundingMode.HALF_EVEN);
        if (rounded.signum() <= 0) {
            throw new IllegalArgumentException(
                    "a Movement carries a positive quantity, not " + quantity + " (cause " + cause + ")");
        }
        var id = store.insert(tx, cause, what, start);
        id.ifPresent(found -> complete(tx, found, what, stop, rounded));
        return id.isPresent();
    }

    /// Those that one of the parties delivered or got, the newest first; at most 1000 at a time.
    public List<Movement> newest(Transaction tx, Collection<String> parties, int limit, long offset) {
        return store.newest(tx, parties, Math.clamp(limit, 0, MAX_LISTED), Math.max(0, offset));
    }

    /// Whether each closed Movement has its two postings, and the postings of each resource sum to zero.
    public boolean isBalanced(Transaction tx) {
        return store.isBalanced(tx);
    }

    private void complete(Transaction tx, long id, Transfer what, Instant stop, BigDecimal quantity) {
        store.complete(tx, id, stop, quantity);
        store.insertPosting(tx, id, "source", what.source(), quantity.negate());
        store.insertPosting(tx, id, "destination", what.destination(), quantity);
    }

    /// A clock that was set back in between gives no negative hosting.
    private static BigDecimal seconds(Instant start, Instant stop) {
        long microseconds = Math.max(1, Duration.between(start, stop).toNanos() / 1000);
        return BigDecimal.valueOf(microseconds).divide(MICROSECONDS, 6, RoundingMode.HALF_EVEN);
    }
}

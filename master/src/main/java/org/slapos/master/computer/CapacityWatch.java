package org.slapos.master.computer;

import java.time.Instant;
import org.slapos.master.db.Transaction;

/// Told inside the transaction in which a Computer became such that more may be placed there: a partition is free,
/// software is supplied, it is open, cheaper, or otherwise what somebody waits for.
@FunctionalInterface
public interface CapacityWatch {
    /// @param computer its number
    /// @param from     when it begins to hold: now, or later
    void capacityGrew(Transaction tx, long computer, Instant from);

    /// There is less than before: that SoftwareRelease is not supplied there any more, for some or for all.
    default void supplyEnded(Transaction tx, long computer, String release, Instant now) {}
}

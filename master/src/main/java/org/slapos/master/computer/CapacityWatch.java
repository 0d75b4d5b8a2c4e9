package org.slapos.master.computer;

import java.time.Instant;
import org.slapos.master.db.Transaction;

/// Told inside the transaction in which partitions became free or software was supplied, so that what waits for a
/// place gets it there and then.
@FunctionalInterface
public interface CapacityWatch {
    void capacityGrew(Transaction tx, Instant now);
}

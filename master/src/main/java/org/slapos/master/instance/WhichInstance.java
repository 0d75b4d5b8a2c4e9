package org.slapos.master.instance;

import org.slapos.master.Problem;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.PartitionId;

/// How a caller names a live instance.
public sealed interface WhichInstance {
    /// The plain instance in a partition.
    record InPartition(ComputerId computer, PartitionId partition) implements WhichInstance {}

    /// A shared instance that lives in a partition.
    ///
    /// @param reference `SOFTINST-n`
    record SharedIn(ComputerId computer, PartitionId partition, String reference) implements WhichInstance {}

    /// Any instance by `SOFTINST-n`.
    record Named(String reference) implements WhichInstance {}

    /// What to say when there is none.
    default Problem missing() {
        return Problem.notFound(
                switch (this) {
                    case InPartition(var computer, var partition) ->
                        "No instance on " + computer + ", partition " + partition;
                    case SharedIn(var computer, var partition, var reference) ->
                        "No shared instance '" + reference + "' on " + computer + ", partition " + partition;
                    case Named(var reference) -> "No instance '" + reference + "'";
                });
    }
}

package org.slapos.node.usage;

import java.nio.file.Path;
import java.util.Set;
import org.slapos.protocol.PartitionId;

/// A partition whose use is measured.
///
/// @param reference what movements call it: its user, or the partition itself when users are shared
/// @param uid       of its processes, when the user is its own
/// @param roots     pids of its supervised processes: with what they started they are the partition's processes when
///                  the user is shared
public record MeasuredPartition(
        PartitionId partition, String reference, Path directory, int uid, boolean userIsShared, Set<Long> roots) {
    public MeasuredPartition {
        roots = Set.copyOf(roots);
    }
}

package org.slapos.node.usage;

import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import org.slapos.node.host.MachineUse;
import org.slapos.node.host.ProcessDetail;
import org.slapos.protocol.PartitionId;

/// All that was measured at one moment.
///
/// @param cpuPercent busy, of all processors, since the sample before
record Sample(Instant when, MachineUse machine, double cpuPercent, List<OfPartition> partitions) {
    Sample {
        partitions = List.copyOf(partitions);
    }

    OffsetDateTime utc() {
        return when.atOffset(ZoneOffset.UTC);
    }

    /// @param name      what tables call it: its user, or the partition itself when users are shared
    /// @param uid       of its directory, as `gid`
    /// @param processes in the order of their use of the processors, most first
    /// @param diskKib   its size when it was last measured; 0 when it never was
    record OfPartition(
            PartitionId id, Path directory, String name, int uid, int gid, List<OfProcess> processes, long diskKib) {
        OfPartition {
            processes = List.copyOf(processes);
        }
    }

    /// @param cpuPercent    of one processor, since the sample before
    /// @param memoryPercent of the machine's
    record OfProcess(ProcessDetail detail, double cpuPercent, double memoryPercent) {}
}

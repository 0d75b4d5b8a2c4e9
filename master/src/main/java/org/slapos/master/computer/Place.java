package org.slapos.master.computer;

import java.util.List;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.PartitionId;

/// Where an instance is, as far as its requester and its node get to read it.
///
/// @param desiredAt of the partition: microseconds, strictly growing
public record Place(
        ComputerId computer, PartitionId partition, List<ComputerPartition.Address> addresses, long desiredAt) {
    public Place {
        addresses = List.copyOf(addresses);
    }

    public static Place of(Computer computer, ComputerPartition partition) {
        return new Place(computer.reference(), partition.reference(), partition.addresses(), partition.desiredAt());
    }
}

package org.slapos.master.proxy;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A ComputerPartition, free or holding an instance.
///
/// @param timestamp seconds since 1970; when the instance had to be processed anew, kept when it goes; 0 = never
record Partition(
        PartitionKey key, List<Address> addresses, @Nullable Instance instance, double timestamp) {
    Partition {
        addresses = List.copyOf(addresses);
    }

    /// @param interfaceName of the partition's tap, or the partition's reference when it has none
    record Address(String interfaceName, String address, String netmask) {}

    static Partition free(PartitionKey key, List<Address> addresses) {
        return new Partition(key, addresses, null, 0);
    }

    Optional<Instance> held() {
        return Optional.ofNullable(instance);
    }

    /// Whether it holds the root of that tree, or an instance requested in it.
    boolean isInTree(String rootTitle) {
        return held().filter(held -> held.rootTitle().equals(rootTitle)).isPresent();
    }

    Partition holding(Instance other) {
        return new Partition(key, addresses, other, timestamp);
    }

    Partition emptied() {
        return new Partition(key, addresses, null, timestamp);
    }

    Partition with(List<Address> others) {
        return new Partition(key, others, instance, timestamp);
    }

    /// To be processed again.
    Partition touched(double now) {
        return new Partition(key, addresses, instance, now);
    }
}

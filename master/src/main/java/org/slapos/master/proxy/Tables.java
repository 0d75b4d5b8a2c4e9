package org.slapos.master.proxy;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slapos.protocol.SoftwareState;

/// All that proxy mode knows, in the order in which it came. Not thread safe: [State] hands out what may be changed,
/// and never changes what it has shown.
final class Tables {
    final Map<String, Computer> computers = new LinkedHashMap<>();
    final Map<SoftwareKey, SoftwareState> software = new LinkedHashMap<>();
    final Map<PartitionKey, Partition> partitions = new LinkedHashMap<>();
    final Map<SharedInstance.Key, SharedInstance> sharedInstances = new LinkedHashMap<>();
    final Set<Forwarded> forwarded = new LinkedHashSet<>();

    /// The folder that software given by a path lies in.
    String softwareRoot = "/";

    record Computer(String reference, String address, String netmask) {}

    record SoftwareKey(String computer, String url) {}

    /// A request that went to another Master.
    record Forwarded(String reference, String master) {}

    Tables copy() {
        var copy = new Tables();
        copy.computers.putAll(computers);
        copy.software.putAll(software);
        copy.partitions.putAll(partitions);
        copy.sharedInstances.putAll(sharedInstances);
        copy.forwarded.addAll(forwarded);
        copy.softwareRoot = softwareRoot;
        return copy;
    }

    void save(Partition partition) {
        partitions.put(partition.key(), partition);
    }

    void save(SharedInstance shared) {
        sharedInstances.put(shared.key(), shared);
    }

    /// @throws Refusal when there is none
    Partition partition(PartitionKey key) {
        var found = partitions.get(key);
        if (found == null) {
            throw Refusal.unknownPartition(key);
        }
        return found;
    }

    List<Partition> partitionsOf(String computer) {
        return partitions.values().stream()
                .filter(partition -> partition.key().computer().equals(computer))
                .toList();
    }

    /// Partitions that hold an instance.
    Stream<Partition> busy() {
        return partitions.values().stream().filter(partition -> partition.held().isPresent());
    }

    /// The plain instance of that title in a tree; `requestedBy` is empty for a root.
    Optional<Partition> plain(String title, String requestedBy) {
        return busy().filter(partition -> partition
                        .held()
                        .filter(held ->
                                held.title().equals(title) && held.requestedBy().equals(requestedBy))
                        .isPresent())
                .findFirst();
    }

    /// The SharedInstance of that title, on any Computer.
    Optional<SharedInstance> shared(String title, String askedBy) {
        return sharedInstances.values().stream()
                .filter(shared ->
                        shared.title().equals(title) && shared.askedBy().equals(askedBy))
                .findFirst();
    }

    /// What its host holds of a SharedInstance; nothing once it is requested destroyed.
    Optional<Instance.Hosted> entry(SharedInstance shared) {
        return Optional.ofNullable(partitions.get(shared.host()))
                .flatMap(Partition::held)
                .flatMap(host -> host.hosted(shared.reference()));
    }
}

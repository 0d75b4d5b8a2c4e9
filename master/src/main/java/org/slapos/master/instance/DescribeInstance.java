package org.slapos.master.instance;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.slapos.master.computer.Computers;
import org.slapos.master.computer.Place;
import org.slapos.master.db.Transaction;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.InstanceXml;

/// Says of a placed instance what its requester and its node get to read. A shared one is where its host is.
final class DescribeInstance {
    /// The parameter by which an instance gets back where it keeps its backup.
    static final String BACKUP = "backup_url";

    private final Computers computers = new Computers();
    private final SharedStore shared = new SharedStore();
    private final TreeStore trees = new TreeStore();

    /// What its requester gets to read. The instance must have a place.
    InstanceInformation describe(Transaction tx, SoftwareInstance instance) {
        return describe(tx, instance, Optional.empty());
    }

    /// @param known its tree, where it is at hand
    InstanceInformation describe(Transaction tx, SoftwareInstance instance, Optional<InstanceTree> known) {
        long id = instance.partition()
                .or(() -> instance.host().flatMap(host -> shared.partitionOf(tx, host)))
                .orElseThrow();
        var tree = known.orElseGet(() -> trees.get(tx, instance.tree()));
        return describe(
                instance,
                tree.title(),
                computers.place(tx, id),
                instance.isShared() ? List.of() : shared.in(tx, instance.id()));
    }

    /// What its requester gets to read.
    ///
    /// @param hosted the shared instances that live in it
    static InstanceInformation describe(
            SoftwareInstance instance, String treeTitle, Place place, List<SoftwareInstance> hosted) {
        var entries = started(hosted).map(DescribeInstance::unmergedEntry).toList();
        return information(
                instance, treeTitle, place, entries, instance.status().text());
    }

    /// What its node gets to read.
    ///
    /// @param hosted the shared instances that live in it
    /// @param status as much of it as is shown
    static InstanceInformation describe(
            SoftwareInstance instance, String treeTitle, Place place, List<SoftwareInstance> hosted, String status) {
        var entries = started(hosted).map(DescribeInstance::mergedEntry).toList();
        var described = information(instance, treeTitle, place, entries, status);
        return instance.backup().isEmpty() ? described : described.with(BACKUP, instance.backup());
    }

    private static Stream<SoftwareInstance> started(List<SoftwareInstance> shared) {
        return shared.stream().filter(SoftwareInstance::isStarted);
    }

    /// As a node gets it: its parameters, below them what was published for it.
    private static Map<String, String> mergedEntry(SoftwareInstance shared) {
        var entry = new TreeMap<>(shared.connection());
        entry.putAll(shared.desire().parameters());
        entry.putAll(head(shared));
        return entry;
    }

    /// As a requester gets it: both documents as they are.
    private static Map<String, String> unmergedEntry(SoftwareInstance shared) {
        var entry = new TreeMap<>(head(shared));
        entry.put("xml", InstanceXml.write(shared.desire().parameters()));
        entry.put("connection_xml", InstanceXml.write(shared.connection()));
        return entry;
    }

    private static Map<String, String> head(SoftwareInstance shared) {
        return Map.of(
                "slave_reference", shared.reference(),
                "slave_title", shared.title(),
                "slap_software_type", shared.desire().type(),
                "timestamp", Long.toString(shared.sharing().orElseThrow().desiredAt()));
    }

    private static InstanceInformation information(
            SoftwareInstance instance,
            String treeTitle,
            Place place,
            List<Map<String, String>> sharedEntries,
            String status) {
        var desire = instance.desire();
        return new InstanceInformation(
                place.computer(),
                place.partition(),
                instance.reference(),
                instance.title(),
                treeTitle,
                "",
                desire.release(),
                desire.type(),
                desire.state(),
                desire.parameters(),
                instance.connection(),
                desire.conditions(),
                place.addresses().stream()
                        .filter(address -> address.gateway().isEmpty())
                        .map(address -> List.of(address.networkInterface(), address.address()))
                        .toList(),
                place.addresses().stream()
                        .filter(address -> !address.gateway().isEmpty())
                        .map(address -> List.of(
                                address.networkInterface(),
                                address.address(),
                                address.gateway(),
                                address.netmask(),
                                address.network()))
                        .toList(),
                sharedEntries,
                Long.toString(instance.sharing()
                        .map(SoftwareInstance.Sharing::desiredAt)
                        .orElse(place.desiredAt())),
                status);
    }
}

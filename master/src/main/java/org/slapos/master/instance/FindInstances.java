package org.slapos.master.instance;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slapos.master.computer.ComputerPartition;
import org.slapos.master.computer.Computers;
import org.slapos.master.db.Database;
import org.slapos.master.db.Transaction;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.PartitionInformation;

/// Finds live instances and their trees, for who shows them. Each method is one transaction; any thread.
public final class FindInstances {
    private final Database database;
    private final InstanceStore instances = new InstanceStore();
    private final SharedStore shared = new SharedStore();
    private final TreeStore trees = new TreeStore();
    private final Computers computers = new Computers();
    private final DescribeInstance describe = new DescribeInstance();
    private final DescribeComputer describeComputer = new DescribeComputer();

    public FindInstances(Database database) {
        this.database = database;
    }

    /// @param placed empty = it waits for a place
    public record Found(SoftwareInstance instance, InstanceTree tree, Optional<InstanceInformation> placed) {}

    /// An instance with its partition.
    public record Tenant(SoftwareInstance instance, PartitionId partition) {}

    /// By `SOFTINST-n`.
    public Optional<Found> byReference(String reference) {
        return find(new WhichInstance.Named(reference));
    }

    /// The root that a person requested under a title.
    public Optional<Found> root(String owner, String title) {
        return database.inTransaction(tx -> trees.find(tx, owner, title)
                .flatMap(tree -> instances.root(tx, tree.id()))
                .map(found -> describe(tx, found)));
    }

    public Optional<Found> on(ComputerId computer, PartitionId partition) {
        return find(new WhichInstance.InPartition(computer, partition));
    }

    public Optional<Found> find(WhichInstance which) {
        return database.inTransaction(tx -> instances.find(tx, which).map(found -> describe(tx, found)));
    }

    /// Those that live in that instance, in order of creation.
    ///
    /// @param reference `SOFTINST-n` of the host
    public List<SoftwareInstance> sharedIn(String reference) {
        return database.inTransaction(tx -> instances
                .find(tx, new WhichInstance.Named(reference))
                .map(host -> shared.in(tx, host.id()))
                .orElse(List.of()));
    }

    /// Those that have a partition on a Computer, in order of creation.
    public List<Tenant> tenants(ComputerId reference) {
        return database.inTransaction(tx -> computers
                .find(tx, reference)
                .map(computer -> {
                    var partitions = computers.partitions(tx, computer.id()).stream()
                            .collect(Collectors.toMap(ComputerPartition::id, ComputerPartition::reference));
                    return instances.onComputer(tx, computer.id()).stream()
                            .map(instance -> new Tenant(
                                    instance,
                                    Objects.requireNonNull(
                                            partitions.get(instance.partition().orElseThrow()))))
                            .toList();
                })
                .orElse(List.of()));
    }

    /// Those that have a partition on a Computer, in order of creation, inside a transaction.
    public List<Found> onComputer(Transaction tx, ComputerId reference) {
        return computers
                .find(tx, reference)
                .map(computer -> instances.onComputer(tx, computer.id()).stream()
                        .map(instance -> describe(tx, instance))
                        .toList())
                .orElse(List.of());
    }

    /// The trees of a person by title, those whose destruction was not requested.
    public List<InstanceTree> trees(String owner) {
        return database.inTransaction(tx -> trees.ownedBy(tx, owner));
    }

    /// A partition, fresh, free or not; nothing when there is no such partition.
    public Optional<PartitionInformation> partition(ComputerId computer, PartitionId partition) {
        return database.inTransaction(tx -> describeComputer
                .find(tx, computer)
                .flatMap(found -> describeComputer.describe(tx, found, partition.text())));
    }

    /// Interface and address of every partition used by the tree of that instance, those of the hosts
    /// of its shared instances too; empty when it is being destroyed (SLAP protocol, getHostingSubscriptionIpList).
    /// Nothing when there is none.
    public Optional<List<List<String>>> addressesOfTree(WhichInstance which) {
        return database.inTransaction(tx -> instances.find(tx, which).map(instance -> {
            if (instance.isDestroyed()) {
                return List.of();
            }
            return instances.inTree(tx, instance.tree()).stream()
                    .filter(SoftwareInstance::isPlaced)
                    .flatMap(other -> describe.describe(tx, other).addresses().stream())
                    .distinct()
                    .toList();
        }));
    }

    private Found describe(Transaction tx, SoftwareInstance instance) {
        return new Found(
                instance,
                trees.get(tx, instance.tree()),
                instance.isPlaced() ? Optional.of(describe.describe(tx, instance)) : Optional.empty());
    }
}

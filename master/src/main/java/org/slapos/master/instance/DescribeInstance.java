package org.slapos.master.instance;

import java.util.List;
import org.slapos.master.computer.ComputerPartition;
import org.slapos.master.computer.Computers;
import org.slapos.master.db.Transaction;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.InstanceInformation;

/// Says of a placed instance what its requester and its node get to read.
final class DescribeInstance {
    private final Computers computers = new Computers();
    private final TreeStore trees = new TreeStore();

    /// The instance must have a partition.
    InstanceInformation describe(Transaction tx, SoftwareInstance instance) {
        long id = instance.partition().orElseThrow();
        var partition = computers.partition(tx, id).orElseThrow();
        var tree = trees.get(tx, instance.tree());
        return describe(instance, tree.title(), computers.of(tx, id).reference(), partition);
    }

    static InstanceInformation describe(
            SoftwareInstance instance, String treeTitle, ComputerId computer, ComputerPartition partition) {
        var desire = instance.desire();
        return new InstanceInformation(
                computer,
                partition.reference(),
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
                partition.addresses().stream()
                        .filter(address -> address.gateway().isEmpty())
                        .map(address -> List.of(address.networkInterface(), address.address()))
                        .toList(),
                partition.addresses().stream()
                        .filter(address -> !address.gateway().isEmpty())
                        .map(address -> List.of(
                                address.networkInterface(),
                                address.address(),
                                address.gateway(),
                                address.netmask(),
                                address.network()))
                        .toList(),
                List.of(),
                Long.toString(partition.desiredAt()),
                instance.status().text());
    }
}

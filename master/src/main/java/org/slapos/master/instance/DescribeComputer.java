package org.slapos.master.instance;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slapos.master.computer.AccessStatus;
import org.slapos.master.computer.Computer;
import org.slapos.master.computer.ComputerPartition;
import org.slapos.master.computer.Computers;
import org.slapos.master.computer.Place;
import org.slapos.master.db.Transaction;
import org.slapos.master.software.SoftwareInstallations;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.ComputerInformation;
import org.slapos.protocol.PartitionInformation;
import org.slapos.protocol.SoftwareInformation;

/// Says what a Computer gets to read: all its partitions with what they hold, and all its software.
final class DescribeComputer {
    private final Computers computers = new Computers();
    private final SoftwareInstallations software = new SoftwareInstallations();
    private final InstanceStore instances = new InstanceStore();
    private final SharedStore shared = new SharedStore();

    Optional<Computer> find(Transaction tx, ComputerId computer) {
        return computers.find(tx, computer);
    }

    /// The whole promise. Of a status only the class is shown, which is all that moves the revision: two Masters
    /// show the same bytes for the same revision.
    ComputerInformation describe(Transaction tx, Computer computer) {
        return describe(tx, computer, AccessStatus::kind);
    }

    private ComputerInformation describe(Transaction tx, Computer computer, Function<AccessStatus, String> shown) {
        var onPartition = instances.onComputer(tx, computer.id()).stream()
                .collect(Collectors.toMap(i -> i.partition().orElseThrow(), Function.identity()));
        var titles = treeTitles(tx, computer.id());
        var hosted = shared.onComputer(tx, computer.id());
        return new ComputerInformation(
                computer.reference(),
                computers.partitions(tx, computer.id()).stream()
                        .filter(partition -> partition.state() != ComputerPartition.State.INACTIVE)
                        .map(partition -> new PartitionInformation(
                                computer.reference(),
                                partition.reference(),
                                Optional.ofNullable(onPartition.get(partition.id()))
                                        .map(instance -> DescribeInstance.describe(
                                                instance,
                                                titles.getOrDefault(instance.tree(), ""),
                                                Place.of(computer, partition),
                                                hosted.getOrDefault(instance.id(), List.of()),
                                                shown.apply(instance.status())))))
                        .toList(),
                software.on(tx, computer.id()).stream()
                        .map(installation -> new SoftwareInformation(installation.url(), installation.requested()))
                        .toList());
    }

    /// One partition as `registerComputerPartition` shows it, with the whole text of its status; nothing when the
    /// Computer has no such partition.
    Optional<PartitionInformation> describe(Transaction tx, Computer computer, String partition) {
        return describe(tx, computer, AccessStatus::text).partitions().stream()
                .filter(found -> found.partition().text().equals(partition))
                .findFirst();
    }

    private static Map<Long, String> treeTitles(Transaction tx, long computer) {
        return tx.handle()
                .createQuery("""
                        select distinct t.id, t.title from instance_tree t
                        join instance i on i.tree_id = t.id
                        join computer_partition p on p.id = i.partition_id
                        where p.computer_id = :computer and i.ended_at is null""")
                .bind("computer", computer)
                .map((row, _) -> Map.entry(row.getLong(1), row.getString(2)))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }
}

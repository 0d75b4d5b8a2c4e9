package org.slapos.master.instance;

import java.util.Optional;
import org.slapos.master.Problem;
import org.slapos.master.db.Transaction;
import org.slapos.master.party.Requester;
import org.slapos.protocol.InstanceRequest;

/// On whose behalf a request is made: a person, or the instance in a partition.
final class FindAsker {
    private final InstanceStore instances = new InstanceStore();
    private final TreeStore trees = new TreeStore();

    sealed interface Asker {
        /// @param reference of the person
        record Owner(String reference) implements Asker {}

        record Parent(SoftwareInstance instance, InstanceTree tree) implements Asker {}

        record Nobody(Problem problem) implements Asker {}
    }

    Asker find(Transaction tx, Requester who, Optional<InstanceRequest.From> from) {
        return from.isPresent() ? partition(tx, who, from.get()) : itself(tx, who);
    }

    private Asker itself(Transaction tx, Requester who) {
        return switch (who) {
            case Requester.Person(var reference) -> new Asker.Owner(reference);
            case Requester.Instance(var guid) ->
                instances
                        .find(tx, new WhichInstance.Named(guid))
                        .<Asker>map(instance -> new Asker.Parent(instance, trees.get(tx, instance.tree())))
                        .orElseGet(() -> new Asker.Nobody(Problem.forbidden(guid + " is destroyed")));
            case Requester.Computer(var computer) ->
                new Asker.Nobody(Problem.forbidden(computer
                        + " can request on behalf of its partitions only: name one by computer_id and "
                        + "computer_partition_id"));
            case Requester.Anonymous(var why) -> new Asker.Nobody(Problem.forbidden(why));
        };
    }

    private Asker partition(Transaction tx, Requester who, InstanceRequest.From from) {
        var which = new WhichInstance.InPartition(from.computer(), from.partition());
        var found = instances.find(tx, which);
        if (found.isEmpty()) {
            return new Asker.Nobody(which.missing());
        }
        var instance = found.get();
        var tree = trees.get(tx, instance.tree());
        boolean may = switch (who) {
            case Requester.Person(var reference) -> tree.owner().equals(reference);
            case Requester.Computer(var computer) -> computer.equals(from.computer());
            case Requester.Instance(var guid) -> guid.equals(instance.reference());
            case Requester.Anonymous _ -> false;
        };
        return may
                ? new Asker.Parent(instance, tree)
                : new Asker.Nobody(Problem.forbidden("Requests on behalf of " + from.computer() + ", partition "
                        + from.partition() + " are made by its instance, its Computer or the owner of its tree"));
    }
}

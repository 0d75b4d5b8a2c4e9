package org.slapos.master.instance;

import java.util.Optional;
import org.slapos.master.Problem;
import org.slapos.master.db.Transaction;
import org.slapos.master.party.Requester;
import org.slapos.protocol.InstanceRequest;

/// On whose behalf a request is made: a person, a Computer, or the instance in a partition.
final class FindAsker {
    private final InstanceStore instances = new InstanceStore();
    private final TreeStore trees = new TreeStore();

    sealed interface Asker {
        /// @param reference of the person, or of the Computer
        record Owner(String reference) implements Asker {}

        record Parent(SoftwareInstance instance, InstanceTree tree) implements Asker {}

        record Nobody(Problem problem) implements Asker {}
    }

    /// @param named in whose name, if in another's
    Asker find(Transaction tx, Requester who, Optional<WhichInstance> named) {
        return named.map(which -> parent(tx, which)).orElseGet(() -> itself(tx, who));
    }

    /// Whom the request names.
    static Optional<WhichInstance> named(InstanceRequest wanted) {
        return wanted.from().map(it -> new WhichInstance.InPartition(it.computer(), it.partition()));
    }

    private Asker itself(Transaction tx, Requester who) {
        return switch (who) {
            case Requester.Person(var reference) -> new Asker.Owner(reference);
            case Requester.Computer(var computer) -> new Asker.Owner(computer.text());
            case Requester.Instance(var guid) -> parent(tx, new WhichInstance.Named(guid));
            case Requester.Anonymous(var why) -> new Asker.Nobody(Problem.forbidden(why));
        };
    }

    private Asker parent(Transaction tx, WhichInstance which) {
        return instances
                .find(tx, which)
                .<Asker>map(instance -> new Asker.Parent(instance, trees.get(tx, instance.tree())))
                .orElseGet(() -> new Asker.Nobody(which.missing()));
    }
}

package org.slapos.master.instance;

import java.util.HashSet;
import java.util.Optional;
import org.slapos.master.allocation.Conditions;
import org.slapos.master.allocation.Wanted;
import org.slapos.master.db.Transaction;
import org.slapos.protocol.ComputerId;

/// What an instance wants of the market: with its owner and, where a condition asks for them, the places of its tree.
final class WhatIsWanted {
    private final TreeStore trees = new TreeStore();

    Wanted of(Transaction tx, SoftwareInstance instance, Conditions conditions) {
        return of(tx, instance, Optional.empty(), conditions);
    }

    /// @param tree its own, where it is at hand
    Wanted of(Transaction tx, SoftwareInstance instance, Optional<InstanceTree> tree, Conditions conditions) {
        return of(
                tx,
                tree.orElseGet(() -> trees.get(tx, instance.tree())),
                instance.id(),
                instance.title(),
                instance.desire(),
                conditions);
    }

    /// @param instance its number; 0 = it does not exist yet
    Wanted of(
            Transaction tx,
            InstanceTree tree,
            long instance,
            String title,
            SoftwareInstance.Desire desire,
            Conditions conditions) {
        var computers = new HashSet<ComputerId>();
        var networks = new HashSet<String>();
        if (conditions.mode().isPresent()) {
            tx.handle()
                    .createQuery("""
                            select distinct c.reference, c.network from instance i
                            join computer_partition p on p.id = i.partition_id
                            join computer c on c.id = p.computer_id
                            where i.tree_id = :tree and i.id <> :instance and i.ended_at is null""")
                    .bind("tree", tree.id())
                    .bind("instance", instance)
                    .map((row, _) -> {
                        computers.add(new ComputerId(row.getString(1)));
                        return networks.add(row.getString(2));
                    })
                    .list();
        }
        return new Wanted(
                title, desire.release(), desire.type(), tree.owner(), tree.project(), conditions, computers, networks);
    }
}

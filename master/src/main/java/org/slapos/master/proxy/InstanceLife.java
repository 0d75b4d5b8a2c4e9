package org.slapos.master.proxy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slapos.protocol.RequestedState;

/// What happens to instances once they are there: they publish, are banged, renamed and destroyed.
final class InstanceLife {
    private final State state;

    InstanceLife(State state) {
        this.state = state;
    }

    /// Replaces what the instance in a partition publishes. No timestamp moves: who asked for it asks again.
    void publish(PartitionKey key, Map<String, String> connection) {
        state.change((tables, _) -> {
            var partition = tables.partition(key);
            partition
                    .held()
                    .map(held -> partition.holding(held.publishing(connection)))
                    .ifPresent(tables::save);
            return key;
        });
    }

    /// Replaces what the instance in a partition publishes for a SharedInstance that it hosts.
    void publishShared(PartitionKey key, String reference, Map<String, String> connection) {
        state.change((tables, _) -> {
            var shared = tables.sharedInstances.get(new SharedInstance.Key(reference, key.computer()));
            if (shared == null) {
                throw new Refusal(
                        Refusal.Kind.NOT_FOUND,
                        "Computer '" + key.computer() + "' has no shared instance '" + reference + "'");
            }
            tables.save(shared.publishing(connection, key.partition()));
            return key;
        });
    }

    /// Every instance of the tree of that partition is to be processed again.
    void bangTree(PartitionKey key) {
        state.change((tables, now) -> {
            tables.partition(key).held().map(Instance::rootTitle).ifPresent(root -> touchTree(tables, root, now));
            return key;
        });
    }

    /// The instance in that partition, and only it, is to be processed again; of a root, the whole tree.
    void bang(PartitionKey key) {
        state.change((tables, now) -> {
            var partition = tables.partition(key);
            if (partition.held().filter(Instance::isRoot).isPresent()) {
                touchTree(tables, partition.held().get().title(), now);
            } else {
                tables.save(partition.touched(now));
            }
            return key;
        });
    }

    private static void touchTree(Tables tables, String root, double now) {
        tables.partitions.replaceAll((_, partition) -> partition.isInTree(root) ? partition.touched(now) : partition);
    }

    /// Gives the instance in a partition another title.
    ///
    /// @param withChildren the instances of a root's tree follow it
    /// @return why not, when there is no instance, or another one has the title
    Optional<String> rename(PartitionKey key, String title, boolean withChildren) {
        if (title.isEmpty() || title.length() > 200) {
            return Optional.of("A title has 1 to 200 characters, not " + title.length());
        }
        return state.change((tables, _) -> {
            var partition = Optional.ofNullable(tables.partitions.get(key));
            var held = partition.flatMap(Partition::held);
            if (held.isEmpty()) {
                return Optional.of("No instance is in partition '" + key.partition() + "' of computer '"
                        + key.computer() + "': nothing was renamed");
            }
            var other = tables.plain(title, held.get().requestedBy());
            if (other.isPresent() && !other.get().key().equals(key)) {
                return Optional.of("There is an instance '" + title + "' already: nothing was renamed");
            }
            tables.save(partition.get().holding(held.get().named(title)));
            if (withChildren && held.get().isRoot()) {
                children(tables, held.get())
                        .forEach(child -> tables.save(
                                child.holding(child.held().orElseThrow().below(title))));
            }
            return Optional.<String>empty();
        });
    }

    private static List<Partition> children(Tables tables, Instance root) {
        return tables.busy()
                .filter(partition -> partition
                        .held()
                        .filter(held -> held.requestedBy().equals(root.title()))
                        .isPresent())
                .toList();
    }

    /// The node wiped the partition: it is free. The root of a tree stays while it has children: they are to be
    /// destroyed first.
    ///
    /// @return why it is not free
    Optional<String> destroyed(PartitionKey key) {
        return state.change((tables, now) -> {
            var partition = Optional.ofNullable(tables.partitions.get(key));
            if (partition.isEmpty()) {
                return Optional.of("There is no partition '" + key.partition() + "' on computer '" + key.computer()
                        + "': nothing was destroyed");
            }
            var children = partition.get().held().filter(Instance::isRoot).map(root -> children(tables, root));
            if (children.filter(found -> !found.isEmpty()).isPresent()) {
                children.get().forEach(child -> destroy(tables, child, now));
                return Optional.of("Not destroying yet because this partition has child partitions: "
                        + children.get().stream()
                                .map(child -> child.key().partition())
                                .collect(Collectors.joining(", ")));
            }
            tables.save(partition.get().emptied());
            return Optional.<String>empty();
        });
    }

    private static void destroy(Tables tables, Partition child, double now) {
        var held = child.held().orElseThrow();
        if (held.state() != RequestedState.DESTROYED) {
            tables.save(child.holding(held.in(RequestedState.DESTROYED)).touched(now));
        }
    }
}

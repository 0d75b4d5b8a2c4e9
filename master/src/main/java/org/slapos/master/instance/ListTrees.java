package org.slapos.master.instance;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slapos.master.db.Database;
import org.slapos.master.db.Transaction;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.PartitionId;

/// Lists trees with all their instances, for who shows many: by three queries, however many there are. Any thread.
public final class ListTrees {
    private static final String WANTED = """
            select id from instance_tree
            where owner = :owner and archived_at is null
                and (:title = '' or title = :title) and (:reference = '' or reference = :reference)
            order by title limit :most""";

    private final Database database;
    private final TreeStore trees = new TreeStore();

    public ListTrees(Database database) {
        this.database = database;
    }

    /// @param place empty = it waits; that of its host for a shared one
    public record Listed(SoftwareInstance instance, Optional<Place> place) {}

    public record Place(ComputerId computer, PartitionId partition) {}

    /// @param instances the root first
    public record ListedTree(InstanceTree tree, List<Listed> instances) {
        public ListedTree {
            instances = List.copyOf(instances);
        }

        public Listed root() {
            return instances.getFirst();
        }
    }

    /// The trees of a person by title, those whose destruction was not requested.
    public List<ListedTree> of(String owner, int most) {
        return list(Map.of("owner", owner, "title", "", "reference", "", "most", most));
    }

    /// That of one title.
    public Optional<ListedTree> titled(String owner, String title) {
        return list(Map.of("owner", owner, "title", title, "reference", "", "most", 1)).stream()
                .findFirst();
    }

    /// That of one reference, `HOSTSUBS-n`.
    public Optional<ListedTree> named(String owner, String reference) {
        return list(Map.of("owner", owner, "title", "", "reference", reference, "most", 1)).stream()
                .findFirst();
    }

    private List<ListedTree> list(Map<String, ?> wanted) {
        return database.inTransaction(tx -> {
            var places = places(tx, wanted);
            var byTree = InstanceStore.list(
                            tx,
                            "where i.ended_at is null and i.tree_id in (" + WANTED
                                    + ") order by i.parent_id is not null, i.id",
                            wanted)
                    .stream()
                    .collect(Collectors.groupingBy(
                            SoftwareInstance::tree,
                            Collectors.mapping(
                                    instance -> new Listed(instance, Optional.ofNullable(places.get(instance.id()))),
                                    Collectors.toList())));
            return trees.list(tx, WANTED, wanted).stream()
                    .filter(tree -> byTree.containsKey(tree.id()))
                    .map(tree -> new ListedTree(tree, Objects.requireNonNull(byTree.get(tree.id()))))
                    .toList();
        });
    }

    private static Map<Long, Place> places(Transaction tx, Map<String, ?> wanted) {
        var places = new HashMap<Long, Place>();
        tx.handle()
                .createQuery("""
                        select i.id, c.reference as computer, p.reference as partition from instance i
                        left join instance h on h.id = i.host_id
                        join computer_partition p on p.id = coalesce(i.partition_id, h.partition_id)
                        join computer c on c.id = p.computer_id
                        where i.ended_at is null and i.tree_id in (%s)""".formatted(WANTED))
                .bindMap(wanted)
                .map((row, _) -> Map.entry(
                        row.getLong("id"),
                        new Place(
                                new ComputerId(row.getString("computer")),
                                new PartitionId(row.getString("partition")))))
                .forEach(place -> places.put(place.getKey(), place.getValue()));
        return places;
    }
}

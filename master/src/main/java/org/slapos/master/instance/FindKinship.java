package org.slapos.master.instance;

import java.util.Map;
import java.util.Optional;
import org.slapos.master.db.Database;
import org.slapos.master.db.Transaction;
import org.slapos.protocol.ComputerId;

/// Finds out to whom a live instance belongs, by one query. Any thread.
public final class FindKinship {
    private static final String SELECT = """
            select i.reference, t.reference as tree, t.owner, t.project, r.reference as parent, h.reference as host,
                c.reference as computer
            from instance i
            join instance_tree t on t.id = i.tree_id
            left join instance r on r.id = i.parent_id and r.ended_at is null
            left join instance h on h.id = i.host_id
            %s join computer_partition p on p.id = %s
            %s join computer c on c.id = p.computer_id
            where i.ended_at is null and %s""";
    private static final String NAMED =
            SELECT.formatted("left", "coalesce(i.partition_id, h.partition_id)", "left", "i.reference = :i");
    private static final String IN_PARTITION =
            SELECT.formatted("", "i.partition_id", "", "c.reference = :c and p.reference = :p");
    private static final String SHARED_IN =
            SELECT.formatted("", "h.partition_id", "", "c.reference = :c and p.reference = :p and i.reference = :i");

    private final Database database;

    public FindKinship(Database database) {
        this.database = database;
    }

    public Optional<Kinship> of(WhichInstance which) {
        return database.readOnce(tx -> switch (which) {
            case WhichInstance.Named(var reference) -> one(tx, NAMED, Map.of("i", reference));
            case WhichInstance.InPartition(var computer, var partition) ->
                one(tx, IN_PARTITION, Map.of("c", computer.text(), "p", partition.text()));
            case WhichInstance.SharedIn(var computer, var partition, var reference) ->
                one(tx, SHARED_IN, Map.of("c", computer.text(), "p", partition.text(), "i", reference));
        });
    }

    private static Optional<Kinship> one(Transaction tx, String sql, Map<String, String> values) {
        return tx.handle()
                .createQuery(sql)
                .bindMap(values)
                .map((row, _) -> new Kinship(
                        row.getString("reference"),
                        row.getString("tree"),
                        row.getString("owner"),
                        row.getString("project"),
                        Optional.ofNullable(row.getString("parent")),
                        Optional.ofNullable(row.getString("host")),
                        Optional.ofNullable(row.getString("computer")).map(ComputerId::new)))
                .findOne();
    }
}

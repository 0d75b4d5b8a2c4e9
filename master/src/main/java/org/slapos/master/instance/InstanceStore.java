package org.slapos.master.instance;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slapos.master.computer.AccessStatus;
import org.slapos.master.db.Transaction;
import org.slapos.protocol.InstanceXml;
import org.slapos.protocol.RequestedState;

/// The table `instance`. Only live instances are found: those whose destruction is not confirmed.
final class InstanceStore {
    static final String COLUMNS = """
            i.id, i.reference, i.tree_id, i.parent_id, i.title, i.release_url, i.software_type, i.parameters,
                i.conditions, i.connection, i.state, i.partition_id, i.waiting_reason, i.running_since,
                i.status_text, i.status_state, i.status_since, i.reported_at, i.shared, i.host_id, i.desired_at,
                i.backup_url
            """;
    private static final String SELECT = "select " + COLUMNS + " from instance i ";

    Optional<SoftwareInstance> find(Transaction tx, long id) {
        return one(tx, "where i.ended_at is null and i.id = :id", Map.of("id", id));
    }

    Optional<SoftwareInstance> find(Transaction tx, long tree, String title) {
        return one(
                tx,
                "where i.ended_at is null and i.tree_id = :tree and i.title = :title",
                Map.of("tree", tree, "title", title));
    }

    Optional<SoftwareInstance> root(Transaction tx, long tree) {
        return one(tx, "where i.ended_at is null and i.tree_id = :tree and i.parent_id is null", Map.of("tree", tree));
    }

    Optional<SoftwareInstance> find(Transaction tx, WhichInstance which) {
        return find(tx, which, "");
    }

    /// As [#find], and keeps everybody else from changing it until the end of the transaction.
    Optional<SoftwareInstance> lock(Transaction tx, WhichInstance which) {
        return find(tx, which, " for update of i");
    }

    private static Optional<SoftwareInstance> find(Transaction tx, WhichInstance which, String locking) {
        return switch (which) {
            case WhichInstance.InPartition(var computer, var partition) ->
                one(tx, """
                        join computer_partition p on p.id = i.partition_id
                        join computer c on c.id = p.computer_id
                        where i.ended_at is null and c.reference = :computer and p.reference = :partition""" + locking, Map.of("computer", computer.text(), "partition", partition.text()));
            case WhichInstance.SharedIn(var computer, var partition, var reference) ->
                one(
                        tx,
                        """
                        join instance h on h.id = i.host_id
                        join computer_partition p on p.id = h.partition_id
                        join computer c on c.id = p.computer_id
                        where i.ended_at is null and c.reference = :computer and p.reference = :partition
                            and i.reference = :reference""" + locking,
                        Map.of("computer", computer.text(), "partition", partition.text(), "reference", reference));
            case WhichInstance.Named(var reference) ->
                one(
                        tx,
                        "where i.ended_at is null and i.reference = :reference" + locking,
                        Map.of("reference", reference));
        };
    }

    List<SoftwareInstance> onComputer(Transaction tx, long computer) {
        return list(tx, """
                join computer_partition p on p.id = i.partition_id
                where i.ended_at is null and p.computer_id = :computer order by i.id""", Map.of("computer", computer));
    }

    List<SoftwareInstance> inTree(Transaction tx, long tree) {
        return list(tx, "where i.ended_at is null and i.tree_id = :tree order by i.id", Map.of("tree", tree));
    }

    /// Plain ones without a partition that want one of these SoftwareReleases, oldest first, after that number;
    /// waits for who is working on one, and sees how that ends.
    ///
    /// @param project in which the Computer is that they may have: the crowd of another project costs these nothing
    List<SoftwareInstance> lockWaiting(Transaction tx, Set<String> releases, String project, long after, int atMost) {
        return list(
                tx,
                """
                join instance_tree t on t.id = i.tree_id and t.project = :project
                where i.ended_at is null and i.partition_id is null and not i.shared and i.state <> 'destroyed'
                    and i.release_url = any(:releases) and i.id > :after
                order by i.id limit :most for update of i""",
                Map.of(
                        "releases",
                        releases.toArray(String[]::new),
                        "project",
                        project,
                        "after",
                        after,
                        "most",
                        atMost));
    }

    /// Waits for who is giving a place to an instance of the tree, and keeps others from it until the end of the
    /// transaction: what is read from here on has its place, or has none until this transaction gives it one.
    void lockWaitingOf(Transaction tx, long tree) {
        tx.handle().createQuery("""
                        select id from instance
                        where tree_id = :tree and ended_at is null and partition_id is null and host_id is null
                        order by id for update""").bind("tree", tree).mapTo(Long.class).list();
    }

    /// The references of the plain ones in the trees of a person.
    List<String> ownedBy(Transaction tx, String person) {
        return tx.handle()
                .createQuery("""
                        select i.reference from instance i join instance_tree t on t.id = i.tree_id
                        where t.owner = :person and i.ended_at is null and not i.shared order by i.id""")
                .bind("person", person)
                .mapTo(String.class)
                .list();
    }

    int countChildren(Transaction tx, long parent) {
        return tx.handle()
                .createQuery("select count(*) from instance where parent_id = :parent and ended_at is null")
                .bind("parent", parent)
                .mapTo(Integer.class)
                .one();
    }

    SoftwareInstance create(
            Transaction tx,
            long tree,
            Optional<Long> parent,
            String title,
            SoftwareInstance.Desire desire,
            boolean shared,
            Instant now) {
        return tx.handle()
                .createQuery("""
                        insert into instance as i (id, reference, tree_id, parent_id, title, release_url, software_type,
                            parameters, conditions, connection, state, shared, created_at)
                        select n, 'SOFTINST-' || n, :tree, :parent, :title, :release, :type,
                            :parameters, :conditions, :connection, :state, :shared, :now
                        from nextval('instance_number') n
                        returning %s""".formatted(COLUMNS))
                .bind("tree", tree)
                .bind("parent", parent.orElse(null))
                .bind("title", title)
                .bind("connection", InstanceXml.write(Map.of()))
                .bind("shared", shared)
                .bind("now", now)
                .bindMap(columns(desire))
                .map((row, _) -> instance(row))
                .one();
    }

    void want(Transaction tx, long instance, SoftwareInstance.Desire desire) {
        tx.handle()
                .createUpdate("""
                        update instance set release_url = :release, software_type = :type, parameters = :parameters,
                            conditions = :conditions, state = :state
                        where id = :id""")
                .bind("id", instance)
                .bindMap(columns(desire))
                .execute();
    }

    void adopt(Transaction tx, long instance, long parent) {
        tx.handle()
                .createUpdate("update instance set parent_id = :parent where id = :id")
                .bind("id", instance)
                .bind("parent", parent)
                .execute();
    }

    void rename(Transaction tx, long instance, String title) {
        tx.handle()
                .createUpdate("update instance set title = :title where id = :id")
                .bind("id", instance)
                .bind("title", title)
                .execute();
    }

    void place(Transaction tx, long instance, long partition) {
        tx.handle()
                .createUpdate("update instance set partition_id = :partition, waiting_reason = '', was_placed = true"
                        + " where id = :id")
                .bind("id", instance)
                .bind("partition", partition)
                .execute();
    }

    /// It has to look for another place: what it published there is void.
    void leave(Transaction tx, long instance, String reason) {
        tx.handle()
                .createUpdate("""
                        update instance set partition_id = null, running_since = null, waiting_reason = :reason,
                            connection = :connection
                        where id = :id""")
                .bind("id", instance)
                .bind("reason", reason)
                .bind("connection", InstanceXml.write(Map.of()))
                .execute();
    }

    /// Whether any instance of the tree ever had a place.
    boolean wasPlaced(Transaction tx, long tree) {
        return tx.handle()
                .createQuery("select exists (select from instance where tree_id = :tree and was_placed)")
                .bind("tree", tree)
                .mapTo(Boolean.class)
                .one();
    }

    /// Whether an instance on the Computer wants that SoftwareRelease.
    boolean isWanted(Transaction tx, long computer, String release) {
        return tx.handle()
                .createQuery("""
                        select exists (select from instance i join computer_partition p on p.id = i.partition_id
                            where p.computer_id = :computer and i.release_url = :release and i.ended_at is null)""")
                .bind("computer", computer)
                .bind("release", release)
                .mapTo(Boolean.class)
                .one();
    }

    /// Whether it was another.
    boolean backUp(Transaction tx, long instance, String url) {
        return tx.handle()
                        .createUpdate("update instance set backup_url = :url where id = :id and backup_url <> :url")
                        .bind("id", instance)
                        .bind("url", url)
                        .execute()
                == 1;
    }

    void waitFor(Transaction tx, long instance, String reason) {
        tx.handle()
                .createUpdate("update instance set waiting_reason = :reason where id = :id")
                .bind("id", instance)
                .bind("reason", reason)
                .execute();
    }

    void publish(Transaction tx, long instance, Map<String, String> connection) {
        tx.handle()
                .createUpdate("update instance set connection = :connection where id = :id")
                .bind("id", instance)
                .bind("connection", InstanceXml.write(connection))
                .execute();
    }

    void report(Transaction tx, long instance, AccessStatus status, Optional<Instant> runningSince) {
        tx.handle()
                .createUpdate("""
                        update instance set status_text = :text, status_state = :state, status_since = :since,
                            reported_at = :reported, running_since = :running
                        where id = :id""")
                .bind("id", instance)
                .bind("text", status.text())
                .bind("state", status.state())
                .bind("since", status.since().orElse(null))
                .bind("reported", status.reported().orElse(null))
                .bind("running", runningSince.orElse(null))
                .execute();
    }

    void end(Transaction tx, long instance, Instant now) {
        tx.handle().createUpdate("""
                        update instance
                        set ended_at = :now, partition_id = null, host_id = null, running_since = null, waiting_reason = ''
                        where id = :id""").bind("id", instance).bind("now", now).execute();
    }

    private static Map<String, String> columns(SoftwareInstance.Desire desire) {
        return Map.of(
                "release", desire.release(),
                "type", desire.type(),
                "parameters", InstanceXml.write(desire.parameters()),
                "conditions", InstanceXml.write(desire.conditions()),
                "state", desire.state().wire());
    }

    private static Optional<SoftwareInstance> one(Transaction tx, String condition, Map<String, ?> values) {
        return list(tx, condition, values).stream().findFirst();
    }

    /// The instances `i` that a query continued by `condition` finds.
    static List<SoftwareInstance> list(Transaction tx, String condition, Map<String, ?> values) {
        return tx.handle()
                .createQuery(SELECT + condition)
                .bindMap(values)
                .map((row, _) -> instance(row))
                .list();
    }

    static SoftwareInstance instance(ResultSet row) throws SQLException {
        return new SoftwareInstance(
                row.getLong("id"),
                row.getString("reference"),
                row.getLong("tree_id"),
                number(row, "parent_id"),
                row.getString("title"),
                new SoftwareInstance.Desire(
                        row.getString("release_url"),
                        row.getString("software_type"),
                        InstanceXml.read(row.getString("parameters")),
                        InstanceXml.read(row.getString("conditions")),
                        RequestedState.valueOf(row.getString("state").toUpperCase(Locale.ROOT))),
                InstanceXml.read(row.getString("connection")),
                number(row, "partition_id"),
                row.getBoolean("shared")
                        ? Optional.of(new SoftwareInstance.Sharing(number(row, "host_id"), row.getLong("desired_at")))
                        : Optional.empty(),
                row.getString("waiting_reason"),
                instant(row, "running_since"),
                new AccessStatus(
                        row.getString("status_text"),
                        row.getString("status_state"),
                        instant(row, "status_since"),
                        instant(row, "reported_at")),
                row.getString("backup_url"));
    }

    private static Optional<Long> number(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getObject(column, Long.class));
    }

    private static Optional<Instant> instant(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getTimestamp(column)).map(Timestamp::toInstant);
    }
}

package org.slapos.master.instance;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.slapos.master.db.Transaction;

/// The tables `pool` and `brake`, and the spares among the instances.
final class PoolStore {
    private static final String COLUMNS =
            "p.id, p.reference, p.project, p.release_url, p.software_type, p.size, p.most";

    /// What a spare's root is, in a query over `instance i` and `instance_tree t`.
    private static final String SPARE =
            "t.handed_over_at is null and t.archived_at is null and i.parent_id is null and i.ended_at is null";

    /// What a spare is that works.
    private static final String RUNS = "(i.running_since is not null and i.status_text not like '#error%')";

    /// What a project says of new requests.
    ///
    /// @param pool number of the one for that release and type
    record Rules(Optional<Brake> brake, Optional<Long> pool) {}

    /// How a pool stands.
    record Standing(Pool pool, int placed, int running, int handedOver) {}

    Rules rules(Transaction tx, String project, String release, String type) {
        return tx.handle()
                .createQuery("""
                        select b.requests, b.seconds, p.id from (values (1)) as one
                        left join brake b on b.project = :project
                        left join pool p
                            on p.project = :project and p.release_url = :release and p.software_type = :type""")
                .bind("project", project)
                .bind("release", release)
                .bind("type", type)
                .map((row, _) -> new Rules(brake(row), Optional.ofNullable(row.getObject(3, Long.class))))
                .one();
    }

    Optional<Brake> brake(Transaction tx, String project) {
        return tx.handle()
                .createQuery("select requests, seconds from brake where project = :project")
                .bind("project", project)
                .map((row, _) -> brake(row).orElseThrow())
                .findOne();
    }

    private static Optional<Brake> brake(ResultSet row) throws SQLException {
        long seconds = row.getLong(2);
        return Optional.ofNullable(row.getObject(1, Integer.class))
                .map(requests -> new Brake(requests, Duration.ofSeconds(seconds)));
    }

    /// @param brake nothing = none from now on
    void brake(Transaction tx, String project, Optional<Brake> brake) {
        if (brake.isEmpty()) {
            tx.handle().execute("delete from brake where project = ?", project);
            return;
        }
        tx.handle()
                .createUpdate("""
                        insert into brake (project, requests, seconds) values (:project, :requests, :seconds)
                        on conflict (project) do update set requests = excluded.requests, seconds = excluded.seconds""")
                .bind("project", project)
                .bind("requests", brake.get().requests())
                .bind("seconds", brake.get().per().toSeconds())
                .execute();
    }

    /// Whoever counts this one's requests in that project waits for others who do, from here to the end of the
    /// transaction.
    void serializeRequester(Transaction tx, String owner, String project) {
        tx.handle()
                .execute("select pg_advisory_xact_lock(hashtextextended(?, hashtextextended(?, 2)))", owner, project);
    }

    /// When this one's latest trees in that project were requested, the latest first; ended ones count.
    List<Instant> latest(Transaction tx, String owner, String project, Instant since, int most) {
        return tx.handle()
                .createQuery("""
                        select created_at from instance_tree
                        where owner = :owner and project = :project and created_at > :since
                        order by created_at desc limit :most""")
                .bind("owner", owner)
                .bind("project", project)
                .bind("since", since)
                .bind("most", most)
                .map((row, _) -> row.getTimestamp(1).toInstant())
                .list();
    }

    Pool set(
            Transaction tx,
            String project,
            String release,
            String type,
            Optional<Integer> size,
            int most,
            Instant now) {
        return tx.handle()
                .createQuery("""
                        insert into pool as p (id, reference, project, release_url, software_type, size, most, created_at)
                        select n, 'POOL-' || n, :project, :release, :type, :size, :most, :now
                        from nextval('pool_number') n
                        on conflict (project, release_url, software_type)
                            do update set size = excluded.size, most = excluded.most
                        returning %s""".formatted(COLUMNS))
                .bind("project", project)
                .bind("release", release)
                .bind("type", type)
                .bind("size", size.orElse(null))
                .bind("most", most)
                .bind("now", now)
                .map((row, _) -> pool(row))
                .one();
    }

    Optional<Pool> find(Transaction tx, String project, String release, String type) {
        return tx.handle()
                .createQuery("select " + COLUMNS + " from pool p"
                        + " where project = :project and release_url = :release and software_type = :type")
                .bind("project", project)
                .bind("release", release)
                .bind("type", type)
                .map((row, _) -> pool(row))
                .findOne();
    }

    List<Long> all(Transaction tx) {
        return tx.handle()
                .createQuery("select id from pool order by id")
                .mapTo(Long.class)
                .list();
    }

    /// The numbers of those of a project that keep spares of such releases.
    List<Long> of(Transaction tx, String project, Set<String> releases) {
        return tx.handle()
                .createQuery(
                        "select id from pool where project = :project and release_url = any(:releases) order by id")
                .bind("project", project)
                .bind("releases", releases.toArray(String[]::new))
                .mapTo(Long.class)
                .list();
    }

    /// This transaction's until its end; nothing when there is none.
    Optional<Pool> lock(Transaction tx, long id) {
        return tx.handle()
                .createQuery("select " + COLUMNS + " from pool p where id = :id for update")
                .bind("id", id)
                .map((row, _) -> pool(row))
                .findOne();
    }

    /// A number that no other spare of the pool has.
    long nextNumber(Transaction tx, long pool) {
        return tx.handle()
                .createQuery("update pool set made = made + 1 where id = :id returning made")
                .bind("id", pool)
                .mapTo(Long.class)
                .one();
    }

    /// How many new instances of that software were requested in the busiest hour since then; spares are not requested
    /// before they are handed over.
    int busiestHour(Transaction tx, Pool pool, Instant since) {
        return tx.handle()
                .createQuery("""
                        select coalesce(max(n), 0) from (
                            select count(*) as n from instance_tree t join instance i on i.tree_id = t.id
                            where t.project = :project and t.created_at > :since
                                and (t.pool_id is null or t.handed_over_at is not null)
                                and i.parent_id is null and not i.shared
                                and i.release_url = :release and i.software_type = :type
                            group by date_bin('1 hour', t.created_at, 'epoch'::timestamptz)) as hours""")
                .bind("project", pool.project())
                .bind("since", since)
                .bind("release", pool.release())
                .bind("type", pool.type())
                .mapTo(Integer.class)
                .one();
    }

    /// By number of the pool, how those of a project stand; the same order as they were made in.
    List<Standing> standing(Transaction tx, String project) {
        return tx.handle()
                .createQuery("""
                        select %s,
                            count(*) filter (where %s and i.state <> 'destroyed') as placed,
                            count(*) filter (where %s and i.state <> 'destroyed' and %s) as running,
                            count(*) filter (where t.handed_over_at is not null and i.parent_id is null) as handed_over
                        from pool p left join instance_tree t on t.pool_id = p.id left join instance i on i.tree_id = t.id
                        where p.project = :project group by p.id order by p.id""".formatted(COLUMNS, SPARE, SPARE, RUNS))
                .bind("project", project)
                .map((row, _) ->
                        new Standing(pool(row), row.getInt("placed"), row.getInt("running"), row.getInt("handed_over")))
                .list();
    }

    /// How many spares a pool has.
    int count(Transaction tx, long pool) {
        return tx.handle()
                .createQuery("""
                        select count(*) from instance_tree t join instance i on i.tree_id = t.id
                        where t.pool_id = :pool and %s and i.state = 'started'""".formatted(SPARE))
                .bind("pool", pool)
                .mapTo(Integer.class)
                .one();
    }

    /// Whether a spare is on its way out, and holds its partition until its node has confirmed that.
    boolean isGivingBack(Transaction tx, long pool) {
        return tx.handle()
                .createQuery("""
                        select exists (select from instance_tree t join instance i on i.tree_id = t.id
                            where t.pool_id = :pool and t.handed_over_at is null and i.state = 'destroyed'
                                and i.ended_at is null and i.partition_id is not null)""")
                .bind("pool", pool)
                .mapTo(Boolean.class)
                .one();
    }

    /// How many spares of a pool are on which Computers, by their numbers.
    ///
    /// @param runningOnly leaves out those that do not run yet, or fail
    Map<Long, Integer> computers(Transaction tx, long pool, boolean runningOnly) {
        var counts = new TreeMap<Long, Integer>();
        tx.handle()
                .createQuery("""
                        select p.computer_id, count(*) from instance_tree t
                        join instance i on i.tree_id = t.id join computer_partition p on p.id = i.partition_id
                        where t.pool_id = :pool and %s and i.state = 'started' and (not :running or %s)
                        group by p.computer_id""".formatted(SPARE, RUNS))
                .bind("pool", pool)
                .bind("running", runningOnly)
                .map((row, _) -> counts.put(row.getLong(1), row.getInt(2)))
                .list();
        return counts;
    }

    /// One of the spares there, which is then this transaction's: one that runs rather than one that does not, then the
    /// oldest; nothing when others are taking the last.
    Optional<SoftwareInstance> take(Transaction tx, long pool, long computer, boolean runningOnly) {
        return take(
                tx,
                "p.computer_id = :computer and (not :running or " + RUNS + ") order by not " + RUNS + ", i.id",
                Map.of("pool", pool, "computer", computer, "running", runningOnly));
    }

    /// The one that is missed least on any of these Computers: one that fails or does not run yet, else the youngest.
    Optional<SoftwareInstance> takeLast(Transaction tx, long pool, Set<Long> computers) {
        return take(
                tx,
                "p.computer_id = any(:computers) order by " + RUNS + ", i.id desc",
                Map.of("pool", pool, "computers", computers.toArray(Long[]::new)));
    }

    private static Optional<SoftwareInstance> take(Transaction tx, String which, Map<String, ?> values) {
        return tx.handle()
                .createQuery("""
                        select i.id from instance_tree t
                        join instance i on i.tree_id = t.id join computer_partition p on p.id = i.partition_id
                        where t.pool_id = :pool and %s and i.state = 'started' and %s limit 1
                        for update of t, i skip locked""".formatted(SPARE, which))
                .bindMap(values)
                .mapTo(Long.class)
                .findOne()
                .flatMap(id -> InstanceStore.list(tx, "where i.id = :id", Map.of("id", id)).stream()
                        .findFirst());
    }

    /// The plain instances without a place of that software in the pool's project, the oldest first.
    List<SoftwareInstance> waiting(Transaction tx, Pool pool, int most) {
        return InstanceStore.list(
                tx,
                """
                join instance_tree t on t.id = i.tree_id
                where i.ended_at is null and i.partition_id is null and not i.shared and i.state <> 'destroyed'
                    and i.release_url = :release and i.software_type = :type and t.project = :project
                order by i.id limit :most""",
                Map.of("release", pool.release(), "type", pool.type(), "project", pool.project(), "most", most));
    }

    private static Pool pool(ResultSet row) throws SQLException {
        return new Pool(
                row.getLong("id"),
                row.getString("reference"),
                row.getString("project"),
                row.getString("release_url"),
                row.getString("software_type"),
                Optional.ofNullable(row.getObject("size", Integer.class)),
                row.getInt("most"));
    }
}

package org.slapos.master.instance;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slapos.master.db.Transaction;
import org.slapos.protocol.RequestedState;

/// The table `instance_tree`.
final class TreeStore {
    private static final String COLUMNS = "id, reference, owner, project, title, state, handed_over_at";

    /// For a query that joins `instance_tree t`: what [#joined] needs of a row.
    static final String JOINED = """
            t.id as t_id, t.reference as t_reference, t.owner as t_owner, t.project as t_project, t.title as t_title,
                t.state as t_state, t.handed_over_at as t_handed_over_at
            """;

    /// Whoever gives that title to a tree of that owner waits for others who do, from here to the end of the
    /// transaction.
    void serialize(Transaction tx, String owner, String title) {
        tx.handle().execute("select pg_advisory_xact_lock(hashtextextended(?, hashtextextended(?, 0)))", title, owner);
    }

    /// The tree of that title, unless its destruction was requested.
    Optional<InstanceTree> find(Transaction tx, String owner, String title) {
        return tx.handle()
                .createQuery("select " + COLUMNS
                        + " from instance_tree where owner = :owner and title = :title and archived_at is null")
                .bind("owner", owner)
                .bind("title", title)
                .map((row, _) -> tree(row))
                .findOne();
    }

    /// As [#find], and all who change that tree come one after the other from here to the end of the transaction.
    Optional<InstanceTree> lock(Transaction tx, String owner, String title) {
        return tx.handle()
                .createQuery("select " + COLUMNS + " from instance_tree"
                        + " where owner = :owner and title = :title and archived_at is null for no key update")
                .bind("owner", owner)
                .bind("title", title)
                .map((row, _) -> tree(row))
                .findOne();
    }

    /// As [#get], and all who change that tree come one after the other from here to the end of the transaction.
    InstanceTree lock(Transaction tx, long id) {
        return get(tx, id, " for no key update");
    }

    InstanceTree get(Transaction tx, long id) {
        return get(tx, id, "");
    }

    private static InstanceTree get(Transaction tx, long id, String locking) {
        return tx.handle()
                .createQuery("select " + COLUMNS + " from instance_tree where id = :id" + locking)
                .bind("id", id)
                .map((row, _) -> tree(row))
                .one();
    }

    /// As [#lock], by its reference; nothing when its destruction was requested.
    Optional<InstanceTree> lock(Transaction tx, String reference) {
        return tx.handle()
                .createQuery("select " + COLUMNS + " from instance_tree"
                        + " where reference = :reference and archived_at is null for no key update")
                .bind("reference", reference)
                .map((row, _) -> tree(row))
                .findOne();
    }

    /// By title, those whose destruction was not requested.
    List<InstanceTree> ownedBy(Transaction tx, String owner) {
        return tx.handle()
                .createQuery("select " + COLUMNS
                        + " from instance_tree where owner = :owner and archived_at is null order by title")
                .bind("owner", owner)
                .map((row, _) -> tree(row))
                .list();
    }

    /// Those whose number that query finds, by title.
    List<InstanceTree> list(Transaction tx, String numbers, Map<String, ?> values) {
        return tx.handle()
                .createQuery("select " + COLUMNS + " from instance_tree where id in (" + numbers + ") order by title")
                .bindMap(values)
                .map((row, _) -> tree(row))
                .list();
    }

    /// Whose tree it is, in which project, under which title.
    record Title(String owner, String project, String text) {
        @Override
        public String toString() {
            return "'" + text + "' of " + owner + " in " + project;
        }
    }

    InstanceTree create(Transaction tx, Title title, RequestedState state, Instant now) {
        return create(tx, title, state, Optional.empty(), now);
    }

    /// @param pool number of the pool that it is a spare of
    InstanceTree create(Transaction tx, Title title, RequestedState state, Optional<Long> pool, Instant now) {
        return tx.handle()
                .createQuery("""
                        insert into instance_tree (id, reference, owner, project, title, state, pool_id, created_at)
                        select n, 'HOSTSUBS-' || n, :owner, :project, :title, :state, :pool, :now
                        from nextval('instance_tree_number') n
                        returning %s""".formatted(COLUMNS))
                .bind("owner", title.owner())
                .bind("project", title.project())
                .bind("title", title.text())
                .bind("state", state.wire())
                .bind("pool", pool.orElse(null))
                .bind("now", now)
                .map((row, _) -> tree(row))
                .one();
    }

    /// A spare of a pool becomes what somebody has requested.
    InstanceTree handOver(Transaction tx, long id, Title title, RequestedState state, Instant now) {
        return tx.handle()
                .createQuery("""
                        update instance_tree
                        set owner = :owner, title = :title, state = :state, created_at = :now, handed_over_at = :now
                        where id = :id returning %s""".formatted(COLUMNS))
                .bind("id", id)
                .bind("owner", title.owner())
                .bind("title", title.text())
                .bind("state", state.wire())
                .bind("now", now)
                .map((row, _) -> tree(row))
                .one();
    }

    /// A tree that is to be destroyed is archived at once, and its title is free.
    void want(Transaction tx, long id, RequestedState state, Instant now) {
        tx.handle()
                .createUpdate("""
                        update instance_tree
                        set state = :state, archived_at = case when :state = 'destroyed' then cast(:now as timestamptz) end
                        where id = :id""")
                .bind("id", id)
                .bind("state", state.wire())
                .bind("now", now)
                .execute();
    }

    void rename(Transaction tx, long id, String title) {
        tx.handle()
                .createUpdate("update instance_tree set title = :title where id = :id")
                .bind("id", id)
                .bind("title", title)
                .execute();
    }

    static InstanceTree joined(ResultSet row) throws SQLException {
        return tree(row, "t_");
    }

    private static InstanceTree tree(ResultSet row) throws SQLException {
        return tree(row, "");
    }

    private static InstanceTree tree(ResultSet row, String prefix) throws SQLException {
        return new InstanceTree(
                row.getLong(prefix + "id"),
                row.getString(prefix + "reference"),
                row.getString(prefix + "owner"),
                row.getString(prefix + "project"),
                row.getString(prefix + "title"),
                RequestedState.valueOf(row.getString(prefix + "state").toUpperCase(Locale.ROOT)),
                Optional.ofNullable(row.getTimestamp(prefix + "handed_over_at")).map(Timestamp::toInstant));
    }
}

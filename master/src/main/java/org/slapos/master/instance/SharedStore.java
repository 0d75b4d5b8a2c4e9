package org.slapos.master.instance;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slapos.master.db.Transaction;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.InstanceXml;

/// The shared instances in the table `instance`, and the plain ones that can host them.
final class SharedStore {
    /// The plain instances that can host that one, as far as nobody changes them meanwhile ([#hold]).
    Hosts hosts(Transaction tx, SoftwareInstance shared, String owner) {
        var desire = shared.desire();
        var hosts = tx.handle()
                .createQuery("""
                        select i.id, i.reference, i.partition_id, c.reference, i.tree_id = :tree,
                            (select count(*) from instance s where s.host_id = i.id)
                        from instance i
                        join instance_tree t on t.id = i.tree_id
                        join computer_partition p on p.id = i.partition_id
                        join computer c on c.id = p.computer_id
                        where i.ended_at is null and i.release_url = :release and i.software_type = :type
                            and i.state <> 'destroyed' and t.owner = :owner
                            and t.project = (select project from instance_tree where id = :tree)
                        order by i.id""")
                .bind("tree", shared.tree())
                .bind("release", desire.release())
                .bind("type", desire.type())
                .bind("owner", owner)
                .map((row, _) -> new Hosts.Host(
                        row.getLong(1),
                        row.getString(2),
                        row.getLong(3),
                        new ComputerId(row.getString(4)),
                        row.getBoolean(5),
                        row.getInt(6)))
                .list();
        return new Hosts(owner, desire.release(), desire.type(), hosts);
    }

    /// Whether that instance still can host; if so, nobody destroys it before the end of the transaction.
    ///
    /// @param patient waits for who is changing it, and sees how they end; else it counts as gone
    boolean hold(Transaction tx, long host, boolean patient) {
        return tx.handle()
                .createQuery("""
                        select id from instance
                        where id = :host and ended_at is null and partition_id is not null and state <> 'destroyed'
                        for share %s""".formatted(patient ? "" : "skip locked"))
                .bind("host", host)
                .mapTo(Long.class)
                .findOne()
                .isPresent();
    }

    void moveIn(Transaction tx, long shared, long host) {
        tx.handle()
                .createUpdate(
                        "update instance set host_id = :host, waiting_reason = '', was_placed = true where id = :id")
                .bind("id", shared)
                .bind("host", host)
                .execute();
    }

    /// It waits again, and what its host published for it is void.
    void moveOut(Transaction tx, long shared) {
        tx.handle()
                .createUpdate("update instance set host_id = null, connection = :connection where id = :id")
                .bind("id", shared)
                .bind("connection", InstanceXml.write(Map.of()))
                .execute();
    }

    /// Its host has something to do for it: moves its timestamp, strictly upwards.
    void touch(Transaction tx, long shared, Instant now) {
        tx.handle()
                .createUpdate("update instance set desired_at = greatest(desired_at + 1, :now) where id = :id")
                .bind("id", shared)
                .bind("now", ChronoUnit.MICROS.between(Instant.EPOCH, now))
                .execute();
    }

    /// The partition of a host.
    Optional<Long> partitionOf(Transaction tx, long host) {
        return tx.handle()
                .createQuery("select partition_id from instance where id = :host and partition_id is not null")
                .bind("host", host)
                .mapTo(Long.class)
                .findOne();
    }

    /// Those that live in that instance, in order of creation.
    List<SoftwareInstance> in(Transaction tx, long host) {
        return InstanceStore.list(tx, "where i.host_id = :host order by i.id", Map.of("host", host));
    }

    /// As [#in], and keeps everybody else from changing them until the end of the transaction.
    List<SoftwareInstance> lockIn(Transaction tx, long host) {
        return InstanceStore.list(tx, "where i.host_id = :host order by i.id for update of i", Map.of("host", host));
    }

    /// Those that live on a Computer, by the number of their host, in order of creation.
    Map<Long, List<SoftwareInstance>> onComputer(Transaction tx, long computer) {
        return InstanceStore.list(tx, """
                join instance h on h.id = i.host_id
                join computer_partition p on p.id = h.partition_id
                where p.computer_id = :computer order by i.id""", Map.of("computer", computer)).stream()
                .collect(Collectors.groupingBy(shared -> shared.host().orElseThrow()));
    }

    /// Those without a host that could live in that one, oldest first; those that somebody is working on are left to
    /// them.
    List<SoftwareInstance> lockWaitingFor(Transaction tx, SoftwareInstance host, int atMost) {
        return InstanceStore.list(
                tx,
                """
                join instance_tree t on t.id = i.tree_id
                where i.shared and i.ended_at is null and i.host_id is null and i.state <> 'destroyed'
                    and i.release_url = :release and i.software_type = :type
                    and t.owner = (select owner from instance_tree where id = :tree)
                order by i.id limit :most for update of i skip locked""",
                Map.of(
                        "release", host.desire().release(),
                        "type", host.desire().type(),
                        "tree", host.tree(),
                        "most", atMost));
    }
}

package org.slapos.master.allocation;

import java.time.Instant;
import org.slapos.master.computer.Partitions;
import org.slapos.master.db.Transaction;
import org.slapos.protocol.ComputerId;

/// Finds a ComputerPartition and takes it, in the caller's transaction, which moves the Computer's revision afterwards.
public final class PlaceInstance {
    private static final int TRIES = 20;

    private final Partitions partitions = new Partitions();

    /// How it ended.
    public sealed interface Outcome {
        /// @param computer the number of its Computer
        record Taken(long partition, long computer) implements Outcome {}

        /// Nothing fits now; the reason says what to do.
        record Nowhere(String reason) implements Outcome {}
    }

    /// @param patient whether to wait for others that are taking the last partition, and see how they end; a caller
    ///     that already holds the row of a Computer must not
    public Outcome place(
            Transaction tx,
            String title,
            String release,
            String project,
            Conditions conditions,
            boolean patient,
            Instant now) {
        for (int attempt = 0; attempt < TRIES; attempt++) {
            switch (capacity(tx, release, project).plan(title, conditions)) {
                case Capacity.Plan.Nowhere(var reason) -> {
                    return new Outcome.Nowhere(reason);
                }
                case Capacity.Plan.Take(var place) -> {
                    var taken = partitions.take(tx, place.id(), patient && attempt > 0, now);
                    if (taken.isPresent()) {
                        return new Outcome.Taken(taken.get(), place.id());
                    }
                }
            }
            if (!patient) {
                break;
            }
        }
        return new Outcome.Nowhere(
                "No ComputerPartition for '" + title + "' right now: others are taking the last ones. Ask again");
    }

    private static Capacity capacity(Transaction tx, String release, String project) {
        var places = tx.handle()
                .createQuery("""
                        select c.id, c.reference,
                            count(*) filter (where p.state = 'free' and p.capabilities = '{}'),
                            count(*) filter (where p.state <> 'inactive' and p.capabilities = '{}')
                        from software_release r
                        join allocation_supply s on s.release_id = r.id and s.ended_at is null
                        join computer c on c.id = s.computer_id and c.project = :project
                        left join computer_partition p on p.computer_id = c.id
                        where r.url = :release
                        group by c.id""")
                .bind("release", release)
                .bind("project", project)
                .map((row, _) -> new Capacity.Place(
                        row.getLong(1), new ComputerId(row.getString(2)), row.getInt(3), row.getInt(4)))
                .list();
        return new Capacity(release, places);
    }
}

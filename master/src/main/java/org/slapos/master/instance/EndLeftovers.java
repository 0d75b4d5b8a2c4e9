package org.slapos.master.instance;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.slapos.master.audit.Audit;
import org.slapos.master.computer.CapacityWatch;
import org.slapos.master.computer.Partitions;
import org.slapos.master.computer.Revisions;
import org.slapos.master.db.Transaction;
import org.slapos.master.pki.CertificateAuthority;
import org.slapos.protocol.RequestedState;

/// A safety net. Whoever destroys or stops a tree does so with all that is in it, in one transaction; here is found
/// what was left over all the same, by an earlier release or by hand: instances of destroyed trees or of destroyed
/// parents, started ones of stopped trees, destroyed ones that nobody will report, partitions that hold nothing.
public final class EndLeftovers {
    public static final String KIND = "instance.leftovers";

    private static final int AT_ONCE = 500;
    private static final String ORPHANS = """
            join instance_tree t on t.id = i.tree_id
            where i.ended_at is null and i.state <> 'destroyed'
                and (t.archived_at is not null or exists (select from instance p
                    where p.id = i.parent_id and (p.ended_at is not null or p.state = 'destroyed')))
            order by i.id limit :most for update of i skip locked""";
    private static final String STARTED = """
            join instance_tree t on t.id = i.tree_id
            where i.ended_at is null and i.state = 'started' and t.state = 'stopped'
            order by i.id limit :most for update of i skip locked""";
    private static final String UNREPORTED = """
            where i.ended_at is null and i.state = 'destroyed' and i.partition_id is null
            order by i.id limit :most for update of i skip locked""";

    private final Revisions revisions;
    private final CertificateAuthority authority;
    private final CapacityWatch capacity;
    private final Partitions partitions = new Partitions();

    public EndLeftovers(Revisions revisions, CertificateAuthority authority, CapacityWatch capacity) {
        this.revisions = revisions;
        this.authority = authority;
        this.capacity = capacity;
    }

    /// @return whether there may be more
    public boolean run(Transaction tx, Instant now) {
        var change = new Change(tx, now, revisions, authority);
        int found = 0;
        for (var orphan : list(tx, ORPHANS)) {
            Audit.note(tx, now, "instance.orphan", orphan.reference(), "its tree or its requester is destroyed");
            change.destroy(orphan);
            found++;
        }
        for (var started : list(tx, STARTED)) {
            change.want(started, started.desire().withState(RequestedState.STOPPED));
            found++;
        }
        for (var unreported : list(tx, UNREPORTED)) {
            change.end(unreported);
            found++;
        }
        change.settle();
        var freed = new TreeSet<Long>();
        for (long partition : partitions.lockEmpty(tx, AT_ONCE)) {
            partitions.free(tx, partition);
            freed.add(partitions.touch(tx, partition, now));
            found++;
        }
        freed.forEach(computer -> capacity.capacityGrew(tx, computer, now));
        change.show(freed);
        change.finish();
        return found >= AT_ONCE;
    }

    private static List<SoftwareInstance> list(Transaction tx, String condition) {
        return InstanceStore.list(tx, condition, Map.of("most", AT_ONCE));
    }
}

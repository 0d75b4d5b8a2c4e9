package org.slapos.master.instance;

import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.slapos.master.allocation.Conditions;
import org.slapos.master.computer.CapacityWatch;
import org.slapos.master.computer.Revisions;
import org.slapos.master.db.Transaction;
import org.slapos.master.pki.CertificateAuthority;

/// Gives places to the plain instances that wait for one, oldest first, when capacity has grown.
public final class PlaceWaiting implements CapacityWatch {
    private static final int AT_MOST = 1000;

    private final Revisions revisions;
    private final CertificateAuthority authority;
    private final InstanceStore instances = new InstanceStore();
    private final TreeStore trees = new TreeStore();

    public PlaceWaiting(Revisions revisions, CertificateAuthority authority) {
        this.revisions = revisions;
        this.authority = authority;
    }

    /// What was found full for one is full for all that want the same.
    private record Want(String release, String project, Conditions conditions) {}

    @Override
    public void capacityGrew(Transaction tx, Instant now) {
        var full = new HashSet<Want>();
        var change = new Change(tx, now, revisions, authority);
        for (var waiting : instances.lockWaiting(tx, AT_MOST)) {
            if (Conditions.read(waiting.desire().conditions(), false)
                    instanceof Conditions.Reading.Understood(var conditions)) {
                var project = trees.get(tx, waiting.tree()).project();
                placeUnlessFull(change, waiting, new Want(waiting.desire().release(), project, conditions), full);
            }
        }
        change.finish();
    }

    private static void placeUnlessFull(Change change, SoftwareInstance waiting, Want want, Set<Want> full) {
        if (!full.contains(want)
                && change.place(waiting, want.conditions(), false).partition().isEmpty()) {
            full.add(want);
        }
    }
}

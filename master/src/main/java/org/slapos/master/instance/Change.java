package org.slapos.master.instance;

import java.time.Instant;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.slapos.master.allocation.Conditions;
import org.slapos.master.allocation.PlaceInstance;
import org.slapos.master.computer.Computers;
import org.slapos.master.computer.Partitions;
import org.slapos.master.computer.Revisions;
import org.slapos.master.db.Transaction;
import org.slapos.master.pki.CertificateAuthority;
import org.slapos.protocol.RequestedState;

/// The changes to instances within one transaction: it remembers the Computers that have something new to do, and moves
/// their revisions at the end ([#finish]).
final class Change {
    private final Transaction tx;
    private final Instant now;
    private final Revisions revisions;
    private final CertificateAuthority authority;
    private final SortedSet<Long> touched = new TreeSet<>();
    private final InstanceStore instances = new InstanceStore();
    private final Computers computers = new Computers();
    private final Partitions partitions = new Partitions();
    private final PlaceInstance allocation = new PlaceInstance();

    Change(Transaction tx, Instant now, Revisions revisions, CertificateAuthority authority) {
        this.tx = tx;
        this.now = now;
        this.revisions = revisions;
        this.authority = authority;
    }

    /// A new instance with its certificate, not placed yet.
    SoftwareInstance create(long tree, Optional<Long> parent, String title, SoftwareInstance.Desire desire) {
        var created = instances.create(tx, tree, parent, title, desire, now);
        var holder = FetchInstanceCertificate.holder(created.reference());
        authority.keep(tx, holder, authority.issue(tx, holder, now));
        return created;
    }

    /// Gives it a partition, or writes down what it waits for.
    ///
    /// @param patient as for [PlaceInstance#place]
    SoftwareInstance place(SoftwareInstance waiting, Conditions conditions, boolean patient) {
        return switch (allocation.place(tx, waiting.title(), waiting.desire().release(), conditions, patient, now)) {
            case PlaceInstance.Outcome.Taken(long partition, long computer) -> {
                instances.place(tx, waiting.id(), partition);
                touched.add(computer);
                yield waiting.on(partition);
            }
            case PlaceInstance.Outcome.Nowhere(var reason) -> {
                if (!reason.equals(waiting.waitingFor())) {
                    instances.waitFor(tx, waiting.id(), reason);
                }
                yield waiting.waitingFor(reason);
            }
        };
    }

    /// Writes what is wanted of it now; its node has something to do.
    SoftwareInstance want(SoftwareInstance instance, SoftwareInstance.Desire desire) {
        instances.want(tx, instance.id(), desire);
        bang(instance);
        return instance.wanting(desire);
    }

    /// Its node has something to do there.
    void bang(SoftwareInstance instance) {
        instance.partition().ifPresent(partition -> touched.add(partitions.touch(tx, partition, now)));
    }

    /// Its Computer's document changes, but there is nothing to do.
    void show(SoftwareInstance instance) {
        instance.partition()
                .ifPresent(partition -> touched.add(computers.of(tx, partition).id()));
    }

    /// Destruction is wanted: the node has to confirm it, unless there is none.
    void destroy(SoftwareInstance instance) {
        if (!instance.isDestroyed()) {
            want(instance, instance.desire().withState(RequestedState.DESTROYED));
            if (instance.partition().isEmpty()) {
                end(instance);
            }
        }
    }

    /// The instance is no more: its certificate is revoked, its partition free.
    void end(SoftwareInstance instance) {
        show(instance);
        instances.end(tx, instance.id(), now);
        authority.revoke(tx, FetchInstanceCertificate.holder(instance.reference()), now);
        instance.partition().ifPresent(partition -> partitions.free(tx, partition));
    }

    /// To be called last, since the rows of Computers are held from here to the end of the transaction.
    void finish() {
        revisions.bump(tx, touched);
    }
}

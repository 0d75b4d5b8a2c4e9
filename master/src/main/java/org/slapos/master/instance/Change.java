package org.slapos.master.instance;

import java.time.Instant;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slapos.master.allocation.Conditions;
import org.slapos.master.allocation.PlaceInstance;
import org.slapos.master.allocation.ReadConditions;
import org.slapos.master.audit.Audit;
import org.slapos.master.computer.Computers;
import org.slapos.master.computer.Partitions;
import org.slapos.master.computer.Revisions;
import org.slapos.master.db.Transaction;
import org.slapos.master.pki.CertificateAuthority;
import org.slapos.master.software.SoftwareUse;
import org.slapos.protocol.RequestedState;

/// The changes to instances within one transaction: it remembers the partitions and the Computers that have something
/// new to do, and moves their timestamps ([#settle]) and revisions ([#finish]) at the end.
final class Change {
    private final Transaction tx;
    private final Instant now;
    private final Revisions revisions;
    private final CertificateAuthority authority;
    private final NavigableSet<Long> banged = new TreeSet<>();
    private final SortedSet<Long> touched = new TreeSet<>();
    private final InstanceStore instances = new InstanceStore();
    private final TreeStore trees = new TreeStore();
    private final Computers computers = new Computers();
    private final Partitions partitions = new Partitions();
    private final @Nullable PlaceInstance places;
    private final SoftwareUse software = new SoftwareUse();
    private final WhatIsWanted wants = new WhatIsWanted();
    private final HostShared shared;

    /// One that gives no partition away.
    Change(Transaction tx, Instant now, Revisions revisions, CertificateAuthority authority) {
        this(tx, now, revisions, authority, null);
    }

    Change(
            Transaction tx,
            Instant now,
            Revisions revisions,
            CertificateAuthority authority,
            @Nullable PlaceInstance places) {
        this.tx = tx;
        this.now = now;
        this.revisions = revisions;
        this.authority = authority;
        this.places = places;
        this.shared = new HostShared(tx, now);
    }

    /// A new instance, not placed yet; a plain one gets its certificate.
    SoftwareInstance create(
            long tree, Optional<Long> parent, String title, SoftwareInstance.Desire desire, boolean isShared) {
        var created = instances.create(tx, tree, parent, title, desire, isShared, now);
        Audit.note(tx, now, "instance.create", created.reference(), "'" + title + "' " + desire);
        if (!isShared) {
            authority.issueAndKeep(tx, FetchInstanceCertificate.holder(created.reference()), now);
        }
        return created;
    }

    /// Gives it a partition or a host, or writes down what it waits for.
    ///
    /// @param patient as for [PlaceInstance#place]; then this transaction has changed no partition yet
    SoftwareInstance place(SoftwareInstance waiting, Conditions conditions, boolean patient) {
        return place(waiting, Optional.empty(), conditions, patient);
    }

    /// @param tree its own, where it is at hand
    SoftwareInstance place(
            SoftwareInstance waiting, Optional<InstanceTree> tree, Conditions conditions, boolean patient) {
        if (waiting.isShared()) {
            var placed = shared.place(waiting, conditions, patient);
            if (placed.isPlaced()) {
                placed.host().ifPresent(host -> noteOf(placed, "in SOFTINST-" + host));
                bang(placed);
            }
            return placed;
        }
        var wanted = wants.of(tx, waiting, tree, conditions);
        var allocation = Objects.requireNonNull(places, "this change gives no partition away");
        return switch (patient
                ? allocation.placeFresh(tx, wanted, true, now)
                : allocation.place(tx, wanted, false, now)) {
            case PlaceInstance.Outcome.Taken(long partition, long computer, var reference) -> {
                instances.place(tx, waiting.id(), partition);
                touched.add(computer);
                var placed = waiting.on(partition);
                noteOf(placed, "on " + reference);
                shared.appeared(placed);
                yield placed;
            }
            case PlaceInstance.Outcome.Nowhere(var reason) -> {
                if (!reason.equals(waiting.waitingFor())) {
                    instances.waitFor(tx, waiting.id(), reason);
                    KeepPools.changed(tx, wanted.project(), Set.of(wanted.release()), now);
                }
                yield waiting.waitingFor(reason);
            }
        };
    }

    private void noteOf(SoftwareInstance placed, String where) {
        Audit.note(tx, now, "instance.place", placed.reference(), where);
    }

    /// Writes what is wanted of it now; its node has something to do.
    SoftwareInstance want(SoftwareInstance instance, SoftwareInstance.Desire desire) {
        instances.want(tx, instance.id(), desire);
        Audit.note(
                tx, now, "instance.change", instance.reference(), instance.desire(), desire.after(instance.desire()));
        var wanting = instance.wanting(desire);
        bang(instance.isStarted() ? instance : wanting); // its host hears of one that is stopped, too
        if (wanting.partition().isPresent() && !wanting.isDestroyed() && wanting.runsOtherThan(instance)) {
            shared.appeared(wanting);
            software.left(tx, wanting.partition().get(), instance.desire().release(), now);
        }
        return wanting;
    }

    /// Its node has something to do there. The host of a shared one has, when it is to run.
    void bang(SoftwareInstance instance) {
        if (instance.isShared()) {
            shared.touch(instance);
        }
        shownIn(instance).ifPresent(banged::add);
    }

    /// Its Computer's document changes, but there is nothing to do.
    void show(SoftwareInstance instance) {
        shownIn(instance)
                .ifPresent(partition -> touched.add(computers.of(tx, partition).id()));
    }

    /// The documents of those Computers, by their numbers, change.
    void show(Set<Long> computers) {
        touched.addAll(computers);
    }

    /// It loses its place without having been asked to: it waits for another one, and has a new certificate, since the
    /// old one is where it was.
    void evict(SoftwareInstance instance, String reason) {
        show(instance);
        shared.moveOut(instance)
                .forEach(requester -> instances.find(tx, requester).ifPresent(this::bang));
        long left = instance.partition().orElseThrow();
        instances.leave(tx, instance.id(), reason);
        Audit.note(tx, now, "instance.evict", instance.reference(), reason);
        var holder = FetchInstanceCertificate.holder(instance.reference());
        authority.revoke(tx, holder, now);
        authority.keep(tx, holder, authority.issue(tx, holder, now));
        partitions.free(tx, left);
        instance.parent().flatMap(parent -> instances.find(tx, parent)).ifPresent(this::bang);
    }

    /// The partition whose description shows it: of a shared one, only while it is to run.
    private Optional<Long> shownIn(SoftwareInstance instance) {
        return instance.isShared()
                ? instance.host().filter(_ -> instance.isStarted()).flatMap(shared::partitionOf)
                : instance.partition();
    }

    /// Destruction is wanted: the node has to confirm it, unless there is none, or the instance is shared. What lives
    /// in it looks for another host.
    void destroy(SoftwareInstance instance) {
        if (!instance.isDestroyed()) {
            var doomed = want(instance, instance.desire().withState(RequestedState.DESTROYED));
            if (doomed.partition().isEmpty()) {
                end(doomed);
            } else {
                shared.moveOut(doomed)
                        .forEach(requester -> instances.find(tx, requester).ifPresent(this::bang));
            }
        }
    }

    /// Destruction of the tree is wanted, and of all that is in it.
    void destroyTree(long tree) {
        trees.want(tx, tree, RequestedState.DESTROYED, now);
        instances.inTree(tx, tree).forEach(this::destroy);
    }

    /// The instance is no more: its certificate is revoked, its partition free.
    void end(SoftwareInstance instance) {
        show(instance);
        instances.end(tx, instance.id(), now);
        Audit.note(tx, now, "instance.end", instance.reference(), "ended");
        if (!instance.isShared()) {
            authority.revoke(tx, FetchInstanceCertificate.holder(instance.reference()), now);
        }
        instance.partition().ifPresent(partition -> {
            partitions.free(tx, partition);
            software.left(tx, partition, instance.desire().release(), now);
        });
    }

    /// Moves the timestamps, so that who describes an instance sees them; before it, shared instances get the hosts
    /// that came with this change.
    void settle() {
        shared.homeless().forEach(waiting -> {
            if (ReadConditions.read(waiting.desire().conditions(), true)
                    instanceof Conditions.Reading.Understood(var conditions)) {
                place(waiting, conditions, false);
            }
        });
        banged.forEach(partition -> touched.add(partitions.touch(tx, partition, now)));
        banged.clear();
    }

    /// To be called last, since the rows of Computers are held from here to the end of the transaction.
    void finish() {
        settle();
        revisions.bump(tx, touched);
    }
}

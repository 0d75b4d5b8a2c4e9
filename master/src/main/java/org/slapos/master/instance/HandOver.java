package org.slapos.master.instance;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.slapos.master.allocation.Conditions;
import org.slapos.master.allocation.PlaceInstance;
import org.slapos.master.audit.Audit;
import org.slapos.master.computer.Computers;
import org.slapos.master.db.Transaction;
import org.slapos.master.pki.CertificateAuthority;

/// Gives a spare of a pool to who asks for such an instance, inside the transaction of the request: it goes on running,
/// with the requester's title, parameters and conditions and a new certificate, and is the requester's to pay from then
/// on. A spare that meets a condition less, or costs more than a place that is free, is left.
final class HandOver {
    private final CertificateAuthority authority;
    private final PlaceInstance places;
    private final HostingWatch hosting;
    private final PoolStore pools = new PoolStore();
    private final InstanceStore instances = new InstanceStore();
    private final TreeStore trees = new TreeStore();
    private final Computers computers = new Computers();
    private final WhatIsWanted wants = new WhatIsWanted();

    HandOver(CertificateAuthority authority, PlaceInstance places, HostingWatch hosting) {
        this.authority = authority;
        this.places = places;
        this.hosting = hosting;
    }

    /// Where a spare would be handed over.
    ///
    /// @param runningOnly leaves out those that do not run yet, and those that cost more than what is free
    /// @param passed      Computers that are not looked at
    Optional<PlaceInstance.Running> find(
            Transaction tx,
            long pool,
            TreeStore.Title title,
            SoftwareInstance.Desire desire,
            Conditions conditions,
            boolean runningOnly,
            Set<Long> passed,
            Instant now) {
        if (conditions.capability().isPresent()) {
            return Optional.empty(); // a spare is in a partition without any
        }
        var on = new TreeSet<>(pools.computers(tx, pool, runningOnly).keySet());
        on.removeAll(passed);
        if (on.isEmpty()) {
            return Optional.empty();
        }
        var planted = InstanceTree.planted(title.owner(), title.project(), title.text());
        var wanted = wants.of(tx, planted, 0, title.text(), desire, conditions);
        return places.running(tx, wanted, on, runningOnly, now);
    }

    /// A spare that is the requester's from now on; nothing when none fits, or others are taking the last ones.
    Optional<SoftwareInstance> handOver(
            Transaction tx,
            Change change,
            long pool,
            TreeStore.Title title,
            SoftwareInstance.Desire desire,
            Conditions conditions,
            boolean runningOnly,
            Instant now) {
        var passed = new HashSet<Long>();
        for (var found = find(tx, pool, title, desire, conditions, runningOnly, passed, now);
                found.isPresent();
                found = find(tx, pool, title, desire, conditions, runningOnly, passed, now)) {
            var spare = pools.take(tx, pool, found.get().computer(), runningOnly);
            if (spare.isPresent()) {
                return Optional.of(handOver(tx, change, spare.get(), title, desire, now));
            }
            passed.add(found.get().computer());
        }
        return Optional.empty();
    }

    private SoftwareInstance handOver(
            Transaction tx,
            Change change,
            SoftwareInstance spare,
            TreeStore.Title title,
            SoftwareInstance.Desire desire,
            Instant at) {
        var now = at.truncatedTo(ChronoUnit.MICROS); // as precise as the database, so that hostings are found again
        var before = trees.get(tx, spare.tree());
        instances.inTree(tx, spare.tree()).stream()
                .flatMap(known -> instances.lock(tx, new WhichInstance.Named(known.reference())).stream())
                .filter(instance -> instance.runningSince().isPresent())
                .forEach(instance -> {
                    var since = instance.runningSince().orElseThrow();
                    // A hosting is named by its beginning: no two of an instance begin at once.
                    var from = now.isAfter(since) ? now : since.plus(1, ChronoUnit.MICROS);
                    hosting.stopped(tx, hosting(tx, instance, before.owner(), since), from);
                    hosting.started(tx, hosting(tx, instance, title.owner(), from));
                    instances.report(tx, instance.id(), instance.status(), Optional.of(from));
                });
        trees.handOver(tx, spare.tree(), title, desire.state(), now);
        instances.rename(tx, spare.id(), title.text());
        change.want(instances.find(tx, spare.id()).orElseThrow(), desire);
        var holder = FetchInstanceCertificate.holder(spare.reference());
        authority.keep(tx, holder, authority.renew(tx, holder, Optional.empty(), now));
        Audit.note(tx, now, "instance.handover", spare.reference(), "spare " + before.title(), title);
        return instances.find(tx, spare.id()).orElseThrow();
    }

    private HostingWatch.Hosting hosting(Transaction tx, SoftwareInstance instance, String customer, Instant since) {
        return new HostingWatch.Hosting(
                instance.reference(),
                customer,
                computers.of(tx, instance.partition().orElseThrow()).reference(),
                instance.desire().release(),
                since);
    }

    /// A spare whose place an instance that waits could have.
    Optional<SoftwareInstance> forWaiting(
            Transaction tx, long pool, SoftwareInstance waiting, Conditions conditions, Instant now) {
        var on = pools.computers(tx, pool, false).keySet();
        return on.isEmpty() || conditions.capability().isPresent()
                ? Optional.empty()
                : places.running(tx, wants.of(tx, waiting, conditions), on, false, now)
                        .flatMap(place -> pools.take(tx, pool, place.computer(), false));
    }
}

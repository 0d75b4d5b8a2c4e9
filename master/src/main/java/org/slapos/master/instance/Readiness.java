package org.slapos.master.instance;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import org.slapos.master.Problem;
import org.slapos.master.allocation.Conditions;
import org.slapos.master.allocation.PlaceInstance;
import org.slapos.master.computer.Revisions;
import org.slapos.master.db.Database;
import org.slapos.master.db.Transaction;
import org.slapos.master.party.Assignments;
import org.slapos.master.pki.CertificateAuthority;

/// What a project has said of new requests before they came: pools, from which they may be served, and a brake, which
/// may refuse them. One query where it has said nothing.
public final class Readiness {
    private final PoolStore pools = new PoolStore();
    private final WhatIsWanted wants = new WhatIsWanted();
    private final PlaceInstance places;
    private final HandOver handOver;
    private final KeepPools keep;
    private final ChangePools changes;

    public Readiness(
            Database database,
            InstantSource clock,
            Revisions revisions,
            CertificateAuthority authority,
            Assignments assignments,
            PlaceInstance places,
            HostingWatch hosting) {
        this.places = places;
        this.handOver = new HandOver(authority, places, hosting);
        this.keep = new KeepPools(revisions, authority, places, handOver);
        this.changes = new ChangePools(database, clock, assignments, keep);
    }

    /// What becomes of a new request.
    sealed interface Answer {
        record Braked(Problem problem) implements Answer {}

        record HandedOver(SoftwareInstance instance) implements Answer {}

        /// The instance has yet to be made.
        record Make() implements Answer {}
    }

    /// What people may say.
    public ChangePools changes() {
        return changes;
    }

    /// What brings pools to their size.
    public KeepPools keep() {
        return keep;
    }

    /// Before a tree is made: what becomes of the request for it.
    Answer of(
            Transaction tx,
            Change change,
            TreeStore.Title title,
            SoftwareInstance.Desire desire,
            boolean isShared,
            Conditions conditions,
            Instant now) {
        var rules = pools.rules(tx, title.project(), desire.release(), desire.type());
        rules.brake().ifPresent(_ -> pools.serializeRequester(tx, title.owner(), title.project()));
        var braked = refusal(tx, rules, title, now);
        if (braked.isPresent()) {
            return new Answer.Braked(braked.get());
        }
        if (rules.pool().isPresent() && !isShared) {
            long pool = rules.pool().get();
            var spare = handOver.handOver(tx, change, pool, title, desire, conditions, true, now);
            if (spare.isEmpty() && !isPlace(tx, title, desire, conditions, now)) {
                spare = handOver.handOver(tx, change, pool, title, desire, conditions, false, now);
            }
            if (spare.isPresent()) {
                KeepPools.changed(tx, pool, now);
                return new Answer.HandedOver(spare.get());
            }
        }
        return new Answer.Make();
    }

    /// As [#of] for who only looks: why it would be refused.
    Optional<Problem> refusal(Transaction tx, TreeStore.Title title, Instant now) {
        return refusal(tx, pools.rules(tx, title.project(), "", ""), title, now);
    }

    /// As [#of] for who only looks: the spare that would be handed over.
    Optional<PlaceInstance.Running> spare(
            Transaction tx, TreeStore.Title title, SoftwareInstance.Desire desire, Conditions conditions, Instant now) {
        return pools.rules(tx, title.project(), desire.release(), desire.type())
                .pool()
                .flatMap(pool -> handOver.find(tx, pool, title, desire, conditions, true, Set.of(), now)
                        .or(() -> isPlace(tx, title, desire, conditions, now)
                                ? Optional.empty()
                                : handOver.find(tx, pool, title, desire, conditions, false, Set.of(), now)));
    }

    private Optional<Problem> refusal(Transaction tx, PoolStore.Rules rules, TreeStore.Title title, Instant now) {
        return rules.brake().flatMap(brake -> {
            var latest = pools.latest(tx, title.owner(), title.project(), now.minus(brake.per()), brake.requests());
            return brake.refusal(title.owner(), title.project(), latest, now);
        });
    }

    private boolean isPlace(
            Transaction tx, TreeStore.Title title, SoftwareInstance.Desire desire, Conditions conditions, Instant now) {
        var planted = InstanceTree.planted(title.owner(), title.project(), title.text());
        return places.isPlace(tx, wants.of(tx, planted, 0, title.text(), desire, conditions), now);
    }
}

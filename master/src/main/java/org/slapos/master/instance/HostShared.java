package org.slapos.master.instance;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.slapos.master.allocation.Conditions;
import org.slapos.master.audit.Audit;
import org.slapos.master.db.Transaction;

/// Moves shared instances into hosts and out of them, as part of one [Change]. It remembers who may have found a
/// host by that change, or lost it.
final class HostShared {
    private static final int TRIES = 20;
    private static final int AT_MOST = 1000;

    private final Transaction tx;
    private final Instant now;
    private final NavigableSet<Long> homeless = new TreeSet<>();
    private final List<SoftwareInstance> appeared = new ArrayList<>();
    private final InstanceStore instances = new InstanceStore();
    private final SharedStore store = new SharedStore();
    private final TreeStore trees = new TreeStore();

    HostShared(Transaction tx, Instant now) {
        this.tx = tx;
        this.now = now;
    }

    /// Gives it a host, or writes down what it waits for. Planning is pure; a host that is gone when it is taken is
    /// planned again.
    SoftwareInstance place(SoftwareInstance waiting, Conditions conditions, boolean patient) {
        var owner = trees.get(tx, waiting.tree()).owner();
        for (int attempt = 0; attempt < TRIES; attempt++) {
            switch (store.hosts(tx, waiting, owner).plan(waiting.title(), conditions)) {
                case Hosts.Plan.Nowhere(var reason) -> {
                    return waitFor(waiting, reason);
                }
                case Hosts.Plan.On(var host) -> {
                    if (store.hold(tx, host.id(), patient)) {
                        store.moveIn(tx, waiting.id(), host.id());
                        return waiting.in(host.id());
                    }
                }
            }
            if (!patient) {
                break;
            }
        }
        return waitFor(
                waiting,
                "No host for the shared instance '" + waiting.title()
                        + "' right now: others are changing it. Ask again");
    }

    private SoftwareInstance waitFor(SoftwareInstance waiting, String reason) {
        if (!reason.equals(waiting.waitingFor())) {
            instances.waitFor(tx, waiting.id(), reason);
        }
        return waiting.waitingFor(reason);
    }

    /// That plain instance can host now what it could not before.
    void appeared(SoftwareInstance host) {
        appeared.add(host);
    }

    /// What lives in that instance has to leave it; answers who requested it.
    Set<Long> moveOut(SoftwareInstance host) {
        var requesters = new TreeSet<Long>();
        for (var shared : store.lockIn(tx, host.id())) {
            store.moveOut(tx, shared.id());
            homeless.add(shared.id());
            Audit.note(tx, now, "instance.leave", shared.reference(), "in " + host.reference(), "without a host");
            shared.parent().ifPresent(requesters::add);
        }
        return requesters;
    }

    void touch(SoftwareInstance shared) {
        store.touch(tx, shared.id(), now);
    }

    Optional<Long> partitionOf(long host) {
        return store.partitionOf(tx, host);
    }

    /// The shared instances without a host that a new look may help, once.
    List<SoftwareInstance> homeless() {
        for (var host : appeared) {
            store.lockWaitingFor(tx, host, AT_MOST).forEach(waiting -> homeless.add(waiting.id()));
        }
        var found = homeless.stream()
                .flatMap(id -> instances.find(tx, id).stream())
                .filter(waiting -> !waiting.isPlaced() && !waiting.isDestroyed())
                .toList();
        appeared.clear();
        homeless.clear();
        return found;
    }
}

package org.slapos.master.instance;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.slapos.master.allocation.Conditions;
import org.slapos.master.allocation.PlaceInstance;
import org.slapos.master.allocation.ReadConditions;
import org.slapos.master.allocation.Wanted;
import org.slapos.master.audit.Audit;
import org.slapos.master.computer.Revisions;
import org.slapos.master.db.Transaction;
import org.slapos.master.pki.CertificateAuthority;
import org.slapos.master.work.Outbox;
import org.slapos.protocol.RequestedState;

/// Keeps as many spares in each pool as there should be: makes what is missing, one at a time and only where there is a
/// free place that nobody waits for; gives back what is too much, and, one after the other, what somebody who waits
/// could have. A spare on a Computer that takes no new instance of it (closed, silent, not supplied any more) is of no
/// use: another one is made, then that one is given back. One that fails counts, but is handed over last.
///
/// A step for one pool is a piece of work. It is wanted when a spare was handed over or the pool changed, when a
/// Computer of its project changed in any way and who waits was looked at, when the software is not supplied there any
/// more, when somebody begins to wait for such a place, and from time to time, since forecasts age and silence is told
/// by nobody.
public final class KeepPools {
    /// Of the work for one pool, by its number.
    public static final String KIND = "pool.keep";

    /// Of the work that has every pool looked at.
    public static final String LOOK = "pool.look";

    /// What a forecast looks back at, and how long it counts.
    private static final Duration PAST = Duration.ofDays(7);

    public static final Duration FORECAST_HOLDS = Duration.ofMinutes(10);
    private static final int AT_ONCE = 100;

    private final Revisions revisions;
    private final CertificateAuthority authority;
    private final PlaceInstance places;
    private final HandOver handOver;
    private final PoolStore pools = new PoolStore();
    private final TreeStore trees = new TreeStore();
    private final WhatIsWanted wants = new WhatIsWanted();
    private final Map<Long, Forecast> forecasts = new ConcurrentHashMap<>();

    private record Forecast(int busiestHour, Instant until) {}

    KeepPools(Revisions revisions, CertificateAuthority authority, PlaceInstance places, HandOver handOver) {
        this.revisions = revisions;
        this.authority = authority;
        this.places = places;
        this.handOver = handOver;
    }

    /// There may be something to do for that pool.
    static void changed(Transaction tx, long pool, Instant now) {
        Outbox.add(tx, KIND, Long.toString(pool), now);
    }

    /// There may be something to do for the pools of those releases in that project.
    static void changed(Transaction tx, String project, Set<String> releases, Instant now) {
        new PoolStore().of(tx, project, releases).forEach(pool -> changed(tx, pool, now));
    }

    /// Every pool is to be looked at.
    public void look(Transaction tx, Instant now) {
        pools.all(tx).forEach(pool -> changed(tx, pool, now));
    }

    /// Makes one spare, or gives one back; false when there is nothing more to do now.
    public boolean step(Transaction tx, String number, Instant now) {
        var pool = pools.lock(tx, Long.parseLong(number));
        if (pool.isEmpty()) {
            return false;
        }
        var change = new Change(tx, now, revisions, authority, places);
        boolean isMore = step(tx, change, pool.get(), now);
        change.finish();
        return isMore;
    }

    private boolean step(Transaction tx, Change change, Pool pool, Instant now) {
        int spares = pools.count(tx, pool.id());
        int wanted = wanted(tx, pool, now);
        var on = pools.computers(tx, pool.id(), false);
        var useless = new TreeSet<>(on.keySet());
        useless.removeAll(places.suiting(tx, spare(tx, pool), on.keySet(), now));
        int useful = spares - useless.stream().mapToInt(on::get).sum();
        if (spares > wanted && useful >= wanted) {
            var why = useless.isEmpty()
                    ? "there are " + spares + " of " + wanted
                    : "its Computer takes no new instance of it";
            var last = pools.takeLast(tx, pool.id(), useless.isEmpty() ? on.keySet() : useless);
            return giveBack(tx, change, pool, last, why, now);
        }
        var waiting = pools.waiting(tx, pool, AT_ONCE);
        boolean mayGive = spares > 0 && !waiting.isEmpty() && !pools.isGivingBack(tx, pool.id());
        for (var instance : mayGive ? waiting : List.<SoftwareInstance>of()) {
            var spare = conditions(instance)
                    .flatMap(conditions -> handOver.forWaiting(tx, pool.id(), instance, conditions, now));
            if (spare.isPresent()) {
                return giveBack(tx, change, pool, spare, instance.reference() + " waits for its place", now);
            }
        }
        return useful < wanted
                && waiting.stream().noneMatch(instance -> isPlaceFor(tx, instance, now))
                && make(tx, change, pool, now);
    }

    /// Who waits and could have a place is given one; who cannot does not keep the pool waiting.
    private boolean isPlaceFor(Transaction tx, SoftwareInstance waiting, Instant now) {
        return conditions(waiting)
                .filter(conditions -> places.isPlace(tx, wants.of(tx, waiting, conditions), now))
                .isPresent();
    }

    private static Optional<Conditions> conditions(SoftwareInstance instance) {
        return ReadConditions.read(instance.desire().conditions(), false)
                        instanceof Conditions.Reading.Understood(var conditions)
                ? Optional.of(conditions)
                : Optional.empty();
    }

    /// How many spares there should be.
    int wanted(Transaction tx, Pool pool, Instant now) {
        if (pool.size().isPresent()) {
            return pool.wanted(0);
        }
        var forecast = forecasts.compute(
                pool.id(),
                (_, known) -> known != null && known.until().isAfter(now)
                        ? known
                        : new Forecast(pools.busiestHour(tx, pool, now.minus(PAST)), now.plus(FORECAST_HOLDS)));
        return pool.wanted(forecast.busiestHour());
    }

    /// The requests of the past are looked at again.
    void forget(long pool) {
        forecasts.remove(pool);
    }

    /// What a spare wants of the market.
    private Wanted spare(Transaction tx, Pool pool) {
        var planted = InstanceTree.planted(pool.project(), pool.project(), pool.reference());
        return wants.of(tx, planted, 0, pool.reference(), desire(pool), Conditions.NONE);
    }

    private static SoftwareInstance.Desire desire(Pool pool) {
        return new SoftwareInstance.Desire(pool.release(), pool.type(), Map.of(), Map.of(), RequestedState.STARTED);
    }

    private boolean make(Transaction tx, Change change, Pool pool, Instant now) {
        if (!places.isPlace(tx, spare(tx, pool), now)) {
            return false;
        }
        var title = new TreeStore.Title(pool.project(), pool.project(), pool.titleOf(pools.nextNumber(tx, pool.id())));
        var tree = trees.create(tx, title, RequestedState.STARTED, Optional.of(pool.id()), now);
        Audit.note(tx, now, "pool.make", pool.reference(), title.text());
        var spare = change.place(
                change.create(tree.id(), Optional.empty(), title.text(), desire(pool), false), Conditions.NONE, true);
        if (!spare.isPlaced()) {
            change.destroyTree(spare.tree()); // somebody was faster
        }
        return spare.isPlaced();
    }

    private boolean giveBack(
            Transaction tx, Change change, Pool pool, Optional<SoftwareInstance> spare, String why, Instant now) {
        spare.ifPresent(doomed -> {
            Audit.note(tx, now, "pool.give-back", pool.reference(), doomed.reference() + ": " + why);
            change.destroyTree(doomed.tree());
        });
        return spare.isPresent();
    }
}

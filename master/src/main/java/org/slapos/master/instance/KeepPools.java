package org.slapos.master.instance;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slapos.master.allocation.Conditions;
import org.slapos.master.allocation.PlaceInstance;
import org.slapos.master.allocation.ReadConditions;
import org.slapos.master.audit.Audit;
import org.slapos.master.computer.Revisions;
import org.slapos.master.db.Database;
import org.slapos.master.db.Transaction;
import org.slapos.master.pki.CertificateAuthority;
import org.slapos.protocol.RequestedState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps as many spares in each pool as there should be: makes what is missing, one at a time and only where there is a
/// free place and nobody waits for one; gives back what is too much, and, one after the other, what somebody who waits
/// could have. Of several
/// Masters one works on a pool.
///
/// It looks again when a spare was handed over or a pool changed, and from time to time.
public final class KeepPools implements AutoCloseable {
    /// What a forecast looks back at, and how long it counts.
    private static final Duration PAST = Duration.ofDays(7);

    private static final Duration FORECAST_HOLDS = Duration.ofMinutes(10);
    private static final Logger LOG = LoggerFactory.getLogger(KeepPools.class);
    private static final Duration PAUSE = Duration.ofSeconds(5);
    private static final int AT_ONCE = 100;

    private final Database database;
    private final InstantSource clock;
    private final Revisions revisions;
    private final CertificateAuthority authority;
    private final PlaceInstance places;
    private final HandOver handOver;
    private final PoolStore pools = new PoolStore();
    private final TreeStore trees = new TreeStore();
    private final WhatIsWanted wants = new WhatIsWanted();
    private final Map<Long, Forecast> forecasts = new ConcurrentHashMap<>();
    private final ReentrantLock oneAtATime = new ReentrantLock();
    private final Semaphore work = new Semaphore(0);
    private final Thread worker;

    private record Forecast(int busiestHour, Instant until) {}

    KeepPools(
            Database database,
            InstantSource clock,
            Revisions revisions,
            CertificateAuthority authority,
            PlaceInstance places,
            HandOver handOver) {
        this.database = database;
        this.clock = clock;
        this.revisions = revisions;
        this.authority = authority;
        this.places = places;
        this.handOver = handOver;
        this.worker = database.start("keep-pools", this::workNowAndThen);
    }

    /// As from this transaction's end on there may be something to do.
    void changed(Transaction tx) {
        tx.afterCommit(work::release);
    }

    /// Does what there is to do now.
    public void keepAll() {
        oneAtATime.lock();
        try {
            for (long pool : database.inTransaction(pools::all)) {
                boolean isMore = true;
                while (isMore) {
                    isMore = step(pool);
                }
            }
        } finally {
            oneAtATime.unlock();
        }
    }

    /// Makes one spare, or gives one back; false when there is nothing more to do.
    private boolean step(long id) {
        var now = clock.instant();
        return database.inTransaction(tx -> {
            var pool = pools.lock(tx, id);
            if (pool.isEmpty()) {
                return false;
            }
            var change = new Change(tx, now, revisions, authority, places);
            boolean isDone = step(tx, change, pool.get(), now);
            change.finish();
            return isDone;
        });
    }

    private boolean step(Transaction tx, Change change, Pool pool, Instant now) {
        int spares = pools.count(tx, pool.id());
        int wanted = wanted(tx, pool, now);
        if (spares > wanted) {
            var why = "there are " + spares + " of " + wanted;
            return giveBack(tx, change, pool, pools.takeLast(tx, pool.id()), why, now);
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
        return spares < wanted && waiting.isEmpty() && make(tx, change, pool, now);
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

    private boolean make(Transaction tx, Change change, Pool pool, Instant now) {
        var desire =
                new SoftwareInstance.Desire(pool.release(), pool.type(), Map.of(), Map.of(), RequestedState.STARTED);
        var planted = InstanceTree.planted(pool.project(), pool.project(), pool.reference());
        if (!places.isPlace(tx, wants.of(tx, planted, 0, pool.reference(), desire, Conditions.NONE), now)) {
            return false;
        }
        var title = new TreeStore.Title(pool.project(), pool.project(), pool.titleOf(pools.nextNumber(tx, pool.id())));
        var tree = trees.create(tx, title, RequestedState.STARTED, Optional.of(pool.id()), now);
        Audit.note(tx, now, "pool.make", pool.reference(), title.text());
        var spare = change.place(
                change.create(tree.id(), Optional.empty(), title.text(), desire, false), Conditions.NONE, true);
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

    private void workNowAndThen() {
        try {
            while (true) {
                work.tryAcquire(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
                work.drainPermits();
                try {
                    keepAll();
                } catch (RuntimeException e) {
                    LOG.warn("pools are looked at later: {}", e.getMessage());
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        worker.interrupt();
        try {
            worker.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}

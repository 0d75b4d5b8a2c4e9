package org.slapos.master.instance;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.slapos.master.allocation.Conditions;
import org.slapos.master.allocation.Market;
import org.slapos.master.allocation.PlaceInstance;
import org.slapos.master.allocation.ReadConditions;
import org.slapos.master.computer.CapacityWatch;
import org.slapos.master.computer.Contacts;
import org.slapos.master.computer.Revisions;
import org.slapos.master.db.Database;
import org.slapos.master.db.Transaction;
import org.slapos.master.pki.CertificateAuthority;
import org.slapos.master.work.Loop;
import org.slapos.protocol.ComputerId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Gives places to the plain instances that wait for one, as soon as a Computer became such that they could use it.
///
/// What became better is written down in the transaction that made it so, and looked at after it: by the thread
/// that did it, for a short while, then by a thread of its own. Each look is at the instances of its project that
/// want software which that Computer has, oldest first, some at a time; then it is the next Computer's turn, so
/// that nobody's crowd keeps others waiting. What is left then is for the pools ([KeepPools]). A Master that dies
/// leaves its rest to the others, and to its next start.
public final class PlaceWaiting implements CapacityWatch, Contacts.Returns, AutoCloseable {
    /// Of the work that has every Computer looked at.
    public static final String KIND = "instance.place-all";

    private static final Logger LOG = LoggerFactory.getLogger(PlaceWaiting.class);
    private static final int AT_ONCE = 100;
    private static final int STEPS_OF_A_CALLER = 4;
    private static final Duration PAUSE = Duration.ofSeconds(5);

    private final Database database;
    private final InstantSource clock;
    private final Revisions revisions;
    private final CertificateAuthority authority;
    private final Market market;
    private final PlaceInstance places;
    private final InstanceStore instances = new InstanceStore();
    private final WakeStore wakes = new WakeStore();
    private final WhatIsWanted wants = new WhatIsWanted();
    private final ReentrantLock oneAtATime = new ReentrantLock();
    private final Loop loop;

    public PlaceWaiting(
            Database database,
            InstantSource clock,
            Revisions revisions,
            CertificateAuthority authority,
            Market market,
            PlaceInstance places) {
        this.database = database;
        this.clock = clock;
        this.revisions = revisions;
        this.authority = authority;
        this.market = market;
        this.places = places;
        this.loop = new Loop(database, "place-waiting", PAUSE, this::step);
    }

    @Override
    public void capacityGrew(Transaction tx, long computer, Instant from) {
        wakes.add(tx, computer, from, 0);
        tx.afterCommit(this::workShortly);
    }

    /// Nobody who waits is served by it; a pool may have lost a spare.
    @Override
    public void supplyEnded(Transaction tx, long computer, String release, Instant now) {
        KeepPools.changed(tx, market.projectOf(computer), Set.of(release), now);
    }

    @Override
    public boolean isAwaited(ComputerId computer, Instant now) {
        return market.isMissed(computer, now);
    }

    @Override
    public void returned(Transaction tx, Set<ComputerId> returned) {
        var numbers = returned.stream()
                .flatMap(computer -> market.numberOf(computer).stream())
                .collect(Collectors.toSet());
        wakes.addIfAnyWaits(tx, numbers, clock.instant());
        tx.afterCommit(loop::wake);
    }

    /// Looks at everything there is to look at now.
    public void placeAll() {
        boolean isMore = true;
        while (isMore) {
            isMore = step();
        }
    }

    /// Has every Computer looked at: a safety net, and for what cannot say which Computer became better.
    public void wakeAll(Transaction tx, Instant now) {
        wakes.addIfAnyWaits(tx, market.numbers(), now);
        tx.afterCommit(this::workShortly);
    }

    private void workShortly() {
        try {
            for (int i = 0; i < STEPS_OF_A_CALLER; i++) {
                if (!step()) {
                    return;
                }
            }
        } catch (RuntimeException e) {
            LOG.warn("what waits for a place is looked at later: {}", e.getMessage());
        }
        loop.wake();
    }

    /// Looks at some of those that could use one Computer; false when there was nothing to look at.
    private boolean step() {
        oneAtATime.lock();
        try {
            var now = clock.instant();
            return database.inTransaction(tx -> wakes.take(tx, now)
                    .map(wake -> {
                        place(tx, wake, now);
                        return true;
                    })
                    .orElse(false));
        } finally {
            oneAtATime.unlock();
        }
    }

    /// What was found without a place is without one for all that want the same.
    private record Want(String release, String type, String owner, Conditions conditions) {}

    private void place(Transaction tx, WakeStore.Wake wake, Instant now) {
        market.doubt(wake.computer()); // another Master may have heard of it
        market.refresh(tx, now);
        var change = new Change(tx, now, revisions, authority, places);
        var waiting = instances.lockWaiting(
                tx, market.stockOf(wake.computer()), market.projectOf(wake.computer()), wake.after(), AT_ONCE);
        var nowhere = new HashSet<Want>();
        for (var instance : waiting) {
            if (ReadConditions.read(instance.desire().conditions(), false)
                    instanceof Conditions.Reading.Understood(var conditions)) {
                var wanted = wants.of(tx, instance, conditions);
                var want = new Want(wanted.release(), wanted.type(), wanted.customer(), conditions);
                boolean isAlone = conditions.mode().isEmpty();
                if (isAlone && nowhere.contains(want)) {
                    continue;
                }
                if (!market.isFit(wanted, now, wake.computer())
                        || change.place(instance, conditions, false).partition().isEmpty()) {
                    nowhere.add(want);
                }
            }
        }
        if (waiting.size() == AT_ONCE && market.isFreeSomewhere(wake.computer())) {
            wakes.add(tx, wake.computer(), now, waiting.getLast().id());
        }
        KeepPools.changed(tx, market.projectOf(wake.computer()), market.stockOf(wake.computer()), now);
        change.finish();
    }

    @Override
    public void close() {
        loop.close();
    }
}

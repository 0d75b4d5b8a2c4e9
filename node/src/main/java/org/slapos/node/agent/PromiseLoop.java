package org.slapos.node.agent;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.slapos.node.instance.ProcessPartition.Health;
import org.slapos.node.instance.ProcessPartition.Outcome;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.client.SlapException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Checks the promises of started partitions, each by its own time, beside the deployments and never in their way.
///
/// After a deployment: at once, then after 0.1, 0.2, 0.4... seconds, until all are kept or `promise_timeout` has
/// passed. Later: when one is due, or up to ten seconds later together with others, since several at once cost a
/// fraction of as many wake-ups. One that is not kept is looked at after 5, 10, 20... seconds, so that the Master soon
/// learns of a recovery.
final class PromiseLoop {
    private static final Logger LOG = LoggerFactory.getLogger(PromiseLoop.class);
    private static final int AT_ONCE = 4;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);
    private static final Duration AFTER_REFUSAL = Duration.ofSeconds(5);
    private static final Duration LEAST_PERIOD = Duration.ofSeconds(1);
    private static final Duration LONGEST_SLEEP = Duration.ofMinutes(1);
    private static final Duration ROUND = Duration.ofSeconds(10);
    private static final Duration FAR = Duration.ofSeconds(30);

    private final NodeRooms rooms;
    private final ExecutorService threads;
    private final SharedPidFile lock;
    private final Predicate<PartitionId> isComing;
    private final BiConsumer<InstanceInformation, Outcome> onHealth;
    private final Semaphore permits = new Semaphore(AT_ONCE);
    private final Semaphore wake = new Semaphore(0);
    private final Backoff<PartitionId> recoveries = new Backoff<>(Duration.ofSeconds(5), Duration.ofMinutes(2));
    private final Map<PartitionId, Watch> watched = new HashMap<>();

    /// @param due       when it is looked at; never while it is
    /// @param patientUntil as long as a promise that is not kept is no error
    private record Watch(InstanceInformation instance, Instant due, Instant patientUntil, Duration pause) {}

    /// @param isComing whether services of a partition wait to be started: nothing can be said of them yet
    /// @param onHealth is told what came of each check
    PromiseLoop(
            NodeRooms rooms,
            ExecutorService threads,
            SharedPidFile lock,
            Predicate<PartitionId> isComing,
            BiConsumer<InstanceInformation, Outcome> onHealth) {
        this.rooms = rooms;
        this.threads = threads;
        this.lock = lock;
        this.isComing = isComing;
        this.onHealth = onHealth;
    }

    /// From now on this partition is looked at, first now.
    void look(InstanceInformation instance) {
        var now = rooms.clock().instant();
        synchronized (this) {
            watched.put(
                    instance.partition(),
                    new Watch(instance, now, now.plus(rooms.configuration().promiseTimeout()), FIRST_PAUSE));
        }
        wake.release();
    }

    /// It is worked on, or no longer started.
    synchronized void leave(PartitionId partition) {
        watched.remove(partition);
    }

    /// Starts the checks that are due, and returns when the next one may be.
    void round() throws InterruptedException {
        var pause = startDue();
        if (wake.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS)) {
            wake.drainPermits();
        }
    }

    private synchronized Duration startDue() {
        var now = rooms.clock().instant();
        var next = now.plus(LONGEST_SLEEP);
        for (var entry : watched.entrySet()) {
            var watch = entry.getValue();
            if (!now.isBefore(watch.due())) {
                var running = new Watch(watch.instance(), Instant.MAX, watch.patientUntil(), watch.pause());
                entry.setValue(running);
                threads.execute(() -> check(running));
            } else if (watch.due().isBefore(next)) {
                next = watch.due();
            }
        }
        return Duration.between(now, next).plusMillis(1);
    }

    private void check(Watch watch) {
        var partition = watch.instance().partition();
        var next = watch.patientUntil();
        try {
            permits.acquire();
            try {
                lock.enter();
                try {
                    next = checked(watch);
                } finally {
                    lock.leave();
                }
            } finally {
                permits.release();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        } catch (SlapException e) {
            next = rooms.clock().instant().plus(AFTER_REFUSAL);
            LOG.debug("{}: {}", partition, e.getMessage());
        } catch (RuntimeException e) {
            if (Thread.currentThread().isInterrupted()) {
                return;
            }
            next = rooms.clock().instant().plus(LONGEST_SLEEP);
            LOG.error("{}: this should not have happened; please report it", partition, e);
        }
        var pause = watch.pause().multipliedBy(2);
        again(
                watch,
                new Watch(
                        watch.instance(),
                        next,
                        watch.patientUntil(),
                        pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE));
    }

    /// Unless somebody began to work on the partition meanwhile.
    private void again(Watch seen, Watch next) {
        synchronized (this) {
            watched.replace(seen.instance().partition(), seen, next);
        }
        wake.release();
    }

    /// @return when it is to be looked at again
    private Instant checked(Watch watch) {
        var id = watch.instance().partition();
        var before = rooms.clock().instant();
        if (isComing.test(id)) {
            return before.plus(LONGEST_PAUSE);
        }
        boolean isPatient = before.plus(watch.pause()).isBefore(watch.patientUntil());
        Health health = rooms.partitions().checkPromises(watch.instance(), isPatient);
        var now = rooms.clock().instant();
        if (health.outcome() instanceof Outcome.Settling) {
            return now.plus(watch.pause());
        }
        onHealth.accept(watch.instance(), health.outcome());
        synchronized (this) {
            if (health.outcome() instanceof Outcome.Unhealthy || health.outcome() instanceof Outcome.Failed) {
                return recoveries.failed(id, watch.instance().timestamp(), now);
            }
            recoveries.succeeded(id);
        }
        var least = now.plus(LEAST_PERIOD);
        return health.due().isBefore(least) ? least : inRound(health.due(), now);
    }

    /// The beginning of the next round, for what is due in a while.
    static Instant inRound(Instant due, Instant now) {
        if (due.equals(Instant.MAX) || due.isBefore(now.plus(FAR))) {
            return due;
        }
        long round = ROUND.toSeconds();
        return Instant.ofEpochSecond(Math.ceilDiv(due.minusNanos(1).getEpochSecond() + 1, round) * round);
    }
}

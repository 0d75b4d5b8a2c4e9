package org.slapos.node.agent;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.function.Predicate;
import org.slapos.node.instance.ProcessPartition.Outcome;
import org.slapos.protocol.ComputerInformation;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.PartitionInformation;
import org.slapos.protocol.client.SlapException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which partitions have something to do, and when again. A partition is worked on by one thread at a time, and as many
/// partitions at once as the configuration says: one that hangs steps aside for the others after a while.
final class InstanceLoop {
    private static final Logger LOG = LoggerFactory.getLogger(InstanceLoop.class);
    /// After which an unchanged partition is looked at again, for what its periodicity or a tenant's hand may want.
    private static final Duration REVIEW_PERIOD = Duration.ofMinutes(10);
    private static final Duration AFTER_REFUSAL = Duration.ofSeconds(5);
    private static final Duration AFTER_PROHIBITION = Duration.ofMinutes(1);
    private static final Duration WAIT_FOR_SOFTWARE = Duration.ofMinutes(1);
    private static final Duration LONGEST_RETENTION_PAUSE = Duration.ofHours(1);

    private final NodeRooms rooms;
    private final ExecutorService threads;
    private final Predicate<PartitionId> isComing;
    private final SharedPidFile lock;
    private final Lane lane;
    private final PromiseLoop promises;
    private final Backoff<PartitionId> failures = new Backoff<>(Duration.ofSeconds(30), Duration.ofHours(1));
    /// Some releases only converge when they are built again: what stays unhealthy is, now and then.
    private final Backoff<PartitionId> redeployments = new Backoff<>(Duration.ofMinutes(10), Duration.ofHours(4));
    private final Map<PartitionId, Turn> turns = new HashMap<>();
    private final Map<PartitionId, String> said = new HashMap<>();
    private final Set<PartitionId> atWork = new HashSet<>();
    private long passBegin;
    private int passSize;

    /// @param seen what was wanted at the last turn
    /// @param due  when the next one is, if nothing else is wanted before
    private record Turn(PartitionInformation seen, Instant due, boolean waitsForSoftware) {}

    /// @param isComing whether services of a partition are about to be started as they are: it is left alone until then
    InstanceLoop(NodeRooms rooms, ExecutorService threads, Predicate<PartitionId> isComing) {
        this.rooms = rooms;
        this.threads = threads;
        this.isComing = isComing;
        this.lane = new Lane(rooms.configuration().work().instancesAtOnce());
        this.lock = new SharedPidFile(rooms.configuration().pidfileInstance());
        this.promises = new PromiseLoop(rooms, threads, lock, isComing, this::health);
    }

    /// Their promises, which are checked beside this.
    PromiseLoop promises() {
        return promises;
    }

    /// Starts the work on each partition that is due, and returns.
    synchronized void pass(ComputerInformation promised) {
        var now = rooms.clock().instant();
        var all = new ArrayList<PartitionInformation>();
        for (var wanted : promised.partitions()) {
            var turn = turns.get(wanted.partition());
            boolean due = turn == null || !isSame(turn.seen(), wanted) || !now.isBefore(turn.due());
            if (due && !isComing.test(wanted.partition()) && !atWork.contains(wanted.partition())) {
                all.add(wanted);
            }
        }
        if (all.size() > 1) {
            var priority = new StartPriority(rooms.configuration().work().startPriorities(), Optional.of(promised));
            all.sort(Comparator.comparing(wanted -> wanted.partition().text(), priority.order()));
        }
        if (atWork.isEmpty() && !all.isEmpty()) {
            passBegin = System.nanoTime();
            passSize = 0;
        }
        passSize += all.size();
        for (var wanted : all) {
            atWork.add(wanted.partition());
            threads.execute(() -> work(wanted));
        }
    }

    /// A SoftwareRelease was installed: whoever waits for one is due.
    synchronized void softwareChanged() {
        turns.values().removeIf(Turn::waitsForSoftware);
    }

    private void work(PartitionInformation wanted) {
        var next = new Turn(wanted, rooms.clock().instant().plus(REVIEW_PERIOD), false);
        try {
            try (var _ = lane.enter()) {
                lock.enter();
                try {
                    next = turn(wanted);
                } finally {
                    lock.leave();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            if (!Thread.currentThread().isInterrupted()) {
                LOG.error("{}: this should not have happened; please report it", wanted.partition(), e);
            }
        } finally {
            done(next);
        }
    }

    private synchronized void done(Turn next) {
        turns.put(next.seen().partition(), next);
        atWork.remove(next.seen().partition());
        if (atWork.isEmpty()) {
            LOG.debug("pass over {} partitions: {} ms", passSize, (System.nanoTime() - passBegin) / 1_000_000);
        }
    }

    private Turn turn(PartitionInformation wanted) {
        if (wanted.instance().isEmpty()) {
            promises.leave(wanted.partition());
            rooms.partitions().free(wanted.partition());
            return new Turn(wanted, Instant.MAX, false);
        }
        var instance = wanted.instance().get();
        var now = rooms.clock().instant();
        if (!isDue(failures, instance, now)) {
            return new Turn(wanted, now.plusSeconds(5), false);
        }
        try {
            var outcome = rooms.partitions().process(instance, mustRedeploy(instance, now));
            if (outcome instanceof Outcome.Started || outcome instanceof Outcome.Unchanged) {
                promises.look(instance);
            } else {
                promises.leave(instance.partition());
            }
            return next(wanted, instance, outcome);
        } catch (SlapException e) {
            sayOnce(wanted.partition(), e);
            boolean mayNot = e.kind() == SlapException.Kind.FORBIDDEN;
            return new Turn(wanted, now.plus(mayNot ? AFTER_PROHIBITION : AFTER_REFUSAL), false);
        }
    }

    /// That the Master is away is said for all partitions together.
    private synchronized void sayOnce(PartitionId partition, SlapException e) {
        var text = String.valueOf(e.getMessage());
        if (e.kind() != SlapException.Kind.UNREACHABLE && !text.equals(said.put(partition, text))) {
            LOG.warn("{}: {}", partition, text);
        }
    }

    private synchronized Turn next(PartitionInformation seen, InstanceInformation instance, Outcome outcome) {
        var id = seen.partition();
        var wanted = wanted(instance);
        var now = rooms.clock().instant();
        said.remove(id);
        if (!(outcome instanceof Outcome.Failed)) {
            failures.succeeded(id);
        }
        return switch (outcome) {
            case Outcome.Unchanged(), Outcome.Done(), Outcome.Started() ->
                new Turn(seen, now.plus(REVIEW_PERIOD), false);
            case Outcome.Waiting _ -> new Turn(seen, now.plus(WAIT_FOR_SOFTWARE), true);
            case Outcome.Failed _ -> new Turn(seen, failures.failed(id, wanted, now), false);
            case Outcome.Retained(var until) ->
                new Turn(seen, earlier(until, now.plus(LONGEST_RETENTION_PAUSE)), false);
            case Outcome.Unhealthy _, Outcome.Settling _ -> new Turn(seen, now.plus(REVIEW_PERIOD), false);
        };
    }

    /// What is unhealthy for long is deployed again.
    private synchronized void health(InstanceInformation instance, Outcome outcome) {
        var id = instance.partition();
        if (!(outcome instanceof Outcome.Unhealthy)) {
            redeployments.succeeded(id);
            return;
        }
        var wanted = wanted(instance);
        var now = rooms.clock().instant();
        if (!redeployments.hasFailed(id, wanted)) {
            var due = redeployments.failed(id, wanted, now);
            turns.computeIfPresent(
                    id, (_, turn) -> new Turn(turn.seen(), earlier(turn.due(), due), turn.waitsForSoftware()));
        }
    }

    private synchronized boolean isDue(Backoff<PartitionId> pauses, InstanceInformation instance, Instant now) {
        return pauses.isDue(instance.partition(), wanted(instance), now);
    }

    /// Unhealthy for long enough. What has not failed yet is never due. The next time is later.
    private synchronized boolean mustRedeploy(InstanceInformation instance, Instant now) {
        boolean must =
                redeployments.hasFailed(instance.partition(), wanted(instance)) && isDue(redeployments, instance, now);
        if (must) {
            redeployments.failed(instance.partition(), wanted(instance), now);
        }
        return must;
    }

    /// What makes a new try worth it at once: not what the instance published or reported.
    private static List<Object> wanted(InstanceInformation instance) {
        return List.of(
                instance.guid(),
                instance.title(),
                instance.state(),
                instance.timestamp(),
                instance.softwareRelease(),
                instance.softwareType(),
                instance.parameters(),
                instance.filter(),
                instance.addresses(),
                instance.routedAddresses(),
                instance.sharedInstances());
    }

    private static boolean isSame(PartitionInformation a, PartitionInformation b) {
        return a.equals(b) // the very same, nearly always
                || a.instance().map(InstanceLoop::wanted).equals(b.instance().map(InstanceLoop::wanted));
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }
}

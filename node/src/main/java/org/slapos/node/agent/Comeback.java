package org.slapos.node.agent;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.slapos.node.host.HostException;
import org.slapos.node.host.ProcessorTime;
import org.slapos.node.supervisor.ProcessStatus;
import org.slapos.node.supervisor.SupervisorException;
import org.slapos.protocol.ComputerInformation;
import org.slapos.protocol.PartitionId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Starts services again after supervisord was not there, as after a power cut: one partition after the other, by
/// [StartPriority], the next one when the machine is less busy than `start_cpu_percent` says or after a few seconds.
///
/// What is left to do is what supervisord has never started in its life, and nowhere else: an agent that is killed in
/// the middle goes on where it was. Stopped and destroyed instances have no group there, and stay as they are. What an
/// earlier supervisord left running in a partition is ended before its services start, so that none runs twice.
///
/// For one thread at a time; [#isComing] from any.
final class Comeback {
    private static final Logger LOG = LoggerFactory.getLogger(Comeback.class);
    private static final Duration LOOK = Duration.ofMillis(100);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(1);
    private static final Duration FIRST_GUESS = Duration.ofMillis(200);
    private static final Duration BETWEEN_ESTIMATES = Duration.ofMillis(500);

    private final NodeRooms rooms;
    private final ComebackFile file;
    private final Set<String> coming = ConcurrentHashMap.newKeySet();
    private List<String> waiting = List.of();
    private Instant estimateDue = Instant.MIN;

    Comeback(NodeRooms rooms) {
        this.rooms = rooms;
        this.file = new ComebackFile(
                rooms.host(), rooms.configuration().instanceRoot().resolve("var/run"));
    }

    /// Whether services of this partition wait for their turn.
    boolean isComing(PartitionId partition) {
        return coming.contains(partition.text());
    }

    /// Notes what was never started; [#isComing] knows it from here on.
    ///
    /// @return whether there is something to start
    boolean begin() {
        waiting = neverStarted();
        coming.addAll(waiting);
        if (waiting.isEmpty()) {
            file.clear();
        }
        return !waiting.isEmpty();
    }

    /// Starts what [#begin] noted; returns when it is done.
    ///
    /// @param promised what is known of the Master's promise, for the priorities
    void goOn(Optional<ComputerInformation> promised) throws InterruptedException {
        var priority = new StartPriority(rooms.configuration().work().startPriorities(), promised);
        var line = new ArrayList<>(waiting);
        line.sort(priority.order());
        try {
            var begin = rooms.clock().instant();
            LOG.info("{} partitions come back, by priority: {} first", line.size(), line.getFirst());
            int all = line.size();
            var before = rooms.host().processorTime();
            while (!line.isEmpty()) {
                show(line, priority, pace(begin, all - line.size()));
                before = untilThereIsRoom(before);
                var next = line.removeFirst();
                start(next);
                coming.remove(next);
                tell(next, priority.of(next), all - line.size(), all, begin);
            }
        } finally {
            coming.clear();
            file.clear();
        }
    }

    private List<String> neverStarted() {
        return rooms.supervisor().processes().stream()
                .collect(Collectors.groupingBy(ProcessStatus::group, TreeMap::new, Collectors.toList()))
                .entrySet()
                .stream()
                .filter(group -> group.getValue().stream().allMatch(Comeback::wasNeverStarted))
                .map(group -> group.getKey())
                .toList();
    }

    private static boolean wasNeverStarted(ProcessStatus process) {
        return process.state() == ProcessStatus.State.STOPPED && process.start().equals(Instant.EPOCH);
    }

    /// One that cannot be started holds up none of the others.
    private void start(String group) {
        try {
            rooms.partitions().endForgotten(new PartitionId(group));
            rooms.supervisor().startKnown(group);
        } catch (HostException | SupervisorException e) {
            LOG.error("{} did not come back: {}", group, e.getMessage());
        }
    }

    private void tell(String group, int priority, int started, int all, Instant begin) {
        var left = pace(begin, started).multipliedBy(all - started);
        LOG.info(
                "{} (priority {}) is back, {} of {}, after {} s; the last is expected in {} s",
                group,
                priority,
                started,
                all,
                seconds(Duration.between(begin, rooms.clock().instant())),
                seconds(left));
    }

    private Duration pace(Instant begin, int started) {
        return started == 0
                ? FIRST_GUESS
                : Duration.between(begin, rooms.clock().instant()).dividedBy(started);
    }

    private void show(List<String> line, StartPriority priority, Duration pace) {
        var now = rooms.clock().instant();
        if (now.isBefore(estimateDue)) {
            return;
        }
        estimateDue = now.plus(BETWEEN_ESTIMATES);
        var expected = new ArrayList<ComebackFile.Expected>();
        for (int i = 0; i < line.size(); i++) {
            var group = line.get(i);
            expected.add(new ComebackFile.Expected(group, priority.of(group), now.plus(pace.multipliedBy(i + 1L))));
        }
        file.write(expected);
    }

    /// @return the time of the processors when it ended
    private ProcessorTime untilThereIsRoom(ProcessorTime before) throws InterruptedException {
        var end = System.nanoTime() + LONGEST_WAIT.toNanos();
        int budget = rooms.configuration().work().startCpuPercent();
        var last = before;
        while (true) {
            var now = rooms.host().processorTime();
            if (now.busyPercentSince(last) <= budget || System.nanoTime() > end) {
                return now;
            }
            last = now;
            Thread.sleep(LOOK);
        }
    }

    private static String seconds(Duration time) {
        return String.format(java.util.Locale.ROOT, "%.1f", time.toMillis() / 1000.0);
    }
}

package org.slapos.node.agent;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;
import org.slapos.node.host.HostException;
import org.slapos.node.instance.ProcessPartition;
import org.slapos.node.instance.ProcessPartition.Outcome;
import org.slapos.node.promise.CheckPromises;
import org.slapos.node.promise.PromiseResult;
import org.slapos.node.software.ProcessSoftware;
import org.slapos.node.software.SoftwareDirectory;
import org.slapos.protocol.ComputerInformation;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.PartitionInformation;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareInformation;
import org.slapos.protocol.client.SlapException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The node's work, each kind done once; pauses after failures do not count here. Each method returns the exit status
/// of its command.
public final class OneShot {
    public static final int SUCCESS = 0;
    public static final int FAILED = 1;
    /// Only promises are not kept.
    public static final int UNHEALTHY = 2;
    /// The Master cannot be reached; known services were started.
    public static final int OFFLINE = 3;
    /// Another process does this work now.
    public static final int BUSY = 10;

    private static final Logger LOG = LoggerFactory.getLogger(OneShot.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

    private final NodeRooms rooms;

    public OneShot(NodeRooms rooms) {
        this.rooms = rooms;
    }

    /// @param only URLs, or MD5s of URLs; empty = all
    public int software(Set<String> only, boolean force) {
        return software(only, force, false, _ -> {});
    }

    /// @param garbage delete what is installed and nobody wants, whatever `only` says
    /// @param show    sees each line of a build's output, and an empty one at its end
    public int software(Set<String> only, boolean force, boolean garbage, Consumer<String> show) {
        return alone(rooms.configuration().pidfileSoftware(), () -> {
            int failed = 0;
            int done = 0;
            int unchanged = 0;
            var start = System.nanoTime();
            rooms.software().endForgotten();
            var all = rooms.promised().software();
            if (garbage) {
                rooms.software().collectGarbage(all);
            }
            for (var wanted : all) {
                if (isNamed(wanted, only)) {
                    switch (rooms.software().process(wanted, force, show)) {
                        case ProcessSoftware.Outcome.Unchanged _ -> unchanged++;
                        case ProcessSoftware.Outcome.Done _ -> done++;
                        case ProcessSoftware.Outcome.Failed _ -> failed++;
                    }
                }
            }
            say("SoftwareRelease", unchanged, done, failed, start);
            return failed > 0 ? FAILED : SUCCESS;
        });
    }

    /// Measures this machine and its partitions once, for monitoring.
    public int collect() {
        var collect = rooms.collect();
        boolean sampled = collect.sample();
        if (!sampled) {
            LOG.error("another process collects now: try again later");
        }
        if (!collect.measureSizes()) {
            LOG.debug("another process measures sizes");
        }
        return sampled ? SUCCESS : BUSY;
    }

    /// @param only ids of partitions; empty = all. An unknown one fails before anything is done.
    public int instances(Set<String> only, boolean force) {
        return instances(only, force ? Work::forced : Work::usual);
    }

    /// Deploys what is wanted started and keeps its services stopped, for whoever wants to look at it first: nothing is
    /// reported, and the next usual pass starts it.
    public int instancesKeptStopped(Set<String> only) {
        return instances(only, Work::keptStopped);
    }

    /// How a partition is worked on.
    private interface Work {
        Outcome on(ProcessPartition partitions, InstanceInformation wanted);

        static Outcome usual(ProcessPartition partitions, InstanceInformation wanted) {
            return partitions.process(wanted, false);
        }

        static Outcome forced(ProcessPartition partitions, InstanceInformation wanted) {
            return partitions.process(wanted, true);
        }

        static Outcome keptStopped(ProcessPartition partitions, InstanceInformation wanted) {
            return partitions.processKeptStopped(wanted);
        }
    }

    private int instances(Set<String> only, Work work) {
        return alone(rooms.configuration().pidfileInstance(), () -> {
            startSupervisor();
            try {
                return instancesOf(rooms.promised(), only, work);
            } catch (SlapException e) {
                if (!isAway(e)) {
                    throw e;
                }
                LOG.error("{}; the services that this node knows as started are started", e.getMessage());
                rooms.startKnownServices();
                return OFFLINE;
            }
        });
    }

    /// What a Master that is ending, or whoever stands before it, answers is no word of the Master's.
    private static boolean isAway(SlapException e) {
        return switch (e.kind()) {
            case UNREACHABLE, BUSY, SERVER_ERROR -> true;
            case NOT_FOUND, NOT_READY, FORBIDDEN, LIMITED, REFUSED -> false;
        };
    }

    private void startSupervisor() {
        var comeback = new Comeback(rooms);
        if (rooms.ensureSupervisor() && comeback.begin()) {
            try {
                comeback.goOn(rooms.lastPromise().recall(rooms.configuration().computerId()));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new HostException("interrupted while services were started", e);
            }
        }
    }

    private int instancesOf(ComputerInformation promised, Set<String> only, Work work) {
        if (hasUnknown(promised, only)) {
            return FAILED;
        }
        var start = System.nanoTime();
        var outcomes = new LinkedHashMap<InstanceInformation, Outcome>();
        for (var partition : promised.partitions()) {
            if (only.isEmpty() || only.contains(partition.partition().text())) {
                partition
                        .instance()
                        .ifPresentOrElse(
                                wanted -> outcomes.put(wanted, healthy(wanted, processOrTell(wanted, work))),
                                () -> rooms.partitions().free(partition.partition()));
            }
        }
        int unchanged = count(outcomes, Outcome.Unchanged.class);
        int failed = count(outcomes, Outcome.Failed.class) + count(outcomes, Outcome.Waiting.class);
        say("partition", unchanged, outcomes.size() - unchanged - failed, failed, start);
        return summary(outcomes);
    }

    private static int count(Map<InstanceInformation, Outcome> outcomes, Class<? extends Outcome> kind) {
        return (int) outcomes.values().stream().filter(kind::isInstance).count();
    }

    /// One line for whoever looks on.
    private static void say(String what, int unchanged, int done, int failed, long startNanos) {
        int all = unchanged + done + failed;
        var count = all == 1 ? "1 " + what : all + " " + what + "s";
        var seconds = Math.round((System.nanoTime() - startNanos) / 1e7) / 100.0;
        if (all == unchanged) {
            LOG.info("{} as wanted: nothing to do, in {} s", count, seconds);
        } else {
            LOG.info("{}: {} worked on, {} unchanged, {} failed, in {} s", count, done, unchanged, failed, seconds);
        }
    }

    /// A Master that answers but refuses is the trouble of one partition.
    private Outcome processOrTell(InstanceInformation wanted, Work work) {
        try {
            return work.on(rooms.partitions(), wanted);
        } catch (SlapException e) {
            if (e.kind() == SlapException.Kind.UNREACHABLE) {
                throw e;
            }
            return new Outcome.Failed(String.valueOf(e.getMessage()));
        }
    }

    /// A started instance has `promise_timeout` to keep its promises. One that was fine already is looked at, too, but
    /// what comes of it is for the Master.
    private Outcome healthy(InstanceInformation wanted, Outcome outcome) {
        if (outcome instanceof Outcome.Unchanged) {
            rooms.partitions().checkPromises(wanted, false);
        }
        if (!(outcome instanceof Outcome.Started)) {
            return outcome;
        }
        var end = rooms.clock().instant().plus(rooms.configuration().promiseTimeout());
        for (var pause = FIRST_PAUSE;
                ;
                pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE) {
            boolean isPatient = rooms.clock().instant().plus(pause).isBefore(end);
            var seen = rooms.partitions().checkPromises(wanted, isPatient).outcome();
            if (!(seen instanceof Outcome.Settling)) {
                return seen;
            }
            sleep(pause);
        }
    }

    private static void sleep(Duration pause) {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HostException("waiting for promises was interrupted", e);
        }
    }

    /// Says what is not as wanted: first what could not be done, then the promises that are not kept.
    private static int summary(Map<InstanceInformation, Outcome> outcomes) {
        var failed = new ArrayList<String>();
        var unhealthy = new ArrayList<String>();
        outcomes.forEach((wanted, outcome) -> {
            var whose = wanted.partition() + " (" + wanted.softwareType() + ")";
            switch (outcome) {
                case Outcome.Failed(var problem) -> failed.add(whose + " failed: " + firstLine(problem));
                case Outcome.Waiting(var reason) -> failed.add(whose + " waits: " + reason);
                case Outcome.Unhealthy(var problem) -> unhealthy.add(whose + ": " + firstLine(problem));
                case Outcome.Settling(var problem) -> unhealthy.add(whose + ": " + firstLine(problem));
                case Outcome.Retained(var until) ->
                    LOG.info("{}: its content is kept until {}", wanted.partition(), until);
                case Outcome.Done(), Outcome.Started(), Outcome.Unchanged() -> {}
            }
        });
        failed.forEach(LOG::error);
        unhealthy.forEach(LOG::error);
        return !failed.isEmpty() ? FAILED : unhealthy.isEmpty() ? SUCCESS : UNHEALTHY;
    }

    /// What a promise said, and whose it is.
    public record Said(String partition, PromiseResult result) {}

    /// Runs promises of started partitions; nothing is sent to the Master.
    ///
    /// @param said is shown each result
    public int promises(Set<String> only, Consumer<Said> said) {
        return alone(rooms.configuration().pidfileInstance(), () -> {
            var promised = rooms.promised();
            if (hasUnknown(promised, only)) {
                return FAILED;
            }
            int status = SUCCESS;
            for (var wanted : instances(promised)) {
                if (only.isEmpty() || only.contains(wanted.partition().text())) {
                    status = Math.max(status, promises(wanted, said));
                }
            }
            return status;
        });
    }

    private int promises(InstanceInformation wanted, Consumer<Said> said) {
        var checked = rooms.partitions().runPromises(wanted);
        for (var result : checked.map(CheckPromises.Checked::ran).orElse(List.of())) {
            LOG.info("Checking promise {}...", result.name());
            (result.message() + "\n" + result.output())
                    .lines()
                    .filter(line -> !line.isBlank())
                    .forEach(LOG::info);
            said.accept(new Said(wanted.partition().text(), result));
        }
        var problem = checked.flatMap(CheckPromises.Checked::problem);
        problem.ifPresent(text -> LOG.error("{}: {}", wanted.partition(), text));
        return problem.isPresent() ? UNHEALTHY : SUCCESS;
    }

    /// Sends what was used until now, and destroys what is to be destroyed.
    public int report() {
        return alone(rooms.configuration().pidfileReport(), () -> {
            var promised = rooms.promised();
            boolean asked = rooms.askPartitions(promised);
            rooms.usage().closePeriod(rooms.configuration().computerId(), rooms.measured(promised));
            int sent = rooms.usage().send(rooms.master(), rooms.configuration().computerId());
            LOG.info(sent == 1 ? "1 usage report sent" : "{} usage reports sent", sent);
            var destroyed = instances(promised).stream()
                    .filter(wanted -> wanted.state() == RequestedState.DESTROYED)
                    .toList();
            int status = destroyed.isEmpty() ? SUCCESS : destroy(destroyed);
            return asked ? status : FAILED;
        });
    }

    private int destroy(List<InstanceInformation> wanted) {
        return alone(rooms.configuration().pidfileInstance(), () -> {
            startSupervisor();
            var outcomes = new LinkedHashMap<InstanceInformation, Outcome>();
            wanted.forEach(instance -> outcomes.put(instance, processOrTell(instance, Work::usual)));
            return summary(outcomes);
        });
    }

    private static List<InstanceInformation> instances(ComputerInformation promised) {
        return promised.partitions().stream()
                .flatMap(partition -> partition.instance().stream())
                .toList();
    }

    private static boolean hasUnknown(ComputerInformation promised, Set<String> only) {
        var known = promised.partitions().stream()
                .map(PartitionInformation::partition)
                .map(id -> id.text())
                .collect(Collectors.toSet());
        var unknown = only.stream().filter(id -> !known.contains(id)).sorted().toList();
        if (!unknown.isEmpty()) {
            LOG.error("Unknown partition{}: {}", unknown.size() > 1 ? "s" : "", String.join(", ", unknown));
        }
        return !unknown.isEmpty();
    }

    private static boolean isNamed(SoftwareInformation wanted, Set<String> only) {
        return only.isEmpty() || only.contains(wanted.url()) || only.contains(SoftwareDirectory.name(wanted.url()));
    }

    /// Under a pid file; the agent rests often enough for a command to have its turn.
    private static int alone(Path pidFile, IntSupplier work) {
        try (var lock = PidFile.take(pidFile, NodeRooms.PATIENCE).orElse(null)) {
            if (lock == null) {
                LOG.error("{} does this work now ({}): try again later", PidFile.holder(pidFile), pidFile);
                return BUSY;
            }
            return work.getAsInt();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return FAILED;
        }
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("");
    }
}

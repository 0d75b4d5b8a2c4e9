package org.slapos.node.usage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slapos.node.NodeConfiguration;
import org.slapos.node.host.Host;
import org.slapos.node.host.HostException;
import org.slapos.node.host.MachineUse;
import org.slapos.node.host.ProcessDetail;

/// Measures what this machine and its partitions use, and leaves it for monitoring in `<instance root>/var/data-log`
/// ([DayFiles]) and in the partitions ([MonitorFiles]). What is sent to the Master is measured by [MeasureUsage] alone,
/// so that nothing is counted twice. Any thread and process may call: one at a time does each of the two things.
public final class Collect {
    private final Host host;
    private final NodeConfiguration.Collecting settings;
    private final Path instanceRoot;
    private final Path folder;
    private final Supplier<List<MeasuredPartition>> partitions;
    private final InstantSource clock;
    private final DayFiles days;
    private final MonitorFiles monitor;

    /// @param partitions all that format made, as they are when it is asked
    public Collect(
            Host host,
            Path instanceRoot,
            NodeConfiguration.Collecting settings,
            Supplier<List<MeasuredPartition>> partitions,
            InstantSource clock) {
        this.host = host;
        this.settings = settings;
        this.instanceRoot = instanceRoot;
        this.folder = instanceRoot.resolve("var/data-log");
        this.partitions = partitions;
        this.clock = clock;
        this.days = new DayFiles(host, folder);
        this.monitor = new MonitorFiles(host);
    }

    /// Takes one sample of everything but sizes, which are those measured last.
    ///
    /// @return false when another process does it now
    public boolean sample() {
        return alone("sample.lock", () -> {
            var last = LastSample.read(host, folder);
            var now = clock.instant();
            var processors = host.processorTime();
            var machine = host.machineUse();
            var sample = new Sample(
                    now, machine, processors.busyPercentSince(last.processors()), partitions(machine, last, now));
            days.add(sample, last);
            LastSample.of(sample, processors).write(host, folder);
            monitor.write(sample);
            days.tidy(now, settings.days());
        });
    }

    /// Measures the sizes of partitions that are due: minutes of disk, once in a long while.
    ///
    /// @return false when another process does it now
    public boolean measureSizes() {
        return !settings.diskUsage()
                || alone("sizes.lock", () -> {
                    var sizes = new PartitionSizes(host, folder);
                    for (var partition : partitions.get()) {
                        if (sizes.isDue(partition.partition(), clock.instant(), settings.diskCycle())) {
                            sizes.measure(partition, clock.instant())
                                    .ifPresent(kib -> days.addSize(clock.instant(), partition.reference(), kib));
                        }
                    }
                });
    }

    private boolean alone(String lockFile, Runnable work) {
        host.createDirectory(instanceRoot.resolve("var"), 0755);
        host.createDirectory(folder, 0755);
        try (var channel = FileChannel.open(
                        folder.resolve(lockFile),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE,
                        LinkOption.NOFOLLOW_LINKS);
                var lock = channel.tryLock()) {
            if (lock == null) {
                return false;
            }
            work.run();
            return true;
        } catch (OverlappingFileLockException _) {
            return false;
        } catch (IOException e) {
            throw new HostException("cannot lock " + folder + ": " + e, e);
        }
    }

    private List<Sample.OfPartition> partitions(MachineUse machine, LastSample last, Instant now) {
        var all = partitions.get();
        var uids = all.stream().map(MeasuredPartition::uid).collect(Collectors.toSet());
        var processes = all.isEmpty() ? List.<ProcessDetail>of() : host.processDetails(uids::contains);
        var sizes = new PartitionSizes(host, folder);
        var found = new ArrayList<Sample.OfPartition>();
        for (var partition : all) {
            host.facts(partition.directory())
                    .ifPresent(facts -> found.add(new Sample.OfPartition(
                            partition.partition(),
                            partition.directory(),
                            partition.reference(),
                            facts.uid(),
                            facts.gid(),
                            partition.processes(processes).stream()
                                    .map(detail -> process(detail, machine, last, now))
                                    .sorted(Comparator.comparingDouble(Sample.OfProcess::cpuPercent)
                                            .reversed())
                                    .toList(),
                            sizes.kib(partition.partition()))));
        }
        return found;
    }

    /// A process that was not there before counts since its start.
    private static Sample.OfProcess process(ProcessDetail detail, MachineUse machine, LastSample last, Instant now) {
        var before = last.cpuSeconds().get(detail.identity());
        var since = before == null ? detail.start() : last.when();
        double seconds = Math.max(0.01, Duration.between(since, now).toMillis() / 1000.0);
        double used = Math.max(0, detail.cpuSeconds() - (before == null ? 0 : before));
        return new Sample.OfProcess(
                detail,
                100 * used / seconds,
                machine.memoryBytes() == 0 ? 0 : 100.0 * detail.memoryBytes() / machine.memoryBytes());
    }
}

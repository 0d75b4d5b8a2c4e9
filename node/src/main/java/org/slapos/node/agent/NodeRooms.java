package org.slapos.node.agent;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.slapos.node.NodeConfiguration;
import org.slapos.node.buildout.Buildout;
import org.slapos.node.buildout.CertificateBundle;
import org.slapos.node.host.Host;
import org.slapos.node.host.HostException;
import org.slapos.node.instance.DeploymentStore;
import org.slapos.node.instance.ProcessPartition;
import org.slapos.node.promise.CheckPromises;
import org.slapos.node.software.InstallSoftware;
import org.slapos.node.software.ProcessSoftware;
import org.slapos.node.software.RetireSoftware;
import org.slapos.node.supervisor.ProcessStatus;
import org.slapos.node.supervisor.Supervisor;
import org.slapos.node.usage.Collect;
import org.slapos.node.usage.MeasureUsage;
import org.slapos.node.usage.MeasuredPartition;
import org.slapos.node.usage.PartitionReports;
import org.slapos.protocol.ComputerInformation;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.PartitionInformation;
import org.slapos.protocol.client.SlapClient;
import org.slapos.protocol.client.SlapException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// All rooms of a node that works, built once from its configuration.
public record NodeRooms(
        NodeConfiguration configuration,
        Host host,
        InstantSource clock,
        SlapClient master,
        Supervisor supervisor,
        Buildout buildout,
        ProcessSoftware software,
        ProcessPartition partitions,
        MeasureUsage usage,
        CheckPromises promises)
        implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeRooms.class);
    private static final String OLD_MARK = ".requested_state";
    private static final int MAX_MARK_BYTES = 1024;

    /// @throws IOException when a TLS file cannot be read
    public static NodeRooms open(NodeConfiguration configuration, Host host, InstantSource clock) throws IOException {
        for (var root : List.of(configuration.softwareRoot(), configuration.instanceRoot())) {
            if (!Files.isDirectory(root)) {
                throw new HostException("the directory " + root + " does not exist: run 'slapos node format' first");
            }
        }
        var instanceRoot = configuration.instanceRoot();
        host.createDirectory(instanceRoot.resolve("var"), 0755);
        host.createDirectory(instanceRoot.resolve("var/run"), 0700);
        // The loops ask again by themselves.
        var master = SlapClient.open(configuration.masterSettings().withTries(1));
        var buildout = new Buildout(
                host, configuration.runtime(), configuration.buildout(), instanceRoot, configuration.work());
        var bundle = new CertificateBundle(host, configuration.masterCaFile(), instanceRoot.resolve("var"));
        var supervisor = new Supervisor(configuration, host);
        var promises = new CheckPromises(configuration, host, clock);
        return new NodeRooms(
                configuration,
                host,
                clock,
                master,
                supervisor,
                buildout,
                new ProcessSoftware(
                        configuration,
                        host,
                        master,
                        buildout,
                        new InstallSoftware(configuration, host, buildout, bundle),
                        clock),
                new ProcessPartition(
                        configuration,
                        host,
                        master,
                        buildout,
                        bundle,
                        supervisor,
                        promises,
                        new DeploymentStore(host, instanceRoot),
                        clock),
                new MeasureUsage(host, instanceRoot, clock),
                promises);
    }

    /// Starts supervisord when it does not run. Its services are for [Comeback] to start: they come back after a reboot
    /// also when the Master is away.
    ///
    /// @return whether it had to be started
    boolean ensureSupervisor() {
        if (supervisor.isRunning()) {
            supervisor.configure();
            return false;
        }
        if (configuration.forbidSupervisordAutomaticLaunch()) {
            throw new HostException("supervisord does not run and forbid_supervisord_automatic_launch is set: start it "
                    + "with 'slapos node supervisord'");
        }
        supervisor.ensureRunning();
        return true;
    }

    /// Starts what supervisord has groups for: those of stopped and destroyed instances were taken from it.
    void startKnownServices() {
        stopMarked();
        supervisor.startAll();
    }

    /// A very old node noted in each partition what was wanted there; what was to be stopped is not started.
    private void stopMarked() {
        try (var partitions =
                Files.newDirectoryStream(configuration.instanceRoot(), p -> Files.exists(p.resolve(OLD_MARK)))) {
            for (var partition : partitions) {
                if (oldMark(partition).equals("stopped")) {
                    supervisor.stop(new PartitionId(partition.getFileName().toString()));
                }
                Files.deleteIfExists(partition.resolve(OLD_MARK));
            }
        } catch (IOException | DirectoryIteratorException e) {
            throw new HostException("cannot look for partitions that are to be stopped: " + e, e);
        }
    }

    /// Something else of that name is a tenant's doing, and says nothing.
    private String oldMark(Path partition) {
        try {
            return host.readTenantFile(partition, OLD_MARK, MAX_MARK_BYTES)
                    .map(bytes -> new String(bytes, StandardCharsets.UTF_8).strip())
                    .orElse("");
        } catch (HostException e) {
            LOG.warn("{}", e.getMessage());
            return "";
        }
    }

    /// Has instances report what they know of their own use, and keeps it for sending. A script that fails is told to
    /// the Master as its instance's error.
    ///
    /// @return whether all went well
    boolean askPartitions(ComputerInformation promised) {
        var reports = new PartitionReports(host, usage, clock);
        var sources = new ArrayList<PartitionReports.Source>();
        boolean well = true;
        for (var partition : promised.partitions()) {
            var owner = host.owner(directory(partition.partition()));
            if (partition.instance().isEmpty() || owner.isEmpty() || owner.get().uid() == 0) {
                continue;
            }
            var source =
                    new PartitionReports.Source(partition.partition(), directory(partition.partition()), owner.get());
            sources.add(source);
            for (var failure : reports.run(source)) {
                well = false;
                LOG.error("{}: {}", source.id(), failure.lines().findFirst().orElse(""));
                try {
                    master.instanceError(configuration.computerId(), source.id(), failure);
                } catch (SlapException e) {
                    LOG.warn("The error of {} could not be reported: {}", source.id(), e.getMessage());
                }
            }
        }
        reports.collect(configuration.computerId(), sources);
        return well;
    }

    /// Measures this machine for monitoring: all partitions that format made.
    Collect collect() {
        return new Collect(
                host,
                configuration.instanceRoot(),
                configuration.collecting(),
                () -> {
                    var formatted = formatted();
                    return measured(formatted, formatted);
                },
                clock);
    }

    private List<PartitionId> formatted() {
        var root = configuration.instanceRoot();
        try (var directories = Files.newDirectoryStream(
                root, entry -> Files.exists(entry.resolve(".slapos-resource"), LinkOption.NOFOLLOW_LINKS))) {
            var found = new ArrayList<PartitionId>();
            directories.forEach(
                    entry -> found.add(new PartitionId(entry.getFileName().toString())));
            found.sort(Comparator.comparing(PartitionId::text));
            return found;
        } catch (IOException | DirectoryIteratorException e) {
            throw new HostException("cannot list " + root + ": " + e, e);
        }
    }

    /// The partitions with an instance, as `usage` measures them.
    List<MeasuredPartition> measured(ComputerInformation promised) {
        return measured(
                promised.partitions().stream()
                        .map(PartitionInformation::partition)
                        .toList(),
                promised.partitions().stream()
                        .filter(partition -> partition.instance().isPresent())
                        .map(PartitionInformation::partition)
                        .toList());
    }

    /// @param all    of this node
    /// @param wanted of them
    private List<MeasuredPartition> measured(List<PartitionId> all, List<PartitionId> wanted) {
        var owners = new HashSet<Integer>();
        var shared = new HashSet<Integer>();
        for (var id : all) {
            host.facts(directory(id))
                    .filter(facts -> !owners.add(facts.uid()))
                    .ifPresent(facts -> shared.add(facts.uid()));
        }
        boolean needsRoots = !shared.isEmpty() || !host.isRoot();
        var processes = needsRoots && supervisor.isRunning() ? supervisor.processes() : List.<ProcessStatus>of();
        var measured = new ArrayList<MeasuredPartition>();
        for (var id : wanted) {
            host.owner(directory(id)).ifPresent(owner -> {
                boolean isShared = shared.contains(owner.uid()) || !host.isRoot();
                measured.add(new MeasuredPartition(
                        id,
                        isShared ? id.text() : owner.name(),
                        directory(id),
                        owner.uid(),
                        isShared,
                        roots(processes, id)));
            });
        }
        return measured;
    }

    private static Set<Long> roots(List<ProcessStatus> processes, PartitionId partition) {
        return processes.stream()
                .filter(process -> process.group().equals(partition.text()) && process.pid() > 0)
                .map(ProcessStatus::pid)
                .collect(Collectors.toSet());
    }

    private Path directory(PartitionId partition) {
        return configuration.instanceRoot().resolve(partition.text());
    }

    /// What the Master promised last, as far as this node remembers.
    LastPromise lastPromise() {
        return new LastPromise(host, configuration.instanceRoot());
    }

    /// Deletes software that was of no use for long.
    void retireSoftware(ComputerInformation promised) {
        new RetireSoftware(configuration, host, buildout, clock).pass(promised);
    }

    /// Deletes what a killed node was writing when it was killed.
    void deleteUnfinished() {
        var folders = new HashSet<>(List.of(
                configuration.instanceRoot(),
                configuration.instanceRoot().resolve("var"),
                configuration.softwareRoot()));
        configuration.certificateRepositoryPath().map(Path::getParent).ifPresent(folders::add);
        folders.forEach(host::deleteUnfinished);
    }

    /// The complete promise, fresh.
    ComputerInformation promised() {
        return switch (master.computerInformation(configuration.computerId(), "")) {
            case SlapClient.Conditional.Changed(var information, var _) -> {
                information.unreadable().forEach(why -> LOG.warn("{}; it stays as it is", why));
                yield information;
            }
            case SlapClient.Conditional.Unchanged _ ->
                throw new UncheckedIOException(
                        new IOException("the Master answered 'not modified' to an unconditional request"));
        };
    }

    @Override
    public void close() {
        buildout.close();
        promises.close();
        master.close();
    }

    static final Duration PATIENCE = Duration.ofSeconds(30);
}

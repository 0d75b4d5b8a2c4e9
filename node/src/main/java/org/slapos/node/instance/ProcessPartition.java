package org.slapos.node.instance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slapos.node.NodeConfiguration;
import org.slapos.node.buildout.Buildout;
import org.slapos.node.buildout.CertificateBundle;
import org.slapos.node.host.FileFacts;
import org.slapos.node.host.Host;
import org.slapos.node.host.HostException;
import org.slapos.node.host.UnixUser;
import org.slapos.node.instance.Deployment.Reported;
import org.slapos.node.promise.CheckPromises;
import org.slapos.node.software.SoftwareDirectory;
import org.slapos.node.supervisor.Supervisor;
import org.slapos.node.supervisor.SupervisorException;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.client.SlapClient;
import org.slapos.protocol.client.SlapClient.InstanceReport;
import org.slapos.protocol.client.SlapException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings one ComputerPartition to what the Master wants in it, and reports at once: observe, plan one [Step], do it.
///
/// Any thread may call, one at a time for each partition. What fails is reported with its text and returned; a Master
/// that cannot be talked to is a [SlapException], and what it was not told is told by the next call.
public final class ProcessPartition {
    private static final Logger LOG = LoggerFactory.getLogger(ProcessPartition.class);
    private static final String TIMESTAMP = ".timestamp";
    private static final int MAX_TIMESTAMP_BYTES = 4096;
    /// Beside the partitions in the instance root.
    private static final Set<String> NO_PARTITIONS = Set.of("etc", "var");

    private final NodeConfiguration configuration;
    private final Host host;
    private final SlapClient master;
    private final Buildout buildout;
    private final InstanceServices services;
    private final PartitionPromises promises;
    private final DeploymentStore deployments;
    private final InstantSource clock;
    private final PartitionCertificate certificate;
    private final Favours favours;
    private final InstallInstance install;
    private final DestroyInstance destroy;
    private final Set<PartitionId> warnedOf = ConcurrentHashMap.newKeySet();

    public ProcessPartition(
            NodeConfiguration configuration,
            Host host,
            SlapClient master,
            Buildout buildout,
            CertificateBundle bundle,
            Supervisor supervisor,
            CheckPromises promises,
            DeploymentStore deployments,
            InstantSource clock) {
        this.configuration = configuration;
        this.host = host;
        this.master = master;
        this.buildout = buildout;
        this.promises = new PartitionPromises(promises, master, deployments);
        this.deployments = deployments;
        this.clock = clock;
        this.services = new InstanceServices(configuration, host, supervisor);
        this.certificate = new PartitionCertificate(host, configuration.certificateRepositoryPath());
        this.install = new InstallInstance(configuration, host, buildout, bundle);
        this.favours = new Favours(configuration, host, supervisor);
        this.destroy = new DestroyInstance(host, master, services, supervisor, buildout, certificate, favours);
    }

    /// What became of a partition.
    public sealed interface Outcome {
        /// It already was what is wanted, and the Master knows.
        record Unchanged() implements Outcome {}

        /// It is as wanted now, and the Master knows.
        record Done() implements Outcome {}

        /// It is deployed as started, and its services were started; its promises are to be checked now.
        record Started() implements Outcome {}

        /// It was started a moment ago, and a promise is not kept yet; nothing was reported.
        record Settling(String problem) implements Outcome {}

        /// It is deployed, but a promise is not kept.
        record Unhealthy(String problem) implements Outcome {}

        /// Its SoftwareRelease is not installed yet; nothing was reported.
        record Waiting(String reason) implements Outcome {}

        /// Its content is kept until then.
        record Retained(Instant until) implements Outcome {}

        /// @param problem what was reported
        record Failed(String problem) implements Outcome {}
    }

    /// @param force deploy although nothing changed
    public Outcome process(InstanceInformation wanted, boolean force) {
        var outcome = guarded(wanted, () -> act(partition(wanted), force));
        if (outcome instanceof Outcome.Failed) {
            refreshResults(wanted);
        }
        return outcome;
    }

    /// Deploys what is wanted started, whatever was before, and leaves its services stopped. Only a failure is reported
    /// and nothing is remembered: the next [#process] does it all. What is not wanted started is processed.
    public Outcome processKeptStopped(InstanceInformation wanted) {
        return wanted.state() == RequestedState.STARTED
                ? guarded(wanted, () -> deployStopped(partition(wanted)))
                : process(wanted, false);
    }

    private Outcome deployStopped(Partition partition) {
        if (!partition.software().isComplete(buildout.runtimeId())) {
            return waitForSoftware(partition);
        }
        begin(partition);
        deleteMark(partition);
        services.stop(partition);
        var wanted = partition.instance();
        var document = InstanceDocument.of(
                wanted, partition.directory(), partition.owner().name());
        var certificates = certificate.update(master, partition);
        install.install(partition, document, InstanceProfile.tail(configuration, wanted, certificates));
        LOG.info("{}: deployed \"{}\", its services are kept stopped", partition.id(), wanted.title());
        return new Outcome.Done();
    }

    /// What monitoring shows stays true for services that go on although their deployment failed.
    private void refreshResults(InstanceInformation wanted) {
        try {
            runPromises(wanted);
        } catch (HostException | PartitionFailure e) {
            LOG.debug("{}: its promises were not run: {}", wanted.partition(), e.getMessage());
        }
    }

    /// What goes wrong with an instance is reported as its error; what is no fault of its own is thrown.
    private Outcome guarded(InstanceInformation wanted, Supplier<Outcome> work) {
        try {
            return work.get();
        } catch (SlapException e) {
            if (e.kind() == SlapException.Kind.NOT_FOUND || e.kind() == SlapException.Kind.REFUSED) {
                return failed(wanted, String.valueOf(e.getMessage()));
            }
            throw e;
        } catch (RuntimeException e) {
            if (Thread.currentThread().isInterrupted()) {
                throw e; // the node is ending
            }
            switch (e) {
                case PartitionFailure _, HostException _, SupervisorException _, UncheckedIOException _ -> {}
                default -> LOG.error("{}: this should not have happened; please report it", wanted.partition(), e);
            }
            return failed(wanted, String.valueOf(e.getMessage()));
        }
    }

    /// How a partition's promises are.
    ///
    /// @param due when the next one is to be run
    public record Health(Outcome outcome, Instant due) {}

    /// Runs those promises of a started partition that are due, or failed at last, and tells the Master when what it
    /// shows is not so (any more). Right after a deployment all are run. Does nothing in a partition that is not
    /// deployed as started.
    ///
    /// @param isPatient right after a deployment a promise that is not kept is no error yet
    public Health checkPromises(InstanceInformation wanted, boolean isPatient) {
        var due = new AtomicReference<>(Instant.MAX);
        var outcome = guarded(wanted, () -> promisesOf(wanted, isPatient, due::set));
        return new Health(outcome, due.get());
    }

    private Outcome promisesOf(InstanceInformation wanted, boolean isPatient, Consumer<Instant> due) {
        var deployed = deployments
                .find(wanted.partition())
                .filter(d ->
                        d.state() == RequestedState.STARTED && d.timestamp().equals(wanted.timestamp()));
        return wanted.state() == RequestedState.STARTED && deployed.isPresent()
                ? promises.check(partition(wanted), deployed.get(), isPatient, due)
                : new Outcome.Unchanged();
    }

    /// Runs all promises of a started partition and tells nobody; empty when it is not started.
    public Optional<CheckPromises.Checked> runPromises(InstanceInformation wanted) {
        return wanted.state() == RequestedState.STARTED
                ? Optional.of(promises.run(partition(wanted)))
                : Optional.empty();
    }

    /// Takes notice that a partition holds no instance. Nothing is deleted for that alone: a Master that forgot an
    /// instance is no reason to lose its data.
    public void free(PartitionId partition) {
        var deployed = deployments.find(partition);
        if (deployed.filter(d -> d.state() == RequestedState.DESTROYED).isPresent()) {
            deployments.forget(partition);
        } else if (deployed.isPresent() && warnedOf.add(partition)) {
            LOG.warn(
                    "{}: the Master knows no instance here, but one was {}; it is left as it is",
                    partition,
                    deployed.get().state().wire());
        }
    }

    /// Before the services of a partition are started by a supervisor that never ran them: ends what an earlier one
    /// left.
    public void endForgotten(PartitionId partition) {
        var directory = configuration.instanceRoot().resolve(partition.text());
        if (NO_PARTITIONS.contains(partition.text())
                || host.facts(directory).filter(FileFacts::isDirectory).isEmpty()) {
            return;
        }
        host.owner(directory)
                .filter(owner -> owner.uid() != 0)
                .ifPresent(owner -> services.endForgotten(partition, directory, owner));
    }

    private Partition partition(InstanceInformation wanted) {
        if (NO_PARTITIONS.contains(wanted.partition().text())) {
            throw new PartitionFailure(wanted.partition() + " is a folder of the node's own and no partition");
        }
        var directory = configuration.instanceRoot().resolve(wanted.partition().text());
        if (host.facts(directory).filter(FileFacts::isDirectory).isEmpty()) {
            throw new PartitionFailure("the partition's directory " + directory + " does not exist: run format");
        }
        var owner = host.owner(directory).orElseThrow(() -> new PartitionFailure(directory + " is gone"));
        if (owner.uid() == 0) {
            throw new PartitionFailure(directory + " belongs to root and is no partition: run format");
        }
        return new Partition(
                wanted,
                directory,
                owner.isNamed() ? owner : remembered(wanted.partition(), owner),
                SoftwareDirectory.of(configuration.softwareRoot(), wanted.softwareRelease()));
    }

    /// A user database that cannot say for a moment who that is changes nothing of what is deployed.
    private UnixUser remembered(PartitionId partition, UnixUser owner) {
        return deployments
                .find(partition)
                .map(Deployment::owner)
                .filter(known -> known.uid() == owner.uid() && known.gid() == owner.gid())
                .orElse(owner);
    }

    private Outcome act(Partition partition, boolean force) {
        var wanted = partition.instance();
        var document = InstanceDocument.of(
                wanted, partition.directory(), partition.owner().name());
        var tail = InstanceProfile.tail(configuration, wanted, certificate.folder());
        var completion = partition.software().completion();
        var seen = new Step.Observation(
                wanted.state(),
                wanted.timestamp(),
                hash(document, tail, completion),
                buildout.runtimeId(),
                deployments.find(partition.id()),
                mark(partition),
                SoftwareDirectory.isComplete(completion, buildout.runtimeId()),
                periodicity(partition),
                clock.instant());
        var step = Step.plan(seen, force);
        var outcome = switch (step) {
            case NOTHING -> new Outcome.Unchanged();
            case WAIT_FOR_SOFTWARE -> waitForSoftware(partition);
            case REPORT -> report(partition, seen.deployed().orElseThrow());
            case DEPLOY -> deploy(partition, document, seen.contentHash());
            case DESTROY -> destroy(partition, seen.contentHash());
        };
        if (step != Step.DESTROY && step != Step.WAIT_FOR_SOFTWARE) {
            favours.after(partition, step == Step.DEPLOY);
        }
        return outcome;
    }

    private Outcome waitForSoftware(Partition partition) {
        if (partition.instance().state() == RequestedState.STOPPED) {
            services.stop(partition);
        }
        return new Outcome.Waiting("the SoftwareRelease " + partition.software().url() + " is not installed yet");
    }

    private Outcome deploy(Partition partition, byte[] document, String contentHash) {
        var wanted = partition.instance();
        var start = clock.instant();
        begin(partition);
        try {
            var certificates = certificate.update(master, partition);
            install.install(partition, document, InstanceProfile.tail(configuration, wanted, certificates));
            publish(partition);
            if (wanted.state() == RequestedState.STARTED) {
                services.start(partition);
            }
        } finally {
            if (wanted.state() == RequestedState.STOPPED) {
                services.stop(partition);
            }
        }
        var deployment = new Deployment(
                wanted.timestamp(),
                contentHash,
                partition.owner(),
                wanted.state(),
                buildout.runtimeId(),
                start,
                Reported.NOTHING);
        Requested.read(host, partition).ifPresent(titles -> master.related(wanted.computer(), partition.id(), titles));
        deployments.save(partition.id(), deployment);
        deleteMark(partition); // its age says when the partition was worked on last, also when the text stays
        if (!wanted.timestamp().isEmpty()) {
            write(partition, TIMESTAMP, wanted.timestamp());
        }
        LOG.info(
                "{}: {} \"{}\" in {} s",
                partition.id(),
                wanted.state().wire(),
                wanted.title(),
                Duration.between(start, clock.instant()).toMillis() / 1000.0);
        return report(partition, deployment);
    }

    private void begin(Partition partition) {
        Requested.forget(partition);
        FailureLog.forget(partition.directory(), partition.id());
        deployments.forget(partition.id()); // until it succeeds, so that a failure is not taken for what went before
        favours.before(partition);
    }

    private static void deleteMark(Partition partition) {
        try {
            Files.deleteIfExists(partition.directory().resolve(TIMESTAMP));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete the timestamp of " + partition.id() + ": " + e, e);
        }
    }

    /// Only what the Master does not show already.
    private void publish(Partition partition) {
        var wanted = partition.instance();
        Publication.read(host, partition)
                .filter(published -> !published.equals(wanted.connection()))
                .ifPresent(published -> master.connection(wanted.computer(), partition.id(), published));
    }

    private Outcome report(Partition partition, Deployment deployment) {
        if (deployment.state() == RequestedState.STARTED) {
            return new Outcome.Started();
        }
        master.report(partition.instance().computer(), partition.id(), InstanceReport.STOPPED);
        deployments.save(partition.id(), deployment.reported(Reported.AS_WANTED));
        return new Outcome.Done();
    }

    private Outcome destroy(Partition partition, String contentHash) {
        var now = clock.instant();
        deployments.forget(partition.id()); // what its promises still say is of no interest
        var until = destroy.destroy(partition, now);
        if (until.isPresent()) {
            return new Outcome.Retained(until.get());
        }
        var wanted = partition.instance();
        deployments.save(
                partition.id(),
                new Deployment(
                        wanted.timestamp(),
                        contentHash,
                        partition.owner(),
                        RequestedState.DESTROYED,
                        buildout.runtimeId(),
                        now,
                        Reported.AS_WANTED));
        promises.forget(partition.id());
        LOG.info("{}: destroyed \"{}\", the partition is empty", partition.id(), wanted.title());
        return new Outcome.Done();
    }

    private Outcome failed(InstanceInformation wanted, String problem) {
        LOG.warn("{}: {}", wanted.partition(), problem.lines().findFirst().orElse("failed"));
        if (!NO_PARTITIONS.contains(wanted.partition().text())) {
            FailureLog.keep(
                    host,
                    configuration.instanceRoot().resolve(wanted.partition().text()),
                    wanted.partition(),
                    problem);
        }
        try {
            master.instanceError(wanted.computer(), wanted.partition(), problem);
        } catch (SlapException e) {
            LOG.warn("The error of {} could not be reported: {}", wanted.partition(), e.getMessage());
        }
        return new Outcome.Failed(problem);
    }

    private Optional<String> mark(Partition partition) {
        return readable(partition.directory(), TIMESTAMP)
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8).strip());
    }

    /// What cannot be read counts as not there: a tenant must not be able to keep its instance from being stopped.
    private Optional<byte[]> readable(Path directory, String name) {
        try {
            return host.readTenantFile(directory, name, MAX_TIMESTAMP_BYTES);
        } catch (HostException e) {
            LOG.warn("{}", e.getMessage());
            return Optional.empty();
        }
    }

    private void write(Partition partition, String name, String text) {
        host.writeTenantFile(
                partition.directory(),
                name,
                text.getBytes(StandardCharsets.UTF_8),
                0644,
                partition.owner().uid(),
                partition.owner().gid());
    }

    /// A release may have its own period, in seconds; what is no number is not one.
    private Duration periodicity(Partition partition) {
        return readable(partition.software().path(), "periodicity")
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8).strip())
                .filter(text -> text.matches("-?\\d{1,9}"))
                .map(text -> Duration.ofSeconds(Long.parseLong(text)))
                .orElse(configuration.maximumPeriodicity());
    }

    private static String hash(byte[] document, String tail, String softwareCompletion) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            digest.update(document);
            digest.update(tail.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest.digest(softwareCompletion.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}

package org.slapos.node.instance;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.slapos.node.buildout.Buildout;
import org.slapos.node.host.CleanEnvironment;
import org.slapos.node.host.Command;
import org.slapos.node.host.Host;
import org.slapos.node.host.HostException;
import org.slapos.node.supervisor.Supervisor;
import org.slapos.protocol.client.SlapClient;
import org.slapos.protocol.client.SlapClient.InstanceReport;
import org.slapos.protocol.client.SlapException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Ends an instance: services stopped, the partition's content, certificate and supervisor's files deleted. The
/// partition itself stays, with `.slapos-resource`. Doing it twice is harmless.
final class DestroyInstance {
    private static final Logger LOG = LoggerFactory.getLogger(DestroyInstance.class);
    private static final String RESOURCE = ".slapos-resource";
    private static final int MAX_RESOURCE_BYTES = 1 << 20;
    private static final Duration DEADLINE = Duration.ofMinutes(10);
    private static final Duration WHILE_SCRIPTS_RUN = Duration.ofSeconds(5);

    private final Host host;
    private final SlapClient master;
    private final InstanceServices services;
    private final Supervisor supervisor;
    private final PreDestruction preDestruction;
    private final Buildout buildout;
    private final PartitionCertificate certificate;
    private final Favours favours;

    DestroyInstance(
            Host host,
            SlapClient master,
            InstanceServices services,
            Supervisor supervisor,
            Buildout buildout,
            PartitionCertificate certificate,
            Favours favours) {
        this.host = host;
        this.master = master;
        this.services = services;
        this.supervisor = supervisor;
        this.preDestruction = new PreDestruction(host, supervisor);
        this.buildout = buildout;
        this.certificate = certificate;
        this.favours = favours;
    }

    /// @return until when the content is kept at least: its retention is not over, or its own scripts run
    Optional<Instant> destroy(Partition partition, Instant now) {
        if (preDestruction.isRunning(partition)) {
            return Optional.of(now.plus(WHILE_SCRIPTS_RUN));
        }
        services.stop(partition);
        favours.stop(partition);
        report(partition, InstanceReport.STOPPED);
        var locked = new Retention(host, partition.directory(), partition.owner()).lockedUntil(now);
        if (locked.isPresent()) {
            return locked;
        }
        if (preDestruction.start(partition)) {
            return Optional.of(now.plus(WHILE_SCRIPTS_RUN));
        }
        buildout.endLeftovers(partition.directory(), partition.owner());
        runOwnDestroyScript(partition);
        services.stop(partition); // what that script started
        wipe(partition);
        favours.end(partition);
        supervisor.remove(partition.id());
        certificate.delete(partition.id());
        report(partition, InstanceReport.DESTROYED);
        return Optional.empty();
    }

    private void runOwnDestroyScript(Partition partition) {
        var script = partition.directory().resolve("sbin/destroy");
        if (!Files.isExecutable(script)) {
            return;
        }
        var owner = partition.owner();
        host.run(Command.of(script.toString())
                        .withDirectory(partition.directory())
                        .withEnvironment(CleanEnvironment.of(
                                owner.home(),
                                Map.of(
                                        CleanEnvironment.WORK,
                                        partition.directory().toString())))
                        .withUser(owner)
                        .withDeadline(DEADLINE))
                .orThrow("run sbin/destroy of " + partition.id());
    }

    private void wipe(Partition partition) {
        var directory = partition.directory();
        var resource = directory.resolve(RESOURCE);
        var kept = Files.isRegularFile(resource, LinkOption.NOFOLLOW_LINKS)
                ? resource(directory)
                : Optional.<byte[]>empty();
        host.deleteTree(directory, true);
        kept.ifPresent(bytes -> host.writeTenantFile(
                directory,
                RESOURCE,
                bytes,
                0644,
                partition.owner().uid(),
                partition.owner().gid()));
    }

    /// The next format writes it again when the tenant made something else of it.
    private Optional<byte[]> resource(Path directory) {
        try {
            return host.readTenantFile(directory, RESOURCE, MAX_RESOURCE_BYTES);
        } catch (HostException e) {
            LOG.warn("{}", e.getMessage());
            return Optional.empty();
        }
    }

    /// What the Master thinks of it does not keep the partition from being emptied, unless it cannot be reached.
    private void report(Partition partition, InstanceReport report) {
        try {
            master.report(partition.instance().computer(), partition.id(), report);
        } catch (SlapException e) {
            if (e.kind() != SlapException.Kind.NOT_FOUND && e.kind() != SlapException.Kind.REFUSED) {
                throw e;
            }
        }
    }
}

package org.slapos.node.instance;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.slapos.node.NodeConfiguration;
import org.slapos.node.buildout.Buildout;
import org.slapos.node.buildout.CertificateBundle;
import org.slapos.node.host.Command;
import org.slapos.node.host.CommandResult;
import org.slapos.node.host.Host;
import org.slapos.node.host.HostException;

/// Writes what an instance is made from into its partition and runs Buildout there, as the partition's user.
final class InstallInstance {
    private static final Duration DEFAULT_DEADLINE = Duration.ofMinutes(30);
    private static final int MAX_PROFILE_BYTES = 4 << 20;
    private static final int UMASK = 027;

    private final NodeConfiguration configuration;
    private final Host host;
    private final Buildout buildout;
    private final CertificateBundle certificates;

    InstallInstance(NodeConfiguration configuration, Host host, Buildout buildout, CertificateBundle certificates) {
        this.configuration = configuration;
        this.host = host;
        this.buildout = buildout;
        this.certificates = certificates;
    }

    /// @param document `.slapgrid/instance.json`
    /// @param tail     what stands below the instance profile
    /// @throws PartitionFailure with the end of Buildout's output
    void install(Partition partition, byte[] document, String tail) {
        requireSpace(partition.directory());
        requireMode(partition.directory());
        int uid = partition.owner().uid();
        int gid = partition.owner().gid();
        var directory = partition.directory();
        new Retention(host, directory, partition.owner())
                .writeDelay(partition.instance().filter().getOrDefault("retention_delay", "0"));
        linkSoftware(partition);
        makeFolders(partition);
        host.writeTenantFile(directory, InstanceDocument.NAME, document, 0640, uid, gid);
        host.writeTenantFile(directory, "buildout.cfg", profile(partition, tail), 0640, uid, gid);
        var result = buildout.runWarm(new Buildout.Run(
                directory,
                partition.owner(),
                List.of("-U", "-N", "-c", directory + "/buildout.cfg"),
                UMASK,
                0,
                configuration.partitionTimeout().orElse(DEFAULT_DEADLINE),
                environment(),
                _ -> {}));
        keepLog(partition, result);
        if (!result.ok()) {
            throw new PartitionFailure("Failed to run buildout profile in directory '" + directory + "': it "
                    + (result.timedOut()
                            ? "did not end in time (partition_timeout)"
                            : "ended with status " + result.status())
                    + "; its output:\n" + result.output());
        }
    }

    private Map<String, String> environment() {
        var environment = new java.util.HashMap<>(certificates.environment());
        environment.put("SLAPGRID_INSTANCE_ROOT", configuration.instanceRoot().toString());
        return environment;
    }

    private void requireSpace(Path directory) {
        try {
            long free = Files.getFileStore(directory).getUsableSpace();
            if (free < configuration.instanceMinFreeSpaceBytes()) {
                throw new PartitionFailure("too little space: " + free / (1 << 20) + " MiB are free at " + directory
                        + ", instance_min_free_space is " + configuration.instanceMinFreeSpaceBytes() / (1 << 20)
                        + " MiB");
            }
        } catch (IOException e) {
            throw new HostException("cannot see how much space is free at " + directory + ": " + e, e);
        }
    }

    private void requireMode(Path directory) {
        int mode = host.facts(directory)
                .orElseThrow(() -> new PartitionFailure(directory + " is gone"))
                .mode();
        if (mode != 0750) {
            throw new PartitionFailure(directory + " must have the mode 0750, not 0" + Integer.toOctalString(mode)
                    + ": other users could read it; run format, or chmod it");
        }
    }

    /// Something else of that name is the tenant's and is left alone.
    private void linkSoftware(Partition partition) {
        var link = partition.directory().resolve("software_release");
        if (isSomethingElse(link) || leadsTo(link, partition.software().path())) {
            return;
        }
        var owner = partition.owner();
        host.linkTenantFile(
                partition.directory(), "software_release", partition.software().path(), owner.uid(), owner.gid());
    }

    private static boolean isSomethingElse(Path link) {
        return Files.exists(link, LinkOption.NOFOLLOW_LINKS) && !Files.isSymbolicLink(link);
    }

    private static boolean leadsTo(Path link, Path target) {
        try {
            return Files.readSymbolicLink(link).equals(target);
        } catch (IOException _) {
            return false; // there is none
        }
    }

    private byte[] profile(Partition partition, String tail) {
        var release = partition.software().path();
        var template = host.readTenantFile(release, "instance.cfg", MAX_PROFILE_BYTES)
                .or(() -> host.readTenantFile(release, "template.cfg", MAX_PROFILE_BYTES))
                .orElseThrow(() -> new PartitionFailure(
                        "the SoftwareRelease " + partition.software().url()
                                + " has no instance profile: its build must write " + release + "/instance.cfg"));
        return (new String(template, StandardCharsets.UTF_8) + "\n\n" + tail).getBytes(StandardCharsets.UTF_8);
    }

    /// Whatever the node leaves for the instance and for monitoring stands in `.slapgrid`.
    private void makeFolders(Partition partition) {
        if (!Files.isDirectory(partition.directory().resolve(".slapgrid/log"))) {
            host.run(Command.of("mkdir", "-p", "--", ".slapgrid/log")
                            .withDirectory(partition.directory())
                            .withUser(partition.owner())
                            .withUmask(UMASK))
                    .orThrow("make .slapgrid/log in " + partition.directory());
        }
    }

    private void keepLog(Partition partition, CommandResult result) {
        var owner = partition.owner();
        host.writeTenantFile(
                partition.directory(),
                ".slapgrid/log/instance.log",
                result.output().getBytes(StandardCharsets.UTF_8),
                0640,
                owner.uid(),
                owner.gid());
    }
}

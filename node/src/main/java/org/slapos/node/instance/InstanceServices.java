package org.slapos.node.instance;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.slapos.node.NodeConfiguration;
import org.slapos.node.host.Host;
import org.slapos.node.host.HostException;
import org.slapos.node.host.UnixUser;
import org.slapos.node.supervisor.PartitionPrograms;
import org.slapos.node.supervisor.PartitionPrograms.Program;
import org.slapos.node.supervisor.Supervisor;
import org.slapos.protocol.PartitionId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The services of an instance: every entry of `etc/run` and `etc/service`; of one name in both the service wins.
final class InstanceServices {
    private static final Logger LOG = LoggerFactory.getLogger(InstanceServices.class);
    private static final int MAX_PROGRAMS = 1000;
    private static final int MAX_SCRIPT_BYTES = 1 << 20;

    private final NodeConfiguration configuration;
    private final Host host;
    private final Supervisor supervisor;

    InstanceServices(NodeConfiguration configuration, Host host, Supervisor supervisor) {
        this.configuration = configuration;
        this.host = host;
        this.supervisor = supervisor;
    }

    /// Stops what the supervisor started, and then whatever else the partition's user runs: a service may have left
    /// the supervisor's sight, and must neither outlive its instance nor meet the next one. A user who is not the
    /// partition's alone keeps its processes.
    void stop(Partition partition) {
        supervisor.stop(partition.id());
        endForgotten(partition.id(), partition.directory(), partition.owner());
    }

    /// Ends what the partition's user runs although the supervisor runs nothing for it.
    void endForgotten(PartitionId id, Path directory, UnixUser owner) {
        if (host.isRoot() && isItsOwnUser(directory, owner)) {
            int ended = host.endProcesses(owner);
            if (ended > 0) {
                LOG.warn("{}: {} processes were left beside its services, and were ended", id, ended);
            }
        }
    }

    private boolean isItsOwnUser(Path partition, UnixUser owner) {
        int uid = owner.uid();
        if (owns(uid, configuration.softwareRoot()) || uid == host.self().uid()) {
            return false;
        }
        try (var directories = Files.newDirectoryStream(configuration.instanceRoot())) {
            for (var directory : directories) {
                if (!directory.equals(partition) && owns(uid, directory)) {
                    return false;
                }
            }
            return true;
        } catch (IOException | DirectoryIteratorException e) {
            throw new HostException("cannot list " + configuration.instanceRoot() + ": " + e, e);
        }
    }

    private boolean owns(int uid, Path path) {
        return host.facts(path).filter(facts -> facts.uid() == uid).isPresent();
    }

    /// Starts what does not run, replaces what changed, and does not wait for it.
    void start(Partition partition) {
        var programs = new TreeMap<String, Program>();
        add(programs, partition.directory(), "etc/run", false);
        add(programs, partition.directory(), "etc/service", true);
        if (programs.isEmpty()) {
            LOG.warn("{}: the instance has no service in etc/run or etc/service", partition.id());
        }
        supervisor.writeGroup(new PartitionPrograms(
                partition.id(),
                partition.directory(),
                partition.owner(),
                programs.values().stream().toList()));
        supervisor.start(partition.id());
    }

    private void add(Map<String, Program> programs, Path directory, String folder, boolean watched) {
        try (var files = Files.newDirectoryStream(directory.resolve(folder))) {
            for (var file : files) {
                var name = file.getFileName().toString();
                programs.put(name, new Program(file, watched, content(directory, folder + "/" + name)));
                if (programs.size() > MAX_PROGRAMS) {
                    throw new PartitionFailure("more than " + MAX_PROGRAMS + " services in " + folder);
                }
            }
        } catch (NoSuchFileException | NotDirectoryException _) {
            // none of this kind
        } catch (IOException | DirectoryIteratorException e) {
            throw new HostException("cannot list " + folder + " of " + directory + ": " + e, e);
        }
    }

    /// Changes when the program's file does. What is a link, or long, is told by its length and time.
    private String content(Path directory, String name) throws IOException {
        var file = directory.resolve(name);
        try {
            var own = Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (own.isRegularFile() && own.size() <= MAX_SCRIPT_BYTES) {
                return sha256(host.readTenantFile(directory, name, MAX_SCRIPT_BYTES)
                        .orElseThrow(() -> new NoSuchFileException(name)));
            }
            var target = Files.readAttributes(file, BasicFileAttributes.class);
            var link = own.isSymbolicLink() ? Files.readSymbolicLink(file).toString() : "";
            return sha256(
                    (link + " " + target.size() + " " + target.lastModifiedTime()).getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchFileException | HostException _) {
            return "unreadable"; // the supervisor will say so when it starts it
        }
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}

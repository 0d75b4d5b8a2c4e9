package org.slapos.node.instance;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slapos.node.host.Disks;
import org.slapos.node.host.Host;
import org.slapos.node.host.HostException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Gives an instance the disks that it asks for in `.slapos-disk-permission`, a list of `{"disk": PATH}`: they become
/// its user's and the group's `disk`. Only disks, and parts of them, that the machine has no use for itself and nobody
/// else has; others are passed over. They are taken back when the instance is destroyed.
final class DiskPermissions {
    private static final Logger LOG = LoggerFactory.getLogger(DiskPermissions.class);
    private static final String NAME = ".slapos-disk-permission";
    private static final String GROUP = "disk";

    private final Host host;
    private final Path devices;
    private final Disks disks;
    private final Optional<List<Path>> allowed;

    /// @param devices folder of the device files
    /// @param allowed only these; empty = any
    DiskPermissions(Host host, Path devices, Disks disks, Optional<List<Path>> allowed) {
        this.host = host;
        this.devices = devices;
        this.disks = disks;
        this.allowed = allowed;
    }

    void give(Partition partition) {
        for (var entry : RequestFile.read(host, partition, NAME).list().orElse(List.of())) {
            var asked = entry.path("disk").asText("");
            var device = real(asked);
            if (device.isEmpty() || !disks.isSpareDisk(device.get())) {
                LOG.warn("{}: there is no disk {} that could be given to it", partition.id(), asked);
            } else if (!isAllowed(device.get())) {
                LOG.warn("{}: it may not have the disk {} (allowed-disk-for-vm)", partition.id(), asked);
            } else if (isSomebodyElses(device.get(), partition.owner().uid())) {
                LOG.warn("{}: the disk {}, or a part of it, is another's", partition.id(), asked);
            } else if (!isOf(device.get(), partition.owner().uid())) {
                host.giveDevice(device.get(), partition.owner().uid(), group());
                LOG.info("{}: the disk {} is its own now", partition.id(), device.get());
            }
        }
    }

    /// The next instance in this partition, with the same user, has no business there.
    void takeBack(Partition partition) {
        try (var all = Files.newDirectoryStream(
                devices, device -> isOf(device, partition.owner().uid()) && disks.isSpareDisk(device))) {
            for (var device : all) {
                host.giveDevice(device, 0, group());
                LOG.info("{}: the disk {} was taken back", partition.id(), device);
            }
        } catch (IOException | DirectoryIteratorException e) {
            throw new HostException("cannot look for the disks of " + partition.id() + ": " + e, e);
        }
    }

    private boolean isSomebodyElses(Path device, int uid) {
        try (var all = Files.newDirectoryStream(
                devices, other -> !isOf(other, 0) && !isOf(other, uid) && disks.shareADisk(other, device))) {
            return all.iterator().hasNext();
        } catch (IOException | DirectoryIteratorException e) {
            throw new HostException("cannot look for whose the disk " + device + " is: " + e, e);
        }
    }

    private int group() {
        return host.group(GROUP).orElseThrow(() -> new HostException("there is no group '" + GROUP + "'"));
    }

    private boolean isOf(Path device, int uid) {
        return host.facts(device).filter(facts -> facts.uid() == uid).isPresent();
    }

    /// What it leads to, among the device files; a tenant could change what lies elsewhere meanwhile.
    private Optional<Path> real(String asked) {
        try {
            return Optional.of(Path.of(asked))
                    .filter(Path::isAbsolute)
                    .map(DiskPermissions::resolve)
                    .filter(path -> path.startsWith(resolve(devices)));
        } catch (InvalidPathException _) {
            return Optional.empty();
        }
    }

    private boolean isAllowed(Path device) {
        return allowed.isEmpty()
                || allowed.get().stream().map(DiskPermissions::resolve).anyMatch(device::equals);
    }

    /// A link without an end stays one, and is no disk.
    private static Path resolve(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException _) {
            return path.normalize();
        }
    }
}

package org.slapos.node.instance;

import java.nio.file.Path;
import java.util.Optional;
import org.slapos.node.NodeConfiguration;
import org.slapos.node.host.Disks;
import org.slapos.node.host.Host;
import org.slapos.node.supervisor.Supervisor;

/// What a node does for its instances when `manager_list` names it and the instance asks: disks (`devperm`), ports that
/// lead to others (`portredir`), a limit to where it sends (`whitelistfirewall`).
final class Favours {
    private final Optional<DiskPermissions> disks;
    private final Optional<PortRedirections> ports;
    private final Optional<OutgoingWhitelist> whitelist;

    Favours(NodeConfiguration configuration, Host host, Supervisor supervisor) {
        var managers = configuration.managers();
        disks = managers.devperm()
                ? Optional.of(new DiskPermissions(host, Path.of("/dev"), new Disks(), managers.allowedDisks()))
                : Optional.empty();
        ports = managers.portredir() ? Optional.of(new PortRedirections(host, supervisor)) : Optional.empty();
        whitelist = managers.whitelistfirewall()
                ? Optional.of(new OutgoingWhitelist(host, configuration.instanceRoot()))
                : Optional.empty();
    }

    Favours(Optional<DiskPermissions> disks, Optional<PortRedirections> ports, Optional<OutgoingWhitelist> whitelist) {
        this.disks = disks;
        this.ports = ports;
        this.whitelist = whitelist;
    }

    /// What its recipes may need already.
    void before(Partition partition) {
        disks.ifPresent(it -> it.give(partition));
    }

    /// Also when nothing was to be done: what an instance asks for changes by its own hand.
    void after(Partition partition, boolean wasWorkedOn) {
        disks.ifPresent(it -> it.give(partition));
        ports.ifPresent(it -> it.apply(partition, wasWorkedOn));
        whitelist.ifPresent(it -> it.apply(partition));
    }

    /// Nothing of the instance is to run any more.
    void stop(Partition partition) {
        ports.ifPresent(it -> it.apply(partition, false));
    }

    /// The instance is gone.
    void end(Partition partition) {
        disks.ifPresent(it -> it.takeBack(partition));
        whitelist.ifPresent(it -> it.remove(partition));
    }
}

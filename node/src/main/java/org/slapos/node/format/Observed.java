package org.slapos.node.format;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slapos.node.host.FileFacts;
import org.slapos.node.host.NetworkInterface;
import org.slapos.node.host.Route;
import org.slapos.node.host.SourceAddress;
import org.slapos.node.host.UnixUser;
import org.slapos.protocol.ComputerConfiguration;

/// What was found on the machine before planning.
///
/// @param self          who the node runs as
/// @param users         those of the names we want that exist
/// @param madeByUs      names of users that the undo list says we made; none when no list is kept
/// @param withPassword  names of users that have a password
/// @param kvmGroup      the group of those who may use `/dev/kvm`
/// @param sources       users whose processes leave with an IPv6 address of their own
/// @param files         those of the paths we want that exist, devices too
/// @param resources     what each partition's `.slapos-resource` holds, by the partition's directory
/// @param disks         folders of further disks
/// @param nonlocalBind  the kernel setting `net.ipv6.ip_nonlocal_bind`
/// @param persisted     what the last pass made
/// @param definition    the definition file
public record Observed(
        UnixUser self,
        Map<String, UnixUser> users,
        Optional<Set<String>> madeByUs,
        Set<String> withPassword,
        Optional<Integer> kvmGroup,
        List<NetworkInterface> interfaces,
        Set<Route> routes,
        Set<SourceAddress> sources,
        Map<Path, FileFacts> files,
        Map<Path, String> resources,
        List<Path> disks,
        Optional<String> nonlocalBind,
        Optional<ComputerConfiguration> persisted,
        Optional<Definition> definition) {
    static final Path KVM = Path.of("/dev/kvm");
    static final Path TUN = Path.of("/dev/net/tun");

    public Observed {
        users = Map.copyOf(users);
        withPassword = Set.copyOf(withPassword);
        interfaces = List.copyOf(interfaces);
        routes = Set.copyOf(routes);
        sources = Set.copyOf(sources);
        files = Map.copyOf(files);
        resources = Map.copyOf(resources);
        disks = List.copyOf(disks);
    }

    Optional<NetworkInterface> networkInterface(String name) {
        return interfaces.stream().filter(i -> i.name().equals(name)).findFirst();
    }

    /// Whether tap and tun interfaces can be made.
    boolean hasTunDevice() {
        return files.containsKey(TUN);
    }
}

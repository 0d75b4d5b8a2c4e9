package org.slapos.node.format;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slapos.node.host.FileFacts;
import org.slapos.node.host.NetworkInterface;
import org.slapos.node.host.UnixUser;
import org.slapos.protocol.ComputerConfiguration;

/// What was found on the machine before planning.
///
/// @param self          who the node runs as
/// @param users         those of the names we want that exist
/// @param madeByUs      names of users that the undo list says we made; none when no list is kept
/// @param localRoutes   IPv6 networks whose every address is this machine's own
/// @param files         those of the paths we want that exist
/// @param resources     what each partition's `.slapos-resource` holds, by the partition's directory
/// @param nonlocalBind  the kernel setting `net.ipv6.ip_nonlocal_bind`
/// @param persisted     what the last pass made
public record Observed(
        UnixUser self,
        Map<String, UnixUser> users,
        Optional<Set<String>> madeByUs,
        List<NetworkInterface> interfaces,
        Set<String> localRoutes,
        Map<Path, FileFacts> files,
        Map<Path, String> resources,
        boolean tunDevice,
        Optional<String> nonlocalBind,
        Optional<ComputerConfiguration> persisted) {
    public Observed {
        users = Map.copyOf(users);
        interfaces = List.copyOf(interfaces);
        localRoutes = Set.copyOf(localRoutes);
        files = Map.copyOf(files);
        resources = Map.copyOf(resources);
    }

    Optional<NetworkInterface> networkInterface(String name) {
        return interfaces.stream().filter(i -> i.name().equals(name)).findFirst();
    }
}

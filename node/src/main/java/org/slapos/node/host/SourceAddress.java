package org.slapos.node.host;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Set;

/// What the processes of one user send leaves with an IPv6 address of the user's own.
///
/// @param address the one they leave with
/// @param may     networks, as `ADDRESS/LENGTH`, whose addresses they may use as well when they ask for one
/// @param local   networks, as `ADDRESS/LENGTH`, that are on this machine: what is sent there would else leave with the
///                address it is sent to
public record SourceAddress(int uid, InetAddress address, Set<String> may, Set<String> local) {
    public SourceAddress {
        if (uid <= 0 || !(address instanceof Inet6Address)) {
            throw new IllegalArgumentException("an own address is for an ordinary user and is IPv6");
        }
        may = Set.copyOf(may);
        local = Set.copyOf(local);
    }
}

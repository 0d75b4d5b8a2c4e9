package org.slapos.node.host;

import java.net.Inet6Address;
import java.net.InetAddress;

/// One thing to add to the machine's network.
public sealed interface NetworkChange {
    /// An address on an interface, usable at once: no duplicate address detection.
    ///
    /// @param prefixRoute whether its network is reached through the interface
    record AddAddress(String networkInterface, InetAddress address, int prefixLength, boolean prefixRoute)
            implements NetworkChange {}

    /// A tap interface that `owner` may open.
    record AddTap(String name, String owner) implements NetworkChange {}

    /// A tun interface that `owner` may open.
    record AddTun(String name, String owner) implements NetworkChange {}

    /// Brings an interface up.
    record BringUp(String name) implements NetworkChange {}

    /// A route, in the place of the one to the same network when there is one.
    record AddRoute(Route route) implements NetworkChange {}

    /// The change as a line of `ip -batch`.
    default String line() {
        return switch (this) {
            case AddAddress(var dev, var address, var length, var prefixRoute) ->
                "addr add " + AddressText.of(address) + "/" + length + " dev " + dev
                        + (address instanceof Inet6Address ? " nodad" : "")
                        + (prefixRoute ? "" : " noprefixroute");
            case AddTap(var name, var owner) -> "tuntap add dev " + name + " mode tap user " + owner;
            case AddTun(var name, var owner) -> "tuntap add dev " + name + " mode tun user " + owner;
            case BringUp(var name) -> "link set dev " + name + " up";
            case AddRoute(var route) -> "route replace " + route.words();
        };
    }
}

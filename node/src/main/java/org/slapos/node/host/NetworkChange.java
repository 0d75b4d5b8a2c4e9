package org.slapos.node.host;

import java.net.Inet6Address;
import java.net.InetAddress;

/// One thing to add to the machine's network.
public sealed interface NetworkChange {
    /// An address on an interface, usable at once: no duplicate address detection.
    record AddAddress(String networkInterface, InetAddress address, int prefixLength) implements NetworkChange {}

    /// A tap interface that `owner` may open.
    record AddTap(String name, String owner) implements NetworkChange {}

    /// Brings an interface up.
    record BringUp(String name) implements NetworkChange {}

    /// Every address of an IPv6 network is this machine's own.
    record AddLocalRoute(InetAddress network, int prefixLength) implements NetworkChange {}

    /// The change as a line of `ip -batch`.
    default String line() {
        return switch (this) {
            case AddAddress(var dev, var address, var length) ->
                "addr add " + address.getHostAddress() + "/" + length + " dev " + dev
                        + (address instanceof Inet6Address ? " nodad" : "");
            case AddTap(var name, var owner) -> "tuntap add dev " + name + " mode tap user " + owner;
            case BringUp(var name) -> "link set dev " + name + " up";
            case AddLocalRoute(var network, var length) ->
                "route add local " + network.getHostAddress() + "/" + length + " dev lo";
        };
    }
}

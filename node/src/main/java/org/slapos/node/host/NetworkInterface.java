package org.slapos.node.host;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/// An interface of the machine and the addresses on it.
///
/// @param owner user name (or uid in digits) that may open it; empty unless it is a tap or tun with an owner
public record NetworkInterface(String name, boolean up, Kind kind, Optional<String> owner, List<Address> addresses) {
    public NetworkInterface {
        addresses = List.copyOf(addresses);
    }

    /// Whether frames (tap) or packets (tun) of it go to a program.
    public enum Kind {
        TAP,
        TUN,
        OTHER;

        static Kind of(String word) {
            return switch (word) {
                case "tap" -> TAP;
                case "tun" -> TUN;
                default -> OTHER;
            };
        }
    }

    /// @param usable false while, or because, the kernel found it to be used by another machine
    public record Address(InetAddress address, int prefixLength, boolean usable) {
        @Override
        public String toString() {
            return address.getHostAddress() + "/" + prefixLength;
        }
    }
}

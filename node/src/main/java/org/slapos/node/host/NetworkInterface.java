package org.slapos.node.host;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/// An interface of the machine and the addresses on it.
///
/// @param tapOwner user name (or uid in digits) that may open it; empty unless it is a tap with an owner
public record NetworkInterface(
        String name, boolean up, boolean tap, Optional<String> tapOwner, List<Address> addresses) {
    public NetworkInterface {
        addresses = List.copyOf(addresses);
    }

    /// @param usable false while, or because, the kernel found it to be used by another machine
    public record Address(InetAddress address, int prefixLength, boolean usable) {
        @Override
        public String toString() {
            return address.getHostAddress() + "/" + prefixLength;
        }
    }
}

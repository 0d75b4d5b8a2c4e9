package org.slapos.node.host;

import java.net.InetAddress;
import java.util.Optional;

/// A route of the machine.
///
/// @param isLocal          every address of the network is this machine's own
/// @param network          `ADDRESS/LENGTH`
/// @param via              the next machine; none = the network is on the interface itself
public record Route(boolean isLocal, String network, String networkInterface, Optional<InetAddress> via) {
    /// A network whose every address is this machine's own.
    public static Route local(String network) {
        return new Route(true, network, "lo", Optional.empty());
    }

    public static Route on(String networkInterface, String network) {
        return new Route(false, network, networkInterface, Optional.empty());
    }

    /// As `ip route` takes it.
    String words() {
        return (isLocal ? "local " : "")
                + network
                + via.map(next -> " via " + AddressText.of(next)).orElse("")
                + " dev " + networkInterface;
    }
}

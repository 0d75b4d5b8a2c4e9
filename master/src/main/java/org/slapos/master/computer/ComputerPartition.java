package org.slapos.master.computer;

import java.util.ArrayList;
import java.util.List;
import org.slapos.protocol.ComputerConfiguration;
import org.slapos.protocol.PartitionId;

/// A part of a Computer that holds at most one instance.
///
/// ```
///            format                 an instance is placed
/// (unknown) ───────▶ free ─────────────────────────────────▶ busy
///                    │  ▲                                     │
///  missing in format │  │ listed again                        │ destruction confirmed
///                    ▼  │                                     ▼
///                  inactive ◀──────────────── not listed ── free
/// ```
///
/// @param listed    whether the last format named it; a busy one stays when it is not
/// @param user      name of its Unix user, may be empty
/// @param desiredAt microseconds, strictly growing; moves when its node has something to do, never by a report
public record ComputerPartition(
        long id,
        PartitionId reference,
        State state,
        boolean listed,
        String user,
        String path,
        List<String> capabilities,
        List<Address> addresses,
        long desiredAt) {
    public enum State {
        FREE,
        BUSY,
        INACTIVE
    }

    public ComputerPartition {
        capabilities = List.copyOf(capabilities);
        addresses = List.copyOf(addresses);
    }

    /// @param gateway with `network` only on an address behind a routed tap, else empty
    public record Address(String networkInterface, String address, String netmask, String gateway, String network) {}

    /// Whether a format that says this of the partition changes nothing.
    boolean matches(ComputerConfiguration.Partition wanted) {
        return listed
                && state != State.INACTIVE
                && user.equals(wanted.user())
                && path.equals(wanted.path())
                && capabilities.equals(wanted.capabilities())
                && addresses.equals(addressesOf(wanted));
    }

    /// The addresses of a formatted partition: those it lists, on its tap (or on an interface named as the partition),
    /// and the one behind the tap on `route_<tap>` (SLAP protocol, capacity document).
    static List<Address> addressesOf(ComputerConfiguration.Partition wanted) {
        var tap = wanted.tap();
        var networkInterface = tap.name().isEmpty() ? wanted.reference().text() : tap.name();
        var addresses = new ArrayList<Address>();
        for (var address : wanted.addresses()) {
            addresses.add(new Address(networkInterface, address.address(), address.netmask(), "", ""));
        }
        if (!tap.address().isEmpty()) {
            addresses.add(new Address(
                    "route_" + networkInterface, tap.address(), tap.netmask(), tap.gateway(), tap.network()));
        }
        return addresses;
    }
}

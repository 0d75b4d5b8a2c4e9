package org.slapos.master.computer;

import java.util.List;
import java.util.Optional;
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
    boolean matches(FormattedPartition wanted) {
        return listed
                && state != State.INACTIVE
                && wanted.user().equals(Optional.of(user))
                && wanted.path().equals(Optional.of(path))
                && wanted.capabilities().equals(Optional.of(capabilities))
                && wanted.addresses().equals(addresses);
    }
}

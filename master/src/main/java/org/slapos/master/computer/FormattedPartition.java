package org.slapos.master.computer;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slapos.protocol.ComputerConfiguration;
import org.slapos.protocol.PartitionId;

/// A partition as its node formatted it. What the node says nothing of stays as it was.
public record FormattedPartition(
        PartitionId reference,
        Optional<String> user,
        Optional<String> path,
        Optional<List<String>> capabilities,
        List<ComputerPartition.Address> addresses) {
    public FormattedPartition {
        capabilities = capabilities.map(List::copyOf);
        addresses = List.copyOf(addresses);
    }

    /// Out of a capacity document: the listed addresses are on its tap (or on an interface named as the partition), and
    /// the one behind the tap is on `route_<tap>` (SLAP protocol, capacity document).
    static FormattedPartition of(ComputerConfiguration.Partition wanted) {
        var tap = wanted.tap();
        var networkInterface = tap.name().isEmpty() ? wanted.reference().text() : tap.name();
        var addresses = new ArrayList<ComputerPartition.Address>();
        for (var address : wanted.addresses()) {
            addresses.add(
                    new ComputerPartition.Address(networkInterface, address.address(), address.netmask(), "", ""));
        }
        if (!tap.address().isEmpty()) {
            addresses.add(new ComputerPartition.Address(
                    "route_" + networkInterface, tap.address(), tap.netmask(), tap.gateway(), tap.network()));
        }
        return new FormattedPartition(
                wanted.reference(),
                Optional.of(wanted.user()),
                Optional.of(wanted.path()),
                Optional.of(wanted.capabilities()),
                addresses);
    }

    /// With what is known of it where it says nothing.
    FormattedPartition over(Optional<ComputerPartition> known) {
        return new FormattedPartition(
                reference,
                user.or(() -> known.map(ComputerPartition::user)),
                path.or(() -> known.map(ComputerPartition::path)),
                capabilities.or(() -> known.map(ComputerPartition::capabilities)),
                addresses);
    }
}

package org.slapos.node.format;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/// The fewest networks that hold the same addresses as many small ones.
final class Cover {
    private Cover() {}

    static Set<IpNetwork> of(Collection<IpNetwork> networks) {
        var found = new HashSet<IpNetwork>();
        networks.forEach(network -> found.add(network.network()));
        for (int bits = 128; bits > 0; bits--) {
            for (var network : found.toArray(IpNetwork[]::new)) {
                if (network.bits() == bits && found.contains(network.sibling())) {
                    found.remove(network);
                    found.remove(network.sibling());
                    found.add(network.wider());
                }
            }
        }
        return found;
    }
}

package org.slapos.master.allocation;

import java.util.Set;
import org.slapos.protocol.ComputerId;

/// For what a place is looked for.
///
/// @param title      of the instance, for the message
/// @param release    URL of its SoftwareRelease
/// @param customer   reference of the person who owns its tree
/// @param project    where its tree is
/// @param siblings   the Computers where others of its tree are, as far as a [Conditions.Mode] asks
/// @param networks   the networks where they are
public record Wanted(
        String title,
        String release,
        String type,
        String customer,
        String project,
        Conditions conditions,
        Set<ComputerId> siblings,
        Set<String> networks) {
    public Wanted {
        siblings = Set.copyOf(siblings);
        networks = Set.copyOf(networks);
    }
}

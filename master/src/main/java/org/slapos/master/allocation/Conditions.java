package org.slapos.master.allocation;

import java.util.List;
import java.util.Optional;
import org.slapos.master.Problem;
import org.slapos.protocol.ComputerId;

/// What a requester demands of the place (SLAP protocol, SLA filter keys).
///
/// @param computer   `computer_guid`
/// @param host       `instance_guid`, of a shared instance only: `SOFTINST-n` of the one to live in
/// @param network    `network_guid`: `NET-n`
/// @param project    `project_guid`
/// @param supplier   reference of a party
/// @param capability a partition that has it; without one only partitions that have none are taken
/// @param ceiling    the most that it may cost
public record Conditions(
        Optional<ComputerId> computer,
        Optional<String> host,
        Optional<String> network,
        Optional<String> project,
        Optional<String> supplier,
        Optional<String> capability,
        Optional<Mode> mode,
        Optional<Price.Monthly> ceiling,
        List<Demand> demands) {
    /// None.
    public static final Conditions NONE = new Conditions(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of());

    public Conditions {
        demands = List.copyOf(demands);
    }

    /// Where it goes with regard to the others of its tree.
    public enum Mode {
        /// On a network where none of them is.
        UNIQUE_BY_NETWORK,
        /// On a Computer where none of them is.
        UNIQUE_BY_COMPUTER,
        /// On a network where one of them is; anywhere when none has a place yet.
        SAME_NETWORK,
        /// On a Computer where one of them is; anywhere when none has a place yet.
        SAME_COMPUTER;

        String wire() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /// The conditions, or the first that cannot be honoured.
    public sealed interface Reading {
        record Understood(Conditions conditions) implements Reading {}

        record NotUnderstood(Problem problem) implements Reading {}
    }
}

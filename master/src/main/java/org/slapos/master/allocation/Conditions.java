package org.slapos.master.allocation;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slapos.master.Problem;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.NearestWord;

/// What a requester demands of the place (SLAP protocol, SLA filter keys).
///
/// @param computer `computer_guid`; empty = any
/// @param host     `instance_guid`, of a shared instance only: `SOFTINST-n` of the one to live in; empty = any
public record Conditions(Optional<ComputerId> computer, Optional<String> host) {
    /// Keys that say something to the node or to nobody; placement does not look at them.
    private static final Set<String> NOT_FOR_PLACEMENT =
            Set.of("retention_delay", "fw_restricted_access", "fw_rejected_sources", "fw_authorized_sources");

    /// Keys of the protocol that this Master cannot match yet: refused, since ignoring them would break a promise.
    private static final Set<String> NOT_YET_MATCHED = Set.of(
            "network_guid",
            "capability",
            "mode",
            "group",
            "cpu_core",
            "cpu_frequency",
            "cpu_type",
            "local_area_network_type",
            "region",
            "memory_size",
            "memory_type",
            "storage_capacity",
            "storage_interface",
            "storage_redundancy");

    private static final String COMPUTER = "computer_guid";
    private static final String HOST = "instance_guid";
    private static final String PROJECT = "project_guid";

    private static final Set<String> MATCHED = Set.of(COMPUTER, HOST, PROJECT);

    private static final Set<String> KNOWN = Stream.of(MATCHED, NOT_FOR_PLACEMENT, NOT_YET_MATCHED)
            .flatMap(Set::stream)
            .collect(Collectors.toUnmodifiableSet());

    /// The conditions, or the first key that cannot be honoured.
    public sealed interface Reading {
        record Understood(Conditions conditions) implements Reading {}

        record NotUnderstood(Problem problem) implements Reading {}
    }

    /// @param shared whether it is a shared instance that is requested
    public static Reading read(Map<String, String> filter, boolean shared) {
        for (var key : new TreeMap<>(filter).keySet()) {
            if (NOT_YET_MATCHED.contains(key)) {
                return notUnderstood("SLA key '" + key + "' cannot be matched by this Master yet; it knows "
                        + String.join(", ", new TreeSet<>(MATCHED)));
            }
            if (!MATCHED.contains(key) && !NOT_FOR_PLACEMENT.contains(key)) {
                return notUnderstood(
                        "Unknown SLA key '" + key + "', did you mean '" + NearestWord.of(key, KNOWN) + "'?");
            }
        }
        var host = given(filter, HOST);
        if (host.isPresent() && !shared) {
            return notUnderstood("SLA key '" + HOST + "' names the host of a shared instance, and this one is not "
                    + "shared: leave it out, or request a shared one");
        }
        try {
            return new Reading.Understood(new Conditions(given(filter, COMPUTER).map(ComputerId::new), host));
        } catch (MalformedException e) {
            return notUnderstood("SLA key '" + COMPUTER + "': " + e.getMessage());
        }
    }

    private static Optional<String> given(Map<String, String> filter, String key) {
        return Optional.ofNullable(filter.get(key)).filter(text -> !text.isEmpty());
    }

    private static Reading notUnderstood(String message) {
        return new Reading.NotUnderstood(Problem.invalid(message));
    }
}

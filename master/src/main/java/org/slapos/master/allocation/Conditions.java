package org.slapos.master.allocation;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.slapos.master.Problem;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.MalformedException;

/// What a requester demands of the place (SLAP protocol, SLA filter keys).
///
/// @param computer `computer_guid`; empty = any
public record Conditions(Optional<ComputerId> computer) {
    /// Keys that say something to the node or to nobody; placement does not look at them.
    private static final Set<String> NOT_FOR_PLACEMENT =
            Set.of("retention_delay", "fw_restricted_access", "fw_rejected_sources", "fw_authorized_sources");

    /// Keys of the protocol that this Master cannot match yet: refused, since ignoring them would break a promise.
    private static final Set<String> NOT_YET_MATCHED = Set.of(
            "instance_guid",
            "network_guid",
            "project_guid",
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

    /// The conditions, or the first key that cannot be honoured.
    public sealed interface Reading {
        record Understood(Conditions conditions) implements Reading {}

        record NotUnderstood(Problem problem) implements Reading {}
    }

    public static Reading read(Map<String, String> filter) {
        for (var key : new TreeMap<>(filter).keySet()) {
            if (NOT_YET_MATCHED.contains(key)) {
                return notUnderstood(
                        "SLA key '" + key + "' cannot be matched by this Master yet; it knows " + COMPUTER);
            }
            if (!key.equals(COMPUTER) && !NOT_FOR_PLACEMENT.contains(key)) {
                return notUnderstood("Unknown SLA key '" + key + "', did you mean '" + nearest(key) + "'?");
            }
        }
        var wanted = filter.get(COMPUTER);
        try {
            return new Reading.Understood(new Conditions(
                    wanted == null || wanted.isEmpty() ? Optional.empty() : Optional.of(new ComputerId(wanted))));
        } catch (MalformedException e) {
            return notUnderstood("SLA key '" + COMPUTER + "': " + e.getMessage());
        }
    }

    private static Reading notUnderstood(String message) {
        return new Reading.NotUnderstood(Problem.invalid(message));
    }

    /// The known key with the fewest single-character edits.
    static String nearest(String key) {
        var shortened = key.length() > 50 ? key.substring(0, 50) : key;
        String best = COMPUTER;
        int fewest = edits(shortened, best);
        for (var group : List.of(NOT_FOR_PLACEMENT, NOT_YET_MATCHED)) {
            for (var known : group) {
                int edits = edits(shortened, known);
                if (edits < fewest || (edits == fewest && known.compareTo(best) < 0)) {
                    fewest = edits;
                    best = known;
                }
            }
        }
        return best;
    }

    /// Levenshtein distance.
    private static int edits(String a, String b) {
        var above = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            above[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            var row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replace = above[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replace, 1 + Math.min(above[j], row[j - 1]));
            }
            above = row;
        }
        return above[b.length()];
    }
}

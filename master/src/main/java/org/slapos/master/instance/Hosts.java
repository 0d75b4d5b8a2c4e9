package org.slapos.master.instance;

import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import org.slapos.master.allocation.Conditions;
import org.slapos.protocol.ComputerId;

/// The picture on which a shared instance is placed: the plain instances of its owner, with its SoftwareRelease and
/// type, that are in a partition and to stay there. Pure.
record Hosts(String owner, String release, String type, List<Host> hosts) {
    /// The most shared instances that one instance hosts.
    static final int MAX_SHARED = 10_000;

    Hosts {
        hosts = List.copyOf(hosts);
    }

    /// @param reference `SOFTINST-n`
    /// @param partition number of its ComputerPartition
    /// @param sameTree  as the shared instance
    /// @param shared    how many it hosts
    record Host(long id, String reference, long partition, ComputerId computer, boolean sameTree, int shared) {}

    /// Where to live, or why nowhere.
    sealed interface Plan {
        record On(Host host) implements Plan {}

        record Nowhere(String reason) implements Plan {}
    }

    /// One of the same tree before others, then the one with the fewest shared instances, the oldest of equals; the
    /// reason names the rule that left none.
    Plan plan(String title, Conditions conditions) {
        Predicate<Host> pinned =
                host -> conditions.host().map(host.reference()::equals).orElse(true);
        Predicate<Host> onComputer =
                host -> conditions.computer().map(host.computer()::equals).orElse(true);
        return hosts.stream()
                .filter(pinned.and(onComputer))
                .filter(host -> host.shared() < MAX_SHARED)
                .min(Comparator.comparing(Host::sameTree)
                        .reversed()
                        .thenComparingInt(Host::shared)
                        .thenComparingLong(Host::id))
                .<Plan>map(Plan.On::new)
                .orElseGet(() -> new Plan.Nowhere(
                        "No host for the shared instance '" + title + "': " + whyNowhere(conditions, pinned)));
    }

    private String whyNowhere(Conditions conditions, Predicate<Host> pinned) {
        var fitting = "instance of SoftwareRelease " + release + " with type '" + type + "' in a ComputerPartition";
        if (hosts.isEmpty()) {
            return owner + " has no " + fitting + ". Request one that is not shared";
        }
        if (hosts.stream().noneMatch(pinned)) {
            return "instance_guid is " + conditions.host().orElse("") + ", which is no " + fitting + " of " + owner
                    + ". Leave it out, or name one of " + owner + "'s, such as "
                    + hosts.getFirst().reference();
        }
        var computer = conditions.computer().map(ComputerId::text).orElse("");
        if (hosts.stream()
                .filter(pinned)
                .noneMatch(host -> computer.isEmpty() || host.computer().text().equals(computer))) {
            return "computer_guid is " + computer + ", where " + owner + " has no such " + fitting
                    + ". Request one there that is not shared";
        }
        return "each fitting instance hosts " + MAX_SHARED + " already. Request one more that is not shared";
    }
}

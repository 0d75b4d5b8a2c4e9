package org.slapos.master.allocation;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.slapos.protocol.ComputerId;

/// The picture that placement plans on: the Computers where a SoftwareRelease may be allocated. Pure.
record Capacity(String release, List<Place> places) {
    private static final int NAMED_AT_MOST = 5;

    Capacity {
        places = List.copyOf(places);
    }

    /// @param total partitions that are free or busy
    record Place(long id, ComputerId computer, int free, int total) {}

    /// Where to go, or why nowhere.
    sealed interface Plan {
        record Take(Place place) implements Plan {}

        record Nowhere(String reason) implements Plan {}
    }

    /// The Computer with most free partitions, the oldest of equals; the reason names the rule that left none.
    Plan plan(String title, Conditions conditions) {
        var allowed = places.stream()
                .filter(place ->
                        conditions.computer().map(place.computer()::equals).orElse(true))
                .toList();
        return allowed.stream()
                .filter(place -> place.free() > 0)
                .max(Comparator.comparingInt(Place::free)
                        .thenComparing(Comparator.comparingLong(Place::id).reversed()))
                .<Plan>map(Plan.Take::new)
                .orElseGet(() -> new Plan.Nowhere(
                        "No ComputerPartition for '" + title + "': " + whyNowhere(allowed, conditions)));
    }

    private String whyNowhere(List<Place> allowed, Conditions conditions) {
        if (places.isEmpty()) {
            var where = conditions.computer().map(ComputerId::text).orElse("COMP-n");
            return "SoftwareRelease " + release + " is supplied on no Computer. Supply it: slapos supply " + release
                    + " " + where;
        }
        if (allowed.isEmpty()) {
            var wanted = conditions.computer().map(ComputerId::text).orElse("any Computer");
            return "computer_guid is " + wanted + ", where SoftwareRelease " + release + " is not supplied. Supply it: "
                    + "slapos supply " + release + " " + wanted;
        }
        var full = allowed.stream().limit(NAMED_AT_MOST).map(Capacity::inUse).collect(Collectors.joining(", "));
        var more = allowed.size() > NAMED_AT_MOST ? ", and " + (allowed.size() - NAMED_AT_MOST) + " more are full" : "";
        return full + more + ". Supply the SoftwareRelease on another Computer, or destroy an instance there";
    }

    private static String inUse(Place place) {
        return place.total() == 0
                ? place.computer() + " has no ComputerPartition yet, format it"
                : place.computer() + " has " + place.total() + " of " + place.total() + " in use";
    }
}

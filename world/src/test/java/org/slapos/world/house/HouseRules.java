package org.slapos.world.house;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What is wrong in a house: each finding names the class, the arrow and what to do.
record HouseRules(HousePlan plan) {
    private static final String ROOT = "org.slapos.";
    private static final Set<String> ATTICS = Set.of("util", "utils", "common", "impl", "manager", "helper", "helpers");
    private static final List<String> DATABASE = List.of(
            "org.slapos.master.db.Database.",
            "org.slapos.master.db.Transaction.",
            "org.jdbi.",
            "java.sql.",
            "javax.sql.");

    List<String> findings(List<CompiledClass> classes) {
        var findings = new ArrayList<String>();
        for (var one : classes) {
            attic(one).ifPresent(findings::add);
            if (one.isData() && !one.name().startsWith("org.slapos.master.db.")) {
                database(one).ifPresent(findings::add);
            }
            wrongArrows(one, findings);
        }
        return findings;
    }

    private static Optional<String> attic(CompiledClass one) {
        for (var word : one.name().split("\\.", -1)) {
            if (ATTICS.contains(word)) {
                return Optional.of(one.name() + ": a package named '" + word
                        + "' says nothing: move the class into the feature that uses it.");
            }
        }
        return Optional.empty();
    }

    private static Optional<String> database(CompiledClass one) {
        return one.uses().stream()
                .filter(used -> DATABASE.stream().anyMatch((used + ".")::startsWith))
                .findFirst()
                .map(used -> one.name() + " -> " + used
                        + ": records, sealed types and enums never touch the database; a ...Store does.");
    }

    private void wrongArrows(CompiledClass one, List<String> findings) {
        var room = plan.roomOf(inHouse(one.name()));
        if (room.isEmpty()) {
            if (one.name().contains("$")) {
                return;
            }
            findings.add(one.name() + ": stands in a room that the table does not know: move it, or add the room to the"
                    + " table in HouseTest with a decision in docs/adr.");
            return;
        }
        for (var used : one.uses()) {
            if (!used.startsWith(ROOT)) {
                continue;
            }
            var other = plan.roomOf(inHouse(used));
            if (other.isPresent() && !plan.mayUse(room.get(), other.get())) {
                findings.add(one.name() + " -> " + used + ": " + room.get() + " may not use " + other.get()
                        + ": turn the call round, or change the table in HouseTest with a decision in docs/adr.");
            }
        }
    }

    private static String inHouse(String className) {
        return className.startsWith(ROOT) ? className.substring(ROOT.length()) : className;
    }
}

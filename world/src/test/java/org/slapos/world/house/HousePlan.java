package org.slapos.world.house;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// The rooms of the house, and for each the rooms it may use.
///
/// A room is a package, named without `org.slapos`: `master.instance`. A class can be a room of its own
/// (`master.Problem`): a word that a whole module shares although it lies in the package that wires everything.
record HousePlan(Map<String, Set<String>> arrows) {

    static Builder builder() {
        return new Builder();
    }

    /// The room of a class, named without `org.slapos`; empty when the class stands in no room of the table.
    ///
    /// A package below a room belongs to it, but a package below one that only wires its module does not.
    Optional<String> roomOf(String className) {
        var outer = className.contains("$") ? className.substring(0, className.indexOf('$')) : className;
        if (arrows.containsKey(outer)) {
            return Optional.of(outer);
        }
        var folder = outer.substring(0, Math.max(0, outer.lastIndexOf('.')));
        if (arrows.containsKey(folder)) {
            return Optional.of(folder);
        }
        return arrows.keySet().stream()
                .filter(room -> folder.startsWith(room + ".") && !wires(room))
                .findFirst();
    }

    boolean mayUse(String room, String other) {
        return room.equals(other) || arrows.getOrDefault(room, Set.of()).contains(other);
    }

    private boolean wires(String room) {
        return arrows.keySet().stream().anyMatch(other -> other.startsWith(room + "."));
    }

    /// Draws a plan module by module.
    static final class Builder {
        private final Map<String, Set<String>> arrows = new LinkedHashMap<>();
        private final Set<String> ground = new LinkedHashSet<>();

        /// A module that everybody may use and that uses nothing of the house.
        Builder ground(String module) {
            arrows.put(module, Set.of());
            ground.add(module);
            return this;
        }

        /// A front: its own package wires all rooms; `words` are the classes of that package that every room may use.
        ///
        /// @param floors the rooms from the roof down: one may use those on lower floors, and none on its own
        Builder front(String module, Set<String> words, List<Set<String>> floors) {
            var below = new TreeSet<>(ground);
            words.forEach(word -> below.add(module + "." + word));
            words.forEach(word -> arrows.put(module + "." + word, Set.copyOf(below)));
            for (var floor : floors.reversed()) {
                floor.forEach(room -> arrows.put(module + "." + room, Set.copyOf(below)));
                floor.forEach(room -> below.add(module + "." + room));
            }
            arrows.put(module, Set.copyOf(below));
            return this;
        }

        /// The room may use nothing of its own module but these.
        Builder only(String module, String room, String... others) {
            var name = module + "." + room;
            var kept = new TreeSet<>(ground);
            arrows.getOrDefault(name, Set.of()).stream()
                    .filter(other -> Character.isUpperCase(other.charAt(other.lastIndexOf('.') + 1)))
                    .forEach(kept::add);
            List.of(others).forEach(other -> kept.add(module + "." + other));
            arrows.put(name, Set.copyOf(kept));
            return this;
        }

        HousePlan build() {
            return new HousePlan(Map.copyOf(arrows));
        }
    }
}

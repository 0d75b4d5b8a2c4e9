package org.slapos.master.computer;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slapos.master.Problem;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.NearestWord;

/// What an operator says of a Computer; what is absent stays as it is.
///
/// @param supplier        reference of a party; empty text = its owner
/// @param network         `NET-n`; empty text = none
/// @param characteristics nothing = no longer said
public record ComputerSettings(
        Optional<AllocationScope> scope,
        Optional<Long> capacity,
        Optional<String> supplier,
        Optional<String> network,
        Map<Characteristic, Optional<Trait>> characteristics) {
    private static final String SCOPE = "scope";
    private static final String CAPACITY = "capacity";
    private static final String SUPPLIER = "supplier";
    private static final String NETWORK = "network";
    private static final int MAX_REFERENCE = 200;

    public ComputerSettings {
        characteristics = Map.copyOf(characteristics);
    }

    /// The settings, or everything that is wrong with them.
    public sealed interface Reading {
        record Understood(ComputerSettings settings) implements Reading {}

        record NotUnderstood(Problem problem) implements Reading {}
    }

    /// The names of all settings.
    public static Set<String> names() {
        var names = new TreeSet<>(Set.of(SCOPE, CAPACITY, SUPPLIER, NETWORK));
        for (var characteristic : Characteristic.values()) {
            names.add(characteristic.wire());
        }
        return names;
    }

    /// @param words an empty value takes back what was said
    /// @param others names that somebody else understands, for the message about one that nobody does
    public static Reading read(Map<String, String> words, Set<String> others) {
        var problems = new ArrayList<String>();
        Optional<AllocationScope> scope = Optional.empty();
        Optional<Long> capacity = Optional.empty();
        var characteristics = new EnumMap<Characteristic, Optional<Trait>>(Characteristic.class);
        for (var word : new TreeMap<>(words).entrySet()) {
            var value = word.getValue().strip();
            switch (word.getKey()) {
                case SCOPE -> {
                    scope = AllocationScope.ofWire(value.isEmpty() ? "open" : value);
                    if (scope.isEmpty()) {
                        problems.add("scope '" + value + "' is none of " + AllocationScope.all());
                    }
                }
                case CAPACITY -> {
                    if (value.matches("[0-9]{1,9}")) {
                        capacity = Optional.of(Long.valueOf(value));
                    } else {
                        problems.add("capacity '" + value + "' is no whole number of at most nine digits: the sum of "
                                + "weights it carries");
                    }
                }
                case SUPPLIER -> {
                    if (value.length() > MAX_REFERENCE) {
                        problems.add("supplier has more than " + MAX_REFERENCE + " characters");
                    }
                }
                case NETWORK -> {
                    if (!value.isEmpty() && !value.matches("NET-[0-9]{1,18}")) {
                        problems.add("network '" + value + "' is no reference such as NET-1");
                    }
                }
                default -> characteristic(word.getKey(), value, others, characteristics, problems);
            }
        }
        return problems.isEmpty()
                ? new Reading.Understood(new ComputerSettings(
                        scope, capacity, word(words, SUPPLIER), word(words, NETWORK), characteristics))
                : new Reading.NotUnderstood(Problem.invalid(String.join("; ", problems)));
    }

    private static void characteristic(
            String name,
            String value,
            Set<String> others,
            Map<Characteristic, Optional<Trait>> characteristics,
            List<String> problems) {
        var known = Characteristic.ofWire(name);
        if (known.isEmpty()) {
            var all = names();
            all.addAll(others);
            problems.add("unknown setting '" + name + "', did you mean '" + NearestWord.of(name, all) + "'?");
            return;
        }
        try {
            characteristics.put(
                    known.get(),
                    value.isEmpty() ? Optional.empty() : Optional.of(known.get().read(value)));
        } catch (MalformedException e) {
            problems.add(name + ": " + e.getMessage());
        }
    }

    private static Optional<String> word(Map<String, String> words, String name) {
        return Optional.ofNullable(words.get(name)).map(String::strip);
    }
}

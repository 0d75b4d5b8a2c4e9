package org.slapos.master.allocation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.slapos.master.Problem;
import org.slapos.master.allocation.Conditions.Mode;
import org.slapos.master.allocation.Conditions.Reading;
import org.slapos.master.allocation.Demand.Comparison;
import org.slapos.master.computer.Characteristic;
import org.slapos.master.computer.Trait;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.NearestWord;

/// Reads conditions from the words of a request. A comparison stands before the value, or at the end of the key:
/// `memory` is `>=64GB`, or `memory>` is `64GB`, which is what `memory>=64GB` becomes where words are split at `=`.
public final class ReadConditions {
    /// Keys that say something to the node or to nobody; placement does not look at them.
    private static final Set<String> NOT_FOR_PLACEMENT =
            Set.of("retention_delay", "fw_restricted_access", "fw_rejected_sources", "fw_authorized_sources");

    private static final String COMPUTER = "computer_guid";
    private static final String HOST = "instance_guid";
    private static final String NETWORK = "network_guid";
    private static final String PROJECT = "project_guid";
    private static final String SUPPLIER = "supplier";
    private static final String CAPABILITY = "capability";
    private static final String MODE = "mode";
    private static final String PRICE = "price";

    private static final Set<String> WORDS =
            Set.of(COMPUTER, HOST, NETWORK, PROJECT, SUPPLIER, CAPABILITY, MODE, PRICE);

    /// What can be asked of the host of a shared instance.
    private static final Set<String> OF_SHARED = Set.of(COMPUTER, HOST, PROJECT);

    private static final int TOLD_AT_MOST = 5;
    private static final Set<String> KNOWN = known();

    private ReadConditions() {}

    private static Set<String> known() {
        var known = new TreeSet<>(WORDS);
        known.addAll(NOT_FOR_PLACEMENT);
        for (var characteristic : Characteristic.values()) {
            known.add(characteristic.wire());
        }
        return Set.copyOf(known);
    }

    /// A key without its comparison, the comparison if there is one, and the value.
    private record Word(String key, Optional<Comparison> comparison, String value) {
        static Word of(String key, String value) {
            var text = value.strip();
            if (key.endsWith(">") || key.endsWith("<")) {
                return new Word(
                        key.substring(0, key.length() - 1).strip(),
                        Optional.of(key.endsWith(">") ? Comparison.AT_LEAST : Comparison.AT_MOST),
                        text);
            }
            if (text.startsWith(">=") || text.startsWith("<=")) {
                return new Word(
                        key,
                        Optional.of(text.startsWith(">") ? Comparison.AT_LEAST : Comparison.AT_MOST),
                        text.substring(2).strip());
            }
            return new Word(
                    key,
                    Optional.empty(),
                    text.startsWith("=") ? text.substring(1).strip() : text);
        }
    }

    /// What is wrong is told at once, all of it.
    ///
    /// @param shared whether it is a shared instance that is requested
    public static Reading read(Map<String, String> filter, boolean shared) {
        var demands = new ArrayList<Demand>();
        var words = new TreeMap<String, String>();
        var wrong = new ArrayList<String>();
        Optional<Price.Monthly> ceiling = Optional.empty();
        Optional<Mode> mode = Optional.empty();
        for (var entry : new TreeMap<>(filter).entrySet()) {
            var word = Word.of(entry.getKey(), entry.getValue());
            try {
                if (!KNOWN.contains(word.key())) {
                    throw new MalformedException("Unknown SLA key '" + word.key() + "', did you mean '"
                            + NearestWord.of(word.key(), KNOWN) + "'?");
                }
                if (word.value().isEmpty() || NOT_FOR_PLACEMENT.contains(word.key())) {
                    continue;
                }
                if (shared && !OF_SHARED.contains(word.key())) {
                    throw wrong(
                            word.key(),
                            "cannot be asked of the host of a shared instance: name it by " + HOST + " or " + COMPUTER);
                }
                var characteristic = Characteristic.ofWire(word.key());
                if (characteristic.isPresent()) {
                    demands.add(demand(characteristic.get(), word));
                } else if (word.key().equals(PRICE)) {
                    ceiling = Optional.of(ceiling(word));
                } else if (word.comparison().isPresent()) {
                    throw wrong(word.key(), "is one or another, and cannot be compared");
                } else if (word.key().equals(MODE)) {
                    mode = Optional.of(mode(word.value()));
                } else {
                    words.put(word.key(), word.value());
                }
            } catch (MalformedException e) {
                wrong.add(String.valueOf(e.getMessage()));
            }
        }
        if (words.containsKey(HOST) && !shared) {
            wrong.add("SLA key '" + HOST + "' names the host of a shared instance, and this one is not "
                    + "shared: leave it out, or request a shared one");
        }
        if (!wrong.isEmpty()) {
            return notUnderstood(wrong);
        }
        try {
            return new Reading.Understood(new Conditions(
                    given(words, COMPUTER).map(ComputerId::new),
                    given(words, HOST),
                    given(words, NETWORK),
                    given(words, PROJECT),
                    given(words, SUPPLIER),
                    given(words, CAPABILITY),
                    mode,
                    ceiling,
                    demands));
        } catch (MalformedException e) {
            return notUnderstood(List.of("SLA key '" + COMPUTER + "': " + e.getMessage()));
        }
    }

    private static Demand demand(Characteristic named, Word word) {
        var characteristic = named;
        if (word.comparison().isPresent() && named.unit().isEmpty()) {
            characteristic = named.asAmount()
                    .orElseThrow(() ->
                            wrong(word.key(), "is a place in a tree such as europe/west/france: compare it by ="));
        }
        try {
            return new Demand(
                    characteristic, word.comparison().orElse(Comparison.EQUAL), wanted(characteristic, word.value()));
        } catch (MalformedException e) {
            throw wrong(word.key(), "is " + e.getMessage());
        }
    }

    private static Trait wanted(Characteristic characteristic, String value) {
        return characteristic.read(value);
    }

    private static Price.Monthly ceiling(Word word) {
        if (word.comparison().equals(Optional.of(Comparison.AT_LEAST))) {
            throw wrong(PRICE, "is the most that it may cost: give it with = or <=");
        }
        try {
            return Price.parse(word.value()).monthly();
        } catch (MalformedException e) {
            throw new MalformedException("SLA key '" + PRICE + "': " + e.getMessage());
        }
    }

    private static Mode mode(String value) {
        return Arrays.stream(Mode.values())
                .filter(mode -> mode.wire().equals(value))
                .findFirst()
                .orElseThrow(() -> wrong(
                        MODE,
                        "is '" + value + "', one of "
                                + Arrays.stream(Mode.values()).map(Mode::wire).collect(Collectors.joining(", "))
                                + " is expected"));
    }

    private static Optional<String> given(Map<String, String> words, String key) {
        return Optional.ofNullable(words.get(key));
    }

    private static MalformedException wrong(String key, String what) {
        return new MalformedException("SLA key '" + key + "' " + what);
    }

    private static Reading notUnderstood(List<String> messages) {
        var more = messages.size() > TOLD_AT_MOST ? "; and " + (messages.size() - TOLD_AT_MOST) + " more" : "";
        return new Reading.NotUnderstood(
                Problem.invalid(messages.stream().limit(TOLD_AT_MOST).collect(Collectors.joining("; ")) + more));
    }
}

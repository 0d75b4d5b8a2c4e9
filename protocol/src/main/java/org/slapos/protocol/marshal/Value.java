package org.slapos.protocol.marshal;

import java.math.BigInteger;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slapos.protocol.MalformedException;

/// A value of the SLAP XML dialect. Dictionaries have string keys, as all of SLAP has.
public sealed interface Value {
    record Text(String value) implements Value {}

    record Int(BigInteger value) implements Value {}

    record Decimal(double value) implements Value {}

    record Bool(boolean value) implements Value {}

    record None() implements Value {}

    record Tuple(List<Value> items) implements Value {}

    record Sequence(List<Value> items) implements Value {}

    record Dictionary(Map<String, Value> entries) implements Value {
        /// The entry of that name; a `none` counts as absent.
        public Optional<Value> get(String name) {
            var found = entries.get(name);
            return found instanceof None ? Optional.empty() : Optional.ofNullable(found);
        }

        /// The text of that entry: a string as it is, a number as digits, a truth value as `True` or `False`.
        public Optional<String> text(String name) {
            return get(name).map(Value::asText);
        }

        /// @throws MalformedException when there is no such entry
        public String requiredText(String name) {
            return text(name).orElseThrow(() -> new MalformedException("missing entry '" + name + "'"));
        }

        /// The items of a list or tuple of that name; empty when absent.
        public List<Value> items(String name) {
            return get(name).map(Value::asItems).orElse(List.of());
        }

        /// The dictionary of that name; empty when absent.
        public Dictionary dictionary(String name) {
            return get(name).map(Value::asDictionary).orElse(new Dictionary(Map.of()));
        }

        /// All entries as texts, as an answer of a Master means them: what is `none` is empty.
        public SequencedMap<String, String> texts() {
            var texts = new TreeMap<String, String>(BY_CODE_POINT);
            entries.forEach((name, value) -> texts.put(name, value instanceof None ? "" : value.pythonText()));
            return texts;
        }

        /// All entries as texts, as a Master stores what it is sent: what is `none` is the word `None`.
        public SequencedMap<String, String> storedTexts() {
            var texts = new TreeMap<String, String>(BY_CODE_POINT);
            entries.forEach((name, value) -> texts.put(name, value.pythonText()));
            return texts;
        }
    }

    /// An object of the Python side: the arguments of its constructor, then its attributes.
    /// Only `Computer`, `ComputerPartition`, `SoftwareRelease` and `SoftwareInstance` of [#MODULE] exist.
    record SlapObject(String type, List<Value> arguments, Dictionary attributes) implements Value {
        /// @throws MalformedException for another class, or arguments that its constructor does not take
        public SlapObject {
            arguments = List.copyOf(arguments);
            boolean isTaken = switch (type) {
                case "Computer" -> arguments.size() == 1 && arguments.getFirst() instanceof Text;
                case "ComputerPartition" -> arguments.size() == 3 && namesPartition(arguments);
                case "SoftwareRelease" -> arguments.size() == 2;
                case "SoftwareInstance" -> arguments.isEmpty();
                default -> throw new MalformedException("objects of class '" + type + "' are refused");
            };
            if (!isTaken) {
                throw new MalformedException("a " + type + " is not made of (" + arguments.size() + " arguments) "
                        + new Tuple(arguments).pythonText());
            }
        }

        /// Either both ids, or neither and the request it stands for.
        private static boolean namesPartition(List<Value> arguments) {
            return arguments.get(2) instanceof None
                    ? arguments.get(0) instanceof Text && arguments.get(1) instanceof Text
                    : arguments.get(0) instanceof None && arguments.get(1) instanceof None;
        }
    }

    /// The module of every object on the wire.
    String MODULE = "slapos.slap.slap";

    /// The order of dictionary keys on the wire.
    Comparator<String> BY_CODE_POINT = (a, b) -> {
        int i = 0;
        while (i < a.length() && i < b.length()) {
            int x = a.codePointAt(i);
            int y = b.codePointAt(i);
            if (x != y) {
                return Integer.compare(x, y);
            }
            i += Character.charCount(x);
        }
        return Integer.compare(a.length(), b.length());
    };

    static Value of(String text) {
        return new Text(text);
    }

    static Value of(long number) {
        return new Int(BigInteger.valueOf(number));
    }

    static Value none() {
        return new None();
    }

    static Sequence list(List<? extends Value> items) {
        return new Sequence(List.copyOf(items));
    }

    static Tuple tuple(String... items) {
        return new Tuple(List.of(items).stream().map(Value::of).toList());
    }

    static Dictionary texts(Map<String, String> entries) {
        return new Dictionary(entries.entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, e -> of(e.getValue()))));
    }

    /// Any value as Python's `str` shows it: `True`, `1.5`, `None`, `{'x': [1]}`.
    default String pythonText() {
        return PythonText.str(this);
    }

    /// A simple value as text; `none` is empty.
    ///
    /// @throws MalformedException for a container
    default String asText() {
        return switch (this) {
            case Text _, Int _, Decimal _, Bool _ -> pythonText();
            case None _ -> "";
            case Tuple _, Sequence _, Dictionary _, SlapObject _ ->
                throw new MalformedException("a container where a simple value is expected");
        };
    }

    /// @throws MalformedException when it is not a list or tuple
    default List<Value> asItems() {
        return switch (this) {
            case Tuple(var items) -> items;
            case Sequence(var items) -> items;
            case None _ -> List.of();
            case Text _, Int _, Decimal _, Bool _, Dictionary _, SlapObject _ ->
                throw new MalformedException("a list is expected");
        };
    }

    /// @throws MalformedException when it is not a dictionary
    default Dictionary asDictionary() {
        if (this instanceof Dictionary dictionary) {
            return dictionary;
        }
        throw new MalformedException("a dictionary is expected");
    }

    /// @throws MalformedException when it is not an object of that type
    default SlapObject asObject(String type) {
        if (this instanceof SlapObject object && object.type().equals(type)) {
            return object;
        }
        throw new MalformedException("an object of class " + type + " is expected");
    }
}

package org.slapos.protocol.jsonrpc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slapos.protocol.MalformedException;

/// What a call may hold under one name.
///
/// @param longest characters of a string
/// @param words   what a string may say; empty = anything
public record Member(String name, Kind kind, boolean required, int longest, List<String> words) {
    static final int MAX_TITLE = 200;
    private static final int UNLIMITED = Integer.MAX_VALUE;

    /// The type in JSON.
    public enum Kind {
        STRING("a string"),
        BOOLEAN("true or false"),
        INTEGER("a number from 0 to 1000"),
        OBJECT("an object"),
        ARRAY("an array");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        private boolean holds(JsonNode value) {
            return switch (this) {
                case STRING -> value.isTextual();
                case BOOLEAN -> value.isBoolean();
                case INTEGER -> value.isInt() && value.intValue() >= 0 && value.intValue() <= 1000;
                case OBJECT -> value.isObject();
                case ARRAY -> value.isArray();
            };
        }
    }

    static Member text(String name) {
        return new Member(name, Kind.STRING, true, UNLIMITED, List.of());
    }

    static Member title() {
        return new Member("title", Kind.STRING, true, MAX_TITLE, List.of());
    }

    static Member word(String name, String... words) {
        return new Member(name, Kind.STRING, true, UNLIMITED, List.of(words));
    }

    static Member member(String name, Kind kind) {
        return new Member(name, kind, true, UNLIMITED, List.of());
    }

    Member optional() {
        return new Member(name, kind, false, longest, words);
    }

    /// @throws MalformedException when the call does not hold what it should, or holds anything else
    static void check(List<Member> members, ObjectNode call) {
        call.fieldNames().forEachRemaining(name -> {
            if (members.stream().noneMatch(member -> member.name.equals(name))) {
                throw new MalformedException("unknown member '" + name + "'"
                        + members.stream().map(Member::name).collect(Collectors.joining(", ", "; known: ", "")));
            }
        });
        members.forEach(member -> member.check(call.get(member.name)));
        requireCharacters(call);
    }

    /// A zero character or half a surrogate pair can be written in JSON, but nowhere else.
    private static void requireCharacters(JsonNode value) {
        value.properties().forEach(member -> requireCharacters(member.getKey()));
        value.forEach(Member::requireCharacters);
        requireCharacters(value.asText(""));
    }

    private static void requireCharacters(String text) {
        if (text.codePoints().anyMatch(c -> c == 0 || Character.getType(c) == Character.SURROGATE)) {
            throw new MalformedException("a text holds a zero character, or half a surrogate pair");
        }
    }

    private void check(@Nullable JsonNode value) {
        if (value == null) {
            if (required) {
                throw new MalformedException("member '" + name + "' is missing");
            }
            return;
        }
        if (!kind.holds(value)) {
            throw new MalformedException("member '" + name + "' must be " + kind.words);
        }
        var text = value.asText("");
        if (text.codePointCount(0, text.length()) > longest) {
            throw new MalformedException("member '" + name + "' has more than " + longest + " characters");
        }
        if (!words.isEmpty() && !words.contains(text)) {
            throw new MalformedException(
                    "member '" + name + "' is '" + text + "', one of " + String.join(", ", words) + " is expected");
        }
    }
}

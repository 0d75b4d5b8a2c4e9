package org.slapos.master.proxy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What a JSON method takes: its members by name with the kind of each, `!` for those that must be there. Any other
/// member is refused.
///
/// @param kinds `string`, `title` (a string of at most 200 characters), `object`, `texts` (an object of strings),
///              `sla` (the same, with a number as `retention_delay`), `array`, `boolean`, or the words that are
/// allowed,
///              separated by `|`
record JsonMembers(Map<String, String> kinds) {
    private static final int MAX_TITLE = 200;
    private static final Set<String> TYPES = Set.of("string", "title", "object", "texts", "sla", "array", "boolean");

    /// @param pairs name, kind, name, kind...
    static JsonMembers of(String... pairs) {
        var kinds = new LinkedHashMap<String, String>();
        for (int i = 0; i < pairs.length; i += 2) {
            kinds.put(pairs[i], pairs[i + 1]);
        }
        return new JsonMembers(Collections.unmodifiableMap(kinds));
    }

    /// @throws JsonRefusal with 400 for the first thing that is wrong
    void check(ObjectNode given) {
        given.fieldNames().forEachRemaining(name -> {
            if (!kinds.containsKey(name) && !kinds.containsKey(name + "!")) {
                throw new JsonRefusal(400, "Additional properties are not allowed ('" + name + "' was unexpected)");
            }
        });
        kinds.forEach((name, kind) -> {
            var isMandatory = name.endsWith("!");
            var plain = isMandatory ? name.substring(0, name.length() - 1) : name;
            var value = given.get(plain);
            if (value == null) {
                if (isMandatory) {
                    throw new JsonRefusal(400, "'" + plain + "' is a required property");
                }
            } else {
                wrong(value, kind).ifPresent(why -> {
                    throw new JsonRefusal(400, "'" + plain + "' " + why);
                });
            }
        });
    }

    private static Optional<String> wrong(JsonNode value, String kind) {
        if (!TYPES.contains(kind)) {
            boolean isOne = value.isTextual() && Set.of(kind.split("\\|", -1)).contains(value.textValue());
            return isOne ? Optional.empty() : Optional.of("is not one of " + kind.replace("|", ", "));
        }
        boolean fits = switch (kind) {
            case "string", "title" -> value.isTextual();
            case "array" -> value.isArray();
            case "boolean" -> value.isBoolean();
            default -> value.isObject();
        };
        if (!fits) {
            return Optional.of("is not of type '" + (kind.equals("title") ? "string" : kind) + "'");
        }
        return switch (kind) {
            case "title" ->
                value.textValue().length() > MAX_TITLE
                        ? Optional.of("has more than " + MAX_TITLE + " characters")
                        : Optional.empty();
            case "texts", "sla" -> wrongTexts(value, kind.equals("sla"));
            default -> Optional.empty();
        };
    }

    private static Optional<String> wrongTexts(JsonNode object, boolean isSla) {
        for (var property : object.properties()) {
            boolean isNumber = isSla && property.getKey().equals("retention_delay");
            if (isNumber
                    ? !property.getValue().isNumber()
                    : !property.getValue().isTextual()) {
                return Optional.of("." + property.getKey() + " is not a " + (isNumber ? "number" : "string"));
            }
        }
        return Optional.empty();
    }
}

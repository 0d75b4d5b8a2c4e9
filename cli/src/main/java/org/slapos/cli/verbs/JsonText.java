package org.slapos.cli.verbs;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.TreeMap;

/// JSON as the field's scripts have always read it from this command: two spaces of indentation, sorted keys, ASCII.
public final class JsonText {
    private final StringBuilder text = new StringBuilder();

    private JsonText() {}

    public static String of(JsonNode value) {
        var json = new JsonText();
        json.value(value, "\n");
        return json.text.toString();
    }

    private void value(JsonNode value, String lineStart) {
        if (value.isObject()) {
            object(value, lineStart);
        } else if (value.isArray()) {
            array(value, lineStart);
        } else if (value.isTextual()) {
            string(value.textValue());
        } else {
            text.append(value);
        }
    }

    private void object(JsonNode object, String lineStart) {
        var sorted = new TreeMap<String, JsonNode>();
        object.properties().forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
        text.append('{');
        boolean first = true;
        for (var entry : sorted.entrySet()) {
            text.append(first ? "" : ",").append(lineStart).append("  ");
            string(entry.getKey());
            text.append(": ");
            value(entry.getValue(), lineStart + "  ");
            first = false;
        }
        text.append(first ? "" : lineStart).append('}');
    }

    private void array(JsonNode array, String lineStart) {
        text.append('[');
        boolean first = true;
        for (var element : array) {
            text.append(first ? "" : ",").append(lineStart).append("  ");
            value(element, lineStart + "  ");
            first = false;
        }
        text.append(first ? "" : lineStart).append(']');
    }

    private void string(String string) {
        text.append('"');
        for (int at = 0; at < string.length(); at++) {
            char c = string.charAt(at);
            switch (c) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                case '\b' -> text.append("\\b");
                case '\f' -> text.append("\\f");
                default -> {
                    if (c >= ' ' && c < 127) {
                        text.append(c);
                    } else {
                        var hex = Integer.toHexString(c);
                        text.append("\\u").append("0".repeat(4 - hex.length())).append(hex);
                    }
                }
            }
        }
        text.append('"');
    }
}

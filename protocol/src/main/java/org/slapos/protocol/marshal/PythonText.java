package org.slapos.protocol.marshal;

import java.util.List;
import java.util.stream.Collectors;

/// Values as Python's `str` shows them: what a Master stores when a parameter is no string (SLAP protocol, instance
/// parameter XML).
final class PythonText {
    private PythonText() {}

    /// As `str`: a string is itself.
    static String str(Value value) {
        return value instanceof Value.Text(var text) ? text : repr(value);
    }

    private static String repr(Value value) {
        return switch (value) {
            case Value.Text(var text) -> quoted(text);
            case Value.Int(var number) -> number.toString();
            case Value.Decimal(var number) -> PythonFloat.repr(number);
            case Value.Bool(var truth) -> truth ? "True" : "False";
            case Value.None _ -> "None";
            case Value.Tuple(var items) -> items.size() == 1 ? "(" + list(items) + ",)" : "(" + list(items) + ")";
            case Value.Sequence(var items) -> "[" + list(items) + "]";
            case Value.Dictionary(var entries) ->
                entries.entrySet().stream()
                        .map(entry -> quoted(entry.getKey()) + ": " + repr(entry.getValue()))
                        .collect(Collectors.joining(", ", "{", "}"));
            case Value.SlapObject(var type, var _, var attributes) -> type + repr(attributes);
        };
    }

    private static String list(List<Value> items) {
        return items.stream().map(PythonText::repr).collect(Collectors.joining(", "));
    }

    private static String quoted(String text) {
        char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
        var out = new StringBuilder().append(quote);
        text.codePoints().forEach(c -> {
            switch (c) {
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c == quote) {
                        out.append('\\').append(quote);
                    } else if (isPrintable(c)) {
                        out.appendCodePoint(c);
                    } else {
                        out.append(String.format(c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", c));
                    }
                }
            }
        });
        return out.append(quote).toString();
    }

    private static boolean isPrintable(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            case Character.SPACE_SEPARATOR -> c == ' ';
            default -> true;
        };
    }
}

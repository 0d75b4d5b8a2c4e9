package org.slapos.master.proxy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.slapos.protocol.marshal.Value;

/// Parameters that are no texts become what Python's `str` makes of them, since that is what stands in an instance
/// parameter document: `True`, `None`, `1.0`, `{'x': [1]}`.
final class PythonText {
    private PythonText() {}

    static Map<String, String> of(Value.Dictionary parameters) {
        var texts = new LinkedHashMap<String, String>();
        parameters.entries().forEach((name, value) -> texts.put(name, of(value)));
        return texts;
    }

    static String of(Value value) {
        return value instanceof Value.Text(var text) ? text : repr(value);
    }

    private static String repr(Value value) {
        return switch (value) {
            case Value.Text(var text) -> quoted(text);
            case Value.Bool(var truth) -> truth ? "True" : "False";
            case Value.None _ -> "None";
            case Value.Int _, Value.Decimal _ -> value.asText();
            case Value.Tuple(var items) -> "(" + joined(items) + (items.size() == 1 ? ",)" : ")");
            case Value.Sequence(var items) -> "[" + joined(items) + "]";
            case Value.Dictionary(var entries) ->
                entries.entrySet().stream()
                        .map(entry -> quoted(entry.getKey()) + ": " + repr(entry.getValue()))
                        .collect(Collectors.joining(", ", "{", "}"));
            case Value.SlapObject object -> "<" + object.type() + ">";
        };
    }

    private static String joined(List<Value> items) {
        return items.stream().map(PythonText::repr).collect(Collectors.joining(", "));
    }

    private static String quoted(String text) {
        var quote = text.contains("'") && !text.contains("\"") ? "\"" : "'";
        var escaped = text.replace("\\", "\\\\")
                .replace("\n", "\\n")
                .replace("\r", "\\r")
                .replace("\t", "\\t");
        return quote + (quote.equals("'") ? escaped.replace("'", "\\'") : escaped) + quote;
    }
}

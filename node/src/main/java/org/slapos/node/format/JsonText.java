package org.slapos.node.format;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.TreeMap;
import org.slapos.protocol.marshal.Value;

/// A value of the wire as JSON: sorted keys, indented by four.
final class JsonText {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final ObjectWriter WRITER = new ObjectMapper()
            .writer(new DefaultPrettyPrinter()
                    .withObjectIndenter(new DefaultIndenter("    ", "\n"))
                    .withArrayIndenter(new DefaultIndenter("    ", "\n")));

    private JsonText() {}

    static String of(Value value) {
        try {
            return WRITER.writeValueAsString(node(value)) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("plain values that do not become JSON", e);
        }
    }

    private static JsonNode node(Value value) {
        return switch (value) {
            case Value.Text(var text) -> NODES.textNode(text);
            case Value.Int(var number) -> NODES.numberNode(number);
            case Value.Decimal(var number) -> NODES.numberNode(number);
            case Value.Bool(var truth) -> NODES.booleanNode(truth);
            case Value.None _ -> NODES.nullNode();
            case Value.Tuple(var items) -> array(items);
            case Value.Sequence(var items) -> array(items);
            case Value.Dictionary(var entries) -> {
                var object = NODES.objectNode();
                new TreeMap<>(entries).forEach((name, entry) -> object.set(name, node(entry)));
                yield object;
            }
            case Value.SlapObject object ->
                throw new IllegalArgumentException("an object of the wire: " + object.type());
        };
    }

    private static JsonNode array(Iterable<Value> items) {
        var array = NODES.arrayNode();
        items.forEach(item -> array.add(node(item)));
        return array;
    }
}

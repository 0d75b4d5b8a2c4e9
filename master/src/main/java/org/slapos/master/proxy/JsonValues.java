package org.slapos.master.proxy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.slapos.protocol.jsonrpc.Json;
import org.slapos.protocol.marshal.Value;

/// Parameters with their types as JSON, and back.
final class JsonValues {
    private static final JsonNodeFactory MAKE = JsonNodeFactory.instance;

    private JsonValues() {}

    static Value.Dictionary dictionary(JsonNode object) {
        var entries = new LinkedHashMap<String, Value>();
        object.properties().forEach(property -> entries.put(property.getKey(), value(property.getValue())));
        return new Value.Dictionary(entries);
    }

    private static Value value(JsonNode node) {
        return switch (node.getNodeType()) {
            case STRING -> Value.of(node.textValue());
            case BOOLEAN -> new Value.Bool(node.booleanValue());
            case NUMBER ->
                node.isIntegralNumber() ? new Value.Int(node.bigIntegerValue()) : new Value.Decimal(node.doubleValue());
            case OBJECT -> dictionary(node);
            case ARRAY ->
                Value.list(StreamSupport.stream(node.spliterator(), false)
                        .map(JsonValues::value)
                        .toList());
            case NULL, MISSING, BINARY, POJO -> Value.none();
        };
    }

    private static JsonNode json(Value value) {
        return switch (value) {
            case Value.Text(var text) -> MAKE.textNode(text);
            case Value.Int(var number) -> MAKE.numberNode(number);
            case Value.Decimal(var number) -> MAKE.numberNode(number);
            case Value.Bool(var truth) -> MAKE.booleanNode(truth);
            case Value.None _ -> MAKE.nullNode();
            case Value.Tuple(var items) -> array(items);
            case Value.Sequence(var items) -> array(items);
            case Value.Dictionary dictionary -> object(dictionary);
            case Value.SlapObject object -> object(object.attributes());
        };
    }

    private static ArrayNode array(List<Value> items) {
        return MAKE.arrayNode().addAll(items.stream().map(JsonValues::json).toList());
    }

    static ObjectNode object(Value.Dictionary dictionary) {
        var object = Json.object();
        dictionary.entries().forEach((name, value) -> object.set(name, json(value)));
        return object;
    }

    /// Texts; an empty one comes out of an instance parameter document as null.
    static ObjectNode texts(Map<String, String> texts) {
        var object = Json.object();
        texts.forEach((name, text) -> object.put(name, text.isEmpty() ? null : text));
        return object;
    }
}

package org.slapos.master.proxy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slapos.protocol.marshal.Value;

/// Values of the SLAP dialect as JSON, and back.
final class JsonValues {
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
            case ARRAY -> {
                var items = new ArrayList<Value>();
                node.forEach(item -> items.add(value(item)));
                yield Value.list(items);
            }
            case NULL, MISSING, BINARY, POJO -> Value.none();
        };
    }

    static JsonNode json(Value value) {
        var make = JsonNodeFactory.instance;
        return switch (value) {
            case Value.Text(var text) -> make.textNode(text);
            case Value.Int(var number) -> make.numberNode(number);
            case Value.Decimal(var number) -> make.numberNode(number);
            case Value.Bool(var truth) -> make.booleanNode(truth);
            case Value.None _ -> make.nullNode();
            case Value.Tuple(var items) -> array(items);
            case Value.Sequence(var items) -> array(items);
            case Value.Dictionary dictionary -> object(dictionary);
            case Value.SlapObject object -> object(object.attributes());
        };
    }

    private static ArrayNode array(Iterable<Value> items) {
        var array = JsonNodeFactory.instance.arrayNode();
        items.forEach(item -> array.add(json(item)));
        return array;
    }

    static ObjectNode object(Value.Dictionary dictionary) {
        var object = JsonNodeFactory.instance.objectNode();
        dictionary.entries().forEach((name, value) -> object.set(name, json(value)));
        return object;
    }

    /// Texts; an empty one comes out of an instance parameter document as null.
    static ObjectNode texts(Map<String, String> texts) {
        var object = JsonNodeFactory.instance.objectNode();
        texts.forEach((name, text) -> {
            if (text.isEmpty()) {
                object.putNull(name);
            } else {
                object.put(name, text);
            }
        });
        return object;
    }
}

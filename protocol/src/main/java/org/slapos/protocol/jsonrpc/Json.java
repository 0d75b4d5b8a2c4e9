package org.slapos.protocol.jsonrpc;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.marshal.Value;

/// Reads and writes JSON texts, and the shapes that several messages share.
public final class Json {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private Json() {}

    /// @throws MalformedException when it is not one JSON value, or names a member twice
    public static JsonNode read(byte[] text) {
        try {
            var value = MAPPER.readTree(text);
            if (value.isMissingNode()) {
                throw new MalformedException("not JSON: there is nothing");
            }
            return value;
        } catch (JsonProcessingException e) {
            throw new MalformedException("not JSON: " + withoutToken(e.getOriginalMessage()), e);
        } catch (IOException e) { // bytes that are no characters
            throw new MalformedException("not JSON: " + e.getMessage(), e);
        }
    }

    /// What could not be understood may be a secret that lost its quotes.
    private static String withoutToken(String message) {
        return message.replaceAll("token '[^']*'", "token");
    }

    public static byte[] write(JsonNode value) {
        try {
            return MAPPER.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree can always be written", e);
        }
    }

    public static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    /// @throws MalformedException when there is no such member, or it is no string
    static String text(JsonNode object, String name) {
        var member = object.path(name);
        if (!member.isTextual()) {
            throw new MalformedException("member '" + name + "' must be there and a string");
        }
        return member.textValue();
    }

    /// The string of that name; empty when it is absent or null.
    static String textOrEmpty(JsonNode object, String name) {
        return object.path(name).asText("");
    }

    /// The string of that name; nothing when it is absent, null or no string.
    static Optional<String> textIfAny(JsonNode object, String name) {
        return Optional.ofNullable(object.path(name).textValue());
    }

    /// The object of that name with each value as Python's `str` has it; empty when it is absent.
    static Map<String, String> pythonTexts(JsonNode object, String name) {
        var texts = new LinkedHashMap<String, String>();
        object.path(name).properties().forEach(member -> texts.put(member.getKey(), pythonText(member.getValue())));
        return texts;
    }

    /// As [#pythonTexts], but null is the empty string.
    static Map<String, String> texts(JsonNode object, String name) {
        var texts = new LinkedHashMap<String, String>();
        object.path(name)
                .properties()
                .forEach(member ->
                        texts.put(member.getKey(), member.getValue().isNull() ? "" : pythonText(member.getValue())));
        return texts;
    }

    private static String pythonText(JsonNode value) {
        return value(value).pythonText();
    }

    /// What Python reads from it.
    private static Value value(JsonNode value) {
        return switch (value.getNodeType()) {
            case STRING -> Value.of(value.textValue());
            case BOOLEAN -> new Value.Bool(value.booleanValue());
            case NUMBER ->
                value.isIntegralNumber()
                        ? new Value.Int(value.bigIntegerValue())
                        : new Value.Decimal(value.doubleValue());
            case ARRAY -> Value.list(value.valueStream().map(Json::value).toList());
            case OBJECT -> {
                var entries = new LinkedHashMap<String, Value>();
                value.properties().forEach(member -> entries.put(member.getKey(), value(member.getValue())));
                yield new Value.Dictionary(entries);
            }
            case NULL, MISSING, BINARY, POJO -> Value.none();
        };
    }

    static void put(ObjectNode object, String name, Map<String, String> texts) {
        var member = object.putObject(name);
        texts.forEach(member::put);
    }

    static List<String> strings(JsonNode array) {
        return items(array, JsonNode::asText);
    }

    static List<List<String>> rows(JsonNode array) {
        return items(array, Json::strings);
    }

    static <T> List<T> items(JsonNode array, Function<JsonNode, T> read) {
        var items = new ArrayList<T>();
        array.forEach(item -> items.add(read.apply(item)));
        return items;
    }

    static void putRows(ObjectNode object, String name, List<List<String>> rows) {
        var array = object.putArray(name);
        rows.forEach(row -> putAll(array.addArray(), row));
    }

    static void putAll(ArrayNode array, List<String> texts) {
        texts.forEach(array::add);
    }
}

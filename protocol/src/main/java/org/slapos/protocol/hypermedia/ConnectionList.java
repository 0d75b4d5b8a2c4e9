package org.slapos.protocol.hypermedia;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slapos.protocol.InstanceXml;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.jsonrpc.Json;

/// Connection parameters in hypermedia documents: pairs of key and value, with the JSON object of a parameter `_` taken
/// apart; a proxy sends the XML of instance parameters instead.
public final class ConnectionList {
    private static final String KEY = "connection_key";
    private static final String VALUE = "connection_value";

    private ConnectionList() {}

    public static ArrayNode write(Map<String, String> connection) {
        var list = Json.object().putArray("list");
        var flat = new TreeMap<>(connection);
        packed(flat).ifPresent(object -> {
            flat.remove("_");
            object.properties().forEach(member -> flat.put(member.getKey(), textOf(member.getValue())));
        });
        flat.forEach((key, value) -> list.addObject().put(KEY, key).put(VALUE, value));
        return list;
    }

    private static Optional<ObjectNode> packed(Map<String, String> connection) {
        try {
            return connection.containsKey("_")
                            && Json.read(connection.get("_").getBytes(StandardCharsets.UTF_8))
                                    instanceof ObjectNode object
                    ? Optional.of(object)
                    : Optional.empty();
        } catch (MalformedException _) {
            return Optional.empty();
        }
    }

    /// Null is none.
    ///
    /// @throws MalformedException when it is neither of the two forms
    public static Map<String, String> read(JsonNode value) {
        if (value.isNull()) {
            return Map.of();
        }
        if (value.isTextual()) {
            return InstanceXml.read(value.textValue());
        }
        if (!value.isArray()) {
            throw new MalformedException("connection parameters must be a list of pairs, or a document");
        }
        var connection = new LinkedHashMap<String, String>();
        value.forEach(pair -> connection.put(pair.path(KEY).asText(""), textOf(pair.path(VALUE))));
        return connection;
    }

    private static String textOf(JsonNode value) {
        if (value.isTextual()) {
            return value.textValue();
        }
        return value.isNull() || value.isMissingNode() ? "" : value.toString();
    }
}

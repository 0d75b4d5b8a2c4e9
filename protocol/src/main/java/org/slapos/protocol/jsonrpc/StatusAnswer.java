package org.slapos.protocol.jsonrpc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.Map;
import org.slapos.protocol.AccessStatus;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.marshal.Value;

/// An access status: the same members as in SLAP v1, its flags whole numbers.
public record StatusAnswer(AccessStatus status) implements JsonAnswer {
    @Override
    public ObjectNode write() {
        var json = Json.object();
        status.toValue().asDictionary().entries().forEach((name, value) -> {
            if (value instanceof Value.Int(var number)) {
                json.put(name, number);
            } else {
                json.put(name, value.asText());
            }
        });
        return json;
    }

    public static StatusAnswer read(JsonNode answer) {
        Map<String, Value> entries = new HashMap<>();
        answer.properties().forEach(member -> {
            var value = member.getValue();
            if (value.isIntegralNumber()) {
                entries.put(member.getKey(), new Value.Int(value.bigIntegerValue()));
            } else if (value.isTextual()) {
                entries.put(member.getKey(), Value.of(value.textValue()));
            }
        });
        if (!entries.containsKey("text")) {
            throw new MalformedException("member 'text' must be there");
        }
        return new StatusAnswer(AccessStatus.of(new Value.Dictionary(entries)));
    }
}

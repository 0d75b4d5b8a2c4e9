package org.slapos.protocol.jsonrpc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// A one-time token that registers a Computer.
///
/// @param expires RFC 3339
public record ComputerToken(String token, String expires) implements JsonAnswer {
    @Override
    public ObjectNode write() {
        return Json.object().put("token", token).put("expires", expires);
    }

    static ComputerToken read(JsonNode answer) {
        return new ComputerToken(Json.text(answer, "token"), Json.textOrEmpty(answer, "expires"));
    }

    @Override
    public String toString() {
        return "ComputerToken[token=*****, expires=" + expires + "]";
    }
}

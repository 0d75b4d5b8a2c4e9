package org.slapos.protocol.jsonrpc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// A one-time token that registers a Computer.
///
/// @param expires RFC 3339
/// @param command what to type on the machine, the token in it; empty where a Master does not say it
public record ComputerToken(String token, String expires, String command) implements JsonAnswer {
    @Override
    public ObjectNode write() {
        return Json.object().put("token", token).put("expires", expires).put("command", command);
    }

    static ComputerToken read(JsonNode answer) {
        return new ComputerToken(
                Json.text(answer, "token"), Json.textOrEmpty(answer, "expires"), Json.textOrEmpty(answer, "command"));
    }

    @Override
    public String toString() {
        return "ComputerToken[token=*****, expires=" + expires + "]";
    }
}

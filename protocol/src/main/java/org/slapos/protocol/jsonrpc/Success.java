package org.slapos.protocol.jsonrpc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// It was done.
///
/// @param title what, in words for people
public record Success(String title) implements JsonAnswer {
    @Override
    public ObjectNode write() {
        return Json.object().put("type", "success").put("title", title);
    }

    static Success read(JsonNode answer) {
        return new Success(Json.textOrEmpty(answer, "title"));
    }
}

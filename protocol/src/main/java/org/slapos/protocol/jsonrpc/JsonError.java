package org.slapos.protocol.jsonrpc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// Why a call failed.
///
/// @param status of HTTP
/// @param type   a word for programs, such as `SOFTWARE-INSTANCE-NOT-FOUND`
/// @param title  a sentence for people; may be empty
public record JsonError(int status, String type, String title) implements JsonAnswer {
    @Override
    public ObjectNode write() {
        return Json.object().put("status", status).put("type", type).put("title", title);
    }

    /// @param status of HTTP, since not every Master repeats it in the body
    public static JsonError read(int status, JsonNode answer) {
        return new JsonError(status, Json.textOrEmpty(answer, "type"), Json.textOrEmpty(answer, "title"));
    }

    /// Whether there is no such thing. Absence and refusal share the status 403, so that the type tells them apart;
    /// where a Master always says `Forbidden`, nothing does.
    public boolean isNotFound() {
        return status == 404 || type.endsWith("-NOT-FOUND");
    }
}

package org.slapos.protocol.jsonrpc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.slapos.protocol.MalformedException;

/// There is no instance to show; travels with HTTP 200.
///
/// @param reason what is in the way; only our Master says it, so it may be empty
public record NotReady(String reason) implements InstanceAnswer {
    private static final String NAME = "SoftwareInstanceNotReady";
    private static final int STATUS = 102;

    @Override
    public ObjectNode write() {
        return Json.object()
                .put("message", "Software Instance Not Ready")
                .put("name", NAME)
                .put("status", STATUS)
                .put("reason", reason);
    }

    static NotReady read(JsonNode answer) {
        if (answer.path("status").asInt() != STATUS
                && !Json.textOrEmpty(answer, "name").equals(NAME)) {
            throw new MalformedException("neither an instance nor 'not ready'");
        }
        return new NotReady(Json.textOrEmpty(answer, "reason"));
    }
}

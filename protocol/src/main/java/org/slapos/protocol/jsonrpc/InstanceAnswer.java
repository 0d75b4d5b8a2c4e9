package org.slapos.protocol.jsonrpc;

import com.fasterxml.jackson.databind.JsonNode;

/// The answer to a request for an instance, or for the root of a tree.
public sealed interface InstanceAnswer extends JsonAnswer permits Instance, NotReady {
    static InstanceAnswer read(JsonNode answer) {
        return answer.has("instance_guid") ? Instance.read(answer) : NotReady.read(answer);
    }
}

package org.slapos.protocol.jsonrpc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.slapos.protocol.MalformedException;

/// An answer that is shown rather than worked with: an object as it travels.
public record Document(ObjectNode json) implements JsonAnswer {
    @Override
    public ObjectNode write() {
        return json;
    }

    static Document read(JsonNode answer) {
        if (answer instanceof ObjectNode object) {
            return new Document(object);
        }
        throw new MalformedException("the answer is no object");
    }
}

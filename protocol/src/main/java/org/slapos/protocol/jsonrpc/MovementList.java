package org.slapos.protocol.jsonrpc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// A part of the ledger.
///
/// @param balanced whether the whole ledger sums to zero
public record MovementList(ResultList<Rows.Movement> movements, boolean balanced) implements JsonAnswer {
    @Override
    public ObjectNode write() {
        return movements.write().put("balanced", balanced);
    }

    static MovementList read(JsonNode answer) {
        return new MovementList(
                ResultList.read(answer, Rows.Movement::read),
                answer.path("balanced").asBoolean());
    }
}

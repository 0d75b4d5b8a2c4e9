package org.slapos.protocol.jsonrpc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.function.Function;
import org.slapos.protocol.MalformedException;

/// The rows that an `allDocs` method found.
public record ResultList<R extends JsonAnswer>(List<R> rows) implements JsonAnswer {
    public ResultList {
        rows = List.copyOf(rows);
    }

    @Override
    public ObjectNode write() {
        var json = Json.object();
        var list = json.putArray("result_list");
        rows.forEach(row -> list.add(row.write()));
        return json;
    }

    static <R extends JsonAnswer> ResultList<R> read(JsonNode answer, Function<JsonNode, R> row) {
        if (!answer.path("result_list").isArray()) {
            throw new MalformedException("member 'result_list' must be there and an array");
        }
        return new ResultList<>(Json.items(answer.path("result_list"), row));
    }
}

package org.slapos.protocol.jsonrpc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// Where the hypermedia API begins.
public record HateoasUrl(String url) implements JsonAnswer {
    @Override
    public ObjectNode write() {
        return Json.object().put("hateoas_url", url);
    }

    static HateoasUrl read(JsonNode answer) {
        return new HateoasUrl(Json.text(answer, "hateoas_url"));
    }
}

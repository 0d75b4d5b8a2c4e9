package org.slapos.protocol.hypermedia;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.slapos.protocol.AccessStatus;
import org.slapos.protocol.jsonrpc.Json;
import org.slapos.protocol.jsonrpc.StatusAnswer;

/// How the instances of a tree are: the last that was reported of each.
public record News(List<AccessStatus> instances) {
    public News {
        instances = List.copyOf(instances);
    }

    /// All in one word.
    public enum Colour {
        GREEN,
        ORANGE,
        RED,
        NONE
    }

    public Colour colour() {
        boolean isGood = instances.stream().anyMatch(AccessStatus::isAccess);
        boolean isBad = instances.stream().anyMatch(AccessStatus::isError);
        if (isGood && isBad) {
            return Colour.ORANGE;
        }
        return isGood ? Colour.GREEN : isBad ? Colour.RED : Colour.NONE;
    }

    public ObjectNode write(String type, String reference, String title) {
        var json = Json.object()
                .put("portal_type", type)
                .put("reference", reference)
                .put("title", title)
                .put("monitor_url", "");
        var list = json.putArray("instance");
        instances.forEach(status -> list.add(new StatusAnswer(status).write()));
        return json;
    }

    public static News read(JsonNode json) {
        var instances = new ArrayList<AccessStatus>();
        for (var instance : json.path("instance")) {
            if (instance.path("text").isTextual()) {
                instances.add(StatusAnswer.read(instance).status());
            }
        }
        return new News(instances);
    }
}

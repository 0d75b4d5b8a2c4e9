package org.slapos.protocol.jsonrpc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.RequestedState;

/// An instance, plain or shared; on the wire it always has sixteen members.
///
/// @param guid            opaque: every Master has its own form
/// @param rootTitle       title of its tree
/// @param conditions      the SLA it was requested with
/// @param computer        empty while it waits for a place
/// @param partition       empty while it waits for a place
/// @param timestamp       changes when its node has something to do: microseconds, or seconds from other Masters
/// @param status          the last report, `#access ...` or `#error ...`; what it waits for while it has no place
public record Instance(
        String title,
        String guid,
        String softwareRelease,
        String softwareType,
        RequestedState state,
        Map<String, String> connection,
        Map<String, String> parameters,
        boolean shared,
        String rootTitle,
        List<List<String>> addresses,
        List<List<String>> routedAddresses,
        Map<String, String> conditions,
        String computer,
        String partition,
        long timestamp,
        String status)
        implements InstanceAnswer {
    public Instance {
        connection = Map.copyOf(connection);
        parameters = Map.copyOf(parameters);
        conditions = Map.copyOf(conditions);
        addresses = List.copyOf(addresses);
        routedAddresses = List.copyOf(routedAddresses);
    }

    public boolean isPlaced() {
        return !partition.isEmpty();
    }

    @Override
    public ObjectNode write() {
        var json = Json.object()
                .put("title", title)
                .put("instance_guid", guid)
                .put("software_release_uri", softwareRelease)
                .put("software_type", softwareType)
                .put("state", state.wire())
                .put("shared", shared)
                .put("root_instance_title", rootTitle)
                .put("computer_guid", computer)
                .put("compute_partition_id", partition)
                .put("processing_timestamp", timestamp)
                .put("access_status_message", status);
        Json.put(json, "connection_parameters", connection);
        Json.put(json, "parameters", parameters);
        Json.put(json, "sla_parameters", conditions);
        Json.putRows(json, "ip_list", addresses);
        Json.putRows(json, "full_ip_list", routedAddresses);
        return json;
    }

    static Instance read(JsonNode answer) {
        return new Instance(
                Json.text(answer, "title"),
                Json.text(answer, "instance_guid"),
                Json.textOrEmpty(answer, "software_release_uri"),
                Json.textOrEmpty(answer, "software_type"),
                state(Json.text(answer, "state")),
                Json.texts(answer, "connection_parameters"),
                Json.texts(answer, "parameters"),
                answer.path("shared").asBoolean(),
                Json.textOrEmpty(answer, "root_instance_title"),
                Json.rows(answer.path("ip_list")),
                Json.rows(answer.path("full_ip_list")),
                Json.texts(answer, "sla_parameters"),
                Json.textOrEmpty(answer, "computer_guid"),
                Json.textOrEmpty(answer, "compute_partition_id"),
                answer.path("processing_timestamp").asLong(),
                Json.textOrEmpty(answer, "access_status_message"));
    }

    static RequestedState state(String word) {
        return RequestedState.ofWire(word).orElseThrow(() -> new MalformedException("unknown state '" + word + "'"));
    }
}

package org.slapos.cli.verbs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.client.SlapClient;
import org.slapos.protocol.client.SlapException;
import org.slapos.protocol.jsonrpc.InstanceCall;
import org.slapos.protocol.jsonrpc.Rows;

/// An InstanceTree's root as `slapos.get.v0.instance_tree` describes it.
///
/// @param partition empty while it waits for one
/// @param status    what its node reported last: `#access ...`, `#error ...`
/// @param document  all of it
public record Instance(
        String title,
        String guid,
        String softwareRelease,
        String softwareType,
        String state,
        String computer,
        String partition,
        String status,
        Map<String, String> parameters,
        Map<String, String> connection,
        ObjectNode document) {

    /// The state a requester can act on.
    enum Light {
        NONE,
        GREEN,
        RED
    }

    /// The tree of that title, or nothing when the Master knows none or has not made its instance yet. A proxy says
    /// that as it says a refusal, so that its list of trees has to tell.
    public static Optional<Instance> find(SlapClient master, String title) {
        try {
            var answer = master.json(
                    "slapos.get.v0.instance_tree", SlapClient.parameters().put("title", title));
            return answer.has("instance_guid") ? Optional.of(of((ObjectNode) answer)) : Optional.empty();
        } catch (SlapException e) {
            if (e.kind() == SlapException.Kind.NOT_FOUND
                    || (e.kind() == SlapException.Kind.FORBIDDEN && !isListed(master, title))) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static boolean isListed(SlapClient master, String title) {
        return master.json(new InstanceCall.Trees()).rows().contains(new Rows.Tree(title));
    }

    static Instance of(ObjectNode json) {
        return new Instance(
                json.path("title").asText(),
                json.path("instance_guid").asText(),
                json.path("software_release_uri").asText(),
                json.path("software_type").asText(),
                json.path("state").asText(),
                json.path("computer_guid").asText(),
                json.path("compute_partition_id").asText(),
                json.path("access_status_message").asText(),
                texts(json.path("parameters")),
                InstanceParameters.shown(texts(json.path("connection_parameters"))),
                json);
    }

    /// Where it runs, or that it waits.
    String place() {
        return partition.isEmpty() ? "no partition yet" : computer + " " + partition;
    }

    Light light() {
        return status.startsWith("#error") ? Light.RED : status.startsWith("#access") ? Light.GREEN : Light.NONE;
    }

    /// Whether its node reported that it is in the state it was requested to be in, with its promises kept.
    public boolean isAsRequested() {
        return light() == Light.GREEN && status.toLowerCase(Locale.ROOT).contains(state);
    }

    /// Whether its node reported that state, with its promises kept.
    boolean is(RequestedState wanted) {
        return light() == Light.GREEN && status.toLowerCase(Locale.ROOT).contains(wanted.wire());
    }

    private static Map<String, String> texts(JsonNode object) {
        var texts = new TreeMap<String, String>();
        object.properties()
                .forEach(entry -> texts.put(
                        entry.getKey(),
                        entry.getValue().isNull()
                                ? ""
                                : entry.getValue().asText(entry.getValue().toString())));
        return texts;
    }
}

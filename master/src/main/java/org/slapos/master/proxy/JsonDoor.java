package org.slapos.master.proxy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.slapos.master.http.Answer;
import org.slapos.master.http.Call;
import org.slapos.master.http.Mount;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.Reason;
import org.slapos.protocol.RequestedState;

/// The JSON methods at the root, with the statuses and words of the Python slapproxy: what is unknown is refused with
/// 403, `type` is the phrase of the status.
final class JsonDoor {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String STATES = "started|stopped|destroyed";

    private final State state;
    private final Requests requests;
    private final InstanceLife instances;
    private final JsonComputers computers;
    private final Map<String, Method> methods = new LinkedHashMap<>();

    @FunctionalInterface
    private interface Handler {
        ObjectNode answer(ObjectNode members, Call call);
    }

    private record Method(JsonMembers members, Handler handler) {}

    JsonDoor(State state, Requests requests, InstanceLife instances, JsonComputers computers) {
        this.state = state;
        this.requests = requests;
        this.instances = instances;
        this.computers = computers;
        reading();
        changing();
        reported();
    }

    private void reading() {
        add("get.v0.software_instance", this::instance, "instance_guid!", "string");
        add("get.v0.compute_partition", this::partition, "computer_guid!", "string", "compute_partition_id!", "string");
        add("get.v0.instance_tree", this::tree, "title!", "title");
        add("allDocs.v0.instance_tree_list", this::trees);
        add("get.v0.software_instance_certificate", (_, _) -> certificate(), "instance_guid!", "string");
        add(
                "get.v0.hateoas_url",
                (_, call) -> JSON.createObjectNode().put("hateoas_url", Bypass.here(call) + "hateoas/"));
        add(
                "get.v0.compute_node_status",
                (_, _) -> JSON.createObjectNode().put("text", "Unknown (not implemented)"),
                "computer_guid!",
                "string");
        add(
                "allDocs.v0.compute_node_software_installation_list",
                (members, _) -> computers.installations(members),
                "computer_guid!",
                "string");
        add(
                "allDocs.v0.compute_node_instance_list",
                (members, _) -> computers.onComputer(members),
                "computer_guid!",
                "string");
        add("allDocs.v0.instance_node_instance_list", this::hosted, "instance_guid!", "string");
        add("allDocs.WIP.compute_node_list", (members, _) -> computers.list(members));
        add("post.v0.compute_node_certificate", (_, _) -> certificate(), "computer_guid!", "string");
    }

    private void changing() {
        add(
                "post.v0.software_instance",
                this::request,
                "title!",
                "title",
                "software_release_uri!",
                "string",
                "software_type!",
                "string",
                "state",
                STATES,
                "parameters",
                "object",
                "shared",
                "boolean",
                "sla_parameters",
                "sla");
        add(
                "post.v0.software_installation",
                (members, _) -> computers.supply(members),
                "computer_guid!",
                "string",
                "software_release_uri!",
                "string",
                "state",
                "available|destroyed");
        add(
                "put.v0.software_instance_connection_parameter",
                this::publish,
                "instance_guid!",
                "string",
                "connection_parameter_dict!",
                "object");
        add("put.v0.software_instance_bang", this::bang, "instance_guid!", "string", "message!", "string");
        add("put.v0.software_instance_title", this::rename, "instance_guid!", "string", "title!", "title");
        add(
                "put.v0.compute_node_format",
                (members, _) -> computers.format(members),
                "computer_guid!",
                "string",
                "compute_partition_list!",
                "array");
    }

    private void reported() {
        add(
                "put.v0.software_instance_reported_state",
                this::instanceReported,
                "instance_guid!",
                "string",
                "reported_state!",
                STATES);
        add(
                "put.v0.software_installation_reported_state",
                (members, _) -> computers.softwareReported(members),
                "computer_guid!",
                "string",
                "software_release_uri!",
                "string",
                "reported_state!",
                "available|destroyed|building");
        ignored("put.v0.software_instance_error", "instance_guid!", "string", "message!", "string");
        ignored(
                "put.v0.software_installation_error",
                "computer_guid!",
                "string",
                "software_release_uri!",
                "string",
                "message!",
                "string");
        ignored("put.v0.compute_node_bang", "computer_guid!", "string", "message!", "string");
        ignored("remove.v0.compute_node_certificate", "computer_guid!", "string");
        ignored("post.v0.compute_node_usage", "computer_guid!", "string", "tioxml!", "string");
    }

    private void ignored(String name, String... members) {
        add(name, (_, _) -> success("Ignored"), members);
    }

    private void add(String name, Handler handler, String... members) {
        methods.put(name, new Method(JsonMembers.of(members), handler));
    }

    List<Mount> mounts() {
        return methods.entrySet().stream()
                .map(method -> new Mount("/slapos." + method.getKey(), call -> answer(method.getValue(), call)))
                .toList();
    }

    private static Answer answer(Method method, Call call) throws IOException {
        try {
            check(call);
            var members = members(call.body());
            method.members().check(members);
            return answer(200, method.handler().answer(members, call));
        } catch (JsonRefusal refusal) {
            return refused(refusal);
        } catch (MalformedException e) {
            return refused(new JsonRefusal(400, String.valueOf(e.getMessage())));
        } catch (Refusal refusal) {
            if (refusal.kind() == Refusal.Kind.NOT_READY) {
                var notReady = JSON.createObjectNode()
                        .put("message", "Software Instance Not Ready")
                        .put("name", "SoftwareInstanceNotReady")
                        .put("status", 102);
                return answer(200, notReady).with(Reason.HEADER, Reason.encode(refusal.reason()));
            }
            return refused(new JsonRefusal(refusal.kind().jsonStatus(), refusal.reason()));
        }
    }

    private static void check(Call call) {
        if (!call.method().equals("POST")) {
            throw new JsonRefusal(405, "use POST");
        }
        var type = call.header("content-type").orElse("").toLowerCase(Locale.ROOT);
        if (!type.equals("application/json") && !type.startsWith("application/json;")) {
            throw new JsonRefusal(415, "send the parameters as application/json");
        }
        var accepted = call.header("accept").orElse("*/*").toLowerCase(Locale.ROOT);
        if (!accepted.contains("*/*")
                && !accepted.contains("application/*")
                && !accepted.contains("application/json")) {
            throw new JsonRefusal(406, "the answer is application/json, which '" + accepted + "' excludes");
        }
    }

    private static ObjectNode members(byte[] body) {
        try {
            if (JSON.readTree(body) instanceof ObjectNode object) {
                return object;
            }
        } catch (IOException e) {
            throw new JsonRefusal(400, "the body is not JSON: " + e.getMessage());
        }
        throw new JsonRefusal(400, "the body must be a JSON object");
    }

    private static Answer refused(JsonRefusal refusal) throws IOException {
        var error = JSON.createObjectNode()
                .put("status", refusal.status())
                .put("type", refusal.type())
                .put("title", refusal.title());
        return answer(refusal.status(), error).with(Reason.HEADER, Reason.encode(refusal.title()));
    }

    private static Answer answer(int status, ObjectNode body) throws IOException {
        return new Answer(status, Map.of("Content-Type", "application/json"), JSON.writeValueAsBytes(body));
    }

    static ObjectNode success(String title) {
        return JSON.createObjectNode().put("type", "success").put("title", title);
    }

    static ObjectNode listed(State state, BiConsumer<Tables, ArrayNode> listing) {
        return state.read(tables -> {
            var answer = JSON.createObjectNode();
            listing.accept(tables, answer.putArray("result_list"));
            return answer;
        });
    }

    private static ObjectNode certificate() {
        return JSON.createObjectNode().put("key", "").put("certificate", "");
    }

    static String text(ObjectNode members, String name) {
        return members.path(name).asText();
    }

    private ObjectNode instance(ObjectNode members, Call call) {
        return state.read(tables -> JsonInstances.json(JsonInstances.find(tables, text(members, "instance_guid"))));
    }

    private ObjectNode partition(ObjectNode members, Call call) {
        var key = new PartitionKey(text(members, "computer_guid"), text(members, "compute_partition_id"));
        return state.read(tables -> {
            if (tables.partition(key).held().isEmpty()) {
                throw JsonRefusal.forbidden("Partition '" + key.partition() + "' of '" + key.computer() + "' is free");
            }
            return JsonInstances.json(JsonInstances.plain(tables.partition(key)));
        });
    }

    private ObjectNode tree(ObjectNode members, Call call) {
        var title = text(members, "title");
        return state.read(tables -> {
            var found = new ArrayList<JsonInstances.Found>();
            tables.plain(title, "").map(JsonInstances::plain).ifPresent(found::add);
            tables.sharedInstances.values().stream()
                    .filter(shared ->
                            shared.askedBy().isEmpty() && shared.title().equals(title))
                    .forEach(shared -> found.add(JsonInstances.shared(tables, shared)));
            if (found.size() != 1) {
                throw JsonRefusal.forbidden(
                        found.isEmpty()
                                ? "No instance tree '" + title + "' is here"
                                : found.size() + " instance trees have the title '" + title + "'");
            }
            return JsonInstances.json(found.getFirst());
        });
    }

    private ObjectNode trees(ObjectNode members, Call call) {
        return listed(state, (tables, list) -> {
            tables.busy()
                    .flatMap(partition -> partition.held().stream())
                    .filter(Instance::isRoot)
                    .forEach(root -> list.addObject().put("title", root.title()));
            tables.sharedInstances.values().stream()
                    .filter(shared -> shared.askedBy().isEmpty())
                    .forEach(shared -> list.addObject().put("title", shared.title()));
        });
    }

    private ObjectNode hosted(ObjectNode members, Call call) {
        var host = plain(text(members, "instance_guid"));
        return listed(state, (tables, list) -> {
            var found = tables.partition(host).held();
            found.stream().flatMap(held -> held.hostedInstances().stream()).forEach(entry -> {
                var shared = tables.sharedInstances.get(new SharedInstance.Key(entry.reference(), host.computer()));
                if (shared != null) {
                    var json = JsonInstances.json(JsonInstances.shared(tables, shared));
                    list.addObject()
                            .put("title", shared.title())
                            .put("instance_guid", JsonInstances.guid(shared))
                            .put("software_type", entry.type())
                            .put("state", "started")
                            .put("compute_partition_id", host.partition())
                            .set("parameters", json.get("parameters"));
                }
            });
        });
    }

    private ObjectNode request(ObjectNode members, Call call) {
        var conditions = new LinkedHashMap<String, String>();
        members.path("sla_parameters")
                .properties()
                .forEach(condition ->
                        conditions.put(condition.getKey(), condition.getValue().asText()));
        var wanted = new InstanceWanted(
                text(members, "software_release_uri"),
                text(members, "software_type"),
                text(members, "title"),
                members.path("shared").asBoolean(),
                JsonValues.dictionary(members.path("parameters")),
                conditions,
                InstanceWanted.state(members.path("state").asText(RequestedState.STARTED.wire())),
                Optional.empty());
        return switch (requests.answer(wanted, Bypass.here(call))) {
            case Requests.Outcome.Here(var answer) -> JsonInstances.json(answer, wanted);
            case Requests.Outcome.Elsewhere(var found, var _) -> JsonInstances.elsewhere(found, wanted);
            case Requests.Outcome.Bypassed(var found) -> JsonInstances.bypassed(found, wanted);
        };
    }

    /// The partition of a plain instance.
    private PartitionKey plain(String guid) {
        return state.read(tables -> switch (JsonInstances.find(tables, guid)) {
            case JsonInstances.Found.Plain(var partition, var _) -> partition.key();
            case JsonInstances.Found.Shared _ ->
                throw JsonRefusal.forbidden("NotImplemented: '" + guid + "' is a shared instance");
        });
    }

    private ObjectNode publish(ObjectNode members, Call call) {
        var connection = PythonText.of(JsonValues.dictionary(members.path("connection_parameter_dict")));
        var found = state.read(tables -> JsonInstances.find(tables, text(members, "instance_guid")));
        switch (found) {
            case JsonInstances.Found.Plain(var partition, var _) -> instances.publish(partition.key(), connection);
            case JsonInstances.Found.Shared(var shared, var _) ->
                instances.publishShared(shared.host(), shared.reference(), connection);
        }
        return success("Updated");
    }

    private ObjectNode bang(ObjectNode members, Call call) {
        instances.bang(plain(text(members, "instance_guid")));
        return success("Bang handled");
    }

    private ObjectNode rename(ObjectNode members, Call call) {
        instances
                .rename(plain(text(members, "instance_guid")), text(members, "title"), false)
                .ifPresent(why -> {
                    throw JsonRefusal.forbidden(why);
                });
        return success("Renamed");
    }

    private ObjectNode instanceReported(ObjectNode members, Call call) {
        var guid = text(members, "instance_guid");
        if (!text(members, "reported_state").equals("destroyed") || guid.endsWith("___1")) {
            return success("Ignored");
        }
        instances.destroyed(plain(guid)).ifPresent(why -> {
            throw JsonRefusal.forbidden(why);
        });
        return success("Destroyed");
    }
}

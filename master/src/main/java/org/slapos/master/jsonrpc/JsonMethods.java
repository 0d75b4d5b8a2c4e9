package org.slapos.master.jsonrpc;

import static java.util.Map.entry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.slapos.master.http.Answer;
import org.slapos.master.http.Call;
import org.slapos.master.http.Door;
import org.slapos.master.party.Requester;
import org.slapos.protocol.Reason;

/// The JSON methods by name, with the members each takes: those that end in `!` must be there, any other is refused.
public final class JsonMethods implements Door {
    static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, Method> methods;

    public JsonMethods(ComputeNodes nodes, Instances instances, Movements movements) {
        this.methods = Map.ofEntries(
                entry("slapos.allDocs.v0.instance_tree_list", new Method(Set.of(), instances::trees)),
                entry("slapos.get.v0.instance_tree", new Method(Set.of("title!"), instances::tree)),
                entry("slapos.get.v0.software_instance", new Method(Set.of("instance_guid!"), instances::instance)),
                entry(
                        "slapos.allDocs.v0.compute_node_instance_list",
                        new Method(Set.of("computer_guid!"), instances::onComputer)),
                entry(
                        "slapos.allDocs.v0.compute_node_software_installation_list",
                        new Method(Set.of("computer_guid!"), nodes::software)),
                entry("slapos.allDocs.WIP.compute_node_list", new Method(Set.of(), nodes::list)),
                entry(
                        "slapos.get.v0.software_installation",
                        new Method(Set.of("computer_guid!", "software_release_uri!"), nodes::installation)),
                entry("slapos.post.v0.compute_node_token", new Method(Set.of(), nodes::token)),
                entry("slapos.allDocs.v0.movement_list", new Method(Set.of("limit", "offset"), movements::list)));
    }

    /// Answers a call whose members are known.
    @FunctionalInterface
    interface Handler {
        ObjectNode answer(Requester who, ObjectNode members);
    }

    private record Method(Set<String> members, Handler handler) {
        void check(ObjectNode given) {
            given.fieldNames().forEachRemaining(name -> {
                if (!members.contains(name) && !members.contains(name + "!")) {
                    throw JsonRefusal.invalid("unknown member '" + name + "'");
                }
            });
            for (var member : members) {
                if (member.endsWith("!")) {
                    var name = member.substring(0, member.length() - 1);
                    if (!given.path(name).isTextual()) {
                        throw JsonRefusal.invalid("member '" + name + "' must be there and a string");
                    }
                }
            }
        }
    }

    @Override
    public Answer answer(Call call) throws IOException {
        try {
            var method = methods.get(call.path());
            if (method == null) {
                throw new JsonRefusal(404, "not-found", call.path());
            }
            var type = call.header("content-type").orElse("").toLowerCase(Locale.ROOT);
            if (!type.equals("application/json") && !type.startsWith("application/json;")) {
                throw new JsonRefusal(415, "unexpected-media-type", "send the parameters as application/json");
            }
            if (!call.method().equals("POST")) {
                throw new JsonRefusal(405, "not-allowed-http-method", "use POST");
            }
            if (call.requester() instanceof Requester.Anonymous(var why)) {
                throw new JsonRefusal(401, "unauthorized", why);
            }
            var members = members(call.body());
            method.check(members);
            return answer(200, method.handler().answer(call.requester(), members));
        } catch (JsonRefusal refusal) {
            var error = JSON.createObjectNode()
                    .put("type", refusal.type())
                    .put("title", refusal.title())
                    .put("status", refusal.status());
            return answer(refusal.status(), error).with(Reason.HEADER, Reason.encode(refusal.title()));
        }
    }

    private static ObjectNode members(byte[] body) {
        try {
            if (JSON.readTree(body) instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException e) {
            throw new JsonRefusal(400, "not-parsable-json-content", e.getOriginalMessage());
        } catch (IOException e) { // bytes that are no characters
            throw new JsonRefusal(400, "not-parsable-json-content", String.valueOf(e.getMessage()));
        }
        throw new JsonRefusal(400, "not-json-object-content", "the body must be a JSON object");
    }

    private static Answer answer(int status, ObjectNode body) throws IOException {
        return new Answer(status, Map.of("Content-Type", "application/json"), JSON.writeValueAsBytes(body));
    }
}

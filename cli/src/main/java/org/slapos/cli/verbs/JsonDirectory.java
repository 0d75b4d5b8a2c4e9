package org.slapos.cli.verbs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slapos.protocol.client.SlapClient;
import org.slapos.protocol.client.SlapException;

/// The lists by the JSON methods.
final class JsonDirectory {
    private JsonDirectory() {}

    /// A call for each, as these methods list titles only.
    static List<ObjectNode> services(SlapClient master) {
        var found = new ArrayList<ObjectNode>();
        for (var tree : master.json("slapos.allDocs.v0.instance_tree_list", SlapClient.parameters())
                .path("result_list")) {
            var title = tree.path("title").asText();
            found.add(service(master, title)
                    .orElseGet(() -> SlapClient.parameters()
                            .put("reference", title)
                            .put("software-url", "")
                            .put("status", "none")));
        }
        return found;
    }

    static Optional<ObjectNode> service(SlapClient master, String reference) {
        return Instance.find(master, reference).map(instance -> {
            var document = instance.document();
            var service = SlapClient.parameters()
                    .put("reference", instance.title())
                    .put("software-url", instance.softwareRelease())
                    .put("software-type", instance.softwareType())
                    .put("shared", document.path("shared").asBoolean())
                    .put("requested-state", instance.state())
                    .put("instance-guid", instance.guid())
                    .put("computer", instance.computer())
                    .put("partition", instance.partition())
                    .put("access-status", instance.status());
            service.set("instance-parameters", InstanceParameters.unwrapped(object(document.path("parameters"))));
            service.set(
                    "connection-parameters",
                    InstanceParameters.unwrapped(object(document.path("connection_parameters"))));
            var news = service.putObject("news").put("title", instance.title());
            var list = news.putArray("instance");
            if (!instance.status().isEmpty()) {
                list.addObject().put("reference", instance.guid()).put("text", instance.status());
            }
            return service.put("status", Status.colour(news));
        });
    }

    static List<ObjectNode> computers(SlapClient master) {
        var found = new ArrayList<ObjectNode>();
        for (var computer : master.json("slapos.allDocs.WIP.compute_node_list", SlapClient.parameters())
                .path("result_list")) {
            var copy = ((ObjectNode) computer).deepCopy();
            copy.put("reference", computer.path("computer_guid").asText());
            copy.put(
                    "title",
                    computer.path("title").asText(computer.path("computer_guid").asText()));
            found.add(copy);
        }
        return found;
    }

    static Optional<ObjectNode> computer(SlapClient master, String reference, boolean all) {
        var found = computers(master).stream()
                .filter(computer -> computer.path("reference").asText().equals(reference))
                .findFirst();
        if (all) {
            found.ifPresent(computer -> {
                var software = list(master, "slapos.allDocs.v0.compute_node_software_installation_list", reference);
                software.forEach(installation -> status(master, reference, (ObjectNode) installation));
                computer.set("software", software);
                computer.set("instances", list(master, "slapos.allDocs.v0.compute_node_instance_list", reference));
            });
        }
        return found;
    }

    private static ObjectNode object(JsonNode node) {
        return node instanceof ObjectNode object ? object.deepCopy() : SlapClient.parameters();
    }

    private static JsonNode list(SlapClient master, String method, String computer) {
        return master.json(method, SlapClient.parameters().put("computer_guid", computer))
                .path("result_list");
    }

    /// An extension of our Master: others list the state that is wanted, and no more.
    private static void status(SlapClient master, String computer, ObjectNode installation) {
        var parameters = SlapClient.parameters()
                .put("computer_guid", computer)
                .put(
                        "software_release_uri",
                        installation.path("software_release_uri").asText());
        try {
            installation.put(
                    "access_status_message",
                    master.json("slapos.get.v0.software_installation", parameters)
                            .path("access_status_message")
                            .asText(""));
        } catch (SlapException e) {
            if (e.kind() != SlapException.Kind.NOT_FOUND) {
                throw e;
            }
        }
    }
}

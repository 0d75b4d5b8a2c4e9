package org.slapos.master.jsonrpc;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slapos.master.computer.FindComputers;
import org.slapos.master.instance.FindInstances;
import org.slapos.master.instance.FindInstances.Found;
import org.slapos.master.party.Requester;
import org.slapos.protocol.InstanceInformation;

/// The methods about instances.
public final class Instances {
    private static final int MAX_TITLE = 200;

    private final FindInstances instances;
    private final FindComputers computers;

    public Instances(FindInstances instances, FindComputers computers) {
        this.instances = instances;
        this.computers = computers;
    }

    ObjectNode trees(Requester who, ObjectNode members) {
        var answer = JsonMethods.JSON.createObjectNode();
        var list = answer.putArray("result_list");
        instances.trees(person(who)).forEach(tree -> list.addObject().put("title", tree.title()));
        return answer;
    }

    ObjectNode tree(Requester who, ObjectNode members) {
        var title = members.path("title").textValue();
        if (title.length() > MAX_TITLE) {
            throw JsonRefusal.invalid("title has more than " + MAX_TITLE + " characters");
        }
        return instances
                .root(person(who), title)
                .map(Instances::json)
                .orElseThrow(() ->
                        new JsonRefusal(403, "INSTANCE-TREE-NOT-FOUND", "You have no instance tree '" + title + "'"));
    }

    ObjectNode instance(Requester who, ObjectNode members) {
        var guid = members.path("instance_guid").textValue();
        return instances
                .byReference(guid)
                .filter(found -> maySee(who, found))
                .map(Instances::json)
                .orElseThrow(() -> new JsonRefusal(
                        403, "SOFTWARE-INSTANCE-NOT-FOUND", "There is no " + guid + " that you may see"));
    }

    ObjectNode onComputer(Requester who, ObjectNode members) {
        var computer = ComputeNodes.visible(computers, who, members);
        var answer = JsonMethods.JSON.createObjectNode();
        var list = answer.putArray("result_list");
        instances
                .onComputer(computer)
                .forEach(found -> list.addObject()
                        .put("title", found.instance().title())
                        .put("instance_guid", found.instance().reference())
                        .put("state", found.instance().desire().state().wire())
                        .put(
                                "compute_partition_id",
                                found.placed().map(p -> p.partition().text()).orElse(""))
                        .put("software_release_uri", found.instance().desire().release()));
        return answer;
    }

    private boolean maySee(Requester who, Found found) {
        return switch (who) {
            case Requester.Person(var reference) -> found.tree().owner().equals(reference);
            case Requester.Computer(var computer) ->
                found.placed()
                        .filter(placed -> placed.computer().equals(computer))
                        .isPresent();
            case Requester.Instance(var guid) ->
                instances
                        .byReference(guid)
                        .filter(caller -> caller.tree().id() == found.tree().id())
                        .isPresent();
            case Requester.Anonymous _ -> false;
        };
    }

    static String person(Requester who) {
        if (who instanceof Requester.Person(var reference)) {
            return reference;
        }
        throw new JsonRefusal(403, "unauthorized", "Only a person has this: call with a person's certificate");
    }

    /// The sixteen members of an instance.
    private static ObjectNode json(Found found) {
        var instance = found.instance();
        var desire = instance.desire();
        var placed = found.placed();
        var json = JsonMethods.JSON
                .createObjectNode()
                .put("title", instance.title())
                .put("instance_guid", instance.reference())
                .put("software_release_uri", desire.release())
                .put("software_type", desire.type())
                .put("state", desire.state().wire())
                .put("shared", false)
                .put("root_instance_title", found.tree().title())
                .put("computer_guid", placed.map(p -> p.computer().text()).orElse(""))
                .put(
                        "compute_partition_id",
                        placed.map(p -> p.partition().text()).orElse(""))
                .put(
                        "processing_timestamp",
                        placed.map(p -> Long.parseLong(p.timestamp())).orElse(0L))
                .put("access_status_message", status(found));
        texts(json.putObject("connection_parameters"), instance.connection());
        texts(json.putObject("parameters"), desire.parameters());
        texts(json.putObject("sla_parameters"), desire.conditions());
        rows(json.putArray("ip_list"), placed.map(InstanceInformation::addresses));
        rows(json.putArray("full_ip_list"), placed.map(InstanceInformation::routedAddresses));
        return json;
    }

    /// The last report; of an instance without a place, what it waits for.
    private static String status(Found found) {
        var waitingFor = found.instance().waitingFor();
        return waitingFor.isEmpty() ? found.instance().status().text() : "#error " + waitingFor;
    }

    private static void texts(ObjectNode object, Map<String, String> texts) {
        texts.forEach(object::put);
    }

    private static void rows(ArrayNode array, Optional<List<List<String>>> rows) {
        rows.ifPresent(all -> all.forEach(row -> row.forEach(array.addArray()::add)));
    }
}

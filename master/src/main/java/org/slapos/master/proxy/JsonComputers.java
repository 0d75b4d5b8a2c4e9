package org.slapos.master.proxy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.SoftwareState;

/// The JSON methods about Computers and what is installed on them.
record JsonComputers(State state, Software software, LoadConfiguration configuration) {
    private static void requireRegistered(Tables tables, String computer) {
        if (!tables.computers.containsKey(computer)) {
            throw JsonRefusal.forbidden(Refusal.unknownComputer(computer).reason());
        }
    }

    ObjectNode installations(ObjectNode members) {
        var computer = JsonDoor.text(members, "computer_guid");
        return JsonDoor.listed(state, (tables, list) -> {
            requireRegistered(tables, computer);
            tables.software.forEach((key, wanted) -> {
                if (key.computer().equals(computer)) {
                    list.addObject().put("software_release_uri", key.url()).put("state", wanted.wire());
                }
            });
        });
    }

    ObjectNode onComputer(ObjectNode members) {
        var computer = JsonDoor.text(members, "computer_guid");
        return JsonDoor.listed(state, (tables, list) -> {
            requireRegistered(tables, computer);
            tables.partitionsOf(computer)
                    .forEach(partition -> partition
                            .held()
                            .ifPresent(held -> list.addObject()
                                    .put("title", held.title())
                                    .put("instance_guid", JsonInstances.guid(held))
                                    .put("state", held.state().wire())
                                    .put("compute_partition_id", partition.key().partition())
                                    .put("software_release_uri", held.release())));
        });
    }

    ObjectNode list(ObjectNode members) {
        return JsonDoor.listed(
                state,
                (tables, list) -> tables.computers
                        .keySet()
                        .forEach(computer -> list.addObject().put("computer_guid", computer)));
    }

    ObjectNode supply(ObjectNode members) {
        var wanted = members.path("state").asText(SoftwareState.AVAILABLE.wire());
        var url = JsonDoor.text(members, "software_release_uri");
        software.supply(
                url,
                JsonDoor.text(members, "computer_guid"),
                SoftwareState.ofWire(wanted).orElseThrow());
        return JsonDoor.success("Supplied " + url + " to be " + wanted);
    }

    ObjectNode softwareReported(ObjectNode members) {
        if (!JsonDoor.text(members, "reported_state").equals("destroyed")) {
            return JsonDoor.success("Ignored");
        }
        software.destroyed(JsonDoor.text(members, "software_release_uri"), JsonDoor.text(members, "computer_guid"));
        return JsonDoor.success("Destroyed");
    }

    ObjectNode format(ObjectNode members) {
        var computer = new ComputerId(JsonDoor.text(members, "computer_guid")).text();
        var partitions = new ArrayList<Partition>();
        for (var item : members.path("compute_partition_list")) {
            var key = new PartitionKey(computer, new PartitionId(required(item, "partition_id")).text());
            var addresses = new ArrayList<Partition.Address>();
            for (var address : item.path("ip_list")) {
                addresses.add(new Partition.Address(
                        address.path("network-interface").asText(key.partition()),
                        required(address, "ip-address"),
                        address.path("netmask").asText("")));
            }
            partitions.add(Partition.free(key, addresses));
        }
        configuration.load(new Tables.Computer(computer, "", ""), partitions);
        return JsonDoor.success("Formatted");
    }

    private static String required(JsonNode item, String name) {
        if (!item.path(name).isTextual() || item.path(name).textValue().isEmpty()) {
            throw new JsonRefusal(400, "'" + name + "' is a required property of each item, a string");
        }
        return item.path(name).textValue();
    }
}

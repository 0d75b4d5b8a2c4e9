package org.slapos.master.proxy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.marshal.MarshalReader;
import org.slapos.protocol.marshal.Value;

/// Instances as the JSON methods show them: sixteen members, and `<title>___<root title>___<0|1>` as guid.
final class JsonInstances {
    private static final String SEPARATOR = "___";
    private static final Value.Dictionary NOTHING = new Value.Dictionary(Map.of());

    private JsonInstances() {}

    /// An instance found by its guid.
    sealed interface Found {
        record Plain(Partition partition, Instance instance) implements Found {}

        record Shared(SharedInstance instance, Optional<Partition> host) implements Found {}
    }

    static String guid(Instance instance) {
        return instance.title() + SEPARATOR + instance.requestedBy() + SEPARATOR + "0";
    }

    static String guid(SharedInstance instance) {
        return instance.title() + SEPARATOR + instance.askedBy() + SEPARATOR + "1";
    }

    /// @throws JsonRefusal when there is none of that guid
    static Found find(Tables tables, String guid) {
        var parts = guid.split(SEPARATOR, 3);
        var found = parts.length < 3 ? Optional.<Found>empty() : find(tables, parts[0], parts[1], parts[2]);
        return found.orElseThrow(() -> JsonRefusal.forbidden("No instance '" + guid + "' is here"));
    }

    private static Optional<Found> find(Tables tables, String title, String root, String kind) {
        return switch (kind) {
            case "0" -> tables.plain(title, root).map(JsonInstances::plain);
            case "1" -> tables.shared(title, root).map(shared -> shared(tables, shared));
            default -> Optional.empty();
        };
    }

    static Found plain(Partition partition) {
        return new Found.Plain(partition, partition.held().orElseThrow());
    }

    static Found shared(Tables tables, SharedInstance shared) {
        return new Found.Shared(shared, Optional.ofNullable(tables.partitions.get(shared.host())));
    }

    static ObjectNode json(Found found) {
        return switch (found) {
            case Found.Plain(var partition, var instance) -> plain(partition, instance);
            case Found.Shared(var shared, var host) -> {
                var hostInstance = host.flatMap(Partition::held);
                var parameters = hostInstance
                        .flatMap(held -> held.hosted(shared.reference()))
                        .map(entry -> MarshalReader.read(entry.parameters()).asDictionary())
                        .orElse(NOTHING);
                yield shared(
                        shared,
                        hostInstance,
                        JsonValues.object(parameters),
                        List.of(),
                        host.map(Partition::timestamp).orElse(0.0).longValue());
            }
        };
    }

    /// What a request answers.
    static ObjectNode json(RequestInstance.Answer answer, InstanceWanted wanted) {
        return switch (answer) {
            case RequestInstance.Answer.Plain(var partition, var instance, var _) -> plain(partition, instance);
            case RequestInstance.Answer.Shared(var shared, var host, var hostInstance) ->
                shared(
                        shared,
                        Optional.of(hostInstance),
                        JsonValues.texts(PythonText.of(wanted.parameters())),
                        host.addresses(),
                        0);
        };
    }

    private static ObjectNode plain(Partition partition, Instance instance) {
        return json(
                instance.title(),
                guid(instance),
                instance.release(),
                instance.type(),
                instance.state().wire(),
                JsonValues.texts(instance.connection()),
                JsonValues.texts(instance.parameters()),
                false,
                instance.rootTitle(),
                rows(partition.addresses()),
                partition.key(),
                (long) partition.timestamp());
    }

    private static ObjectNode shared(
            SharedInstance shared,
            Optional<Instance> host,
            ObjectNode parameters,
            List<Partition.Address> addresses,
            long timestamp) {
        return json(
                shared.title(),
                guid(shared),
                host.map(Instance::release).orElse(""),
                host.map(Instance::type).orElse(""),
                "started",
                JsonValues.texts(shared.connection()),
                parameters,
                true,
                shared.askedBy().isEmpty() ? shared.title() : shared.askedBy(),
                rows(addresses),
                shared.host(),
                timestamp);
    }

    /// An instance that another Master has.
    static ObjectNode elsewhere(InstanceInformation found, InstanceWanted wanted) {
        var addresses = JsonNodeFactory.instance.arrayNode();
        found.addresses().forEach(row -> row.forEach(addresses.addArray()::add));
        return json(
                wanted.title(),
                found.guid(),
                found.softwareRelease(),
                found.softwareType(),
                found.state().wire(),
                JsonValues.texts(found.connection()),
                JsonValues.texts(found.parameters()),
                wanted.shared(),
                found.rootTitle(),
                addresses,
                new PartitionKey(found.computer().text(), found.partition().text()),
                0);
    }

    /// What stands in for an instance.
    static ObjectNode bypassed(Bypass.Found found, InstanceWanted wanted) {
        return json(
                wanted.title(),
                guid(new SharedInstance(SharedInstance.reference("", wanted.title()), "", "", "", Map.of())),
                wanted.release(),
                wanted.type(),
                "started",
                JsonValues.texts(found.connection()),
                JsonValues.texts(PythonText.of(wanted.parameters())),
                true,
                wanted.title(),
                JsonNodeFactory.instance.arrayNode(),
                new PartitionKey("", found.partition()),
                0);
    }

    private static ObjectNode json(
            String title,
            String guid,
            String release,
            String type,
            String state,
            ObjectNode connection,
            ObjectNode parameters,
            boolean isShared,
            String rootTitle,
            ArrayNode addresses,
            PartitionKey place,
            long timestamp) {
        var json = JsonNodeFactory.instance.objectNode();
        json.put("title", title);
        json.put("instance_guid", guid);
        json.put("software_release_uri", release);
        json.put("software_type", type);
        json.put("state", state);
        json.set("connection_parameters", connection);
        json.set("parameters", parameters);
        json.put("shared", isShared);
        json.put("root_instance_title", rootTitle);
        json.set("ip_list", addresses);
        json.putArray("full_ip_list");
        json.putObject("sla_parameters");
        json.put("computer_guid", place.computer());
        json.put("compute_partition_id", place.partition());
        json.put("processing_timestamp", timestamp);
        json.put("access_status_message", "");
        return json;
    }

    private static ArrayNode rows(List<Partition.Address> addresses) {
        var rows = JsonNodeFactory.instance.arrayNode();
        addresses.forEach(
                address -> rows.addArray().add(address.interfaceName()).add(address.address()));
        return rows;
    }
}

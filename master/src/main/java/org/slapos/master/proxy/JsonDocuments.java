package org.slapos.master.proxy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.jsonrpc.JsonAnswer;
import org.slapos.protocol.jsonrpc.Rows;

/// Instances as the JSON methods show them, with `<title>___<root title>___<0|1>` as guid.
final class JsonDocuments {
    private static final String SEPARATOR = "___";

    private JsonDocuments() {}

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

    static boolean isShared(String guid) {
        return guid.endsWith(SEPARATOR + "1");
    }

    /// @throws Refusal when there is none of that guid
    static Found find(Tables tables, String guid) {
        var parts = guid.split(SEPARATOR, 3);
        var found = parts.length < 3 ? Optional.<Found>empty() : find(tables, parts[0], parts[1], parts[2]);
        return found.orElseThrow(() -> Refusal.notFound("No instance '" + guid + "' is here"));
    }

    private static Optional<Found> find(Tables tables, String title, String root, String kind) {
        return switch (kind) {
            case "0" -> tables.plain(title, root).map(JsonDocuments::plain);
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

    static JsonAnswer of(Found found) {
        return switch (found) {
            case Found.Plain(var partition, var instance) -> plain(partition, instance);
            case Found.Shared(var shared, var host) -> {
                var hostInstance = host.flatMap(Partition::held);
                yield shared(
                        shared,
                        hostInstance,
                        hostInstance
                                .flatMap(held -> held.hosted(shared.reference()))
                                .map(entry -> JsonValues.object(entry.values()))
                                .orElseGet(() -> JsonValues.texts(Map.of())),
                        List.of(),
                        host.map(Partition::timestamp).orElse(0.0).longValue());
            }
        };
    }

    /// What a request answers.
    static JsonAnswer of(RequestInstance.Answer answer, InstanceWanted wanted) {
        return switch (answer) {
            case RequestInstance.Answer.Plain(var partition, var instance, var _) -> plain(partition, instance);
            case RequestInstance.Answer.Shared(var shared, var host, var hostInstance) ->
                shared(shared, Optional.of(hostInstance), parameters(wanted), rows(host.addresses()), 0);
        };
    }

    private static JsonAnswer plain(Partition partition, Instance instance) {
        return shown(
                instance.title(),
                guid(instance),
                instance.release(),
                instance.type(),
                instance.state(),
                instance.connection(),
                JsonValues.texts(instance.parameters()),
                false,
                instance.rootTitle(),
                rows(partition.addresses()),
                partition.key(),
                (long) partition.timestamp());
    }

    private static JsonAnswer shared(
            SharedInstance shared,
            Optional<Instance> host,
            ObjectNode parameters,
            List<List<String>> addresses,
            long timestamp) {
        return shown(
                shared.title(),
                guid(shared),
                host.map(Instance::release).orElse(""),
                host.map(Instance::type).orElse(""),
                RequestedState.STARTED,
                shared.connection(),
                parameters,
                true,
                shared.askedBy().isEmpty() ? shared.title() : shared.askedBy(),
                addresses,
                shared.host(),
                timestamp);
    }

    /// An instance that another Master has.
    static JsonAnswer elsewhere(InstanceInformation found, InstanceWanted wanted) {
        return shown(
                wanted.title(),
                found.guid(),
                found.softwareRelease(),
                found.softwareType(),
                found.state(),
                found.connection(),
                JsonValues.texts(found.parameters()),
                wanted.shared(),
                found.rootTitle(),
                found.addresses(),
                new PartitionKey(found.computer().text(), found.partition().text()),
                0);
    }

    /// What stands in for an instance.
    static JsonAnswer bypassed(Bypass.Found found, InstanceWanted wanted) {
        return shown(
                wanted.title(),
                wanted.title() + SEPARATOR + SEPARATOR + "1",
                wanted.release(),
                wanted.type(),
                RequestedState.STARTED,
                found.connection(),
                parameters(wanted),
                true,
                wanted.title(),
                List.of(),
                new PartitionKey("", found.partition()),
                0);
    }

    /// A SharedInstance in the list of its host.
    static JsonAnswer hosted(SharedInstance shared, Instance.Hosted entry, PartitionKey host) {
        var json = new Rows.SharedInstance(
                        shared.title(),
                        guid(shared),
                        entry.type(),
                        RequestedState.STARTED.wire(),
                        Map.of(),
                        host.partition())
                .write();
        json.set("parameters", JsonValues.object(entry.values()));
        return () -> json;
    }

    /// Proxy mode shows types and nulls, which the message has not.
    private static JsonAnswer shown(
            String title,
            String guid,
            String release,
            String type,
            RequestedState state,
            Map<String, String> connection,
            ObjectNode parameters,
            boolean isShared,
            String rootTitle,
            List<List<String>> addresses,
            PartitionKey place,
            long timestamp) {
        var json = new org.slapos.protocol.jsonrpc.Instance(
                        title,
                        guid,
                        release,
                        type,
                        state,
                        Map.of(),
                        Map.of(),
                        isShared,
                        rootTitle,
                        addresses,
                        List.of(),
                        Map.of(),
                        place.computer(),
                        place.partition(),
                        timestamp,
                        "")
                .write();
        json.set("connection_parameters", JsonValues.texts(connection));
        json.set("parameters", parameters);
        return () -> json;
    }

    private static ObjectNode parameters(InstanceWanted wanted) {
        return JsonValues.texts(wanted.parameters().storedTexts());
    }

    private static List<List<String>> rows(List<Partition.Address> addresses) {
        return addresses.stream()
                .map(address -> List.of(address.interfaceName(), address.address()))
                .toList();
    }
}

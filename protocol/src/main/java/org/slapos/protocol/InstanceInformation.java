package org.slapos.protocol;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slapos.protocol.marshal.Value;

/// An allocated instance as the Master describes it: to the node that runs it (class `ComputerPartition` on the wire)
/// and to whoever requested it (class `SoftwareInstance`).
///
/// @param guid            `SOFTINST-n`
/// @param timestamp       changes when the node has something to do; compared as text (microseconds from our Master)
/// @param accessStatus    the last reported status, `#access ...` or `#error ...`; empty when unknown
/// @param addresses       of the partition, interface and address
/// @param routedAddresses interface, address, gateway, netmask, network of addresses behind a routed tap
/// @param sharedInstances each shared instance that lives in this one, as one dictionary (SLAP protocol,
///                        slave_instance_list)
public record InstanceInformation(
        ComputerId computer,
        PartitionId partition,
        String guid,
        String title,
        String rootTitle,
        String rootShortTitle,
        String softwareRelease,
        String softwareType,
        RequestedState state,
        Map<String, String> parameters,
        Map<String, String> connection,
        Map<String, String> filter,
        List<List<String>> addresses,
        List<List<String>> routedAddresses,
        List<Map<String, String>> sharedInstances,
        String timestamp,
        String accessStatus) {

    private static final Set<String> RESERVED = Set.of(
            "instance_title",
            "root_instance_title",
            "root_instance_short_title",
            "slap_computer_id",
            "slap_computer_partition_id",
            "slap_software_type",
            "slap_software_release_url",
            "ip_list",
            "full_ip_list",
            "full_address_list",
            "slave_instance_list",
            "timestamp");

    public InstanceInformation {
        parameters = Map.copyOf(parameters);
        connection = Map.copyOf(connection);
        filter = Map.copyOf(filter);
        addresses = List.copyOf(addresses);
        routedAddresses = List.copyOf(routedAddresses);
        sharedInstances = List.copyOf(sharedInstances);
    }

    /// The same for who may not see what lives in it.
    public InstanceInformation withoutSharedInstances() {
        return new InstanceInformation(
                computer,
                partition,
                guid,
                title,
                rootTitle,
                rootShortTitle,
                softwareRelease,
                softwareType,
                state,
                parameters,
                connection,
                filter,
                addresses,
                routedAddresses,
                List.of(),
                timestamp,
                accessStatus);
    }

    /// With one parameter more, which wins over one of that name.
    public InstanceInformation with(String parameter, String value) {
        var more = new LinkedHashMap<>(parameters);
        more.put(parameter, value);
        return new InstanceInformation(
                computer,
                partition,
                guid,
                title,
                rootTitle,
                rootShortTitle,
                softwareRelease,
                softwareType,
                state,
                more,
                connection,
                filter,
                addresses,
                routedAddresses,
                sharedInstances,
                timestamp,
                accessStatus);
    }

    /// The answer to a request (SLAP protocol, SoftwareInstance).
    public Value toSoftwareInstance() {
        var attributes = described();
        attributes.put("_parameter_dict", Value.texts(parameters));
        attributes.put("_connection_dict", Value.texts(connection));
        attributes.put("_filter_dict", Value.texts(filter));
        attributes.put("_instance_guid", Value.of(guid));
        attributes.put("_requested_state", Value.of(state.wire()));
        return new Value.SlapObject("SoftwareInstance", List.of(), new Value.Dictionary(attributes));
    }

    /// The busy partition as its node gets it (SLAP protocol, ComputerPartition).
    public Value toComputerPartition(boolean synced) {
        var parameterDictionary =
                new LinkedHashMap<String, Value>(Value.texts(parameters).entries());
        parameterDictionary.putAll(described());
        var attributes = new LinkedHashMap<String, Value>();
        attributes.put("_access_status", Value.of(accessStatus));
        attributes.put("_computer_id", Value.of(computer.text()));
        attributes.put("_partition_id", Value.of(partition.text()));
        attributes.put("_request_dict", Value.none());
        attributes.put("_requested_state", Value.of(state.wire()));
        attributes.put("_need_modification", Value.of(1));
        attributes.put("_software_release_document", SoftwareInformation.document(softwareRelease, computer, null));
        attributes.put("_instance_guid", Value.of(guid));
        attributes.put("_parameter_dict", new Value.Dictionary(parameterDictionary));
        attributes.put("_connection_dict", Value.texts(connection));
        attributes.put("_filter_dict", Value.texts(filter));
        if (synced) {
            attributes.put("_synced", new Value.Bool(true));
        }
        return new Value.SlapObject(
                "ComputerPartition",
                List.of(Value.of(computer.text()), Value.of(partition.text()), Value.none()),
                new Value.Dictionary(attributes));
    }

    /// Reads the answer to a request; a proxy may answer a ComputerPartition instead.
    ///
    /// @throws MalformedException when a mandatory attribute is missing
    public static InstanceInformation ofRequestAnswer(Value value) {
        if (value instanceof Value.SlapObject object && object.type().equals("SoftwareInstance")) {
            return of(
                    object.attributes(),
                    object.attributes(),
                    object.attributes().dictionary("_parameter_dict"));
        }
        return ofComputerPartition(standIn(value.asObject("ComputerPartition")));
    }

    /// A proxy answers some requests for a shared instance by itself, with an empty computer and a sentence in place of
    /// the partition; here they are ids that can be read.
    private static Value standIn(Value.SlapObject partition) {
        var attributes = partition.attributes();
        if (attributes.text("_computer_id").filter(String::isEmpty).isEmpty()) {
            return partition;
        }
        var entries = new LinkedHashMap<>(attributes.entries());
        entries.put("_computer_id", Value.of("proxy"));
        var sentence = attributes.text("_partition_id").orElse("").replaceAll("[^A-Za-z0-9_.:-]+", "_");
        entries.put(
                "_partition_id", Value.of(sentence.substring(0, Math.min(Reference.MAX_LENGTH, sentence.length()))));
        return new Value.SlapObject(partition.type(), partition.arguments(), new Value.Dictionary(entries));
    }

    /// Reads a busy partition.
    ///
    /// @throws MalformedException when a mandatory attribute is missing
    public static InstanceInformation ofComputerPartition(Value value) {
        var attributes = value.asObject("ComputerPartition").attributes();
        var described = attributes.dictionary("_parameter_dict");
        var withIds = new LinkedHashMap<>(described.entries());
        withIds.putIfAbsent("slap_computer_id", Value.of(attributes.requiredText("_computer_id")));
        withIds.putIfAbsent("slap_computer_partition_id", Value.of(attributes.requiredText("_partition_id")));
        attributes
                .get("_software_release_document")
                .ifPresent(release ->
                        withIds.putIfAbsent("slap_software_release_url", Value.of(SoftwareInformation.urlOf(release))));
        return of(attributes, new Value.Dictionary(withIds), described);
    }

    private static InstanceInformation of(
            Value.Dictionary attributes, Value.Dictionary described, Value.Dictionary parameters) {
        var own = new LinkedHashMap<String, String>();
        parameters.entries().forEach((name, value) -> {
            if (!RESERVED.contains(name)) {
                own.put(name, value instanceof Value.None ? "" : value.pythonText());
            }
        });
        var title = described.text("instance_title").orElse("");
        return new InstanceInformation(
                new ComputerId(described.requiredText("slap_computer_id")),
                new PartitionId(described.requiredText("slap_computer_partition_id")),
                attributes.text("_instance_guid").orElse(""),
                title,
                described.text("root_instance_title").orElse(title),
                described.text("root_instance_short_title").orElse(""),
                described.text("slap_software_release_url").orElse(""),
                described.text("slap_software_type").orElse(""),
                state(attributes.text("_requested_state").orElse("started")),
                own,
                connection(attributes),
                attributes.dictionary("_filter_dict").texts(),
                tuples(described.items("ip_list")),
                tuples(described.items("full_ip_list")),
                described.items("slave_instance_list").stream()
                        .map(shared ->
                                (Map<String, String>) shared.asDictionary().texts())
                        .toList(),
                described
                        .text("timestamp")
                        .or(() -> parameters.text("timestamp"))
                        .orElse(""),
                attributes.text("_access_status").orElse(""));
    }

    private static Map<String, String> connection(Value.Dictionary attributes) {
        return attributes
                .get("_connection_dict")
                .map(found -> found.asDictionary().texts())
                .or(() -> attributes.text("connection_xml").map(InstanceXml::read))
                .map(found -> (Map<String, String>) found)
                .orElse(Map.of());
    }

    private static RequestedState state(String word) {
        return RequestedState.ofWire(word)
                .orElseThrow(() -> new MalformedException("unknown requested state '" + word + "'"));
    }

    private static List<List<String>> tuples(List<Value> items) {
        var tuples = new ArrayList<List<String>>();
        for (var item : items) {
            tuples.add(item.asItems().stream().map(Value::asText).toList());
        }
        return tuples;
    }

    /// What both documents say of the instance, beside its own parameters.
    private LinkedHashMap<String, Value> described() {
        var entries = new LinkedHashMap<String, Value>();
        entries.put("instance_title", Value.of(title));
        entries.put("root_instance_title", Value.of(rootTitle));
        entries.put("root_instance_short_title", Value.of(rootShortTitle));
        entries.put("slap_computer_id", Value.of(computer.text()));
        entries.put("slap_computer_partition_id", Value.of(partition.text()));
        entries.put("slap_software_type", Value.of(softwareType));
        entries.put("slap_software_release_url", Value.of(softwareRelease));
        entries.put("ip_list", tupleList(addresses));
        entries.put("full_ip_list", tupleList(routedAddresses));
        entries.put(
                "slave_instance_list",
                Value.list(sharedInstances.stream()
                        .map(InstanceInformation::shared)
                        .toList()));
        entries.put("timestamp", timestampValue(timestamp));
        return entries;
    }

    private static Value shared(Map<String, String> shared) {
        var entries = new LinkedHashMap<String, Value>(Value.texts(shared).entries());
        entries.computeIfPresent("timestamp", (_, text) -> timestampValue(text.asText()));
        return new Value.Dictionary(entries);
    }

    private static Value timestampValue(String timestamp) {
        return timestamp.matches("[0-9]{1,18}") ? Value.of(Long.parseLong(timestamp)) : Value.of(timestamp);
    }

    private static Value tupleList(List<List<String>> rows) {
        return Value.list(rows.stream()
                .map(row -> Value.tuple(row.toArray(String[]::new)))
                .toList());
    }
}

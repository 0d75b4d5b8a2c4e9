package org.slapos.master.proxy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.InstanceXml;
import org.slapos.protocol.marshal.Value;

/// The documents of SLAP v1 as proxy mode has them: less than a Master sends, some of it under other names.
final class SlapDocuments {
    private SlapDocuments() {}

    /// `getFullComputerInformation`.
    static Value computer(Tables tables, String computer) {
        var software = new ArrayList<Value>();
        tables.software.forEach((key, wanted) -> {
            if (key.computer().equals(computer)) {
                software.add(release(key.url(), computer, Map.of("_requested_state", Value.of(wanted.wire()))));
            }
        });
        var partitions = tables.partitionsOf(computer).stream()
                .map(SlapDocuments::partition)
                .toList();
        return object(
                "Computer",
                List.of(Value.of(computer)),
                Map.of(
                        "_computer_id", Value.of(computer),
                        "_computer_partition_list", Value.list(partitions),
                        "_software_release_list", Value.list(software)));
    }

    /// `registerComputerPartition`: a partition, free or busy.
    static Value partition(Partition partition) {
        var key = partition.key();
        var attributes = new LinkedHashMap<String, Value>();
        attributes.put("_computer_id", Value.of(key.computer()));
        attributes.put("_partition_id", Value.of(key.partition()));
        attributes.put("_request_dict", Value.none());
        attributes.put("_instance_guid", Value.of(key.guid()));
        attributes.put("_need_modification", Value.of(partition.held().isPresent() ? 1 : 0));
        attributes.put("_requested_state", Value.of("destroyed"));
        attributes.put("_software_release_document", Value.none());
        partition.held().ifPresent(held -> {
            attributes.put("_requested_state", Value.of(held.state().wire()));
            attributes.put("_software_release_document", release(held.release(), key.computer(), Map.of()));
            attributes.put("_parameter_dict", parameters(partition, held));
            attributes.put("_connection_dict", texts(held.connection()));
        });
        return object(
                "ComputerPartition",
                List.of(Value.of(key.computer()), Value.of(key.partition()), Value.none()),
                attributes);
    }

    private static Value parameters(Partition partition, Instance held) {
        var entries = new LinkedHashMap<String, Value>(texts(held.parameters()).entries());
        entries.put("instance_title", Value.of(held.title()));
        entries.put("root_instance_title", Value.of(held.rootTitle()));
        entries.put("slap_computer_id", Value.of(partition.key().computer()));
        entries.put("slap_computer_partition_id", Value.of(partition.key().partition()));
        entries.put("slap_software_type", Value.of(held.type()));
        entries.put("slap_software_release_url", Value.of(held.release()));
        entries.put("ip_list", addresses(partition));
        entries.put("full_address_list", Value.list(List.of()));
        entries.put(
                "slave_instance_list",
                Value.list(held.hostedInstances().stream()
                        .map(SlapDocuments::hosted)
                        .toList()));
        if (partition.timestamp() > 0) {
            entries.put("timestamp", Value.of(new Value.Decimal(partition.timestamp()).asText()));
        }
        return new Value.Dictionary(entries);
    }

    private static Value hosted(Instance.Hosted hosted) {
        var entries = new LinkedHashMap<>(hosted.values().entries());
        entries.put("slave_reference", Value.of(hosted.reference()));
        entries.put("slave_title", Value.of(hosted.reference()));
        entries.put("slap_software_type", Value.of(hosted.type()));
        return new Value.Dictionary(entries);
    }

    /// The answer to a request, when its instance lives here.
    static Value answer(RequestInstance.Answer answer, InstanceWanted wanted) {
        return switch (answer) {
            case RequestInstance.Answer.Plain(var partition, var held, var shown) -> {
                var attributes = described(partition, held);
                var parameters = new LinkedHashMap<String, Value>(
                        texts(held.parameters()).entries());
                parameters.put("timestamp", Value.of(new Value.Decimal(partition.timestamp()).asText()));
                attributes.put("_parameter_dict", new Value.Dictionary(parameters));
                attributes.put("_connection_dict", texts(held.connection()));
                attributes.put("_requested_state", Value.of(shown.wire()));
                attributes.put("_instance_guid", Value.of(partition.key().guid()));
                attributes.put(
                        "connection_xml",
                        held.connection().isEmpty() ? Value.none() : Value.of(InstanceXml.write(held.connection())));
                yield object("SoftwareInstance", List.of(), attributes);
            }
            case RequestInstance.Answer.Shared(var instance, var host, var hostInstance) -> {
                var attributes = described(host, hostInstance);
                attributes.put("_parameter_dict", texts(wanted.parameters().storedTexts()));
                attributes.put("_connection_dict", texts(instance.connection()));
                yield object("SoftwareInstance", List.of(), attributes);
            }
        };
    }

    private static Map<String, Value> described(Partition partition, Instance held) {
        var attributes = new LinkedHashMap<String, Value>();
        attributes.put("slap_computer_id", Value.of(partition.key().computer()));
        attributes.put("slap_computer_partition_id", Value.of(partition.key().partition()));
        attributes.put("slap_software_release_url", Value.of(held.release()));
        attributes.put("slap_software_type", Value.of(held.type()));
        attributes.put("slap_server_url", Value.of("slap_server_url"));
        attributes.put("ip_list", addresses(partition));
        return attributes;
    }

    /// The answer to a request that another Master took.
    static Value elsewhere(InstanceInformation found, String master) {
        var attributes = new LinkedHashMap<String, Value>();
        attributes.put("_master_url", Value.of(master));
        attributes.put("_computer_id", Value.of(found.computer().text()));
        attributes.put("_partition_id", Value.of(found.partition().text()));
        attributes.put("_request_dict", Value.none());
        attributes.put("_requested_state", Value.of(found.state().wire()));
        attributes.put("_instance_guid", Value.of(found.guid()));
        attributes.put("_software_release_document", Value.of(found.softwareRelease()));
        attributes.put("_parameter_dict", texts(found.parameters()));
        attributes.put("_connection_dict", texts(found.connection()));
        attributes.put("slap_computer_id", Value.of(found.computer().text()));
        attributes.put("slap_computer_partition_id", Value.of(found.partition().text()));
        attributes.put("slap_software_release_url", Value.of(found.softwareRelease()));
        attributes.put("slap_software_type", Value.of(found.softwareType()));
        attributes.put(
                "ip_list",
                Value.list(found.addresses().stream()
                        .map(row -> Value.tuple(row.toArray(String[]::new)))
                        .toList()));
        return object(
                "ComputerPartition",
                List.of(
                        Value.of(found.computer().text()),
                        Value.of(found.partition().text()),
                        Value.none()),
                attributes);
    }

    /// The answer of a bypass: no computer, and what the instance would have published.
    static Value bypassed(Bypass.Found found) {
        return object(
                "ComputerPartition",
                List.of(Value.of(""), Value.of(found.partition()), Value.none()),
                Map.of(
                        "_computer_id", Value.of(""),
                        "_partition_id", Value.of(found.partition()),
                        "_request_dict", Value.none(),
                        "_parameter_dict", Value.texts(Map.of()),
                        "_connection_dict", Value.texts(found.connection()),
                        "slap_computer_id", Value.of(""),
                        "slap_computer_partition_id", Value.of(found.partition())));
    }

    private static Value addresses(Partition partition) {
        return Value.list(partition.addresses().stream()
                .map(address -> Value.tuple(address.interfaceName(), address.address()))
                .toList());
    }

    private static Value release(String url, String computer, Map<String, Value> more) {
        var attributes = new LinkedHashMap<>(more);
        attributes.put("_software_release", Value.of(url));
        attributes.put("_computer_guid", Value.of(computer));
        attributes.put("_software_instance_list", Value.list(List.of()));
        return object("SoftwareRelease", List.of(Value.of(url), Value.of(computer)), attributes);
    }

    /// An empty parameter comes out of an instance parameter document as null.
    private static Value.Dictionary texts(Map<String, String> texts) {
        var entries = new LinkedHashMap<String, Value>();
        texts.forEach((name, text) -> entries.put(name, text.isEmpty() ? Value.none() : Value.of(text)));
        return new Value.Dictionary(entries);
    }

    private static Value object(String type, List<Value> arguments, Map<String, Value> attributes) {
        return new Value.SlapObject(type, arguments, new Value.Dictionary(attributes));
    }
}

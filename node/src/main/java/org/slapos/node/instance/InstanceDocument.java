package org.slapos.node.instance;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.slapos.protocol.InstanceInformation;

/// What the recipes of an instance read, in `.slapgrid/instance.json`: who it is, where it is, and its parameters. The
/// same information gives the same bytes.
final class InstanceDocument {
    static final String NAME = ".slapgrid/instance.json";
    private static final ObjectMapper JSON = new ObjectMapper();

    private InstanceDocument() {}

    /// @param user name of the partition's user
    static byte[] of(InstanceInformation instance, Path partition, String user) {
        var document = new LinkedHashMap<String, Object>();
        document.put("computer_id", instance.computer().text());
        document.put("partition_id", instance.partition().text());
        document.put("instance_guid", instance.guid());
        document.put("instance_title", instance.title());
        document.put("root_instance_title", instance.rootTitle());
        document.put("software_release_url", instance.softwareRelease());
        document.put("software_type", instance.softwareType());
        document.put("requested_state", instance.state().wire());
        document.put("path", partition.toString());
        document.put("user", user);
        document.put(
                "tap",
                instance.addresses().stream()
                        .filter(pair -> pair.size() > 1)
                        .map(List::getFirst)
                        .findFirst()
                        .orElse(""));
        document.put("ip_list", instance.addresses());
        document.put("ipv4", address(instance, text -> text.indexOf(':') < 0));
        document.put("ipv6", address(instance, text -> text.indexOf(':') >= 0));
        document.put("parameters", new TreeMap<>(instance.parameters()));
        document.put(
                "slave_instance_list",
                instance.sharedInstances().stream()
                        .map((Map<String, String> shared) -> new TreeMap<>(shared))
                        .toList());
        try {
            return (JSON.writerWithDefaultPrettyPrinter().writeValueAsString(document) + "\n")
                    .getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String address(InstanceInformation instance, Predicate<String> isOfFamily) {
        return instance.addresses().stream()
                .filter(pair -> pair.size() > 1)
                .map(pair -> pair.get(1))
                .filter(isOfFamily)
                .findFirst()
                .orElse("");
    }
}

package org.slapos.node.format;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slapos.node.host.AddressText;
import org.slapos.protocol.ComputerConfiguration.Partition;

/// The file `.slapos-resource` of a partition: what it has, as JSON with sorted keys.
final class PartitionResource {
    static final String FILE_NAME = ".slapos-resource";

    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

    private PartitionResource() {}

    static String json(Partition partition, Optional<IpNetwork> range) {
        var tap = partition.tap();
        var entries = new TreeMap<String, Object>();
        entries.put("reference", partition.reference().text());
        entries.put("path", partition.path());
        entries.put("user", Map.of("name", partition.user(), "path", partition.path(), "shell", "/bin/sh"));
        entries.put(
                "address_list",
                partition.addresses().stream()
                        .map(a -> Map.of("addr", a.address(), "netmask", a.netmask()))
                        .toList());
        entries.put("ipv6_range", range.map(PartitionResource::range).orElse(Map.of()));
        entries.put(
                "tap",
                Map.of(
                        "name", tap.name(),
                        "ipv4_addr", tap.address(),
                        "ipv4_netmask", tap.netmask(),
                        "ipv4_gateway", tap.gateway(),
                        "ipv4_network", tap.network(),
                        "ipv6_addr", "",
                        "ipv6_netmask", "",
                        "ipv6_gateway", "",
                        "ipv6_network", ""));
        entries.put("external_storage_list", List.of());
        try {
            return JSON.writeValueAsString(entries) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("plain texts that do not become JSON", e);
        }
    }

    private static Map<String, Object> range(IpNetwork range) {
        var address = AddressText.of(range.address());
        return Map.of(
                "addr", address,
                "netmask", range.netmask(),
                "network", range.toString(),
                "prefixlen", range.bits());
    }
}

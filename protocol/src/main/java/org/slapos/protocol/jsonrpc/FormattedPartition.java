package org.slapos.protocol.jsonrpc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import org.slapos.protocol.MalformedException;

/// A partition as a Computer formatted it.
///
/// @param capabilities nothing = they stay as they are
public record FormattedPartition(String id, List<Address> addresses, Optional<List<String>> capabilities) {
    private static final int MAX_ADDRESSES = 100;

    public FormattedPartition {
        addresses = List.copyOf(addresses);
        capabilities = capabilities.map(List::copyOf);
        if (addresses.size() > MAX_ADDRESSES) {
            throw new MalformedException("partition '" + id + "' has more than " + MAX_ADDRESSES + " addresses");
        }
    }

    /// What is unknown is empty.
    ///
    /// @param gateway only of an address behind a routed tap, as `network`
    public record Address(String networkInterface, String address, String netmask, String gateway, String network) {
        private static final String INTERFACE = "network-interface";

        /// The three members that every Master takes are always there.
        ObjectNode write() {
            var json = Json.object()
                    .put("ip-address", address)
                    .put("netmask", netmask)
                    .put(INTERFACE, networkInterface);
            if (!gateway.isEmpty()) {
                json.put("gateway-ip-address", gateway);
            }
            if (!network.isEmpty()) {
                json.put("network-address", network);
            }
            return json;
        }

        static Address read(JsonNode address) {
            return new Address(
                    optional(address, INTERFACE),
                    Json.text(address, "ip-address"),
                    optional(address, "netmask"),
                    optional(address, "gateway-ip-address"),
                    optional(address, "network-address"));
        }

        private static String optional(JsonNode address, String name) {
            return address.has(name) ? Json.text(address, name) : "";
        }
    }

    ObjectNode write() {
        var json = Json.object().put("partition_id", id);
        var list = json.putArray("ip_list");
        addresses.forEach(address -> list.add(address.write()));
        capabilities.ifPresent(names -> Json.putAll(json.putArray("capability_list"), names));
        return json;
    }

    static FormattedPartition read(JsonNode partition) {
        for (var name : List.of("ip_list", "capability_list")) {
            if (partition.has(name) && !partition.path(name).isArray()) {
                throw new MalformedException("member '" + name + "' of a partition must be an array");
            }
        }
        return new FormattedPartition(
                Json.text(partition, "partition_id"),
                Json.items(partition.path("ip_list"), Address::read),
                partition.has("capability_list")
                        ? Optional.of(Json.strings(partition.path("capability_list")))
                        : Optional.empty());
    }
}

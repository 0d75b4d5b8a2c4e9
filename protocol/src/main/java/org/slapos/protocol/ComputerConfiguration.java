package org.slapos.protocol;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slapos.protocol.marshal.Value;

/// What a node says of itself after `format` (SLAP protocol, capacity document).
///
/// @param address  the Computer's own address, may be empty
/// @param facts    informative entries by their name on the wire: `os_type`, `slapos_version`, `instance_root`...
public record ComputerConfiguration(
        ComputerId reference, String address, String netmask, Map<String, String> facts, List<Partition> partitions) {
    private static final int MAX_PARTITIONS = 10_000;

    public ComputerConfiguration {
        facts = Map.copyOf(facts);
        partitions = List.copyOf(partitions);
        if (partitions.size() > MAX_PARTITIONS) {
            throw new MalformedException("more than " + MAX_PARTITIONS + " partitions");
        }
    }

    public record Address(String address, String netmask) {}

    /// @param tap  its IPv4 part is filled only behind a tap gateway; an empty name = no tap
    /// @param user name of the Unix user
    public record Partition(
            PartitionId reference,
            String path,
            String user,
            List<Address> addresses,
            Tap tap,
            List<String> capabilities) {
        public Partition {
            addresses = List.copyOf(addresses);
            capabilities = List.copyOf(capabilities);
        }
    }

    /// A tap interface; what is unused is empty.
    public record Tap(String name, String address, String netmask, String gateway, String network) {
        public static Tap named(String name) {
            return new Tap(name, "", "", "", "");
        }
    }

    public Value toValue() {
        var entries = new LinkedHashMap<String, Value>(Value.texts(facts).entries());
        entries.put("reference", Value.of(reference.text()));
        entries.put("address", address.isEmpty() ? Value.none() : Value.of(address));
        entries.put("netmask", netmask.isEmpty() ? Value.none() : Value.of(netmask));
        entries.put(
                "partition_list",
                Value.list(
                        partitions.stream().map(ComputerConfiguration::toValue).toList()));
        return new Value.Dictionary(entries);
    }

    /// @throws MalformedException when a mandatory entry is missing
    public static ComputerConfiguration of(Value value) {
        var entries = value.asDictionary();
        var facts = new LinkedHashMap<String, String>();
        entries.entries().forEach((name, entry) -> {
            if (entry instanceof Value.Text(var text) && !name.equals("reference")) {
                facts.put(name, text);
            }
        });
        facts.remove("address");
        facts.remove("netmask");
        return new ComputerConfiguration(
                new ComputerId(entries.requiredText("reference")),
                entries.text("address").orElse(""),
                entries.text("netmask").orElse(""),
                facts,
                entries.items("partition_list").stream()
                        .map(partition -> partition(partition.asDictionary()))
                        .toList());
    }

    private static Value toValue(Partition partition) {
        var entries = new LinkedHashMap<String, Value>();
        entries.put("reference", Value.of(partition.reference().text()));
        entries.put("path", Value.of(partition.path()));
        entries.put("user", Value.texts(Map.of("name", partition.user(), "path", partition.path())));
        entries.put(
                "address_list",
                Value.list(partition.addresses().stream()
                        .map(a -> Value.texts(Map.of("addr", a.address(), "netmask", a.netmask())))
                        .toList()));
        var tap = partition.tap();
        entries.put(
                "tap",
                Value.texts(Map.of(
                        "name", tap.name(),
                        "ipv4_addr", tap.address(),
                        "ipv4_netmask", tap.netmask(),
                        "ipv4_gateway", tap.gateway(),
                        "ipv4_network", tap.network())));
        entries.put("tun", Value.none());
        entries.put(
                "capability_list",
                Value.list(partition.capabilities().stream().map(Value::of).toList()));
        entries.put("external_storage_list", Value.list(List.of()));
        entries.put("ipv6_range", new Value.Dictionary(Map.of()));
        return new Value.Dictionary(entries);
    }

    private static Partition partition(Value.Dictionary entries) {
        var tap = entries.dictionary("tap");
        return new Partition(
                new PartitionId(entries.requiredText("reference")),
                entries.text("path").orElse(""),
                entries.dictionary("user").text("name").orElse(""),
                entries.items("address_list").stream()
                        .map(Value::asDictionary)
                        .map(a -> new Address(
                                a.requiredText("addr"), a.text("netmask").orElse("")))
                        .toList(),
                new Tap(
                        tap.text("name").orElse(""),
                        tap.text("ipv4_addr").orElse(""),
                        tap.text("ipv4_netmask").orElse(""),
                        tap.text("ipv4_gateway").orElse(""),
                        tap.text("ipv4_network").orElse("")),
                entries.items("capability_list").stream().map(Value::asText).toList());
    }
}

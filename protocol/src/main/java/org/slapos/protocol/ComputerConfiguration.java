package org.slapos.protocol;

import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    /// @param more what only some nodes give their partitions
    public record Partition(
            PartitionId reference,
            String path,
            String user,
            List<Address> addresses,
            Tap tap,
            List<String> capabilities,
            Extras more) {
        public Partition {
            addresses = List.copyOf(addresses);
            capabilities = List.copyOf(capabilities);
        }

        public Partition(
                PartitionId reference,
                String path,
                String user,
                List<Address> addresses,
                Tap tap,
                List<String> capabilities) {
            this(reference, path, user, addresses, tap, capabilities, Extras.NONE);
        }

        /// As it stands in the document, and in the partition's `.slapos-resource`.
        public Value toValue() {
            return ComputerConfiguration.toValue(this);
        }
    }

    /// @param ipv6Range       a network whose every address is the partition's
    /// @param tapIpv6         the IPv6 part of the tap
    /// @param externalStorage directories of the partition on other disks
    public record Extras(
            Optional<Range> ipv6Range, Optional<Link> tapIpv6, Optional<Tun> tun, List<String> externalStorage) {
        public static final Extras NONE = new Extras(Optional.empty(), Optional.empty(), Optional.empty(), List.of());

        public Extras {
            externalStorage = List.copyOf(externalStorage);
        }
    }

    /// @param address of a program that needs one of them
    /// @param network `ADDRESS/LENGTH`
    public record Range(String address, String netmask, String network, int prefixLength) {}

    /// The address of an interface and the network behind it; what is unused is empty.
    public record Link(String address, String netmask, String gateway, String network) {}

    /// A tun interface.
    public record Tun(String name, Optional<Link> ipv4, Optional<Link> ipv6) {}

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
        var more = partition.more();
        var tapEntries = new LinkedHashMap<String, String>();
        tapEntries.put("name", tap.name());
        put(tapEntries, "ipv4", new Link(tap.address(), tap.netmask(), tap.gateway(), tap.network()));
        more.tapIpv6().ifPresent(link -> put(tapEntries, "ipv6", link));
        entries.put("tap", Value.texts(tapEntries));
        entries.put("tun", more.tun().map(ComputerConfiguration::toValue).orElse(Value.none()));
        entries.put(
                "capability_list",
                Value.list(partition.capabilities().stream().map(Value::of).toList()));
        entries.put(
                "external_storage_list",
                Value.list(more.externalStorage().stream().map(Value::of).toList()));
        entries.put(
                "ipv6_range",
                more.ipv6Range().map(ComputerConfiguration::toValue).orElseGet(() -> new Value.Dictionary(Map.of())));
        return new Value.Dictionary(entries);
    }

    private static void put(Map<String, String> entries, String family, Link link) {
        entries.put(family + "_addr", link.address());
        entries.put(family + "_netmask", link.netmask());
        entries.put(family + "_gateway", link.gateway());
        entries.put(family + "_network", link.network());
    }

    private static Value toValue(Tun tun) {
        var entries = new LinkedHashMap<String, String>();
        entries.put("name", tun.name());
        tun.ipv4().ifPresent(link -> put(entries, "ipv4", link));
        tun.ipv6().ifPresent(link -> put(entries, "ipv6", link));
        return Value.texts(entries);
    }

    private static Value toValue(Range range) {
        var entries = new LinkedHashMap<String, Value>(
                Value.texts(Map.of("addr", range.address(), "netmask", range.netmask(), "network", range.network()))
                        .entries());
        entries.put("prefixlen", new Value.Int(BigInteger.valueOf(range.prefixLength())));
        return new Value.Dictionary(entries);
    }

    private static Extras extras(Value.Dictionary entries) {
        var range = entries.dictionary("ipv6_range");
        return new Extras(
                range.text("network")
                        .map(network -> new Range(
                                range.text("addr").orElse(""),
                                range.text("netmask").orElse(""),
                                network,
                                prefixLength(range))),
                link(entries.dictionary("tap"), "ipv6"),
                entries.get("tun")
                        .filter(tun -> tun instanceof Value.Dictionary)
                        .map(Value::asDictionary)
                        .map(tun -> new Tun(tun.text("name").orElse(""), link(tun, "ipv4"), link(tun, "ipv6"))),
                entries.items("external_storage_list").stream()
                        .map(Value::asText)
                        .toList());
    }

    private static int prefixLength(Value.Dictionary range) {
        return range.get("prefixlen").orElse(Value.none()) instanceof Value.Int(var bits) && bits.bitLength() <= 8
                ? bits.intValue()
                : 0;
    }

    /// None when the interface has no address of that family.
    private static Optional<Link> link(Value.Dictionary entries, String family) {
        return entries.text(family + "_addr")
                .filter(address -> !address.isEmpty())
                .map(address -> new Link(
                        address,
                        entries.text(family + "_netmask").orElse(""),
                        entries.text(family + "_gateway").orElse(""),
                        entries.text(family + "_network").orElse("")));
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
                entries.items("capability_list").stream().map(Value::asText).toList(),
                extras(entries));
    }
}

package org.slapos.node.format;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slapos.protocol.ComputerConfiguration;
import org.slapos.protocol.IniFile;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.PartitionId;

/// A definition file: partitions, users and addresses by name, so that format chooses none.
///
/// ```
/// [computer]
/// address = fd00:1::1/64
/// software_user = slapsoft
/// [partition_0]
/// pathname = slappart0
/// user = slapuser0
/// network_interface = slaptap0
/// address = 10.0.0.2/32 fd00:1::2/64
/// ipv6_range = fd00:1:0:0:4001::/80
/// ```
///
/// @param computer the Computer's own address
record Definition(Optional<IpNetwork> computer, Optional<String> softwareUser, List<Part> parts) {
    private static final Pattern USER = Pattern.compile("[a-z_][a-z0-9_-]{0,31}");
    private static final Pattern INTERFACE = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}");

    record Part(
            String id,
            String user,
            String tap,
            List<IpNetwork> addresses,
            Optional<IpNetwork> range,
            List<String> capabilities) {}

    /// @throws MalformedException with everything that is wrong
    static Definition read(Path file, int partitions) throws IOException {
        return of(IniFile.read(file), partitions);
    }

    static Definition of(IniFile file, int partitions) {
        var problems = new ArrayList<String>();
        var computer = file.section("computer");
        var parts = new ArrayList<Part>();
        for (int i = 0; i < partitions; i++) {
            parts.add(part("partition_" + i, file.section("partition_" + i), problems));
        }
        var definition = new Definition(
                networks("[computer] address", computer.getOrDefault("address", ""), problems).stream()
                        .findFirst(),
                Optional.ofNullable(computer.get("software_user"))
                        .map(user -> name("[computer] software_user", user, USER, problems)),
                parts);
        if (!problems.isEmpty()) {
            throw new MalformedException(String.join("; ", problems));
        }
        return definition;
    }

    private static Part part(String section, Map<String, String> options, List<String> problems) {
        var prefix = "[" + section + "] ";
        if (options.isEmpty()) {
            problems.add("section [" + section + "] is missing: there has to be one for each of partition_amount");
        }
        var id = options.getOrDefault("pathname", "");
        try {
            new PartitionId(id);
        } catch (IllegalArgumentException e) {
            problems.add(prefix + "pathname: " + e.getMessage());
        }
        return new Part(
                id,
                name(prefix + "user", options.getOrDefault("user", ""), USER, problems),
                name(prefix + "network_interface", options.getOrDefault("network_interface", ""), INTERFACE, problems),
                networks(prefix + "address", options.getOrDefault("address", ""), problems),
                networks(prefix + "ipv6_range", options.getOrDefault("ipv6_range", ""), problems).stream()
                        .findFirst(),
                options.getOrDefault("capability_list", "")
                        .lines()
                        .map(String::strip)
                        .filter(line -> !line.isEmpty())
                        .toList());
    }

    private static String name(String what, String text, Pattern shape, List<String> problems) {
        if (!shape.matcher(text).matches()) {
            problems.add(what + ": '" + text + "' is no name for it");
        }
        return text;
    }

    private static List<IpNetwork> networks(String what, String text, List<String> problems) {
        var found = new ArrayList<IpNetwork>();
        for (var word : text.strip().split("\\s+", -1)) {
            try {
                if (!word.isEmpty()) {
                    found.add(IpNetwork.parse(word));
                }
            } catch (IllegalArgumentException e) {
                problems.add(what + ": " + e.getMessage());
            }
        }
        return found;
    }

    /// Such a file for a Computer as it was planned.
    static String write(ComputerConfiguration computer, String softwareUser) {
        var text = new StringBuilder("[computer]\n");
        if (!computer.address().isEmpty()) {
            text.append("address = ").append(withLength(computer.address(), computer.netmask()));
        }
        text.append("software_user = ").append(softwareUser).append('\n');
        int number = 0;
        for (var partition : computer.partitions()) {
            text.append("\n[partition_").append(number++).append("]\naddress =");
            partition
                    .addresses()
                    .forEach(a -> text.append(' ')
                            .append(withLength(a.address(), a.netmask()).strip()));
            text.append("\npathname = ").append(partition.reference().text());
            text.append("\nuser = ").append(partition.user());
            text.append("\nnetwork_interface = ").append(partition.tap().name()).append('\n');
            partition
                    .more()
                    .ipv6Range()
                    .ifPresent(range ->
                            text.append("ipv6_range = ").append(range.network()).append('\n'));
            if (!partition.capabilities().isEmpty()) {
                text.append("capability_list =\n");
                partition
                        .capabilities()
                        .forEach(one -> text.append("  ").append(one).append('\n'));
            }
        }
        return text.toString();
    }

    private static String withLength(String address, String netmask) {
        return address + "/" + IpNetwork.lengthOf(netmask) + "\n";
    }
}

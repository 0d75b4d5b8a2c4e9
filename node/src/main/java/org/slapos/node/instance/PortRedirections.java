package org.slapos.node.instance;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slapos.node.host.AddressText;
import org.slapos.node.host.Host;
import org.slapos.node.supervisor.PartitionPrograms;
import org.slapos.node.supervisor.PartitionPrograms.Program;
import org.slapos.node.supervisor.Supervisor;
import org.slapos.protocol.RequestedState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Ports that lead to others, as a started instance asks in `.slapos-port-redirect`: a list of objects with
/// `srcPort`, `destPort`, and if wanted `type` (`tcp`, else `udp`), `srcAddress` (else each IPv4 of the machine)
/// and `destAddress` (else the partition's first IPv6). Each is a socat of the partition's user, in a group
/// `<partition>-socat` beside its own. Entries that make no sense are passed over.
final class PortRedirections {
    private static final Logger LOG = LoggerFactory.getLogger(PortRedirections.class);
    private static final String NAME = ".slapos-port-redirect";
    private static final String SUFFIX = "socat";
    private static final List<Path> PROGRAMS = List.of(Path.of("/usr/bin/socat"), Path.of("/bin/socat"));
    private static final int MAX_PORT = 65_535;

    private final Host host;
    private final Supervisor supervisor;

    PortRedirections(Host host, Supervisor supervisor) {
        this.host = host;
        this.supervisor = supervisor;
    }

    /// @param wasWorkedOn then what does not run is started again; otherwise only what changed is
    void apply(Partition partition, boolean wasWorkedOn) {
        var asked = partition.instance().state() == RequestedState.STARTED
                ? RequestFile.read(host, partition, NAME).list().orElse(List.of())
                : List.<JsonNode>of();
        var programs = new PartitionPrograms(
                partition.id(), SUFFIX, partition.directory(), partition.owner(), programs(partition, asked));
        boolean changed = supervisor.writeGroup(programs);
        if (programs.programs().isEmpty()) {
            if (changed) {
                supervisor.stop(partition.id(), SUFFIX);
            }
        } else if (changed || wasWorkedOn) {
            supervisor.start(partition.id(), SUFFIX);
        }
    }

    private List<Program> programs(Partition partition, List<JsonNode> asked) {
        var programs = new ArrayList<Program>();
        var names = new HashSet<String>();
        for (var entry : asked) {
            try {
                var program = program(partition, entry);
                if (names.add(program.name())) {
                    programs.add(program);
                }
            } catch (IllegalArgumentException e) {
                LOG.warn("{}: {} of {} is passed over: {}", partition.id(), entry, NAME, e.getMessage());
            }
        }
        return programs;
    }

    private Program program(Partition partition, JsonNode entry) {
        var type = entry.path("type").asText("tcp");
        if (!type.equals("tcp") && !type.equals("udp")) {
            throw new IllegalArgumentException("its type must be tcp or udp");
        }
        int from = port(entry, "srcPort");
        if (from < firstFreePort()) {
            throw new IllegalArgumentException("ports below " + firstFreePort() + " are root's");
        }
        int to = port(entry, "destPort");
        var source = text(entry, "srcAddress").map(PortRedirections::address);
        var destination = text(entry, "destAddress")
                .map(PortRedirections::address)
                .or(() -> firstIpv6(partition))
                .orElseThrow(() -> new IllegalArgumentException("the partition has no IPv6: name a destAddress"));
        var kind = type.toUpperCase(Locale.ROOT);
        var listen = kind + version(source.orElse(null)) + "-LISTEN:" + from
                + source.map(address -> ",bind=" + written(address)).orElse("") + ",fork";
        var connect = kind + version(destination) + ":" + written(destination) + ":" + to;
        return new Program("socat-" + type + "-" + from, List.of(socat(), listen, connect), false, "");
    }

    private int firstFreePort() {
        return host.kernelSetting("net.ipv4.ip_unprivileged_port_start")
                .filter(text -> text.matches("\\d{1,5}"))
                .map(Integer::valueOf)
                .orElse(1024);
    }

    private static String socat() {
        return PROGRAMS.stream()
                .filter(Files::isExecutable)
                .findFirst()
                .map(Path::toString)
                .orElseThrow(() -> new PartitionFailure(
                        "ports are to be redirected and there is no socat: install the package of that name"));
    }

    private static int port(JsonNode entry, String name) {
        var text = entry.path(name).asText("");
        if (text.matches("[1-9]\\d{0,4}") && Integer.parseInt(text) <= MAX_PORT) {
            return Integer.parseInt(text);
        }
        throw new IllegalArgumentException(name + " must be a port from 1 to " + MAX_PORT);
    }

    private static Optional<String> text(JsonNode entry, String name) {
        return entry.has(name) ? Optional.of(entry.path(name).asText("")) : Optional.empty();
    }

    /// @throws IllegalArgumentException when it is no address
    private static InetAddress address(String text) {
        if (!text.contains(":") && !text.matches("\\d{1,3}(\\.\\d{1,3}){3}")) {
            throw new IllegalArgumentException("'" + text + "' is no IPv4 or IPv6 address");
        }
        return InetAddress.ofLiteral(text);
    }

    private static Optional<InetAddress> firstIpv6(Partition partition) {
        return partition.instance().addresses().stream()
                .filter(pair -> pair.size() > 1 && pair.get(1).contains(":"))
                .map(pair -> address(pair.get(1)))
                .findFirst();
    }

    private static String version(@Nullable InetAddress address) {
        return address instanceof Inet6Address ? "6" : "4";
    }

    private static String written(InetAddress address) {
        var text = AddressText.of(address);
        return address instanceof Inet6Address ? "[" + text + "]" : text;
    }
}

package org.slapos.node.host;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Interfaces, addresses and kernel settings, by iproute2 and `/proc/sys`.
final class LinuxNetwork {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern INTERFACE = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}");
    private static final Pattern SETTING = Pattern.compile("[a-z0-9_]+(\\.[A-Za-z0-9_-]+)+");

    private final LinuxProcesses processes;
    private final UndoList undoList;

    LinuxNetwork(LinuxProcesses processes, UndoList undoList) {
        this.processes = processes;
        this.undoList = undoList;
    }

    List<NetworkInterface> interfaces() {
        // Pretty-printed: one short line per fact, so that the bound on lines never cuts one.
        var json = new StringBuilder();
        processes
                .run(Command.of("ip", "-json", "-pretty", "-details", "addr")
                        .withOnLine(line -> json.append(line).append('\n')))
                .orThrow("list the addresses of this machine");
        return interfaces(json.toString());
    }

    private static List<NetworkInterface> interfaces(String json) {
        try {
            var found = new ArrayList<NetworkInterface>();
            for (var link : JSON.readTree(json)) {
                var info = link.path("linkinfo").path("info_data");
                var kind = NetworkInterface.Kind.of(info.path("type").asText());
                var owner = Optional.of(info.path("user").asText())
                        .filter(name -> kind != NetworkInterface.Kind.OTHER && !name.isEmpty());
                boolean up = false;
                for (var flag : link.path("flags")) {
                    up |= flag.asText().equals("UP");
                }
                found.add(new NetworkInterface(
                        link.path("ifname").asText(), up, kind, owner, addresses(link.path("addr_info"))));
            }
            return found;
        } catch (JsonProcessingException e) {
            throw new HostException("cannot understand the list of addresses of this machine: " + e.getMessage(), e);
        }
    }

    private static List<NetworkInterface.Address> addresses(JsonNode list) {
        var found = new ArrayList<NetworkInterface.Address>();
        for (var entry : list) {
            if (entry.path("local").asText().isEmpty()) {
                continue;
            }
            boolean usable = !entry.path("tentative").asBoolean()
                    && !entry.path("dadfailed").asBoolean();
            found.add(new NetworkInterface.Address(
                    literal(entry.path("local").asText()),
                    entry.path("prefixlen").asInt(),
                    usable));
        }
        return found;
    }

    private static InetAddress literal(String text) {
        try {
            return InetAddress.ofLiteral(text);
        } catch (IllegalArgumentException e) {
            throw new HostException("no address: '" + text + "'", e);
        }
    }

    /// The routes of the main tables, and those of networks that are all this machine's own. Single addresses of the
    /// machine are no routes here.
    Set<Route> routes() {
        var routes = new HashSet<Route>();
        for (var family : List.of("-4", "-6")) {
            var text = new StringBuilder();
            processes
                    .run(Command.of("ip", family, "-json", "-pretty", "route", "show", "table", "all")
                            .withOnLine(line -> text.append(line).append('\n')))
                    .orThrow("list the routes of this machine");
            try {
                for (var entry : JSON.readTree(text.toString())) {
                    route(entry).ifPresent(routes::add);
                }
            } catch (JsonProcessingException e) {
                throw new HostException("cannot understand the list of routes of this machine: " + e.getMessage(), e);
            }
        }
        return routes;
    }

    private static Optional<Route> route(JsonNode entry) {
        var type = entry.path("type").asText("unicast");
        var destination = entry.path("dst").asText();
        var table = entry.path("table").asText("main");
        boolean isLocal = type.equals("local");
        boolean wanted = isLocal
                ? table.equals("local") && destination.contains("/")
                : type.equals("unicast") && table.equals("main");
        if (!wanted || destination.equals("default")) {
            return Optional.empty();
        }
        var gateway = Optional.of(entry.path("gateway").asText()).filter(text -> !text.isEmpty());
        return Optional.of(new Route(
                isLocal, network(destination), entry.path("dev").asText(), gateway.map(LinuxNetwork::literal)));
    }

    /// `ADDRESS/LENGTH` in its shortest form; an address without a length is one alone.
    static String network(String text) {
        int slash = text.indexOf('/');
        var address = literal(slash < 0 ? text : text.substring(0, slash));
        return AddressText.of(address) + (slash < 0 ? "/" + address.getAddress().length * 8 : text.substring(slash));
    }

    void change(List<NetworkChange> changes) {
        if (changes.isEmpty()) {
            return;
        }
        changes.forEach(LinuxNetwork::check);
        undoList.willMake(changes.stream().map(LinuxNetwork::entry).toList());
        batch(changes.stream().map(NetworkChange::line).toList()).orThrow("change the network of this machine");
    }

    /// Runs lines of `ip` in one process.
    private CommandResult batch(List<String> lines) {
        try {
            var file = Files.createTempFile("slapos-ip-", ".batch");
            try {
                Files.writeString(file, lines.stream().map(l -> l + "\n").collect(Collectors.joining()));
                return processes.run(Command.of("ip", "-batch", file.toString()));
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new HostException("cannot write the batch for ip: " + e, e);
        }
    }

    private static UndoList.Entry entry(NetworkChange change) {
        return switch (change) {
            case NetworkChange.AddAddress added ->
                new UndoList.Entry(
                        UndoList.Kind.ADDRESS,
                        List.of(
                                added.networkInterface(),
                                AddressText.of(added.address()) + "/" + added.prefixLength()));
            case NetworkChange.AddTap tap -> new UndoList.Entry(UndoList.Kind.TAP, List.of(tap.name()));
            case NetworkChange.AddTun tun -> new UndoList.Entry(UndoList.Kind.TUN, List.of(tun.name()));
            case NetworkChange.BringUp(var name) -> new UndoList.Entry(UndoList.Kind.UP, List.of(name));
            case NetworkChange.AddRoute(var route) ->
                new UndoList.Entry(
                        UndoList.Kind.ROUTE,
                        List.of(route.isLocal() ? "local" : "unicast", route.network(), route.networkInterface()));
        };
    }

    private static void check(NetworkChange change) {
        var name = switch (change) {
            case NetworkChange.AddAddress address -> address.networkInterface();
            case NetworkChange.AddTap tap -> checked(tap.name(), tap.owner());
            case NetworkChange.AddTun tun -> checked(tun.name(), tun.owner());
            case NetworkChange.BringUp up -> up.name();
            case NetworkChange.AddRoute(var route) -> route.networkInterface();
        };
        if (!INTERFACE.matcher(name).matches()) {
            throw new HostException(
                    "'" + name + "' is no name for an interface: at most 15 letters, digits, '.', '_' or '-'");
        }
    }

    private static String checked(String name, String owner) {
        LinuxUsers.checkName(owner);
        return name;
    }

    Optional<String> setting(String name) {
        try {
            return Optional.of(Files.readString(settingFile(name)).strip());
        } catch (NoSuchFileException _) {
            return Optional.empty();
        } catch (IOException e) {
            throw new HostException("cannot read the kernel setting " + name + ": " + e, e);
        }
    }

    void setSetting(String name, String value) {
        var before = setting(name).orElseThrow(() -> new HostException("this kernel has no setting " + name));
        if (before.equals(value)) {
            return;
        }
        undoList.willMake(UndoList.Kind.SETTING, name, before);
        writeSetting(name, value);
    }

    static void writeSetting(String name, String value) {
        try {
            Files.writeString(settingFile(name), value + "\n", java.nio.file.StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new HostException("cannot set the kernel setting " + name + " to " + value + ": " + e, e);
        }
    }

    private static Path settingFile(String name) {
        if (!SETTING.matcher(name).matches()) {
            throw new HostException("'" + name + "' is no name of a kernel setting");
        }
        return Path.of("/proc/sys", name.replace('.', '/'));
    }
}

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
                boolean tap = info.path("type").asText().equals("tap");
                var owner = Optional.of(info.path("user").asText()).filter(name -> tap && !name.isEmpty());
                boolean up = false;
                for (var flag : link.path("flags")) {
                    up |= flag.asText().equals("UP");
                }
                found.add(new NetworkInterface(
                        link.path("ifname").asText(), up, tap, owner, addresses(link.path("addr_info"))));
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

    /// Lines such as `local fd00:0:0:1::/80 dev lo metric 1024 pref medium`; single addresses stand without a length.
    Set<String> localRoutes() {
        var routes = new HashSet<String>();
        processes
                .run(Command.of("ip", "-6", "route", "show", "table", "local", "dev", "lo")
                        .withOnLine(line -> {
                            var words = line.strip().split(" ", -1);
                            if (words.length > 1 && words[0].equals("local") && words[1].contains("/")) {
                                routes.add(words[1]);
                            }
                        }))
                .orThrow("list the local routes of this machine");
        return routes;
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
            case NetworkChange.AddAddress(var dev, var address, var length) ->
                new UndoList.Entry(UndoList.Kind.ADDRESS, List.of(dev, address.getHostAddress() + "/" + length));
            case NetworkChange.AddTap tap -> new UndoList.Entry(UndoList.Kind.TAP, List.of(tap.name()));
            case NetworkChange.BringUp(var name) -> new UndoList.Entry(UndoList.Kind.UP, List.of(name));
            case NetworkChange.AddLocalRoute(var network, var length) ->
                new UndoList.Entry(UndoList.Kind.LOCAL, List.of(network.getHostAddress() + "/" + length));
        };
    }

    private static void check(NetworkChange change) {
        var names = switch (change) {
            case NetworkChange.AddAddress address -> List.of(address.networkInterface());
            case NetworkChange.AddTap(var name, var owner) -> {
                LinuxUsers.checkName(owner);
                yield List.of(name);
            }
            case NetworkChange.BringUp(var name) -> List.of(name);
            case NetworkChange.AddLocalRoute _ -> List.<String>of();
        };
        for (var name : names) {
            if (!INTERFACE.matcher(name).matches()) {
                throw new HostException(
                        "'" + name + "' is no name for an interface: at most 15 letters, " + "digits, '.', '_' or '-'");
            }
        }
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

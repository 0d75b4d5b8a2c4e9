package org.slapos.node.format;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slapos.node.ConfigurationReader;
import org.slapos.node.NodeConfiguration;
import org.slapos.node.host.FileFacts;
import org.slapos.node.host.NetworkChange;
import org.slapos.node.host.NetworkInterface;
import org.slapos.node.host.Route;
import org.slapos.node.host.SourceAddress;
import org.slapos.node.host.UnixUser;
import org.slapos.protocol.ComputerConfiguration;
import org.slapos.protocol.IniFile;

/// A made-up machine: what it has, and how it is after planned steps were done. Planning looks at nothing else.
final class Machine {
    static final UnixUser ROOT = new UnixUser("root", 0, 0, List.of(0), Path.of("/root"));

    final Map<String, UnixUser> users = new HashMap<>();
    final Map<Path, FileFacts> files = new HashMap<>();
    final Map<Path, String> resources = new HashMap<>();
    final List<NetworkInterface> interfaces = new ArrayList<>();
    final Set<Route> routes = new HashSet<>();
    final Set<String> withPassword = new HashSet<>();
    final List<Path> disks = new ArrayList<>();
    Set<SourceAddress> sources = Set.of();
    Optional<Integer> kvmGroup = Optional.empty();
    Optional<String> nonlocalBind = Optional.of("0");
    Optional<Definition> definition = Optional.empty();
    Optional<Set<String>> madeByUs = Optional.empty();
    Optional<ComputerConfiguration> persisted = Optional.empty();
    UnixUser self = ROOT;
    String settings = "";

    String computer = "COMP-1";

    Machine() {
        loopback("fd00:5::1/64");
        for (var path : List.of("/", "/opt", "/srv", "/etc")) {
            files.put(Path.of(path), new FileFacts(FileFacts.Kind.DIRECTORY, 0, 0, 0755));
        }
        files.put(Observed.TUN, new FileFacts(FileFacts.Kind.OTHER, 0, 0, 0666));
    }

    NodeConfiguration configuration(int partitions) {
        return ConfigurationReader.of(
                IniFile.parse("slapos.cfg", """
                [slapos]
                computer_id = %s
                master_url = http://127.0.0.1:5000
                software_root = /opt/slapgrid
                instance_root = /srv/slapgrid
                [slapformat]
                partition_amount = %d
                computer_xml = /etc/slapos.xml
                interface_name = lo
                ipv4_local_network = 10.0.0.0/16
                %s
                """.formatted(computer, partitions, settings)), Map.of());
    }

    Plan plan(int partitions) {
        var configuration = configuration(partitions);
        var observed = new Observed(
                self,
                users,
                madeByUs,
                withPassword,
                kvmGroup,
                interfaces,
                routes,
                sources,
                files,
                resources,
                disks,
                nonlocalBind,
                persisted,
                definition);
        return new FormatPlanner(configuration, configuration.format().orElseThrow(), observed, Map.of()).plan();
    }

    Plan.Steps steps(int partitions) {
        return switch (plan(partitions)) {
            case Plan.Steps steps -> steps;
            case Plan.Refused(var reasons) -> throw new AssertionError(reasons);
        };
    }

    List<String> refusal(int partitions) {
        return switch (plan(partitions)) {
            case Plan.Steps steps -> throw new AssertionError(steps);
            case Plan.Refused(var reasons) -> reasons;
        };
    }

    void loopback(String... addresses) {
        interfaces.removeIf(i -> i.name().equals("lo"));
        interfaces.add(networkInterface("lo", addresses));
    }

    static NetworkInterface networkInterface(String name, String... addresses) {
        var list = new ArrayList<NetworkInterface.Address>();
        for (var text : addresses) {
            var network = IpNetwork.parse(text);
            list.add(new NetworkInterface.Address(network.address(), network.bits(), true));
        }
        return new NetworkInterface(name, true, NetworkInterface.Kind.OTHER, Optional.empty(), list);
    }

    /// The machine as it is after the steps were done.
    void act(Plan.Steps plan) {
        for (var step : plan.steps()) {
            switch (step) {
                case Step.MakeDirectory(var path, var mode) ->
                    files.put(path, new FileFacts(FileFacts.Kind.DIRECTORY, 0, 0, mode));
                case Step.SetMode(var path, var mode) ->
                    files.computeIfPresent(path, (_, f) -> new FileFacts(f.kind(), f.uid(), f.gid(), mode));
                case Step.SetOwner(var path, var name) ->
                    files.computeIfPresent(path, (_, f) -> {
                        var user = Objects.requireNonNull(users.get(name));
                        return new FileFacts(f.kind(), user.uid(), user.gid(), f.mode());
                    });
                case Step.MakeUser(var name, var home, var groups) -> {
                    int id = 900 + users.size();
                    var all = new ArrayList<>(List.of(id));
                    groups.forEach(group -> all.add(group(group)));
                    users.put(name, new UnixUser(name, id, id, all, home));
                }
                case Step.JoinGroup(var name, var group) ->
                    users.computeIfPresent(name, (_, user) -> {
                        var groups = new ArrayList<>(user.groups());
                        groups.add(group(group));
                        return new UnixUser(name, user.uid(), user.gid(), groups, user.home());
                    });
                case Step.LockPassword(var name) -> withPassword.remove(name);
                case Step.AllowDevice(var path, var gid, var mode) ->
                    files.put(path, new FileFacts(FileFacts.Kind.OTHER, 0, gid, mode));
                case Step.OwnAddresses own ->
                    sources = own.users().stream()
                            .map(one -> one.of(Objects.requireNonNull(users.get(one.user()))))
                            .collect(Collectors.toSet());
                case Step.SetKernel set -> nonlocalBind = Optional.of(set.value());
                case Step.Network(var changes) -> changes.forEach(this::act);
                case Step.WriteResource resource -> resources.put(resource.directory(), resource.json());
            }
        }
        persisted = Optional.of(plan.computer());
    }

    private int group(String name) {
        return name.equals("kvm")
                ? kvmGroup.orElseThrow()
                : Objects.requireNonNull(users.get(name)).gid();
    }

    private void act(NetworkChange change) {
        switch (change) {
            case NetworkChange.AddAddress added ->
                interfaces.replaceAll(i -> {
                    if (!i.name().equals(added.networkInterface())) {
                        return i;
                    }
                    var more = new ArrayList<>(i.addresses());
                    more.add(new NetworkInterface.Address(added.address(), added.prefixLength(), true));
                    return new NetworkInterface(i.name(), i.up(), i.kind(), i.owner(), more);
                });
            case NetworkChange.AddTap(var name, var owner) ->
                interfaces.add(
                        new NetworkInterface(name, false, NetworkInterface.Kind.TAP, Optional.of(owner), List.of()));
            case NetworkChange.AddTun(var name, var owner) ->
                interfaces.add(
                        new NetworkInterface(name, false, NetworkInterface.Kind.TUN, Optional.of(owner), List.of()));
            case NetworkChange.BringUp(var name) ->
                interfaces.replaceAll(i -> i.name().equals(name)
                        ? new NetworkInterface(name, true, i.kind(), i.owner(), i.addresses())
                        : i);
            case NetworkChange.AddRoute(var route) -> routes.add(route);
        }
    }

    /// Does the steps, and finds that none is left.
    void settles(int partitions) {
        act(steps(partitions));
        var second = plan(partitions);
        if (!(second instanceof Plan.Steps left) || !left.steps().isEmpty()) {
            throw new AssertionError("a second pass would do: " + second);
        }
    }

    List<NetworkChange> changes(Plan.Steps plan) {
        return plan.steps().stream()
                .flatMap(step -> step instanceof Step.Network(var all) ? all.stream() : Stream.empty())
                .toList();
    }
}

package org.slapos.node.format;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.slapos.node.NodeConfiguration;
import org.slapos.node.NodeConfiguration.Format;
import org.slapos.node.host.AddressText;
import org.slapos.node.host.UnixUser;
import org.slapos.protocol.ComputerConfiguration;
import org.slapos.protocol.ComputerConfiguration.Partition;
import org.slapos.protocol.PartitionId;

/// Compares what is wanted with what was found and says what to do. Pure; used once, by one thread.
final class FormatPlanner {
    static final int PARTITION_MODE = 0750;
    static final int ROOT_MODE = 0755;
    static final int CERTIFICATES_MODE = 0711;

    private final NodeConfiguration configuration;
    private final Format format;
    private final Observed observed;
    private final Map<String, String> facts;
    private final List<Step> steps = new ArrayList<>();
    private final List<String> reasons = new ArrayList<>();
    private final Set<Path> planned = new HashSet<>();

    /// @param facts what is told about the machine besides, by its name on the wire
    FormatPlanner(NodeConfiguration configuration, Format format, Observed observed, Map<String, String> facts) {
        this.configuration = configuration;
        this.format = format;
        this.observed = observed;
        this.facts = facts;
    }

    /// Every path that planning looks at.
    static List<Path> paths(NodeConfiguration configuration, Format format) {
        var all = new ArrayList<Path>();
        var roots = new ArrayList<>(List.of(configuration.instanceRoot(), configuration.softwareRoot()));
        configuration.certificateRepositoryPath().ifPresent(roots::add);
        Optional.ofNullable(format.computerXml().getParent()).ifPresent(roots::add);
        for (var root : roots) {
            for (Path path = root; path != null; path = path.getParent()) {
                all.add(path);
            }
        }
        partitionIds(format).forEach(id -> all.add(configuration.instanceRoot().resolve(id)));
        return all;
    }

    static List<String> partitionIds(Format format) {
        return names(format.partitionBaseName(), format.partitionAmount());
    }

    /// The users that format makes; none when users are left alone.
    static List<String> users(Format format) {
        var all = new ArrayList<String>();
        if (format.alterUser()) {
            all.add(format.softwareUser());
            all.addAll(names(format.userBaseName(), format.partitionAmount()));
        }
        return all;
    }

    private static List<String> names(String base, int amount) {
        return IntStream.range(0, amount).mapToObj(i -> base + i).toList();
    }

    Plan plan() {
        refuseWrongRights();
        refuseFewerPartitions();
        refuseUsersOfOthers();
        var owners = format.alterUser()
                ? names(format.userBaseName(), format.partitionAmount())
                : IntStream.range(0, format.partitionAmount())
                        .mapToObj(_ -> observed.self().name())
                        .toList();
        var network = new NetworkPlanner(format, observed).plan(owners);
        reasons.addAll(network.problems());
        if (!reasons.isEmpty()) {
            return new Plan.Refused(reasons);
        }
        var partitions = new ArrayList<Partition>();
        for (int i = 0; i < format.partitionAmount(); i++) {
            var id = format.partitionBaseName() + i;
            partitions.add(new Partition(
                    new PartitionId(id),
                    configuration.instanceRoot().resolve(id).toString(),
                    owners.get(i),
                    network.partitions().get(i),
                    network.taps().get(i),
                    List.of()));
        }
        roots();
        if (format.alterUser()) {
            users();
        }
        if (!network.ranges().isEmpty() && !observed.nonlocalBind().equals(Optional.of("1"))) {
            steps.add(new Step.SetKernel("net.ipv6.ip_nonlocal_bind", "1"));
        }
        if (!network.changes().isEmpty()) {
            steps.add(new Step.Network(network.changes()));
        }
        for (int i = 0; i < partitions.size(); i++) {
            var range = network.ranges().isEmpty()
                    ? Optional.<IpNetwork>empty()
                    : Optional.of(network.ranges().get(i));
            partition(partitions.get(i), range);
        }
        var computer = new ComputerConfiguration(
                configuration.computerId(),
                AddressText.of(network.computer().address()),
                network.computer().netmask(),
                facts,
                partitions);
        return new Plan.Steps(List.copyOf(steps), computer, network.warnings());
    }

    private void refuseWrongRights() {
        boolean root = observed.self().uid() == 0;
        if (!root && (format.alterUser() || format.alterNetwork())) {
            reasons.add("making users and addresses needs root: run as root, or set alter_user = false and "
                    + "alter_network = false for single-user mode");
        }
        if (root && !format.alterUser()) {
            reasons.add("as root each partition needs a user of its own, since nothing in a partition runs as root: "
                    + "set alter_user = true, or run as an ordinary user");
        }
    }

    private void refuseFewerPartitions() {
        int before = observed.persisted().map(c -> c.partitions().size()).orElse(0);
        if (format.partitionAmount() < before) {
            reasons.add("partition_amount = " + format.partitionAmount() + " is less than the " + before
                    + " partitions of this Computer: partitions are never taken away; set it to " + before
                    + " or more, or undo the node first");
        }
    }

    /// A user that is there and that we did not make belongs to somebody else.
    private void refuseUsersOfOthers() {
        for (var name : users(format)) {
            var user = observed.users().get(name);
            if (user == null) {
                continue;
            }
            var home = home(name);
            if (observed.madeByUs().isPresent() && !observed.madeByUs().get().contains(name)) {
                reasons.add("the user " + name + " is there and was not made by this node (it is not in undo_list): "
                        + "choose another user_base_name or software_user");
            } else if (user.uid() == 0 || user.gid() == 0) {
                reasons.add("the user " + name + " is root by its numbers: choose another user_base_name");
            } else if (!user.home().equals(home)) {
                reasons.add("the user " + name + " is there with the home " + user.home() + " and not " + home
                        + ": it is not this node's; choose another user_base_name or software_user");
            }
        }
    }

    private Path home(String user) {
        return user.equals(format.softwareUser())
                ? configuration.softwareRoot()
                : configuration
                        .instanceRoot()
                        .resolve(format.partitionBaseName()
                                + user.substring(format.userBaseName().length()));
    }

    private void roots() {
        directory(configuration.instanceRoot(), ROOT_MODE);
        directory(configuration.softwareRoot(), ROOT_MODE);
        configuration.certificateRepositoryPath().ifPresent(path -> directory(path, CERTIFICATES_MODE));
        Optional.ofNullable(format.computerXml().getParent()).ifPresent(this::parents);
    }

    private void users() {
        var software = format.softwareUser();
        var softwareUser = Optional.ofNullable(observed.users().get(software));
        if (softwareUser.isEmpty()) {
            steps.add(new Step.MakeUser(software, configuration.softwareRoot(), List.of()));
        }
        owner(configuration.softwareRoot(), software);
        for (var name : names(format.userBaseName(), format.partitionAmount())) {
            var user = observed.users().get(name);
            if (user == null) {
                steps.add(new Step.MakeUser(name, home(name), List.of(software)));
            } else if (!softwareUser.map(s -> user.groups().contains(s.gid())).orElse(false)) {
                steps.add(new Step.JoinGroup(name, software));
            }
        }
    }

    private void partition(Partition partition, Optional<IpNetwork> range) {
        var directory = Path.of(partition.path());
        directory(directory, PARTITION_MODE);
        owner(directory, partition.user());
        var json = PartitionResource.json(partition, range);
        if (!json.equals(observed.resources().get(directory))) {
            steps.add(new Step.WriteResource(directory, partition.user(), json));
        }
    }

    /// The directory itself has that mode; parents that are missing are made.
    private void directory(Path directory, int mode) {
        var found = observed.files().get(directory);
        if (found == null) {
            Optional.ofNullable(directory.getParent()).ifPresent(this::parents);
            if (planned.add(directory)) {
                steps.add(new Step.MakeDirectory(directory, mode));
            }
        } else if (!found.isDirectory()) {
            reasons.add(directory + " is there and is no directory");
        } else if (found.mode() != mode) {
            steps.add(new Step.SetMode(directory, mode));
        }
    }

    private void parents(Path directory) {
        if (!observed.files().containsKey(directory) && !planned.contains(directory)) {
            Optional.ofNullable(directory.getParent()).ifPresent(this::parents);
            planned.add(directory);
            steps.add(new Step.MakeDirectory(directory, ROOT_MODE));
        }
    }

    private void owner(Path path, String name) {
        var found = Optional.ofNullable(observed.files().get(path));
        var user = name.equals(observed.self().name())
                ? Optional.of(observed.self())
                : Optional.<UnixUser>ofNullable(observed.users().get(name));
        boolean owned = found.isPresent()
                && user.isPresent()
                && found.get().uid() == user.get().uid()
                && found.get().gid() == user.get().gid();
        boolean bornOwned = found.isEmpty() && name.equals(observed.self().name());
        if (!owned && !bornOwned) {
            steps.add(new Step.SetOwner(path, name));
        }
    }
}

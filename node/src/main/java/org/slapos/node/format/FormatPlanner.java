package org.slapos.node.format;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slapos.node.NodeConfiguration;
import org.slapos.node.NodeConfiguration.Format;
import org.slapos.node.host.AddressText;
import org.slapos.node.host.FileFacts;
import org.slapos.node.host.UnixUser;
import org.slapos.protocol.ComputerConfiguration;
import org.slapos.protocol.ComputerConfiguration.Extras;
import org.slapos.protocol.ComputerConfiguration.Partition;
import org.slapos.protocol.PartitionId;

/// Compares what is wanted with what was found and says what to do. Pure; used once, by one thread.
final class FormatPlanner {
    static final int PARTITION_MODE = 0750;
    static final int ROOT_MODE = 0755;
    static final int CERTIFICATES_MODE = 0711;

    private static final int READ_WRITE_ALL = 0006;
    private static final int READ_WRITE_GROUP = 0060;
    private static final String KVM_GROUP = "kvm";

    private final NodeConfiguration configuration;
    private final Format format;
    private final Observed observed;
    private final Map<String, String> facts;
    private final List<Slot> slots;
    private final String softwareUser;
    private final List<Step> steps = new ArrayList<>();
    private final List<String> reasons = new ArrayList<>();
    private final Set<Path> planned = new HashSet<>();

    /// @param facts what is told about the machine besides, by its name on the wire
    FormatPlanner(NodeConfiguration configuration, Format format, Observed observed, Map<String, String> facts) {
        this.configuration = configuration;
        this.format = format;
        this.observed = observed;
        this.facts = facts;
        this.slots = Slot.of(format, observed.self().name(), observed.persisted(), observed.definition());
        this.softwareUser = softwareUser(format, observed.definition());
    }

    static String softwareUser(Format format, Optional<Definition> definition) {
        return definition.flatMap(Definition::softwareUser).orElse(format.softwareUser());
    }

    /// Every path that planning looks at.
    static List<Path> paths(NodeConfiguration configuration, Format format, List<Slot> slots, List<Path> disks) {
        var all = new ArrayList<>(List.of(Observed.KVM, Observed.TUN));
        var roots = new ArrayList<>(List.of(configuration.instanceRoot(), configuration.softwareRoot()));
        configuration.certificateRepositoryPath().ifPresent(roots::add);
        Stream.of(Optional.of(format.computerXml()), format.computerJson(), format.outputDefinition())
                .flatMap(file -> file.map(Path::getParent).stream())
                .forEach(roots::add);
        for (var root : roots) {
            for (Path path = root; path != null; path = path.getParent()) {
                all.add(path);
            }
        }
        for (var slot : slots) {
            all.add(configuration.instanceRoot().resolve(slot.id()));
            disks.forEach(disk -> all.add(disk.resolve(slot.id())));
        }
        return all;
    }

    /// The users that format makes; none when users are left alone.
    static List<String> users(Format format, String softwareUser, List<Slot> slots) {
        var all = new ArrayList<String>();
        if (format.alterUser()) {
            all.add(softwareUser);
            all.addAll(slots.stream().map(Slot::user).toList());
        }
        return all;
    }

    /// The name that rules of this node have in the kernel.
    static String rulesName(NodeConfiguration configuration) {
        return "slapos_"
                + configuration.computerId().text().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "_");
    }

    Plan plan() {
        refuseWrongRights();
        refuseFewerPartitions();
        refuseUsersOfOthers();
        var network = new NetworkPlanner(
                        format,
                        configuration.computerId().text(),
                        configuration.masterUrl().toString(),
                        observed)
                .plan(slots);
        reasons.addAll(network.problems());
        if (!reasons.isEmpty()) {
            return new Plan.Refused(reasons);
        }
        var partitions = new ArrayList<Partition>();
        for (int i = 0; i < slots.size(); i++) {
            partitions.add(partition(slots.get(i), network.partitions().get(i)));
        }
        roots();
        if (format.alterUser()) {
            users();
            devices();
        }
        if (network.bindsRanges()
                && format.alterNetwork()
                && !observed.nonlocalBind().equals(Optional.of("1"))) {
            steps.add(new Step.SetKernel("net.ipv6.ip_nonlocal_bind", "1"));
        }
        if (!network.changes().isEmpty()) {
            steps.add(new Step.Network(network.changes()));
        }
        if (format.ownSourceAddress() && format.alterUser()) {
            ownAddresses(network);
        }
        partitions.forEach(this::directories);
        var computer = new ComputerConfiguration(
                configuration.computerId(),
                network.computer().map(n -> AddressText.of(n.address())).orElse(""),
                network.computer().map(IpNetwork::netmask).orElse(""),
                facts,
                partitions);
        return reasons.isEmpty()
                ? new Plan.Steps(List.copyOf(steps), computer, network.warnings())
                : new Plan.Refused(reasons);
    }

    private Partition partition(Slot slot, NetworkPlanner.PartitionNetwork network) {
        var extras = network.extras();
        return new Partition(
                new PartitionId(slot.id()),
                configuration.instanceRoot().resolve(slot.id()).toString(),
                slot.user(),
                network.addresses(),
                network.tap(),
                slot.defined()
                        .map(Definition.Part::capabilities)
                        .or(() -> slot.known().map(Partition::capabilities))
                        .orElse(List.of()),
                new Extras(
                        extras.ipv6Range(),
                        extras.tapIpv6(),
                        extras.tun(),
                        observed.disks().stream()
                                .map(disk -> disk.resolve(slot.id()).toString())
                                .toList()));
    }

    /// Partition users may use the devices that virtual machines and their networks need.
    private void devices() {
        var tun = Optional.ofNullable(observed.files().get(Observed.TUN));
        if ((format.createTap() || format.createTun()) && tun.isPresent() && !mayAll(tun.get())) {
            allow(Observed.TUN, tun.get().gid(), tun.get().mode() | 0666);
        }
        var kvm = Optional.ofNullable(observed.files().get(Observed.KVM));
        if (kvm.isEmpty() || mayAll(kvm.get())) {
            return;
        }
        if (observed.kvmGroup().isEmpty()) {
            allow(Observed.KVM, kvm.get().gid(), kvm.get().mode() | 0666);
        } else if (!observed.kvmGroup().get().equals(kvm.get().gid())
                || (kvm.get().mode() & READ_WRITE_GROUP) != READ_WRITE_GROUP) {
            allow(Observed.KVM, observed.kvmGroup().get(), kvm.get().mode() | 0660);
        }
    }

    private static boolean mayAll(FileFacts device) {
        return (device.mode() & READ_WRITE_ALL) == READ_WRITE_ALL;
    }

    private void allow(Path device, int gid, int mode) {
        steps.add(new Step.AllowDevice(device, gid, mode));
    }

    /// The groups of a partition's user besides its own.
    private List<String> groups() {
        var groups = new ArrayList<>(List.of(softwareUser));
        var kvm = Optional.ofNullable(observed.files().get(Observed.KVM));
        if (observed.kvmGroup().isPresent() && kvm.isPresent() && !mayAll(kvm.get())) {
            groups.add(KVM_GROUP);
        }
        return groups;
    }

    private void ownAddresses(NetworkPlanner.Result network) {
        var wanted = new ArrayList<Step.OwnAddress>();
        for (int i = 0; i < slots.size(); i++) {
            var user = slots.get(i).user();
            var one = network.partitions().get(i);
            one.own().ifPresent(address -> wanted.add(new Step.OwnAddress(user, address, one.may(), network.local())));
        }
        boolean allKnown = wanted.stream().allMatch(one -> observed.users().containsKey(one.user()));
        if (wanted.isEmpty() && observed.sources().isEmpty()) {
            return;
        }
        var inNumbers = wanted.stream()
                .filter(_ -> allKnown)
                .map(one -> one.of(Objects.requireNonNull(observed.users().get(one.user()))))
                .collect(Collectors.toSet());
        if (!allKnown || !inNumbers.equals(observed.sources())) {
            steps.add(new Step.OwnAddresses(rulesName(configuration), wanted));
        }
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
        for (var name : users(format, softwareUser, slots)) {
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
        return slots.stream()
                .filter(slot -> slot.user().equals(user))
                .findFirst()
                .map(slot -> configuration.instanceRoot().resolve(slot.id()))
                .orElse(configuration.softwareRoot());
    }

    private void roots() {
        directory(configuration.instanceRoot(), ROOT_MODE);
        directory(configuration.softwareRoot(), ROOT_MODE);
        configuration.certificateRepositoryPath().ifPresent(path -> directory(path, CERTIFICATES_MODE));
        Stream.of(Optional.of(format.computerXml()), format.computerJson(), format.outputDefinition())
                .flatMap(file -> file.map(Path::getParent).stream())
                .forEach(this::parents);
    }

    private void users() {
        if (!observed.users().containsKey(softwareUser)) {
            steps.add(new Step.MakeUser(softwareUser, configuration.softwareRoot(), List.of()));
        }
        owner(configuration.softwareRoot(), softwareUser);
        var groups = groups();
        for (var slot : slots) {
            var name = slot.user();
            var user = observed.users().get(name);
            if (user == null) {
                steps.add(new Step.MakeUser(name, home(name), groups));
                continue;
            }
            for (var group : groups) {
                var gid = group.equals(KVM_GROUP)
                        ? observed.kvmGroup()
                        : Optional.ofNullable(observed.users().get(softwareUser))
                                .map(UnixUser::gid);
                if (!gid.map(user.groups()::contains).orElse(false)) {
                    steps.add(new Step.JoinGroup(name, group));
                }
            }
            if (observed.withPassword().contains(name)) {
                steps.add(new Step.LockPassword(name));
            }
        }
    }

    private void directories(Partition partition) {
        var directory = Path.of(partition.path());
        directory(directory, PARTITION_MODE);
        owner(directory, partition.user());
        for (var storage : partition.more().externalStorage()) {
            directory(Path.of(storage), PARTITION_MODE);
            owner(Path.of(storage), partition.user());
        }
        var json = PartitionResource.json(partition);
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

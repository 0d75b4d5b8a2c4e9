package org.slapos.node.format;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slapos.node.NodeConfiguration;
import org.slapos.node.NodeConfiguration.Format;
import org.slapos.node.host.FileFacts;
import org.slapos.node.host.Host;
import org.slapos.node.host.HostException;
import org.slapos.node.host.Route;
import org.slapos.node.host.SourceAddress;
import org.slapos.node.host.UndoList;
import org.slapos.node.host.UnixUser;
import org.slapos.protocol.ComputerConfiguration;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.client.SlapClient;
import org.slapos.protocol.client.SlapException;

/// Makes this machine the Computer that the configuration describes, and tells the Master.
public final class FormatComputer {
    private static final int MAX_RESOURCE = 1024 * 1024;

    private final NodeConfiguration configuration;
    private final Format format;
    private final Host host;
    private final UndoList undoList;
    private final Consumer<String> say;
    private final InstantSource clock;
    private List<String> wantedUsers = List.of();

    /// @param say hears each step before it is done, and each warning
    public FormatComputer(
            NodeConfiguration configuration,
            Format format,
            Host host,
            UndoList undoList,
            Consumer<String> say,
            InstantSource clock) {
        this.clock = clock;
        this.configuration = configuration;
        this.format = format;
        this.host = host;
        this.undoList = undoList;
        this.say = say;
    }

    /// How a pass ended.
    public sealed interface Outcome {
        /// @param steps how many things were done; 0 = the machine was as it should be
        record Done(ComputerConfiguration computer, int steps) implements Outcome {}

        /// The machine is made, the Master does not know yet.
        record NotSent(ComputerConfiguration computer, String why) implements Outcome {}

        /// Nothing was done.
        record Refused(List<String> reasons) implements Outcome {}
    }

    /// What would be done; nothing is.
    public Plan plan() {
        return new FormatPlanner(configuration, format, observe(), MachineFacts.of(configuration, format)).plan();
    }

    /// What the last format made.
    public Optional<ComputerConfiguration> made() {
        return new ComputerFile(format.computerXml(), host).read();
    }

    /// Observes, plans, acts, keeps what was made in `computer_xml`, and sends it.
    ///
    /// @throws HostException when the machine does not do a step; a later pass goes on from there
    public Outcome format() {
        return switch (plan()) {
            case Plan.Refused(var reasons) -> new Outcome.Refused(reasons);
            case Plan.Steps(var steps, var computer, var warnings) -> {
                warnings.forEach(say);
                act(steps);
                new ComputerFile(format.computerXml(), host).write(computer, clock.instant());
                format.computerJson()
                        .ifPresent(file -> host.writeFile(
                                file, JsonText.of(computer.toValue()).getBytes(StandardCharsets.UTF_8), 0644));
                writeDefinition(computer);
                yield send(computer, steps.size());
            }
        };
    }

    /// Writes `output_definition_file`, when the configuration wants one.
    public void writeDefinition(ComputerConfiguration computer) {
        format.outputDefinition()
                .ifPresent(file -> host.writeFile(
                        file,
                        Definition.write(computer, format.softwareUser()).getBytes(StandardCharsets.UTF_8),
                        0644));
    }

    private Observed observe() {
        var self = host.self();
        var persisted = made();
        var definition = format.inputDefinition().map(this::definition);
        var slots = Slot.of(format, self.name(), persisted, definition);
        var disks = format.instanceStorageHome().map(FormatComputer::disks).orElse(List.of());
        var files = new HashMap<Path, FileFacts>();
        for (var path : Set.copyOf(FormatPlanner.paths(configuration, format, slots, disks))) {
            host.facts(path).ifPresent(facts -> files.put(path, facts));
        }
        var resources = new HashMap<Path, String>();
        for (var slot : slots) {
            var directory = configuration.instanceRoot().resolve(slot.id());
            if (files.containsKey(directory)) {
                host.readTenantFile(directory, PartitionResource.FILE_NAME, MAX_RESOURCE)
                        .ifPresent(bytes -> resources.put(directory, new String(bytes, StandardCharsets.UTF_8)));
            }
        }
        var names = FormatPlanner.users(format, FormatPlanner.softwareUser(format, definition), slots);
        wantedUsers = names;
        // Each of these waits for a program of the system: together they take as long as the slowest.
        try (var together = Executors.newVirtualThreadPerTaskExecutor()) {
            var users = together.submit(() -> host.users(names));
            var withPassword =
                    together.submit(() -> self.uid() == 0 ? host.usersWithPassword(names) : Set.<String>of());
            var kvmGroup = together.submit(
                    () -> files.containsKey(Observed.KVM) ? host.group("kvm") : Optional.<Integer>empty());
            var interfaces = together.submit(host::networkInterfaces);
            var routes = together.submit(() -> format.alterNetwork() ? host.routes() : Set.<Route>of());
            var sources = together.submit(() -> format.ownSourceAddress()
                    ? host.sourceAddresses(FormatPlanner.rulesName(configuration))
                    : Set.<SourceAddress>of());
            return new Observed(
                    self,
                    seen(users),
                    undoList.isKept()
                            ? Optional.of(
                                    names.stream().filter(undoList::namesUser).collect(Collectors.toSet()))
                            : Optional.empty(),
                    seen(withPassword),
                    seen(kvmGroup),
                    seen(interfaces),
                    seen(routes),
                    seen(sources),
                    files,
                    resources,
                    disks,
                    host.kernelSetting("net.ipv6.ip_nonlocal_bind"),
                    persisted,
                    definition);
        }
    }

    private static <T> T seen(Future<T> looking) {
        try {
            return looking.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof HostException cause ? cause : new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HostException("interrupted while looking at the machine", e);
        }
    }

    private Definition definition(Path file) {
        try {
            return Definition.read(file, format.partitionAmount());
        } catch (IOException | MalformedException e) {
            throw new HostException("cannot use the definition file " + file + ": " + e.getMessage(), e);
        }
    }

    /// The folders `data<N>` of further disks.
    private static List<Path> disks(Path home) {
        try (var found = Files.newDirectoryStream(home, "data*")) {
            var disks = new ArrayList<Path>();
            for (var path : found) {
                if (path.getFileName().toString().matches("data[0-9]{1,9}")
                        && Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                    disks.add(path);
                }
            }
            Collections.sort(disks);
            return disks;
        } catch (IOException e) {
            throw new HostException("cannot look for disks in instance_storage_home " + home + ": " + e, e);
        }
    }

    private void act(List<Step> steps) {
        var users = new HashMap<String, UnixUser>();
        for (var step : steps) {
            step.describe().forEach(say);
            switch (step) {
                case Step.MakeDirectory(var directory, var mode) -> host.createDirectory(directory, mode);
                case Step.SetMode(var path, var mode) -> host.setMode(path, mode);
                case Step.SetOwner(var path, var name) -> {
                    var user = user(users, name);
                    host.setOwner(path, user.uid(), user.gid());
                }
                case Step.MakeUser(var name, var home, var groups) -> host.createUser(name, home, groups);
                case Step.JoinGroup(var user, var group) -> host.addToGroup(user, group);
                case Step.LockPassword(var user) -> host.lockPassword(user);
                case Step.AllowDevice(var device, var gid, var mode) -> host.allowDevice(device, gid, mode);
                case Step.OwnAddresses(var name, var all) ->
                    host.setSourceAddresses(
                            name,
                            all.stream()
                                    .map(one -> one.of(user(users, one.user())))
                                    .toList());
                case Step.SetKernel(var name, var value) -> host.setKernelSetting(name, value);
                case Step.Network(var changes) -> host.changeNetwork(changes);
                case Step.WriteResource(var directory, var name, var json) -> {
                    var user = user(users, name);
                    var content = json.getBytes(StandardCharsets.UTF_8);
                    host.writeTenantFile(directory, PartitionResource.FILE_NAME, content, 0644, user.uid(), user.gid());
                }
            }
        }
    }

    /// Looked up again, all at once, when one is not known yet: users are made before they are needed.
    private UnixUser user(Map<String, UnixUser> known, String name) {
        if (!known.containsKey(name)) {
            var self = host.self();
            known.put(self.name(), self);
            known.putAll(host.users(wantedUsers));
        }
        return Optional.ofNullable(known.get(name))
                .orElseThrow(() -> new HostException("the user " + name + " was made and is not there"));
    }

    private Outcome send(ComputerConfiguration computer, int steps) {
        try (var client = SlapClient.open(configuration.masterSettings())) {
            client.configure(computer);
            return new Outcome.Done(computer, steps);
        } catch (SlapException e) {
            var hint = e.kind() == SlapException.Kind.NOT_FOUND
                    ? "; the Master knows no Computer " + configuration.computerId()
                            + ": was it registered there, with this certificate?"
                    : "";
            return new Outcome.NotSent(computer, e.getMessage() + hint);
        } catch (IOException | MalformedException e) {
            return new Outcome.NotSent(computer, String.valueOf(e.getMessage()));
        }
    }
}

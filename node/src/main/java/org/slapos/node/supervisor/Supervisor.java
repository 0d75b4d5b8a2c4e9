package org.slapos.node.supervisor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.slapos.node.NodeConfiguration;
import org.slapos.node.host.Command;
import org.slapos.node.host.Host;
import org.slapos.protocol.PartitionId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The supervisord of this node. Any thread may call, one at a time for each partition; a call about one partition
/// touches only its group and waits for nobody else's.
public final class Supervisor {
    private static final Logger LOG = LoggerFactory.getLogger(Supervisor.class);
    private static final Duration SHORT = Duration.ofSeconds(10);
    /// A group stops within the 60 s its programs have, and a little.
    private static final Duration STOPPING = Duration.ofSeconds(90);

    private static final int MAX_SOCKET_PATH = 95; // of the kernel's 108; supervisord appends its pid at first
    private static final int FAULT_SHUTDOWN = 6;
    private static final int FAULT_BAD_NAME = 10;
    private static final int FAULT_UNKNOWN_METHOD = 1;

    private final NodeConfiguration configuration;
    private final Host host;
    private final Bonds bonds;
    private final SupervisorFiles files;
    private final Path socket;
    private final XmlRpc rpc;
    private volatile boolean isConfigured;

    public Supervisor(NodeConfiguration configuration, Host host) {
        this.configuration = configuration;
        this.host = host;
        this.bonds = new Bonds(configuration, host.isRoot());
        this.files = new SupervisorFiles(configuration, host.isRoot(), bonds);
        this.socket = configuration.supervisorSocket();
        this.rpc = new XmlRpc(socket);
    }

    /// Writes supervisord's configuration and starts it, with an empty environment, unless it runs already; returns
    /// when it answers.
    ///
    /// @throws SupervisorException when it does not, with what it said
    public synchronized void ensureRunning() {
        if (socket.toString().getBytes(StandardCharsets.UTF_8).length > MAX_SOCKET_PATH) {
            throw new SupervisorException("the path of the supervisor's socket is longer than " + MAX_SOCKET_PATH
                    + " bytes: " + socket + "; choose a shorter instance_root");
        }
        directories();
        var text = files.mainText().getBytes(StandardCharsets.UTF_8);
        boolean changed = !isSame(files.main(), text);
        host.writeFile(files.main(), text, 0600);
        isConfigured = true;
        var state = state();
        if (state.equals("RUNNING")) {
            if (changed) {
                replaceWatchdog();
            }
            return;
        }
        if (!state.isEmpty()) {
            waitWhileItEnds();
        }
        host.willStartDaemon(files.pidFile());
        var started =
                host.run(Command.of(program("supervisord"), "-c", files.main().toString())
                        .withEnvironment(Map.of())
                        .withDeadline(Duration.ofSeconds(60)));
        if (!started.ok()) {
            LOG.warn("supervisord does not start: no service runs");
        }
        started.orThrow("start the supervisor");
        waitUntilItAnswers();
    }

    /// Whether supervisord runs and answers.
    public boolean isRunning() {
        return answers();
    }

    /// Gives a supervisord that runs the configuration of this node, once; what changed restarts the watchdog only.
    public void configure() {
        if (!isConfigured) {
            ensureRunning();
        }
    }

    private boolean answers() {
        return state().equals("RUNNING");
    }

    /// What supervisord says of itself: `RUNNING`, `SHUTDOWN`...; empty when it does not answer.
    private String state() {
        if (!Files.exists(socket)) {
            return "";
        }
        try {
            return rpc.call("supervisor.getState", SHORT) instanceof Map<?, ?> state ? text(state, "statename") : "";
        } catch (SupervisorException e) {
            return e.fault() == FAULT_SHUTDOWN ? "SHUTDOWN" : "";
        }
    }

    private void waitWhileItEnds() {
        var end = System.nanoTime() + STOPPING.toNanos();
        while ((Files.exists(files.pidFile()) || !state().isEmpty()) && System.nanoTime() < end) {
            pause(Duration.ofMillis(20));
        }
    }

    private void waitUntilItAnswers() {
        var end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!answers()) {
            if (System.nanoTime() > end) {
                throw new SupervisorException("the supervisor was started and does not answer at "
                        + socket + ": see "
                        + configuration.instanceRoot().resolve("var/log/supervisord.log"));
            }
            pause(Duration.ofMillis(50));
        }
    }

    /// The only thing in the main file that can change without services being stopped.
    private void replaceWatchdog() {
        try {
            rpc.call("supervisor.reloadConfig", SHORT);
            rpc.call("supervisor.stopProcessGroup", SHORT, SupervisorFiles.WATCHDOG, true);
            rpc.call("supervisor.removeProcessGroup", SHORT, SupervisorFiles.WATCHDOG);
        } catch (SupervisorException e) {
            if (e.fault() != FAULT_BAD_NAME) {
                throw e;
            }
        }
        rpc.call("supervisor.addProcessGroup", SHORT, SupervisorFiles.WATCHDOG);
    }

    private void directories() {
        var root = configuration.instanceRoot();
        host.createDirectory(root.resolve("etc"), 0700);
        host.createDirectory(files.groups(), 0700);
        host.createDirectory(root.resolve("var"), 0755);
        host.createDirectory(root.resolve("var/log"), 0700);
        host.createDirectory(root.resolve("var/run"), 0700);
        if (host.isRoot()) {
            host.createDirectory(bonds.logFolders(), 0755);
            host.createDirectory(bonds.temporaryFolders(), 0711);
        }
    }

    /// Writes the group of a partition, or removes it when there is no program; nothing is started or stopped yet.
    ///
    /// @return whether the group is another one than before
    public boolean writeGroup(PartitionPrograms programs) {
        var file = files.group(programs.group());
        if (programs.programs().isEmpty()) {
            return delete(file);
        }
        var text = files.groupText(programs).getBytes(StandardCharsets.UTF_8);
        if (host.isRoot()) {
            linkLogs(programs);
            makeTemporary(programs);
        }
        if (isSame(file, text)) {
            return false;
        }
        host.writeFile(file, text, 0600);
        return true;
    }

    private void makeTemporary(PartitionPrograms programs) {
        if (bonds.hasOwnTemporary(programs.owner())) {
            var folder = bonds.temporary(programs.partition());
            host.createDirectory(folder, 0700);
            host.setOwner(folder, programs.owner().uid(), programs.owner().gid());
        }
    }

    private static boolean isSame(Path file, byte[] content) {
        try {
            return Arrays.equals(content, Files.readAllBytes(file));
        } catch (NoSuchFileException _) {
            return false;
        } catch (IOException e) {
            throw new SupervisorException("cannot read " + file + ": " + e, e);
        }
    }

    private void linkLogs(PartitionPrograms programs) {
        var owner = programs.owner();
        var folder = files.logs(programs);
        host.createDirectory(folder, 0750);
        host.setOwner(folder, 0, owner.gid());
        for (var program : programs.programs()) {
            var name = SupervisorFiles.logName(programs, program);
            host.linkTenantFile(programs.directory(), name, folder.resolve(name), owner.uid(), owner.gid());
        }
    }

    /// Makes the supervisor take the partition's group as it is written now and starts what does not run. Programs that
    /// changed are stopped and started anew; it is not waited for either. No group = nothing to start.
    public void start(PartitionId id) {
        apply(id.text());
    }

    /// As [#start], of the group beside the partition's own.
    public void start(PartitionId id, String suffix) {
        apply(PartitionPrograms.groupName(id, suffix));
    }

    /// Starts all that the supervisor has groups for.
    public void startAll() {
        groups().forEach(this::apply);
    }

    /// Starts what does not run of a group as the supervisor knows it, not waiting for it.
    public void startKnown(String group) {
        rpc.call("supervisor.startProcessGroup", SHORT, group, false);
    }

    /// Stops the partition's programs and waits until they ended; the supervisor forgets the group.
    public void stop(PartitionId id) {
        stop(id.text());
    }

    /// As [#stop], of the group beside the partition's own.
    public void stop(PartitionId id, String suffix) {
        stop(PartitionPrograms.groupName(id, suffix));
    }

    private void stop(String group) {
        delete(files.group(group));
        if (apply(group) > 0) {
            rpc.call("slapos.wait", STOPPING, group);
        }
    }

    /// As [#stop], with all groups beside the partition's own; what the programs wrote to their logs goes too.
    public void remove(PartitionId id) {
        for (var group : groups()) {
            if (group.equals(id.text()) || isBeside(id, group)) {
                stop(group);
            }
        }
        stop(id.text());
        host.deleteTree(bonds.logs(id), false);
        host.deleteTree(bonds.temporary(id), false);
    }

    private boolean isBeside(PartitionId id, String group) {
        return group.startsWith(id.text() + "-")
                && !Files.exists(configuration.instanceRoot().resolve(group)); // another partition
    }

    /// The groups of partitions that there are files for.
    private List<String> groups() {
        var names = new ArrayList<String>();
        try (var found = Files.newDirectoryStream(files.groups(), "*.conf")) {
            found.forEach(file -> names.add(file.getFileName().toString().replaceFirst("\\.conf$", "")));
        } catch (NoSuchFileException _) {
            return List.of();
        } catch (IOException | DirectoryIteratorException e) {
            throw new SupervisorException("cannot list " + files.groups() + ": " + e, e);
        }
        names.sort(null);
        return names;
    }

    /// @return how many processes are to stop and still run
    private long apply(String group) {
        try {
            return rpc.call("slapos.apply", SHORT, group) instanceof Long number ? number : 0;
        } catch (SupervisorException e) {
            if (e.fault() == FAULT_UNKNOWN_METHOD) {
                throw new SupervisorException(
                        "the supervisor that runs is an older one: end it, and all services with it, by 'slapos node"
                                + " supervisorctl shutdown'",
                        e);
            }
            throw e;
        }
    }

    /// All processes of all partitions.
    public List<ProcessStatus> processes() {
        return list(rpc.call("supervisor.getAllProcessInfo", SHORT)).stream()
                .map(Supervisor::status)
                .filter(process -> !process.group().equals(SupervisorFiles.WATCHDOG))
                .toList();
    }

    /// The arguments that call supervisord's own console.
    public Command console(List<String> arguments) {
        var line = new ArrayList<>(
                List.of(program("supervisorctl"), "-c", files.main().toString()));
        line.addAll(arguments);
        return Command.of(line);
    }

    /// Asks supervisord to stop everything and end; returns when it ended. Nothing happens when it does not run.
    public synchronized void shutdown() {
        if (!answers()) {
            return;
        }
        rpc.call("supervisor.shutdown", SHORT);
        waitWhileItEnds();
    }

    private static ProcessStatus status(Object info) {
        if (!(info instanceof Map<?, ?> map)) {
            throw new SupervisorException("the supervisor's list of processes has something else in it: " + info);
        }
        return new ProcessStatus(
                text(map, "group"),
                text(map, "name"),
                state(text(map, "statename")),
                number(map, "pid"),
                (int) number(map, "exitstatus"),
                Instant.ofEpochSecond(number(map, "start")),
                text(map, "description"));
    }

    private static ProcessStatus.State state(String name) {
        for (var state : ProcessStatus.State.values()) {
            if (state.name().equals(name)) {
                return state;
            }
        }
        return ProcessStatus.State.UNKNOWN;
    }

    private static String text(Map<?, ?> map, String name) {
        return map.get(name) instanceof String text ? text : "";
    }

    private static long number(Map<?, ?> map, String name) {
        return map.get(name) instanceof Long number ? number : 0;
    }

    private static List<?> list(Object value) {
        if (value instanceof List<?> list) {
            return list;
        }
        throw new SupervisorException("the supervisor answered " + value + " where a list was expected");
    }

    private String program(String name) {
        var file = configuration.runtime().resolve("bin").resolve(name);
        if (!Files.isExecutable(file)) {
            throw new SupervisorException("there is no program " + file
                    + ": set 'runtime' in slapos.cfg to the folder of the Buildout runtime");
        }
        return file.toString();
    }

    private static boolean delete(Path file) {
        try {
            return Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new SupervisorException("cannot delete " + file + ": " + e, e);
        }
    }

    private static void pause(Duration duration) {
        try {
            Thread.sleep(duration);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SupervisorException("interrupted while waiting for the supervisor", e);
        }
    }
}

package org.slapos.node.supervisor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
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

/// The supervisord of this node. Any thread may call; calls that change groups are done one after the other, and a
/// call about one partition touches only the group of that partition.
public final class Supervisor {
    private static final Duration SHORT = Duration.ofSeconds(10);
    /// A group stops within the 60 s its programs have, and a little.
    private static final Duration STOPPING = Duration.ofSeconds(90);

    private static final int MAX_SOCKET_PATH = 95; // of the kernel's 108; supervisord appends its pid at first
    private static final int FAULT_SHUTDOWN = 6;
    private static final int FAULT_BAD_NAME = 10;
    private static final int FAULT_ALREADY_ADDED = 90;
    private static final int FAULT_STILL_RUNNING = 91;

    private final NodeConfiguration configuration;
    private final Host host;
    private final SupervisorFiles files;
    private final XmlRpc rpc;

    public Supervisor(NodeConfiguration configuration, Host host) {
        this.configuration = configuration;
        this.host = host;
        this.files = new SupervisorFiles(configuration, host.isRoot());
        this.rpc = new XmlRpc(configuration.supervisorSocket());
    }

    /// Writes supervisord's configuration and starts it, with an empty environment, unless it runs already; returns
    /// when it answers.
    ///
    /// @throws SupervisorException when it does not, with what it said
    public synchronized void ensureRunning() {
        var socket = configuration.supervisorSocket();
        if (socket.toString().getBytes(StandardCharsets.UTF_8).length > MAX_SOCKET_PATH) {
            throw new SupervisorException("the path of the supervisor's socket is longer than " + MAX_SOCKET_PATH
                    + " bytes: " + socket + "; choose a shorter instance_root");
        }
        directories();
        host.writeFile(files.main(), files.mainText().getBytes(StandardCharsets.UTF_8), 0600);
        var state = state();
        if (state.equals("RUNNING")) {
            return;
        }
        if (!state.isEmpty()) {
            waitWhileItEnds();
        }
        host.willStartDaemon(files.pidFile());
        host.run(Command.of(program("supervisord"), "-c", files.main().toString())
                        .withEnvironment(Map.of())
                        .withDeadline(Duration.ofSeconds(60)))
                .orThrow("start the supervisor");
        waitUntilItAnswers();
    }

    /// Whether supervisord runs and answers.
    public boolean isRunning() {
        return answers();
    }

    private boolean answers() {
        return state().equals("RUNNING");
    }

    /// What supervisord says of itself: `RUNNING`, `SHUTDOWN`...; empty when it does not answer.
    private String state() {
        if (!Files.exists(configuration.supervisorSocket())) {
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
                        + configuration.supervisorSocket() + ": see "
                        + configuration.instanceRoot().resolve("var/log/supervisord.log"));
            }
            pause(Duration.ofMillis(50));
        }
    }

    private void directories() {
        var root = configuration.instanceRoot();
        host.createDirectory(root.resolve("etc"), 0700);
        host.createDirectory(files.groups(), 0700);
        host.createDirectory(root.resolve("var"), 0755);
        host.createDirectory(root.resolve("var/log"), 0700);
        host.createDirectory(root.resolve("var/run"), 0700);
        if (host.isRoot()) {
            host.createDirectory(files.logFolders(), 0755);
        }
    }

    /// Writes the group of a partition, or removes it when there is no program; nothing is started or stopped yet.
    ///
    /// @return whether the group is another one than before
    public synchronized boolean writeGroup(PartitionPrograms programs) {
        var file = files.group(programs.partition());
        if (programs.programs().isEmpty()) {
            return delete(file);
        }
        var text = files.groupText(programs).getBytes(StandardCharsets.UTF_8);
        if (host.isRoot()) {
            linkLogs(programs);
        }
        if (isSame(file, text)) {
            return false;
        }
        host.writeFile(file, text, 0600);
        return true;
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

    /// Makes the supervisor take the partition's group as it is written now and starts what does not run, not waiting
    /// for it. A changed group is stopped first. No group = nothing to start.
    public synchronized void start(PartitionId id) {
        update(id);
        try {
            rpc.call("supervisor.startProcessGroup", SHORT, id.text(), false);
        } catch (SupervisorException e) {
            if (e.fault() != FAULT_BAD_NAME) {
                throw e;
            }
        }
    }

    /// Starts what does not run of a group as the supervisor knows it, not waiting for it.
    public void startKnown(String group) {
        rpc.call("supervisor.startProcessGroup", SHORT, group, false);
    }

    /// Stops the partition's programs and waits until they ended; the supervisor forgets the group.
    public synchronized void stop(PartitionId id) {
        delete(files.group(id));
        update(id);
    }

    /// As [#stop]; what the programs wrote to their logs goes too.
    public synchronized void remove(PartitionId id) {
        stop(id);
        host.deleteTree(files.logFolders().resolve(id.text()), false);
    }

    /// All processes of all partitions.
    public List<ProcessStatus> processes() {
        return list(rpc.call("supervisor.getAllProcessInfo", SHORT)).stream()
                .map(Supervisor::status)
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

    /// What differs between the files and what runs stays in the supervisor's answer until it is acted upon, so that
    /// the other partitions' differences are left for their own calls.
    private void update(PartitionId id) {
        var differences = list(list(rpc.call("supervisor.reloadConfig", SHORT)).getFirst());
        var name = id.text();
        if (list(differences.get(2)).contains(name)) {
            removeGroup(name);
        } else if (list(differences.get(1)).contains(name)) {
            removeGroup(name);
            addGroup(name);
        } else if (list(differences.get(0)).contains(name)) {
            addGroup(name);
        }
    }

    private void addGroup(String name) {
        try {
            rpc.call("supervisor.addProcessGroup", SHORT, name);
        } catch (SupervisorException e) {
            if (e.fault() != FAULT_ALREADY_ADDED) {
                throw e;
            }
        }
    }

    private void removeGroup(String name) {
        for (int tries = 0; ; tries++) {
            try {
                rpc.call("supervisor.stopProcessGroup", STOPPING, name, true);
                rpc.call("supervisor.removeProcessGroup", SHORT, name);
                return;
            } catch (SupervisorException e) {
                if (e.fault() == FAULT_BAD_NAME) {
                    return; // it is gone
                }
                if (e.fault() != FAULT_STILL_RUNNING || tries == 10) {
                    throw e;
                }
                pause(Duration.ofSeconds(1));
            }
        }
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

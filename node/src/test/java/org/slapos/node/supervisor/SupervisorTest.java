package org.slapos.node.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slapos.node.ConfigurationReader;
import org.slapos.node.host.Command;
import org.slapos.node.host.LinuxHost;
import org.slapos.node.host.UndoList;
import org.slapos.node.host.UnixUser;
import org.slapos.protocol.IniFile;
import org.slapos.protocol.PartitionId;

/// On the real supervisord of the runtime. As root the services run as the user `daemon`, otherwise as whoever runs the
/// test.
class SupervisorTest {
    private static final Path RUNTIME = Path.of("target/runtime").toAbsolutePath();

    /// What `sh` adds for itself, and what Python, started without a locale, says to its children.
    private static final String SHELLS_OWN = "(PWD|_|SHLVL|OLDPWD)=.*|LC_CTYPE=C.UTF-8";

    @TempDir
    Path root;

    private final LinuxHost host = new LinuxHost(UndoList.none());
    private Optional<Supervisor> running = Optional.empty();

    @BeforeAll
    static void assembleRuntime() {
        var dist = Path.of("../dist").toAbsolutePath().normalize();
        new LinuxHost(UndoList.none())
                .run(Command.of(
                                dist.resolve("assemble-runtime").toString(),
                                dist.resolve("runtime.lock").toString(),
                                dist.resolve("runtime").toString(),
                                Path.of("target/debs").toAbsolutePath().toString(),
                                RUNTIME.toString())
                        .withEnvironment(System.getenv())
                        .withDeadline(Duration.ofMinutes(5)))
                .orThrow("assemble the runtime");
    }

    @BeforeEach
    void start() {
        host.setMode(root, 0755); // the services' user has to reach its partition
        supervisor().ensureRunning();
    }

    @AfterEach
    void stop() {
        supervisor().shutdown();
    }

    private Supervisor supervisor() {
        if (running.isEmpty()) {
            var configuration =
                    ConfigurationReader.of(IniFile.parse("slapos.cfg", """
                    [slapos]
                    computer_id = COMP-1
                    master_url = http://127.0.0.1:5000
                    software_root = %s/software
                    instance_root = %s
                    runtime = %s
                    """.formatted(root, root, RUNTIME)), Map.of());
            running = Optional.of(new Supervisor(configuration, host));
        }
        return running.get();
    }

    private UnixUser owner() {
        return host.isRoot() ? host.user("daemon").orElseThrow() : host.self();
    }

    private Path partition(String id) throws IOException {
        var directory = root.resolve(id);
        if (!Files.exists(directory)) {
            Files.createDirectories(directory.resolve("etc"));
            host.setOwner(directory, owner().uid(), owner().gid());
            host.setMode(directory, 0750);
            host.setMode(directory.resolve("etc"), 0755);
        }
        return directory;
    }

    private PartitionPrograms.Program program(String id, String name, boolean watched, String script)
            throws IOException {
        var file = partition(id).resolve("etc").resolve(name);
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        host.setMode(file, 0755);
        return new PartitionPrograms.Program(file, watched);
    }

    private PartitionId run(String id, PartitionPrograms.Program... programs) throws IOException {
        var partition = new PartitionId(id);
        supervisor().writeGroup(new PartitionPrograms(partition, partition(id), owner(), List.of(programs)));
        supervisor().start(partition);
        return partition;
    }

    private Optional<ProcessStatus> process(String group, String name) {
        return supervisor().processes().stream()
                .filter(p -> p.group().equals(group) && p.name().equals(name))
                .findFirst();
    }

    private boolean isRunning(String group, String name) {
        return process(group, name)
                .map(p -> p.state() == ProcessStatus.State.RUNNING)
                .orElse(false);
    }

    private static void await(String what, BooleanSupplier holds) {
        var end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime()).as("still waiting: " + what).isLessThan(end);
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    @Test
    void aSupervisorThatRunsIsNotStartedAgain() throws IOException {
        var pid = Files.readString(root.resolve("var/run/supervisord.pid"));

        supervisor().ensureRunning();

        assertThat(Files.readString(root.resolve("var/run/supervisord.pid"))).isEqualTo(pid);
        assertThat(supervisor().isRunning()).isTrue();
        assertThat(supervisor().processes()).isEmpty();
    }

    @Test
    void aSupervisorThatWasShutDownIsStartedAgain() {
        supervisor().shutdown();
        assertThat(supervisor().isRunning()).isFalse();

        supervisor().ensureRunning();

        assertThat(supervisor().isRunning()).isTrue();
    }

    @Test
    void aServiceRunsAsThePartitionsUserWithNothingElseInItsEnvironment() throws IOException {
        var hello = program("slappart0", "hello", true, "/usr/bin/id -u; /usr/bin/env; exec /bin/sleep 1000");

        run("slappart0", hello);

        await("hello runs", () -> isRunning("slappart0", "hello-on-watch"));
        var log = partition("slappart0").resolve(".slappart0_hello.log");
        await("hello wrote", () -> read(log).contains("HOME"));
        var lines = new ArrayList<>(read(log).lines().toList());
        assertThat(lines.removeFirst()).isEqualTo(Integer.toString(owner().uid()));
        assertThat(lines.stream().filter(l -> !l.startsWith("SUPERVISOR_") && !l.matches(SHELLS_OWN)))
                .containsExactlyInAnyOrder(
                        "USER=" + owner().name(), "LOGNAME=" + owner().name(), "HOME=" + owner().home());
        assertThat(lines).contains("PWD=" + partition("slappart0"));
        long pid = process("slappart0", "hello-on-watch").orElseThrow().pid();
        assertThat(host.owner(Path.of("/proc", Long.toString(pid)))
                        .orElseThrow()
                        .uid())
                .isEqualTo(owner().uid());
    }

    private static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aServiceThatEndsIsStartedAgainAndWhatRunsOnceIsNot() throws IOException {
        var hello = program("slappart0", "hello", true, "exec /bin/sleep 1000");
        var once = program("slappart0", "once", false, "exec /bin/true");
        run("slappart0", hello, once);
        await("hello runs", () -> isRunning("slappart0", "hello-on-watch"));
        long pid = process("slappart0", "hello-on-watch").orElseThrow().pid();

        ProcessHandle.of(pid).orElseThrow().destroyForcibly();

        await(
                "hello runs again",
                () -> process("slappart0", "hello-on-watch")
                        .filter(p -> p.isUp() && p.pid() != pid && p.pid() != 0)
                        .isPresent());
        assertThat(process("slappart0", "once").orElseThrow().state()).isEqualTo(ProcessStatus.State.EXITED);
    }

    @Test
    void aPartitionNeverTouchesTheOneWhoseNameBeginsAlike() throws IOException {
        var part1 = run("part1", program("part1", "hello", true, "exec /bin/sleep 1000"));
        run("part1a", program("part1a", "hello", true, "exec /bin/sleep 1000"));
        await("both run", () -> isRunning("part1", "hello-on-watch") && isRunning("part1a", "hello-on-watch"));
        long neighbour = process("part1a", "hello-on-watch").orElseThrow().pid();
        long mine = process("part1", "hello-on-watch").orElseThrow().pid();

        supervisor().stop(part1);

        assertThat(process("part1", "hello-on-watch")).isEmpty();
        assertThat(ProcessHandle.of(mine)).isEmpty();
        assertThat(process("part1a", "hello-on-watch").orElseThrow().pid()).isEqualTo(neighbour);
    }

    @Test
    void aChangedGroupIsReplacedAndAnUnchangedOneGoesOn() throws IOException {
        var hello = program("slappart0", "hello", true, "exec /bin/sleep 1000");
        run("slappart0", hello);
        await("hello runs", () -> isRunning("slappart0", "hello-on-watch"));
        long pid = process("slappart0", "hello-on-watch").orElseThrow().pid();

        run("slappart0", hello);
        assertThat(process("slappart0", "hello-on-watch").orElseThrow().pid()).isEqualTo(pid);

        run("slappart0", program("slappart0", "hello2", true, "exec /bin/sleep 1000"));
        await("hello2 runs", () -> isRunning("slappart0", "hello2-on-watch"));
        assertThat(process("slappart0", "hello-on-watch")).isEmpty();
    }

    @Test
    void changesOfAnotherPartitionWaitForItsOwnCall() throws IOException {
        var other = new PartitionId("slappart1");
        var programs = List.of(program("slappart1", "hello", true, "exec /bin/sleep 1000"));
        supervisor().writeGroup(new PartitionPrograms(other, partition("slappart1"), owner(), programs));

        run("slappart0", program("slappart0", "hello", true, "exec /bin/sleep 1000"));
        assertThat(process("slappart1", "hello-on-watch")).isEmpty();

        supervisor().start(other);
        await("both run", () -> isRunning("slappart0", "hello-on-watch") && isRunning("slappart1", "hello-on-watch"));
    }

    @Test
    void removingAPartitionThatWasNeverThereIsFine() {
        supervisor().remove(new PartitionId("slappart9"));
        supervisor().start(new PartitionId("slappart9"));

        assertThat(supervisor().processes()).isEmpty();
    }

    @Test
    void aNameThatCouldChangeTheConfigurationIsRefused() throws IOException {
        var partition = partition("slappart0");
        var hostile = new PartitionPrograms.Program(partition.resolve("etc/x\n[program:evil]\ncommand=id"), true);
        var programs = new PartitionPrograms(new PartitionId("slappart0"), partition, owner(), List.of(hostile));

        assertThatThrownBy(() -> supervisor().writeGroup(programs))
                .isInstanceOf(SupervisorException.class)
                .hasMessageContaining("slappart0");
    }

    @Test
    void namesWithSignsThatMeanSomethingToSupervisordWork() throws IOException {
        run("slappart0", program("slappart0", "a+b@c=d-1.2_3", true, "exec /bin/sleep 1000"));

        await("it runs", () -> isRunning("slappart0", "a+b@c=d-1.2_3-on-watch"));
    }
}

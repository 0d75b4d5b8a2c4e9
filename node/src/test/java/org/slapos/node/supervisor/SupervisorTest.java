package org.slapos.node.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slapos.node.Cgroups;
import org.slapos.node.ConfigurationReader;
import org.slapos.node.host.Command;
import org.slapos.node.host.LinuxHost;
import org.slapos.node.host.UndoList;
import org.slapos.node.host.UnixUser;
import org.slapos.protocol.IniFile;
import org.slapos.protocol.PartitionId;
import org.slf4j.LoggerFactory;

/// On the real supervisord of the runtime. As root the services run as the user `daemon`, otherwise as whoever runs the
/// test.
class SupervisorTest {
    private static final Path RUNTIME =
            Path.of(System.getProperty("slapos.home"), "runtime").toAbsolutePath();

    /// What `sh` adds for itself, and what Python, started without a locale, says to its children.
    private static final String SHELLS_OWN = "(PWD|_|SHLVL|OLDPWD)=.*|LC_CTYPE=C.UTF-8";

    @TempDir
    Path root;

    private final LinuxHost host = new LinuxHost(UndoList.none());
    private Optional<Supervisor> running = Optional.empty();

    @BeforeEach
    void start() {
        host.setMode(root, 0755); // the services' user has to reach its partition
        supervisor().ensureRunning();
    }

    @AfterEach
    void stop() {
        supervisor().shutdown();
        Cgroups.remove(root);
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
        return new PartitionPrograms.Program(file, watched, Integer.toHexString(script.hashCode()));
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
    @Tag("checklist:SV-03")
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

        run("part1", program("part1", "hello", true, "exec /bin/sleep 2000"));
        await("it runs again", () -> isRunning("part1", "hello-on-watch"));
        assertThat(process("part1a", "hello-on-watch").orElseThrow().pid()).isEqualTo(neighbour);

        supervisor().remove(part1);
        assertThat(process("part1", "hello-on-watch")).isEmpty();
        assertThat(process("part1a", "hello-on-watch").orElseThrow().pid()).isEqualTo(neighbour);
        assertThat(isRunning("part1a", "hello-on-watch")).isTrue();
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
        var hostile = new PartitionPrograms.Program(partition.resolve("etc/x\n[program:evil]\ncommand=id"), true, "");
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

    @Test
    void onlyTheProgramsThatChangedAreStartedAnew() throws IOException {
        var kept = program("slappart0", "kept", true, "exec /bin/sleep 1000");
        run("slappart0", kept, program("slappart0", "edited", true, "exec /bin/sleep 1000"));
        await("both run", () -> isRunning("slappart0", "kept-on-watch") && isRunning("slappart0", "edited-on-watch"));
        long keptPid = process("slappart0", "kept-on-watch").orElseThrow().pid();
        long editedPid = process("slappart0", "edited-on-watch").orElseThrow().pid();

        run("slappart0", kept, program("slappart0", "edited", true, "exec /bin/sleep 2000"));

        await(
                "the edited one runs anew",
                () -> process("slappart0", "edited-on-watch")
                        .filter(p -> p.state() == ProcessStatus.State.RUNNING && p.pid() != editedPid)
                        .isPresent());
        assertThat(ProcessHandle.of(editedPid)).isEmpty();
        assertThat(process("slappart0", "kept-on-watch").orElseThrow().pid()).isEqualTo(keptPid);
    }

    @Test
    void aServiceThatIgnoresTheStopSignalHoldsUpNobody() throws IOException {
        var deaf = run("part1", program("part1", "deaf", true, "trap '' TERM; while :; do /bin/sleep 0.1; done"));
        await("the deaf one runs", () -> isRunning("part1", "deaf-on-watch"));
        var stopping = Thread.ofVirtual().start(() -> supervisor().stop(deaf));
        await(
                "it is told to stop",
                () -> process("part1", "deaf-on-watch")
                        .filter(p -> p.state() == ProcessStatus.State.STOPPING)
                        .isPresent());

        var start = System.nanoTime();
        var other = run("part2", program("part2", "hello", true, "exec /bin/sleep 1000"));
        await("the other runs", () -> isRunning("part2", "hello-on-watch"));
        supervisor().stop(other);

        assertThat(process("part2", "hello-on-watch")).isEmpty();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
        assertThat(stopping.isAlive()).isTrue();
        host.run(Command.of(
                        "/bin/sh",
                        "-c",
                        "kill -KILL -"
                                + process("part1", "deaf-on-watch")
                                        .orElseThrow()
                                        .pid()))
                .orThrow("end the deaf one");
        await("the stop is over", () -> !stopping.isAlive());
        assertThat(process("part1", "deaf-on-watch")).isEmpty();
    }

    @Test
    void aServiceThatIsStoppedWhileItStartsEndsAtOnce() throws IOException {
        for (int n = 0; n < 10; n++) {
            var id = run("part" + n, program("part" + n, "hello", true, "exec /bin/sleep 1000"));
            var start = System.nanoTime();

            supervisor().stop(id);

            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
        }
    }

    @Test
    @Tag("checklist:SV-07")
    void withoutPartitionsThereIsNothingButTheWatchdog() {
        var status = host.run(supervisor().console(List.of("status")));

        assertThat(status.output().strip().lines()).singleElement().asString().startsWith("watchdog ");
    }

    @Test
    @Tag("checklist:SV-02")
    void plainServicesStandInThePartitionsOwnGroup() throws IOException {
        run("slappart0", program("slappart0", "hello", true, "exec /bin/sleep 1000"));

        assertThat(Files.readString(root.resolve("etc/supervisord.conf.d/slappart0.conf")))
                .contains("[group:slappart0]\nprograms = slappart0_hello\n", "[program:slappart0_hello]");
    }

    @Test
    @Tag("checklist:SV-01")
    void aGroupBesideThePartitionsOwnHasFileGroupAndProgramsOfItsOwn() throws IOException {
        var id = run("slappart0", program("slappart0", "hello", true, "exec /bin/sleep 1000"));
        var more = List.of(program("slappart0", "more", false, "exec /bin/sleep 1000"));

        supervisor().writeGroup(new PartitionPrograms(id, "socat", partition("slappart0"), owner(), more));
        supervisor().start(id, "socat");

        await("it runs", () -> isRunning("slappart0-socat", "more"));
        assertThat(Files.readString(root.resolve("etc/supervisord.conf.d/slappart0-socat.conf")))
                .contains("[group:slappart0-socat]", "[program:slappart0-socat_more]");
        supervisor().stop(id);
        assertThat(isRunning("slappart0-socat", "more")).isTrue();
        supervisor().remove(id);
        assertThat(supervisor().processes()).isEmpty();
    }

    @Test
    void aServiceSeesNoOtherPartition() throws IOException {
        assumeTrue(host.isRoot());
        partition("slappart1");

        run("slappart0", program("slappart0", "look", false, "/bin/ls " + root + "; /bin/cat /proc/self/cgroup"));

        var log = partition("slappart0").resolve(".slappart0_look.log");
        await("it looked", () -> read(log).contains("var") && read(log).contains(":"));
        assertThat(read(log)).contains("slappart0").doesNotContain("slappart1").doesNotContain("sv.sock");
        var cgroup = "slapos" + root.toString().replace('/', '-') + "/slappart0";
        assertThat(read(log)).contains(cgroup);
        supervisor().remove(new PartitionId("slappart0"));
        assertThat(Files.exists(Path.of("/sys/fs/cgroup/pids", cgroup))).isFalse();
    }

    @Test
    @Tag("checklist:SV-04")
    void aSupervisorThatDoesNotStartSaysWhy() throws IOException {
        supervisor().shutdown();
        var broken = Files.writeString(root.resolve("etc/supervisord.conf.d/broken.conf"), "[program:broken]\n");

        var log = new ListAppender<ILoggingEvent>();
        var logger = (Logger) LoggerFactory.getLogger(Supervisor.class);
        log.start();
        logger.addAppender(log);
        try {
            assertThatThrownBy(() -> supervisor().ensureRunning())
                    .hasMessageContaining("start the supervisor")
                    .hasMessageContaining("does not specify a command");
        } finally {
            logger.detachAppender(log);
        }
        assertThat(log.list)
                .filteredOn(event -> event.getLevel() == Level.WARN)
                .extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly("supervisord does not start: no service runs");

        Files.delete(broken);
    }

    @Test
    @Tag("checklist:SV-05")
    void theSocketOfAnOldNodeGoesOnBeingUsed() throws IOException {
        supervisor().shutdown();
        Files.createFile(root.resolve("supervisord.socket"));
        running = Optional.empty();

        supervisor().ensureRunning();

        assertThat(root.resolve("sv.sock")).doesNotExist();
        assertThat(supervisor().isRunning()).isTrue();
        assertThat(Files.readString(root.resolve("etc/supervisord.conf"))).contains(root + "/supervisord.socket");
    }
}

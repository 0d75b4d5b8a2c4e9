package org.slapos.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slapos.protocol.SoftwareState;

/// `slapos node agent` as a process of its own, which signals end.
class AgentProcessTest {
    private final List<Process> started = new ArrayList<>();
    private TestNode node;

    @BeforeEach
    void open() throws IOException {
        node = new TestNode(1);
        node.master.supply(node.endlessRelease(), SoftwareState.AVAILABLE);
    }

    @AfterEach
    void close() throws Exception {
        for (var process : started) {
            process.destroy();
            process.waitFor();
        }
        node.close();
    }

    @Test
    void agentKilledInTheMiddleOfABuildIsFollowedByOneBuildOnly() throws Exception {
        var first = agent();
        await(() -> builds().size() == 1);
        var before = builds();

        first.destroyForcibly().waitFor();
        assertThat(builds()).as("nobody ended the build").isEqualTo(before);
        var second = agent();

        await(() -> builds().size() == 1 && !builds().equals(before));
        second.destroy();
        assertThat(second.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(builds())
                .as("an agent that is told to end takes its build along")
                .isEmpty();
        assertThat(node.master.calls("softwareReleaseError")).isEmpty();
        assertThat(node.rooms.supervisor().isRunning()).isTrue();
    }

    @Test
    void secondAgentIsRefused() throws Exception {
        agent();
        await(() -> builds().size() == 1);

        var second = agent();

        assertThat(second.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(second.exitValue()).isEqualTo(10);
        assertThat(Files.readString(node.folder.resolve("agent1.log"))).contains("an agent runs already");
    }

    private Process agent() throws IOException {
        var log = node.folder.resolve("agent" + started.size() + ".log").toFile();
        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "org.slapos.node.Main",
                        "agent",
                        "--cfg",
                        node.cfg.toString())
                .redirectErrorStream(true)
                .redirectOutput(log)
                .start();
        started.add(process);
        return process;
    }

    /// The builds of this node that run: their innermost processes.
    private Set<Long> builds() {
        return ProcessHandle.allProcesses()
                .filter(p -> p.info()
                                .commandLine()
                                .filter("/usr/bin/sleep 599"::equals)
                                .isPresent()
                        || p.info().commandLine().filter("sleep 599"::equals).isPresent())
                .map(ProcessHandle::pid)
                .filter(pid -> directory(pid).startsWith(node.folder))
                .collect(Collectors.toSet());
    }

    private static Path directory(long pid) {
        try {
            return Files.readSymbolicLink(Path.of("/proc", Long.toString(pid), "cwd"));
        } catch (IOException _) {
            return Path.of("/");
        }
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        var end = System.nanoTime() + Duration.ofSeconds(40).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(end);
            Thread.sleep(50);
        }
    }
}

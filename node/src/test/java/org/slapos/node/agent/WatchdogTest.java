package org.slapos.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slapos.node.supervisor.PartitionPrograms;
import org.slapos.node.supervisor.ProcessStatus;
import org.slapos.protocol.PartitionId;

/// What the real watchdog, under the real supervisord, tells the Master.
class WatchdogTest {
    private TestNode node;

    @BeforeEach
    void open() throws IOException {
        node = new TestNode(2);
        node.rooms.supervisor().ensureRunning();
    }

    @AfterEach
    void close() throws IOException {
        node.close();
    }

    private PartitionPrograms.Program program(String name, boolean watched, String script) throws IOException {
        var file = node.partition(0).resolve(name);
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        node.host.setMode(file, 0755);
        return new PartitionPrograms.Program(file, watched, script);
    }

    private void run(PartitionPrograms.Program... programs) {
        var id = new PartitionId("part0");
        var owner = node.host.owner(node.partition(0)).orElseThrow();
        node.rooms.supervisor().writeGroup(new PartitionPrograms(id, node.partition(0), owner, List.of(programs)));
        node.rooms.supervisor().start(id);
    }

    private ProcessStatus process(String name) {
        return node.rooms.supervisor().processes().stream()
                .filter(process -> process.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private void killWhenUp(String name) {
        await(name + " runs", () -> process(name).state() == ProcessStatus.State.RUNNING);
        long pid = process(name).pid();
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
        await(
                name + " was started again",
                () -> process(name).pid() != pid && process(name).pid() > 0);
    }

    private List<LoopbackMaster.Call> bangs() {
        return node.master.calls("softwareInstanceBang");
    }

    private Path bangFile() {
        return node.partition(0).resolve(".slapos_latest_bang_timestamp");
    }

    private void deployed(String timestamp) throws IOException {
        Files.writeString(node.partition(0).resolve(".timestamp"), timestamp);
    }

    private static void await(String what, BooleanSupplier holds) {
        var end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
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
    @Tag("checklist:WD-01")
    @Tag("checklist:WD-06")
    @Tag("checklist:WD-09")
    void aServiceThatEndsIsStartedAgainAndBangsOnceForEachDeployment() throws IOException {
        deployed("1700000000.25");
        run(program("hello", true, "exec sleep 1000"));

        killWhenUp("hello-on-watch");
        await("it banged", () -> !bangs().isEmpty() && Files.exists(bangFile()));
        assertThat(bangs().getFirst().partition()).isEqualTo("part0");
        assertThat(bangs().getFirst().form().required("message")).contains("hello-on-watch", "part0");
        assertThat(bangFile()).hasContent("1700000000.25");

        killWhenUp("hello-on-watch");
        killWhenUp("hello-on-watch");
        deployed("1700000001");
        killWhenUp("hello-on-watch");
        await("a newer deployment banged", () -> bangFileHolds("1700000001"));
        killWhenUp("hello-on-watch");
        deployed("1700000002");
        killWhenUp("hello-on-watch");

        // It is told of one end after the other: those before the last deployment would have been told by now.
        await("the last deployment banged", () -> bangFileHolds("1700000002"));
        assertThat(bangs()).hasSize(3);
    }

    @Test
    @Tag("checklist:WD-07")
    @Tag("checklist:WD-08")
    void aPartitionThatWasNeverDeployedBangsOnce() throws IOException {
        run(program("hello", true, "exec sleep 1000"));

        killWhenUp("hello-on-watch");
        await("it banged", () -> !bangs().isEmpty() && Files.exists(bangFile()));
        assertThat(bangFile()).hasContent("0");
        killWhenUp("hello-on-watch");
        deployed("1700000000");
        killWhenUp("hello-on-watch");

        await("its first deployment banged", () -> bangFileHolds("1700000000"));
        assertThat(bangs()).hasSize(2);
    }

    private boolean bangFileHolds(String timestamp) {
        try {
            return Files.readString(bangFile()).equals(timestamp);
        } catch (IOException _) {
            return false;
        }
    }

    @Test
    @Tag("checklist:WD-02")
    @Tag("checklist:WD-05")
    void onlyTheEndOfAWatchedServiceBangs() throws IOException {
        run(
                program("once", false, "exit 3"),
                program("long", false, "exec sleep 1000"),
                program("hello", true, "exec sleep 1000"));
        await(
                "both run",
                () -> process("hello-on-watch").state() == ProcessStatus.State.RUNNING
                        && process("long").state() == ProcessStatus.State.RUNNING
                        && process("once").state() == ProcessStatus.State.EXITED);
        ProcessHandle.of(process("long").pid()).orElseThrow().destroyForcibly();
        await("it ended", () -> process("long").state() == ProcessStatus.State.EXITED);
        node.rooms.supervisor().stop(new PartitionId("part0"));

        // Events come in order: once this one is told, the others would have been.
        run(program("last", true, "exec sleep 1000"));
        killWhenUp("last-on-watch");
        await("it banged", () -> !bangs().isEmpty());

        assertThat(bangs())
                .singleElement()
                .satisfies(bang -> assertThat(bang.form().required("message")).contains("last-on-watch"));
    }
}

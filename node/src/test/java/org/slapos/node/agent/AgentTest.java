package org.slapos.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareState;
import org.slapos.protocol.UsageReport;

/// The daemon follows what the Master promises.
class AgentTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private TestNode node;

    @BeforeEach
    void open() throws IOException {
        node = new TestNode(2);
    }

    @AfterEach
    void close() throws IOException {
        node.close();
    }

    @Test
    void agentInstallsStartsAndDestroysByItselfAndServicesOutliveIt() throws Exception {
        var url = node.master.profile("helloworld/software.cfg");
        var agent = new Agent(node.rooms, new FormatLoop(() -> true));
        agent.start();
        node.master.promise(node.instance(0, url, RequestedState.STARTED, "1", "a"));
        node.master.supply(url, SoftwareState.AVAILABLE);
        await(() -> node.master.calls("startedComputerPartition").size() == 1);
        assertThat(node.master.calls("softwareInstanceError"))
                .as("waiting for software is no error")
                .isEmpty();

        var asked = System.nanoTime();
        node.master.promise(node.instance(1, url, RequestedState.STARTED, "1", "b"));
        await(() -> node.master.calls("startedComputerPartition").size() == 2);
        assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(Duration.ofSeconds(10));

        node.rooms.supervisor().shutdown();
        await(() -> node.rooms.supervisor().isRunning()
                && node.rooms.supervisor().processes().stream()
                                .filter(p -> p.isUp())
                                .count()
                        == 2);

        node.master.promise(node.instance(0, url, RequestedState.DESTROYED, "2", "a"));
        await(() -> !node.master.calls("destroyedComputerPartition").isEmpty());
        node.master.free(new PartitionId("part0"));

        agent.close();
        assertThat(node.rooms.supervisor().processes()).hasSize(1).allMatch(p -> p.isUp());
    }

    @Test
    void masterThatWasAwayIsToldWhatItMissed() throws Exception {
        var url = node.master.profile("helloworld/software.cfg");
        node.master.supply(url, SoftwareState.AVAILABLE);
        node.once().software(Set.of(), false);
        var agent = new Agent(node.rooms, new FormatLoop(() -> true));
        agent.start();
        node.master.answer("startedComputerPartition", 503);
        node.master.promise(node.instance(0, url, RequestedState.STARTED, "1", "a"));
        await(() -> node.master.refusals.contains("startedComputerPartition"));

        node.master.answer("startedComputerPartition", 200);
        await(() -> !node.master.calls("startedComputerPartition").isEmpty());

        assertThat(node.master.calls("setComputerPartitionConnectionXml")).hasSize(1);
        agent.close();
    }

    /// Partitions of one user: each has what supervisord runs for it.
    @Test
    void theAgentCollectsByItselfAndACommandDoesItOnce() throws Exception {
        var url = node.master.profile("helloworld/software.cfg");
        node.master.supply(url, SoftwareState.AVAILABLE);
        node.once().software(Set.of(), false);
        node.master.promise(node.instance(0, url, RequestedState.STARTED, "1", "a"));
        node.once().instances(Set.of(), false);
        var monitor = node.partition(0).resolve(".slapgrid/monitor");

        assertThat(node.once().collect()).isEqualTo(OneShot.SUCCESS);

        var processes = JSON.readTree(
                monitor.resolve("monitor_process_resource.status.json").toFile());
        assertThat(processes)
                .isNotEmpty()
                .allSatisfy(one -> assertThat(one.path("command").asText()).contains("hello"));
        assertThat(node.partition(1).resolve(".slapgrid")).doesNotExist();
        var series = monitor.resolve("monitor_resource_process.data.json");
        assertThat(JSON.readTree(series.toFile()).path("data")).hasSize(2);
        var sizes = node.instanceRoot.resolve("var/data-log/sizes.json");
        assertThat(JSON.readTree(sizes.toFile()).path("part0").path("kib").asLong())
                .isPositive();
        java.nio.file.Files.delete(sizes);

        node.reopen(java.util.Map.of("collect_seconds", "1"), java.time.InstantSource.system());
        var agent = new Agent(node.rooms, new FormatLoop(() -> true));
        agent.start();
        await(() -> lines(series) >= 4 && java.nio.file.Files.exists(sizes));
        agent.close();
    }

    private static int lines(java.nio.file.Path series) {
        try {
            return JSON.readTree(series.toFile()).path("data").size();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void closingTheAgentEndsARunningBuildThatTheNextOneResumes() throws Exception {
        var url = node.endlessRelease();
        node.master.supply(url, SoftwareState.AVAILABLE);
        var agent = new Agent(node.rooms, new FormatLoop(() -> true));
        agent.start();
        await(() -> running("sleep 599"));

        agent.close();

        await(() -> !running("sleep 599"));
        assertThat(node.master.calls("softwareReleaseError")).isEmpty();
    }

    @Test
    void useIsReportedOnceAndKeptUntilTheMasterAcknowledges() throws Exception {
        var url = node.master.profile("helloworld/software.cfg");
        node.master.supply(url, SoftwareState.AVAILABLE);
        node.once().software(Set.of(), false);
        node.master.promise(node.instance(0, url, RequestedState.STARTED, "1", "a"));
        node.once().instances(Set.of(), false);
        node.rooms.usage().sample(node.rooms.measured(node.rooms.promised()));
        Thread.sleep(1100); // the shortest period that is reported

        node.master.answer("useComputer", 503);
        try {
            node.once().report();
        } catch (org.slapos.protocol.client.SlapException expected) {
            assertThat(expected).hasMessageContaining("503");
        }
        node.master.answer("useComputer", 200);
        assertThat(node.once().report()).isEqualTo(OneShot.SUCCESS);

        var sent = node.master.calls("useComputer").stream()
                .map(call -> UsageReport.read(
                        call.form().required("use_string").getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                .toList();
        assertThat(sent.stream().map(UsageReport::reference)).doesNotHaveDuplicates();
        var first = sent.getFirst();
        assertThat(first.movements())
                .extracting(UsageReport.Movement::resource)
                .containsExactly(
                        "service_module/cpu_load_percent", "service_module/memory_used", "service_module/disk_used");
        assertThat(first.movements()).allMatch(m -> m.reference().equals("part0"));
        assertThat(first.movements().get(1).quantity()).isGreaterThan(0);
        assertThat(first.movements().get(2).quantity()).isGreaterThan(0);
    }

    @Test
    void secondHolderOfAPidFileIsRefused() throws IOException {
        var file = node.folder.resolve("x.pid");
        try (var first = PidFile.take(file).orElseThrow()) {
            assertThat(first).isNotNull();
            assertThat(PidFile.take(file)).isEmpty();
            assertThat(PidFile.holder(file))
                    .contains(Long.toString(ProcessHandle.current().pid()));
        }
        assertThat(PidFile.take(file)).isPresent();
    }

    private static boolean running(String command) {
        return ProcessHandle.allProcesses()
                .anyMatch(p -> p.info()
                        .commandLine()
                        .filter(line -> line.endsWith(command))
                        .isPresent());
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        var end = System.nanoTime() + Duration.ofSeconds(40).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(end);
            Thread.sleep(50);
        }
    }
}

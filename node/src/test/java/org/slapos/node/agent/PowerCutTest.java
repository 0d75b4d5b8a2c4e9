package org.slapos.node.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slapos.node.supervisor.ProcessStatus;
import org.slapos.protocol.RequestedState;

/// Services come back by priority after all processes of the node were killed at once, also without a Master.
@Tag("system")
class PowerCutTest {
    private static final int PARTITIONS = Integer.getInteger("slapos.powercut.partitions", 100);

    private static final Pattern SPAWNED = Pattern.compile("spawned: '\\S+' with pid (\\d+)");

    private record Spawned(String partition, Instant when) {}

    private WorkingNode working;

    @BeforeEach
    void open() throws IOException {
        working = new WorkingNode(PARTITIONS);
        // Others work on this machine, too: the order is what counts here.
        Files.writeString(
                working.node.cfg,
                Files.readString(working.node.cfg)
                        + "start_cpu_percent = 100\nstart_priority =\n  part5 100\n  part6 0\n");
    }

    @AfterEach
    void close() throws IOException {
        working.close();
    }

    @Test
    void partitionsComeBackByPriorityThoughTheMasterIsAwayAndTheAgentDiesInTheMiddle() throws Exception {
        for (int i = 0; i < PARTITIONS; i++) {
            working.want(
                    i,
                    i == 7 ? RequestedState.STOPPED : RequestedState.STARTED,
                    Map.of("greeting", "first", "start-priority", Integer.toString(priority(i))));
        }
        try (var agent = AgentProcess.start(working.node, "before")) {
            working.awaitAsWanted(Duration.ofMinutes(4));
            agent.kill();
        }
        working.node.master.close();
        cutPower();

        var cut = Instant.now();
        var first = AgentProcess.start(working.node, "killed");
        WorkingNode.await(Duration.ofMinutes(1), () -> started().size() >= PARTITIONS / 4);
        first.kill();
        var early = started();
        try (var second = AgentProcess.start(working.node, "after")) {
            WorkingNode.await(Duration.ofMinutes(2), () -> started().size() == PARTITIONS - 1);
            assertThat(second.said("partitions come back")).hasSize(1);
            assertThat(second.said("the last is expected in")).hasSize(PARTITIONS - 1 - early.size());

            var spawned = order();
            print(spawned, cut);
            var line = spawned.stream().map(Spawned::partition).toList();
            assertThat(line).doesNotHaveDuplicates().hasSize(PARTITIONS - 1);
            assertThat(line.getFirst()).as("the operator's word").isEqualTo("part5");
            assertThat(line.getLast()).as("the operator's word").isEqualTo("part6");
            var between = line.stream()
                    .filter(id -> !List.of("part5", "part6").contains(id))
                    .map(id -> priority(number(id)))
                    .toList();
            assertThat(between).isSortedAccordingTo(Comparator.reverseOrder());
        }
        assertThat(IntStream.range(0, PARTITIONS).filter(i -> working.servers(i).size() != 1))
                .as("not running exactly once")
                .containsExactly(7);
        assertThat(working.startedTwice()).isZero();
        assertThat(working.node.instanceRoot.resolve("var/run/comeback.json")).doesNotExist();
    }

    @Test
    void whatADeadSupervisorLeftRunningIsNotStartedASecondTime() throws Exception {
        assumeTrue(working.node.host.isRoot());
        for (int i = 0; i < 3; i++) {
            working.want(i, RequestedState.STARTED, "first");
        }
        try (var agent = AgentProcess.start(working.node, "before")) {
            working.awaitAsWanted(Duration.ofMinutes(2));
            agent.kill();
        }
        var before = working.allServers();
        var supervisord = supervisord();
        supervisord.destroyForcibly();
        supervisord.onExit().get();
        assertThat(working.allServers()).isEqualTo(before);

        try (var _ = AgentProcess.start(working.node, "after")) {
            WorkingNode.await(
                    Duration.ofMinutes(1),
                    () -> working.node.rooms.supervisor().isRunning()
                            && started().size() == 3);
            working.awaitAsWanted(Duration.ofMinutes(1));
        }

        assertThat(working.allServers()).hasSize(3).doesNotContainValue(before.get(0));
        assertThat(working.startedTwice()).isZero();
    }

    /// From 5 to 95, in no order of the partitions.
    private static int priority(int partition) {
        return partition * 7 % 10 * 10 + 5;
    }

    private static int number(String id) {
        return Integer.parseInt(id.substring("part".length()));
    }

    private ProcessHandle supervisord() throws IOException {
        var pid = Files.readString(working.node.instanceRoot.resolve("var/run/supervisord.pid"))
                .strip();
        return ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
    }

    private void cutPower() throws Exception {
        var supervisord = supervisord();
        var all = new ArrayList<>(supervisord.descendants().toList());
        all.addFirst(supervisord); // which would start again what it sees dying
        all.forEach(ProcessHandle::destroyForcibly);
        for (var process : all) {
            process.onExit().get();
        }
        assertThat(working.allServers()).isEmpty();
    }

    private List<String> started() {
        var supervisor = working.node.rooms.supervisor();
        return supervisor.isRunning()
                ? supervisor.processes().stream()
                        .filter(ProcessStatus::isUp)
                        .map(ProcessStatus::group)
                        .filter(group -> group.startsWith("part"))
                        .sorted()
                        .toList()
                : List.of();
    }

    /// As supervisord spawned them.
    private List<Spawned> order() throws IOException {
        var order = new ArrayList<Spawned>();
        var log = Files.readAllLines(working.node.instanceRoot.resolve("var/log/supervisord.log"));
        int begin = log.lastIndexOf(log.stream()
                .filter(line -> line.contains("supervisord started"))
                .reduce((_, last) -> last)
                .orElseThrow());
        for (var line : log.subList(begin, log.size())) {
            var spawned = SPAWNED.matcher(line);
            if (spawned.find()) {
                var when = LocalDateTime.parse(line.substring(0, 19).replace(' ', 'T'))
                        .plus(Duration.ofMillis(Long.parseLong(line.substring(20, 23))));
                partitionOf(Long.parseLong(spawned.group(1)))
                        .ifPresent(id -> order.add(new Spawned(
                                id, when.atZone(ZoneId.systemDefault()).toInstant())));
            }
        }
        return order;
    }

    private Optional<String> partitionOf(long pid) {
        return working.node.rooms.supervisor().processes().stream()
                .filter(process -> process.pid() == pid)
                .map(ProcessStatus::group)
                .filter(group -> group.startsWith("part"))
                .findFirst();
    }

    /// The time line: how long after the power came back how many were up, and the priority of the last of them.
    private static void print(List<Spawned> line, Instant cut) {
        System.out.println("power cut: " + line.size() + " partitions back:");
        for (int i = 0; i < line.size(); i += i < 10 ? 1 : 10) {
            var spawned = line.get(i);
            System.out.printf(
                    "  %6.2f s  %3d up, %s (priority %d)%n",
                    Duration.between(cut, spawned.when()).toMillis() / 1000.0,
                    i + 1,
                    spawned.partition(),
                    priority(number(spawned.partition())));
        }
    }
}

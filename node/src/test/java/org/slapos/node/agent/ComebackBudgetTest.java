package org.slapos.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slapos.node.ConfigurationReader;
import org.slapos.node.host.Host;
import org.slapos.node.host.ProcessorTime;
import org.slapos.node.supervisor.PartitionPrograms;
import org.slapos.node.supervisor.ProcessStatus;
import org.slapos.protocol.PartitionId;

/// The budget of the processors while services come back, with a real supervisord; how busy the machine is is the
/// test's.
class ComebackBudgetTest {
    private static final int PARTITIONS = 3;

    /// A look at the processors: what it saw, how many services ran then, and when.
    private record Look(int busyPercent, long running, long nanos) {}

    private final List<Look> looks = new ArrayList<>();
    private final ArrayDeque<Integer> busy = new ArrayDeque<>();
    private int otherwise;
    private long busyTicks;
    private long allTicks;
    private TestNode node;

    @BeforeEach
    void open() throws IOException {
        node = new TestNode(PARTITIONS);
        var supervisor = node.rooms.supervisor();
        supervisor.ensureRunning();
        for (int i = 0; i < PARTITIONS; i++) {
            var file = Files.writeString(node.partition(i).resolve("hello"), "#!/bin/sh\nexec sleep 1000\n");
            node.host.setMode(file, 0755);
            var owner = node.host.owner(node.partition(i)).orElseThrow();
            supervisor.writeGroup(new PartitionPrograms(
                    new PartitionId("part" + i),
                    node.partition(i),
                    owner,
                    List.of(new PartitionPrograms.Program(file, true, ""))));
        }
        supervisor.shutdown();
        supervisor.ensureRunning(); // it knows the groups, and has never started them
    }

    @AfterEach
    void close() throws IOException {
        node.close();
    }

    private Comeback comeback(int budget) {
        var real = node.rooms;
        return new Comeback(new NodeRooms(
                ConfigurationReader.read(node.cfg, Map.of("start_cpu_percent", Integer.toString(budget))),
                told(real.host()),
                real.clock(),
                real.master(),
                real.supervisor(),
                real.buildout(),
                real.software(),
                real.partitions(),
                real.usage(),
                real.promises()));
    }

    private Host told(Host real) {
        return (Host) Proxy.newProxyInstance(
                Host.class.getClassLoader(), new Class<?>[] {Host.class}, (_, method, words) -> {
                    if (method.getName().equals("processorTime")) {
                        return look();
                    }
                    try {
                        return method.invoke(real, words);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private ProcessorTime look() {
        int percent = busy.isEmpty() ? otherwise : busy.removeFirst();
        busyTicks += percent;
        allTicks += 100;
        looks.add(new Look(percent, running(), System.nanoTime()));
        return new ProcessorTime(busyTicks, allTicks);
    }

    private long running() {
        return node.rooms.supervisor().processes().stream()
                .filter(ProcessStatus::isUp)
                .count();
    }

    @Test
    void theNextServiceWaitsUntilTheMachineIsLessBusyThanItsBudget() throws Exception {
        busy.addAll(List.of(0, 90, 51, 50, 100, 20, 10));
        var comeback = comeback(50);
        assertThat(comeback.begin()).isTrue();
        assertThat(comeback.isComing(new PartitionId("part2"))).isTrue();

        comeback.goOn(Optional.empty());

        assertThat(running()).isEqualTo(PARTITIONS);
        assertThat(comeback.isComing(new PartitionId("part2"))).isFalse();
        // Whoever waited a second goes on in any case; where the test's machine is slower than that, it proves less.
        if (looks.getLast().nanos() - looks.getFirst().nanos()
                < Duration.ofSeconds(1).toNanos()) {
            assertThat(looks)
                    .extracting(look -> look.busyPercent() + " % and " + look.running())
                    .containsExactly(
                            "0 % and 0",
                            "90 % and 0", "51 % and 0", "50 % and 0", "100 % and 1", "20 % and 1", "10 % and 2");
        }
        for (int i = 1; i < looks.size(); i++) {
            var before = looks.get(i - 1);
            boolean hadRoom = before.busyPercent() <= 50;
            boolean hadWaited = looks.get(i).nanos() - looks.getFirst().nanos()
                    >= Duration.ofSeconds(1).toNanos();
            assertThat(looks.get(i).running() == before.running() || hadRoom || hadWaited)
                    .as("started after %s", before)
                    .isTrue();
        }
    }

    @Test
    void aMachineThatStaysBusyHoldsNobodyUpForever() throws Exception {
        otherwise = 100;
        var comeback = comeback(50);
        assertThat(comeback.begin()).isTrue();

        comeback.goOn(Optional.empty());

        assertThat(running()).isEqualTo(PARTITIONS);
        assertThat(looks).hasSizeGreaterThan(2 * PARTITIONS);
    }
}

package org.slapos.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slapos.protocol.SoftwareState;

/// `slapos node agent` as a process of its own, which signals end.
class AgentProcessTest {
    private final List<AgentProcess> started = new ArrayList<>();
    private TestNode node;

    @BeforeEach
    void open() throws IOException {
        node = new TestNode(1);
        node.master.supply(node.endlessRelease(), SoftwareState.AVAILABLE);
    }

    @AfterEach
    void close() throws Exception {
        started.forEach(AgentProcess::close);
        node.close();
    }

    @Test
    void agentKilledInTheMiddleOfABuildIsFollowedByOneBuildOnly() throws Exception {
        var first = agent();
        await(() -> builds().size() == 1);
        var before = builds();

        first.kill();
        assertThat(builds()).as("nobody ended the build").isEqualTo(before);
        var second = agent();

        await(() -> builds().size() == 1 && !builds().equals(before));
        second.terminate();
        second.awaitEnd(Duration.ofSeconds(20));
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

        assertThat(second.awaitEnd(Duration.ofSeconds(20))).isEqualTo(10);
        assertThat(second.said("an agent runs already")).isNotEmpty();
    }

    private AgentProcess agent() throws IOException {
        var process = AgentProcess.start(node, "agent" + started.size());
        started.add(process);
        return process;
    }

    private Set<Long> builds() {
        return node.running("sleep 599");
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        WorkingNode.await(Duration.ofSeconds(40), condition);
    }
}

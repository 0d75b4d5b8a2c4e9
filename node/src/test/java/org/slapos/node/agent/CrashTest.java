package org.slapos.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slapos.protocol.RequestedState;

/// `kill -9` of the agent at random moments while it works. `make crash` kills it 200 times;
/// `-Dslapos.crash.seed=N` plays the same changes and pauses again, as far as a machine's timing does.
@Tag("system")
class CrashTest {
    private static final int PARTITIONS = 20;
    private static final int UNTOUCHED = 8;
    private static final int KILLS = Integer.getInteger("slapos.crash.kills", 10);
    private static final int LONGEST_MILLIS = 2500;

    private WorkingNode working;

    @BeforeEach
    void open() throws IOException {
        working = new WorkingNode(PARTITIONS);
    }

    @AfterEach
    void close() throws IOException {
        working.close();
    }

    @Test
    void agentThatIsKilledAtAnyMomentStartsNothingTwiceLosesNothingAndConverges() throws Exception {
        long seed = Long.getLong("slapos.crash.seed", System.nanoTime());
        System.out.println("crash: seed " + seed + ", " + KILLS + " kills");
        var chance = new Random(seed);
        for (int i = 0; i < PARTITIONS; i++) {
            working.want(i, RequestedState.STARTED, "first");
        }
        try (var _ = AgentProcess.start(working.node, "first")) {
            working.awaitAsWanted(Duration.ofMinutes(2));
        }
        var untouched = new TreeMap<>(working.allServers().headMap(UNTOUCHED));

        for (int kill = 0; kill < KILLS; kill++) {
            for (int change = 0; change < 4; change++) {
                working.want(
                        UNTOUCHED + chance.nextInt(PARTITIONS - UNTOUCHED),
                        chance.nextInt(4) == 0 ? RequestedState.STOPPED : RequestedState.STARTED,
                        "greeting" + kill + "." + change);
            }
            int pause = chance.nextInt(LONGEST_MILLIS);
            var agent = AgentProcess.start(working.node, "killed");
            Thread.sleep(pause);
            assertThat(agent.isAlive()).as("it was killed by the test alone").isTrue();
            agent.kill();
            assertThat(working.halfWritten())
                    .as("half-written after kill %d, at %d ms, seed %d", kill, pause, seed)
                    .isEmpty();
        }

        try (var _ = AgentProcess.start(working.node, "last")) {
            working.awaitAsWanted(Duration.ofMinutes(2));
        } catch (AssertionError notInTime) {
            System.out.println(Files.readString(working.node.folder.resolve("last.log")));
            throw notInTime;
        }
        assertThat(working.startedTwice()).as("started twice, seed %d", seed).isZero();
        assertThat(working.allServers())
                .as("who was left alone runs as before, seed %d", seed)
                .containsAllEntriesOf(untouched);
        assertThat(working.node.master.calls("softwareInstanceError"))
                .as("errors reported, seed %d", seed)
                .isEmpty();
        System.out.println("crash: " + KILLS + " kills, converged, nothing twice, nothing lost");
    }
}

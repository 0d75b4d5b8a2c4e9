package org.slapos.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.ComputerInformation;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.PartitionInformation;
import org.slapos.protocol.RequestedState;

class StartPriorityTest {
    private static final ComputerId COMPUTER = new ComputerId("COMP-1");

    @Test
    void operatorsWordThenTheParameterThenTheMiddle() {
        var priority = new StartPriority(
                Map.of("part1", 3),
                promised(
                        partition(0, Map.of("start-priority", "90")),
                        partition(1, Map.of("start-priority", "90")),
                        partition(2, Map.of("_", "{\"start-priority\": 70}")),
                        partition(3, Map.of())));

        assertThat(Stream.of("part0", "part1", "part2", "part3", "part2-socat", "firewall")
                        .map(priority::of))
                .containsExactly(90, 3, 70, 50, 70, 50);
    }

    @Test
    void whatIsNoSuchNumberSaysNothing() {
        var priority = new StartPriority(
                Map.of(),
                promised(
                        partition(0, Map.of("start-priority", "101")),
                        partition(1, Map.of("start-priority", "first")),
                        partition(2, Map.of("_", "{\"start-priority\": [1]}")),
                        partition(3, Map.of("_", "no JSON"))));

        assertThat(Stream.of("part0", "part1", "part2", "part3").map(priority::of))
                .containsOnly(StartPriority.DEFAULT);
    }

    @Test
    void equalsKeepTheOrderOfTheirNumbers() {
        var order = new StartPriority(Map.of("part10", 60), Optional.empty()).order();

        assertThat(Stream.of("part11", "part2", "part10", "part1").sorted(order))
                .containsExactly("part10", "part1", "part2", "part11");
    }

    private static Optional<ComputerInformation> promised(PartitionInformation... partitions) {
        return Optional.of(new ComputerInformation(COMPUTER, List.of(partitions), List.of()));
    }

    private static PartitionInformation partition(int number, Map<String, String> parameters) {
        var id = new PartitionId("part" + number);
        return new PartitionInformation(
                COMPUTER,
                id,
                Optional.of(new InstanceInformation(
                        COMPUTER,
                        id,
                        "SOFTINST-" + number,
                        "title",
                        "title",
                        "",
                        "http://[::1]/software.cfg",
                        "default",
                        RequestedState.STARTED,
                        parameters,
                        Map.of(),
                        Map.of(),
                        List.of(),
                        List.of(),
                        List.of(),
                        "1",
                        "")));
    }
}

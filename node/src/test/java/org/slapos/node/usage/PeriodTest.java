package org.slapos.node.usage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.slapos.node.host.ProcessUse;
import org.slapos.protocol.PartitionId;

class PeriodTest {
    private static final Instant T = Instant.parse("2026-01-01T00:00:00Z");
    private static final MeasuredPartition PART =
            new MeasuredPartition(new PartitionId("part0"), "slapuser0", Path.of("/x"), 1000, false, Set.of());

    private static ProcessUse process(String identity, double cpuSeconds, int mib) {
        return new ProcessUse(identity, 1, 0, 1000, cpuSeconds, (long) mib << 20);
    }

    private static Period.Used used(Period period) {
        return Objects.requireNonNull(period.partitions().get("part0"));
    }

    @Test
    void whatRanBeforeTheFirstSampleDoesNotCountAndWhatBeginsLaterCountsWhole() {
        var period = Period.startingAt(T)
                .sampled(Map.of(PART, List.of(process("1@5", 100, 10))), true)
                .sampled(Map.of(PART, List.of(process("1@5", 103, 10), process("2@9", 4, 20))), false);

        var used = used(period);
        assertThat(used.cpuSeconds()).isEqualTo(7);
        assertThat(used.averageMemoryMiB()).isEqualTo(20);
    }

    @Test
    void theNextPeriodGoesOnWhereTheLastEnded() {
        var period = Period.startingAt(T)
                .sampled(Map.of(PART, List.of(process("1@5", 100, 10))), true)
                .next(T.plusSeconds(60))
                .sampled(Map.of(PART, List.of(process("1@5", 105, 10))), false);

        assertThat(used(period).cpuSeconds()).isEqualTo(5);
    }

    @Test
    void aPeriodSurvivesItsFile() throws IOException {
        var period = Period.startingAt(T).sampled(Map.of(PART, List.of(process("1@5", 1.5, 10))), false);

        assertThat(Period.of(period.toJson())).isEqualTo(period);
    }
}

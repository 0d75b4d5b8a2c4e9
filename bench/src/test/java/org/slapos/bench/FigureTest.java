package org.slapos.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class FigureTest {
    @Test
    void theTableAlignsItsColumns() {
        var table = Figure.table(List.of(new Figure("answers/s", 12_345.6, 20_000), new Figure("p50 ms", 0.25, 0)));
        assertThat(table.lines())
                .containsExactly(
                        "metric            ours     baseline    ratio",
                        "answers/s        12346        20000     0.62",
                        "p50 ms            0.25         0.00        -");
    }

    @Test
    void aLoadKnowsItsRateAndItsSlowest() {
        var nanoseconds = new long[1000];
        for (int i = 0; i < nanoseconds.length; i++) {
            nanoseconds[i] = (i + 1) * 1_000L;
        }
        var load = Load.of(List.of(nanoseconds, new long[0]), Duration.ofSeconds(2));
        assertThat(load.answersPerSecond()).isEqualTo(500);
        assertThat(load.median()).isEqualTo(Duration.ofNanos(501_000));
        assertThat(load.p99()).isEqualTo(Duration.ofNanos(991_000));
    }
}

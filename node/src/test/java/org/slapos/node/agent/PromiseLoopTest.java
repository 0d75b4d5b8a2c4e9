package org.slapos.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class PromiseLoopTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void whatIsDueInAWhileIsDoneTogetherAndNeverEarly() {
        for (long millis = 30_000; millis < 60_000; millis += 333) {
            var due = NOW.plusMillis(millis);
            var round = PromiseLoop.inRound(due, NOW);
            assertThat(round.getEpochSecond() % 10).isZero();
            assertThat(round.getNano()).isZero();
            assertThat(round).isBetween(due, due.plusSeconds(10));
        }
        assertThat(PromiseLoop.inRound(NOW.plusSeconds(40), NOW)).isEqualTo(NOW.plusSeconds(40));
    }

    @Test
    void whatIsDueSoonKeepsItsTime() {
        var soon = NOW.plusMillis(4321);
        assertThat(PromiseLoop.inRound(soon, NOW)).isEqualTo(soon);
        assertThat(PromiseLoop.inRound(Instant.MAX, NOW)).isEqualTo(Instant.MAX);
    }
}

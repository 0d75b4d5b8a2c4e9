package org.slapos.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class FormatLoopTest {
    private final AtomicBoolean works = new AtomicBoolean(true);
    private final FormatLoop loop = new FormatLoop(works::get);

    @Test
    void aComputerIsFormattedOnceADay() {
        assertThat(loop.pause()).isEqualTo(Duration.ofDays(1));
        assertThat(pass(true)).isEqualTo(Duration.ofDays(1));
    }

    @Test
    void aFormatThatDoesNotWorkIsTriedAgainSoonThenMoreSeldom() {
        assertThat(pass(false)).isEqualTo(Duration.ofMinutes(1));
        assertThat(pass(false)).isEqualTo(Duration.ofMinutes(2));
        for (int i = 0; i < 8; i++) {
            pass(false);
        }
        assertThat(loop.pause()).isEqualTo(Duration.ofMinutes(512));
        assertThat(pass(false)).isEqualTo(Duration.ofMinutes(1024));
        assertThat(pass(false)).isEqualTo(Duration.ofDays(1));
        assertThat(pass(false)).isEqualTo(Duration.ofDays(1));
        assertThat(pass(true)).isEqualTo(Duration.ofDays(1));
        assertThat(pass(false)).isEqualTo(Duration.ofMinutes(1));
    }

    private Duration pass(boolean works) {
        this.works.set(works);
        loop.pass();
        return loop.pause();
    }
}

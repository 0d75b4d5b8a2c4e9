package org.slapos.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LaneTest {
    @Test
    void oneThatTakesLongStepsAsideForTheNext() throws Exception {
        var lane = new Lane(1, Duration.ofMillis(20));
        try (var _ = lane.enter()) {
            assertThat(enteredWithin(lane, Duration.ofSeconds(10))).isTrue();
        }
        assertThat(enteredWithin(lane, Duration.ofSeconds(10))).isTrue();
    }

    @Test
    void onlySoManyAreOnTheWayAtOnce() throws Exception {
        var lane = new Lane(1, Duration.ofHours(1));
        try (var _ = lane.enter()) {
            assertThat(enteredWithin(lane, Duration.ofMillis(200))).isFalse();
        }
    }

    @Test
    void wayIsFreeAgainHoweverATurnEnds() throws Exception {
        var lane = new Lane(1, Duration.ofMillis(1));
        for (int i = 0; i < 100; i++) {
            try (var _ = lane.enter()) {
                TimeUnit.MICROSECONDS.sleep(i % 3 * 1000L);
            }
        }
        try (var _ = lane.enter()) {
            assertThat(enteredWithin(lane, Duration.ofSeconds(10))).isTrue();
        }
    }

    private static boolean enteredWithin(Lane lane, Duration time) throws InterruptedException {
        var entered = new CountDownLatch(1);
        var second = Thread.ofPlatform().start(() -> {
            try (var _ = lane.enter()) {
                entered.countDown();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        boolean did = entered.await(time.toMillis(), TimeUnit.MILLISECONDS);
        second.interrupt();
        second.join();
        return did;
    }
}

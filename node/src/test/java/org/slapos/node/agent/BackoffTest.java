package org.slapos.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class BackoffTest {
    private static final Instant T = Instant.parse("2026-01-01T00:00:00Z");

    private final Backoff<String> backoff = new Backoff<>(Duration.ofSeconds(30), Duration.ofSeconds(100));

    @Test
    void pausesDoubleUpToTheLongest() {
        assertThat(backoff.failed("x", "wanted", T)).isEqualTo(T.plusSeconds(30));
        assertThat(backoff.failed("x", "wanted", T)).isEqualTo(T.plusSeconds(60));
        assertThat(backoff.failed("x", "wanted", T)).isEqualTo(T.plusSeconds(100));
        assertThat(backoff.failed("x", "wanted", T)).isEqualTo(T.plusSeconds(100));
    }

    @Test
    void whatFailedIsDueAfterItsPauseAndOthersAtOnce() {
        backoff.failed("x", "wanted", T);

        assertThat(backoff.isDue("x", "wanted", T.plusSeconds(29))).isFalse();
        assertThat(backoff.isDue("x", "wanted", T.plusSeconds(30))).isTrue();
        assertThat(backoff.isDue("y", "wanted", T)).isTrue();
    }

    @Test
    void aFailureIsForgottenWhenAnotherThingIsWanted() {
        backoff.failed("x", "wanted", T);
        backoff.failed("x", "wanted", T);

        assertThat(backoff.isDue("x", "other", T)).isTrue();
        assertThat(backoff.failed("x", "other", T)).isEqualTo(T.plusSeconds(30));
    }

    @Test
    void postponingDoesNotMakeTheNextPauseLonger() {
        backoff.postponed("x", "wanted", T.plusSeconds(5));

        assertThat(backoff.isDue("x", "wanted", T.plusSeconds(4))).isFalse();
        assertThat(backoff.failed("x", "wanted", T)).isEqualTo(T.plusSeconds(30));
    }
}

package org.slapos.cli.verbs;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AwaitedInstanceTest {
    private static final String WELL = "#access Instance correctly started";
    private static final Instant TEN = Instant.parse("2026-01-01T00:00:10Z");

    private static AwaitedInstance at(long micros, String status, @Nullable Instant reported) {
        return new AwaitedInstance(micros, status, Optional.ofNullable(reported));
    }

    private static long micros(Instant time, long more) {
        return time.getEpochSecond() * 1_000_000 + more;
    }

    private final AwaitedInstance before = at(micros(TEN, 0) - 60_000_000, WELL, TEN.minusSeconds(30));
    private final long asked = micros(TEN, 500_000);

    @Test
    void theReportOfBeforeIsNoNewsOfAChange() {
        assertThat(at(asked, WELL, TEN.minusSeconds(30)).isNewsSince(Optional.of(before), asked))
                .isFalse();
    }

    @Test
    void aLaterReportIsNewsEvenIfItSaysTheSame() {
        assertThat(at(asked, WELL, TEN.plusSeconds(3)).isNewsSince(Optional.of(before), asked))
                .isTrue();
    }

    @Test
    void aReportOfTheSameSecondIsNewsWhenItIsAnother() {
        assertThat(at(asked, WELL, TEN).isNewsSince(Optional.of(before), asked)).isTrue();
        var sameSecond = at(before.moment(), WELL, TEN);
        assertThat(at(asked, WELL, TEN).isNewsSince(Optional.of(sameSecond), asked))
                .isFalse();
    }

    @Test
    void whatDidNotChangeAnythingIsAnsweredByTheReportThatIsThere() {
        assertThat(before.isNewsSince(Optional.of(before), before.moment())).isTrue();
    }

    @Test
    void aNewInstanceHasOnlyNews() {
        assertThat(at(asked, WELL, null).isNewsSince(Optional.empty(), asked)).isTrue();
    }

    @Test
    void withoutTheTimeOfReportsAnotherTextIsNews() {
        var untold = at(before.moment(), WELL, null);
        assertThat(at(asked, WELL, null).isNewsSince(Optional.of(untold), asked))
                .isFalse();
        assertThat(at(asked, "#access Instance correctly stopped", null).isNewsSince(Optional.of(untold), asked))
                .isTrue();
    }

    @Test
    void wholeSecondsOfSlapproxyAreUnderstood() {
        assertThat(new AwaitedInstance(TEN.getEpochSecond(), WELL, Optional.of(TEN.plusSeconds(1)))
                        .isNewsSince(Optional.of(before), TEN.getEpochSecond()))
                .isTrue();
    }
}

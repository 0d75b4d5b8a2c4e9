package org.slapos.node.instance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.slapos.node.host.UnixUser;
import org.slapos.node.instance.Deployment.Reported;
import org.slapos.protocol.RequestedState;

/// What is planned for a partition, from what is wanted and what was done.
class StepTest {
    private static final Instant THEN = Instant.parse("2026-01-01T00:00:00Z");
    private static final UnixUser OWNER = new UnixUser("slapuser7", 1007, 1007, List.of(1007), Path.of("/"));
    private static final Deployment STARTED =
            new Deployment("7", "hash", OWNER, RequestedState.STARTED, "runtime", THEN, Reported.AS_WANTED);
    private static final Step.Observation CURRENT =
            seen(RequestedState.STARTED, STARTED, "7", true, Duration.ofDays(1));

    private static Step.Observation seen(
            RequestedState wanted,
            @Nullable Deployment deployed,
            @Nullable String mark,
            boolean installed,
            Duration periodicity) {
        return new Step.Observation(
                wanted,
                "7",
                "hash",
                "runtime",
                Optional.ofNullable(deployed),
                Optional.ofNullable(mark),
                installed,
                periodicity,
                THEN.plusSeconds(60));
    }

    static Stream<Arguments> deployments() {
        var day = Duration.ofDays(1);
        var s = RequestedState.STARTED;
        return Stream.of(
                Arguments.of("as wanted and told", CURRENT, Step.NOTHING),
                Arguments.of("never deployed", seen(s, null, null, true, day), Step.DEPLOY),
                Arguments.of("never deployed, no software", seen(s, null, null, false, day), Step.WAIT_FOR_SOFTWARE),
                Arguments.of("another timestamp", seen(s, with("6", "hash", "runtime"), "7", true, day), Step.DEPLOY),
                Arguments.of("a newer one done", seen(s, with("8", "hash", "runtime"), "7", true, day), Step.DEPLOY),
                Arguments.of("other parameters", seen(s, with("7", "old", "runtime"), "7", true, day), Step.DEPLOY),
                Arguments.of("another runtime", seen(s, with("7", "hash", "old"), "7", true, day), Step.DEPLOY),
                Arguments.of("mark deleted", seen(s, STARTED, null, true, day), Step.DEPLOY),
                Arguments.of("mark of another", seen(s, STARTED, "5", true, day), Step.DEPLOY),
                Arguments.of("to be stopped", seen(RequestedState.STOPPED, STARTED, "7", true, day), Step.DEPLOY),
                Arguments.of("period over", seen(s, STARTED, "7", true, Duration.ofSeconds(59)), Step.DEPLOY),
                Arguments.of("period of nothing", seen(s, STARTED, "7", true, Duration.ZERO), Step.DEPLOY),
                Arguments.of("no period", seen(s, STARTED, "7", true, Duration.ofSeconds(-1)), Step.NOTHING),
                Arguments.of("unhealthy", seen(s, STARTED.reported(Reported.UNHEALTHY), "7", true, day), Step.NOTHING),
                Arguments.of("not told", seen(s, STARTED.reported(Reported.NOTHING), "7", true, day), Step.REPORT),
                Arguments.of("to be destroyed", seen(RequestedState.DESTROYED, STARTED, "7", true, day), Step.DESTROY),
                Arguments.of("destroyed", seen(RequestedState.DESTROYED, destroyed("7"), "7", true, day), Step.NOTHING),
                Arguments.of(
                        "the one before was destroyed",
                        seen(RequestedState.DESTROYED, destroyed("6"), null, true, day),
                        Step.DESTROY));
    }

    private static Deployment with(String timestamp, String hash, String runtime) {
        return new Deployment(timestamp, hash, OWNER, RequestedState.STARTED, runtime, THEN, Reported.AS_WANTED);
    }

    private static Deployment destroyed(String timestamp) {
        return new Deployment(timestamp, "hash", OWNER, RequestedState.DESTROYED, "runtime", THEN, Reported.AS_WANTED);
    }

    @ParameterizedTest(name = "{0}: {2}")
    @MethodSource("deployments")
    void onlyWhatIsNotAsWantedIsDone(String what, Step.Observation seen, Step expected) {
        assertThat(Step.plan(seen, false)).as(what).isEqualTo(expected);
    }

    @Test
    void forceDeploysWhatIsUnchanged() {
        assertThat(Step.plan(CURRENT, true)).isEqualTo(Step.DEPLOY);
    }
}

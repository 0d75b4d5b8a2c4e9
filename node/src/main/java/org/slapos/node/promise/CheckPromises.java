package org.slapos.node.promise;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slapos.node.NodeConfiguration;
import org.slapos.node.host.Host;
import org.slapos.node.promise.PromiseResult.Kind;
import org.slapos.protocol.PartitionId;

/// Runs the promises of a partition that are due, and remembers what came of them. Any thread may call; one at a time
/// for each partition.
public final class CheckPromises implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String NO_OUTPUT = "Error: No output returned by the promise";

    private final PromiseRunner runner;
    private final PromiseMemory memory;
    private final InstantSource clock;

    public CheckPromises(NodeConfiguration configuration, Host host, InstantSource clock) {
        this.runner = new PromiseRunner(configuration, host);
        this.memory = new PromiseMemory(host, configuration.instanceRoot());
        this.clock = clock;
    }

    /// Which promises are run now.
    public enum Which {
        ALL,
        /// Whose own time has come.
        DUE,
        /// And those that failed at last: whether they are kept again is to be known soon.
        DUE_AND_FAILED
    }

    /// What is known after a check.
    ///
    /// @param problem  what to report of the first that is not kept, whenever it ran; empty when all are
    /// @param ran      what was run now
    /// @param due      when the next one runs by itself
    /// @param mustBang a plug-in wants its tree to be processed again
    public record Checked(Optional<String> problem, List<PromiseResult> ran, Instant due, boolean mustBang) {}

    /// Runs promises and leaves their results in `.slapgrid/promise` of the partition, where monitoring finds them.
    public Checked check(PromiseSubject subject, Kind kind, Which which) {
        var now = clock.instant();
        var states = remembered(subject);
        var wanted = states.stream()
                .filter(known -> known.state().answers(kind) && isWanted(known.state(), which, now))
                .toList();
        boolean mustBang = false;
        var ran = new ArrayList<PromiseResult>();
        if (!wanted.isEmpty()) {
            var answers = runner.run(
                    subject,
                    kind,
                    wanted.stream().map(known -> question(known, kind)).toList());
            for (var known : wanted) {
                var answer = Optional.ofNullable(answers.get(known.file().title()));
                var refused = Optional.ofNullable(answers.get(""))
                        .map(a -> a.path("refused").asText());
                known.take(answer, refused, kind, now, ran);
                mustBang |= answer.filter(a -> a.path("bang").asBoolean()).isPresent();
            }
            memory.save(subject.partition(), states.stream().map(Known::state).toList());
        }
        return new Checked(problem(states, kind), List.copyOf(ran), due(states), mustBang);
    }

    /// When the next one runs by itself; long ago when one never ran.
    public Instant due(PromiseSubject subject) {
        return due(remembered(subject));
    }

    public void forget(PartitionId partition) {
        memory.forget(partition);
    }

    private static boolean isWanted(PromiseState state, Which which, Instant now) {
        return switch (which) {
            case ALL -> true;
            case DUE -> !now.isBefore(state.due());
            case DUE_AND_FAILED -> !now.isBefore(state.due()) || state.hasFailed();
        };
    }

    /// A promise that is there, with what is known of it.
    private static final class Known {
        private final PromiseFile file;
        private PromiseState state;

        Known(PromiseFile file, PromiseState state) {
            this.file = file;
            this.state = state;
        }

        PromiseFile file() {
            return file;
        }

        PromiseState state() {
            return state;
        }

        void take(
                Optional<JsonNode> answer, Optional<String> refused, Kind kind, Instant now, List<PromiseResult> ran) {
            var told = answer.orElseGet(() -> silence(state, kind, refused));
            var periodicity = told.path("periodicity").asDouble((double) PromiseState.USUAL_PERIODICITY.toSeconds());
            state = new PromiseState(
                    file.title(),
                    file.changed(),
                    Duration.ofMillis((long) (1000 * Math.clamp(periodicity, 1, 1e9))),
                    told.path("is_tested").asBoolean(true),
                    told.path("is_anomaly_detected").asBoolean(true),
                    state.due(),
                    state.last(),
                    state.history());
            if (told.has("failed")) {
                var result = new PromiseResult(
                        file.title(),
                        file.name(),
                        kind,
                        told.path("failed").asBoolean(),
                        told.path("was_bad").asBoolean(),
                        told.path("message").asText(),
                        told.path("output").asText(),
                        now,
                        Duration.ofMillis((long) (1000 * told.path("seconds").asDouble())));
                state = state.ran(result);
                ran.add(result);
            }
        }
    }

    /// The process of the promise, or the one that was to run it, is gone without a word.
    private static JsonNode silence(PromiseState state, Kind kind, Optional<String> refused) {
        return JSON.createObjectNode()
                .put("failed", kind == Kind.TEST || failedBefore(state))
                .put("was_bad", true)
                .put(
                        "message",
                        refused.map(why -> "Error: it cannot be run: " + why).orElse(NO_OUTPUT));
    }

    private static boolean failedBefore(PromiseState state) {
        return state.last()
                .filter(last -> last.failed()
                        || last.message().toLowerCase(java.util.Locale.ROOT).contains("error:"))
                .isPresent();
    }

    private static ObjectNode question(Known known, Kind kind) {
        return JSON.createObjectNode()
                .put("kind", known.file().isPlugin() ? "plugin" : "classic")
                .put("name", known.file().name())
                .put("title", known.file().title())
                .put("path", known.file().path().toString())
                .put("failures", kind == Kind.ANOMALY ? known.state().failuresInARow() : 0)
                .put("failed_before", failedBefore(known.state()));
    }

    /// A file that changed is due at once.
    private List<Known> remembered(PromiseSubject subject) {
        var states = memory.find(subject.partition());
        var known = new ArrayList<Known>();
        for (var file : PromiseFile.of(subject.directory())) {
            var state = states.getOrDefault(file.title(), PromiseState.unknown(file));
            known.add(new Known(file, state.changed() == file.changed() ? state : PromiseState.unknown(file)));
        }
        return known;
    }

    private static Optional<String> problem(List<Known> all, Kind kind) {
        return all.stream()
                .map(Known::state)
                .filter(state -> state.answers(kind) && state.hasFailed())
                .findFirst()
                .flatMap(PromiseState::last)
                .map(PromiseResult::problem);
    }

    private static Instant due(List<Known> all) {
        return all.stream()
                .map(Known::state)
                .filter(PromiseState::isAnomalyDetected)
                .map(PromiseState::due)
                .min(Instant::compareTo)
                .orElse(Instant.MAX);
    }

    @Override
    public void close() {
        runner.close();
    }
}

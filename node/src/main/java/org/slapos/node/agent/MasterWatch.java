package org.slapos.node.agent;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.ComputerInformation;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.client.SlapClient;
import org.slapos.protocol.client.SlapClient.Conditional;
import org.slapos.protocol.client.SlapException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks the Master again and again whether its promise to this Computer has changed. For one thread, but for [#isAway].
final class MasterWatch {
    private static final Logger LOG = LoggerFactory.getLogger(MasterWatch.class);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
    /// How long a Master may wait for news with its answer: half of what a call may take.
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final SlapClient master;
    private final ComputerId computer;
    private final Duration usualPause;
    private final RandomGenerator chance;
    private String version = "";
    private String trouble = "";
    private final AtomicInteger failures = new AtomicInteger();
    private long asked;

    MasterWatch(SlapClient master, ComputerId computer, Duration usualPause, RandomGenerator chance) {
        this.master = master;
        this.computer = computer;
        this.usualPause = usualPause;
        this.chance = chance;
    }

    /// The promise when it is another one than last time. A Master that is away or refuses is said once.
    Optional<ComputerInformation> ask() {
        asked = System.nanoTime();
        try {
            var answer = master.computerInformation(computer, version, PATIENCE);
            back();
            return switch (answer) {
                case Conditional.Unchanged() -> Optional.empty();
                case Conditional.Changed(var information, var newVersion) -> {
                    version = newVersion;
                    information.unreadable().forEach(why -> LOG.warn("{}; it stays as it is", why));
                    yield Optional.of(information);
                }
            };
        } catch (SlapException e) {
            failures.incrementAndGet();
            say(
                    switch (e.kind()) {
                        case UNREACHABLE -> "The Master is away: " + e.getMessage() + "; services keep running";
                        case FORBIDDEN -> "The Master refuses this node's certificate: " + e.getMessage();
                        default -> "The Master does not answer as it should: " + e.getMessage();
                    });
            return Optional.empty();
        } catch (MalformedException e) {
            failures.incrementAndGet();
            say("The Master's promise cannot be read: " + e.getMessage());
            return Optional.empty();
        }
    }

    boolean isAway() {
        return failures.get() > 0;
    }

    /// How long to wait before asking again: questions begin at least the usual pause apart, so that the answer of a
    /// Master that waits for news is followed by the next question at once. Growing and uneven while it is away.
    Duration pause() {
        if (failures.get() == 0) {
            return usualPause.minusNanos(System.nanoTime() - asked);
        }
        double seconds = Math.min(LONGEST_PAUSE.toMillis(), 500L << Math.min(failures.get(), 10)) / 1000.0;
        return Duration.ofMillis((long) (1000 * seconds * (0.5 + chance.nextDouble() / 2)));
    }

    private void back() {
        if (failures.get() > 0) {
            LOG.info("The Master is back");
        }
        failures.set(0);
        trouble = "";
    }

    /// The same kind of trouble is said once.
    private void say(String text) {
        var kind = text.substring(0, text.indexOf(':'));
        if (!kind.equals(trouble)) {
            LOG.warn("{}", text);
            trouble = kind;
        }
    }
}

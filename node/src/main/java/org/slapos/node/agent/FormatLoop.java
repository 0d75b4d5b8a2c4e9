package org.slapos.node.agent;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/// Formats once a day, so that what somebody took away comes back; when that does not work, such as before the
/// network of a machine that starts is there, again after a minute, then two, up to a day. For one thread.
public final class FormatLoop {
    private static final Duration USUAL_PAUSE = Duration.ofDays(1);
    private static final Duration SHORT_PAUSE = Duration.ofMinutes(1);

    private final BooleanSupplier format;
    private Duration pause = USUAL_PAUSE;
    private boolean hasFailed;

    /// @param format formats this Computer, says what went wrong by itself, and whether nothing did
    public FormatLoop(BooleanSupplier format) {
        this.format = format;
    }

    /// Formats now.
    public void pass() {
        if (format.getAsBoolean()) {
            hasFailed = false;
            pause = USUAL_PAUSE;
        } else {
            var longer = hasFailed ? pause.multipliedBy(2) : SHORT_PAUSE;
            hasFailed = true;
            pause = longer.compareTo(USUAL_PAUSE) < 0 ? longer : USUAL_PAUSE;
        }
    }

    /// How long to wait before the next pass.
    public Duration pause() {
        return pause;
    }
}

package org.slapos.node.promise;

import java.time.Duration;
import java.time.Instant;

/// What one promise said at its last execution.
///
/// @param title   name of its file without the last extension
/// @param name    of its file
/// @param kind    of the question it was asked
/// @param failed  by the rules of that question: an anomaly may need several failures
/// @param wasBad  whether this execution alone failed
/// @param output  what else it wrote, for the log
public record PromiseResult(
        String title,
        String name,
        Kind kind,
        boolean failed,
        boolean wasBad,
        String message,
        String output,
        Instant date,
        Duration took) {
    static final int MAX_MESSAGE = 5000;

    /// What a promise is asked.
    public enum Kind {
        /// Whether an instance that was just deployed is as it should be.
        TEST,
        /// Whether something is wrong with an instance that was fine.
        ANOMALY
    }

    public PromiseResult {
        if (message.length() > MAX_MESSAGE) {
            message = "..." + message.substring(message.length() - MAX_MESSAGE);
        }
    }

    static String titleOf(String name) {
        int dot = name.lastIndexOf('.');
        return dot > 0 ? name.substring(0, dot) : name;
    }

    /// What the Master and the log are told of a failure.
    public String problem() {
        return "Promise '" + name + "' failed with output: " + message;
    }
}

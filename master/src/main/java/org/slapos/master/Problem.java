package org.slapos.master;

import java.time.Duration;
import java.util.Optional;

/// A foreseen refusal: returned as a value, turned into an answer by the door. The message says what happened, to
/// which thing, and what to do; it is shown to the caller.
///
/// @param retryAfter when it is worth while to ask again, if that is known
public record Problem(Kind kind, String message, Optional<Duration> retryAfter) {
    /// What a door needs to know of a refusal.
    public enum Kind {
        NOT_FOUND,
        FORBIDDEN,
        CONFLICT,
        INVALID,
        BUSY,
        /// More than this one may ask for in a time.
        LIMITED
    }

    public static Problem notFound(String message) {
        return new Problem(Kind.NOT_FOUND, message, Optional.empty());
    }

    public static Problem forbidden(String message) {
        return new Problem(Kind.FORBIDDEN, message, Optional.empty());
    }

    public static Problem conflict(String message) {
        return new Problem(Kind.CONFLICT, message, Optional.empty());
    }

    public static Problem invalid(String message) {
        return new Problem(Kind.INVALID, message, Optional.empty());
    }

    public static Problem busy(String message, Duration retryAfter) {
        return new Problem(Kind.BUSY, message, Optional.of(retryAfter));
    }

    public static Problem limited(String message, Duration retryAfter) {
        return new Problem(Kind.LIMITED, message, Optional.of(retryAfter));
    }

    /// In whole seconds, at least one.
    public Optional<String> retryAfterSeconds() {
        return retryAfter.map(
                wait -> Long.toString(Math.max(1, wait.plusMillis(999).toSeconds())));
    }
}

package org.slapos.master;

/// A foreseen refusal: returned as a value, turned into an answer by the door. The message says what happened, to
/// which thing, and what to do; it is shown to the caller.
public record Problem(Kind kind, String message) {
    /// What a door needs to know of a refusal.
    public enum Kind {
        NOT_FOUND,
        FORBIDDEN,
        CONFLICT,
        INVALID,
        BUSY
    }

    public static Problem notFound(String message) {
        return new Problem(Kind.NOT_FOUND, message);
    }

    public static Problem forbidden(String message) {
        return new Problem(Kind.FORBIDDEN, message);
    }

    public static Problem conflict(String message) {
        return new Problem(Kind.CONFLICT, message);
    }

    public static Problem invalid(String message) {
        return new Problem(Kind.INVALID, message);
    }

    public static Problem busy(String message) {
        return new Problem(Kind.BUSY, message);
    }
}

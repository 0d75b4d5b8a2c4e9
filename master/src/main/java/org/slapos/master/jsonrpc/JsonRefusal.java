package org.slapos.master.jsonrpc;

import java.util.Optional;
import org.slapos.master.Problem;
import org.slapos.protocol.jsonrpc.JsonError;

/// A call that is answered by an error object (JSON methods, errors). Thrown inside this door only.
final class JsonRefusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String type;
    private final String retryAfter;

    /// @param type a word for programs, `title` a sentence for people
    JsonRefusal(int status, String type, String title) {
        this(status, type, title, status == 503 ? "5" : "");
    }

    /// @param retryAfter seconds; empty = asking again is no use
    private JsonRefusal(int status, String type, String title, String retryAfter) {
        super(title, null, false, false);
        this.status = status;
        this.type = type;
        this.retryAfter = retryAfter;
    }

    /// A member that is missing, unknown or not what it should be.
    static JsonRefusal invalid(String title) {
        return new JsonRefusal(400, "invalid-json-object-content", title);
    }

    /// Somebody unknown, or somebody who may not call this.
    static JsonRefusal unauthorized(String title) {
        return new JsonRefusal(401, "unauthorized", title);
    }

    /// There is none, or none that the caller may see: by protocol with the status of a refusal.
    ///
    /// @param type such as `SOFTWARE-INSTANCE-NOT-FOUND`
    static JsonRefusal notFound(String type, String title) {
        return new JsonRefusal(403, type, title);
    }

    /// Goes on when there is no problem.
    ///
    /// @param typeNotFound the type of the error when there is no such thing
    static void ifAny(Optional<Problem> problem, String typeNotFound) {
        if (problem.isPresent()) {
            throw of(problem.get(), typeNotFound);
        }
    }

    static JsonRefusal of(Problem problem, String typeNotFound) {
        return switch (problem.kind()) {
            case NOT_FOUND -> notFound(typeNotFound, problem.message());
            case FORBIDDEN -> unauthorized(problem.message());
            case CONFLICT -> new JsonRefusal(409, "conflict", problem.message());
            case INVALID -> invalid(problem.message());
            case BUSY -> new JsonRefusal(503, "busy", problem.message());
            case LIMITED ->
                new JsonRefusal(
                        429,
                        "too-many-requests",
                        problem.message(),
                        problem.retryAfterSeconds().orElse(""));
        };
    }

    /// Seconds; empty = asking again is no use.
    String retryAfter() {
        return retryAfter;
    }

    JsonError error() {
        return new JsonError(status, type, String.valueOf(getMessage()));
    }
}

package org.slapos.master.jsonrpc;

import java.util.Optional;
import org.slapos.master.Problem;
import org.slapos.protocol.jsonrpc.JsonError;

/// A call that is answered by an error object (JSON methods, errors). Thrown inside this door only.
final class JsonRefusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String type;

    /// @param type a word for programs, `title` a sentence for people
    JsonRefusal(int status, String type, String title) {
        super(title, null, false, false);
        this.status = status;
        this.type = type;
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
        };
    }

    JsonError error() {
        return new JsonError(status, type, String.valueOf(getMessage()));
    }
}

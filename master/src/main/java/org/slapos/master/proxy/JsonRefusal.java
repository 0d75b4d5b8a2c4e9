package org.slapos.master.proxy;

import java.util.Map;

/// A call of a JSON method that is answered by an error object. Thrown inside this door only.
final class JsonRefusal extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final Map<Integer, String> PHRASES = Map.of(
            400, "Bad Request",
            403, "Forbidden",
            405, "Method Not Allowed",
            406, "Not Acceptable",
            415, "Unsupported Media Type",
            500, "Internal Server Error");

    private final int status;

    JsonRefusal(int status, String title) {
        super(title, null, false, false);
        this.status = status;
    }

    static JsonRefusal forbidden(String title) {
        return new JsonRefusal(403, title);
    }

    int status() {
        return status;
    }

    /// What stands as `type`: the phrase of the status, as slapproxy has it.
    String type() {
        return PHRASES.getOrDefault(status, "Error");
    }

    String title() {
        return String.valueOf(getMessage());
    }
}

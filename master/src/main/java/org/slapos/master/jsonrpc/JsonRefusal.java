package org.slapos.master.jsonrpc;

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

    /// A member that is missing, unknown or of the wrong type.
    static JsonRefusal invalid(String title) {
        return new JsonRefusal(400, "invalid-json-object-content", title);
    }

    int status() {
        return status;
    }

    String type() {
        return type;
    }

    String title() {
        return String.valueOf(getMessage());
    }
}

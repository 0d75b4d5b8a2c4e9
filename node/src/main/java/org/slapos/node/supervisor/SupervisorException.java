package org.slapos.node.supervisor;

/// The supervisor did not do what was asked; the message says what it answered.
public final class SupervisorException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int fault;

    public SupervisorException(String message, Throwable cause) {
        super(message, cause);
        this.fault = 0;
    }

    public SupervisorException(String message) {
        this(message, 0);
    }

    SupervisorException(String message, int fault) {
        super(message);
        this.fault = fault;
    }

    /// Number of supervisord's own fault; 0 when it did not answer at all.
    int fault() {
        return fault;
    }
}

package org.slapos.node.host;

/// The machine did not do what was asked; the message says what, to which thing, and what it answered.
public final class HostException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public HostException(String message) {
        super(message);
    }

    public HostException(String message, Throwable cause) {
        super(message, cause);
    }
}

package org.slapos.protocol;

/// A document that is not what its format says; the message says where and why, and is safe to show to its sender.
public final class MalformedException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    public MalformedException(String message) {
        super(message);
    }

    public MalformedException(String message, Throwable cause) {
        super(message, cause);
    }
}

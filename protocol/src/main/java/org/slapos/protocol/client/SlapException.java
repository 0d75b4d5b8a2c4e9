package org.slapos.protocol.client;

/// A call to the Master that did not do what was asked; the message says what was called, what came back and why.
public final class SlapException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// What kind of failure, and so what a caller may do about it.
    public enum Kind {
        /// 404: the Master knows no such thing.
        NOT_FOUND,
        /// 408: accepted, ask again later.
        NOT_READY,
        /// 401 or 403: this identity may not.
        FORBIDDEN,
        /// 429: more than this identity may ask for in a time; the message says when to ask again.
        LIMITED,
        /// Any other 4xx: the call itself is wrong.
        REFUSED,
        /// 503: the Master cannot answer now; ask again later.
        BUSY,
        /// Any other 5xx, or an answer beyond the limits: the Master failed; it may work later.
        SERVER_ERROR,
        /// No answer: no connection, a deadline passed, or TLS was not to be trusted.
        UNREACHABLE
    }

    private final Kind kind;

    public SlapException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public SlapException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}

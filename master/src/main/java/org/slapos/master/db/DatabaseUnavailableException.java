package org.slapos.master.db;

/// The database did not answer, or went away in the middle: nothing of the transaction was kept, unless its commit was
/// just being sent. Asking again later is right.
public final class DatabaseUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DatabaseUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}

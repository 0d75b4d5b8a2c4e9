package org.slapos.cli.verbs;

/// Ends a command with a sentence for the user and a status for the script.
public final class CommandFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;

    public CommandFailure(int status, String message) {
        super(message);
        this.status = status;
    }

    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }

    int status() {
        return status;
    }
}

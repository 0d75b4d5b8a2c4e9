package org.slapos.cli.verbs;

import com.fasterxml.jackson.databind.JsonNode;

/// How the command ends, for scripts.
public final class ExitStatus {
    public static final int OK = 0;
    /// It was tried and failed; the message says why.
    public static final int FAILED = 1;
    /// The thing is unknown or not ready yet, or the arguments are wrong.
    public static final int NOT_READY = 2;
    /// It would wait, or waits, for a place: said by what only looks.
    public static final int WOULD_WAIT = 3;
    /// There is no such command.
    public static final int UNKNOWN_COMMAND = 5;
    /// Another process of the same kind is running.
    public static final int ALREADY_RUNNING = 10;

    private ExitStatus() {}

    /// Of what the Master says of where something would go.
    static int ofOutlook(JsonNode answer) {
        return answer.path("outcome").asText().equals("wait") ? WOULD_WAIT : OK;
    }
}

package org.slapos.node.host;

/// How a [Command] ended.
///
/// @param status   exit status; 128 + signal when a signal ended it
/// @param output   standard output and error, merged: the last 64 Ki characters
/// @param timedOut the deadline passed and the process tree was killed
public record CommandResult(int status, String output, boolean timedOut) {
    public boolean ok() {
        return status == 0 && !timedOut;
    }

    /// This result when it is a success.
    ///
    /// @param doing what was tried, for the message: `cannot <doing>: ...`
    /// @throws HostException otherwise, with the tail of the output
    public CommandResult orThrow(String doing) {
        if (ok()) {
            return this;
        }
        var why = timedOut ? "no end before its deadline" : "exit status " + status;
        var text = output.strip();
        var tail = text.length() > 2000 ? "..." + text.substring(text.length() - 2000) : text;
        throw new HostException("cannot " + doing + ": " + why + (tail.isEmpty() ? "" : ": " + tail));
    }
}

package org.slapos.node.supervisor;

import java.time.Instant;

/// A process as the supervisor sees it.
///
/// @param group      id of the partition
/// @param exitStatus of its last end; 0 when it never ended
/// @param start      of its last start; the epoch when it never started
public record ProcessStatus(
        String group, String name, State state, long pid, int exitStatus, Instant start, String description) {
    public enum State {
        STOPPED,
        STARTING,
        RUNNING,
        BACKOFF,
        STOPPING,
        EXITED,
        FATAL,
        UNKNOWN
    }

    /// Runs, or was just started.
    public boolean isUp() {
        return state == State.RUNNING || state == State.STARTING;
    }
}

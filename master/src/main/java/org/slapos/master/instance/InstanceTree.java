package org.slapos.master.instance;

import java.time.Instant;
import java.util.Optional;
import org.slapos.protocol.RequestedState;

/// What a person or a Computer requested under a title.
///
/// @param reference `HOSTSUBS-n`
/// @param owner     reference of the person, or of the Computer, that requested it
/// @param project   `PROJ-n`, in which all its instances are placed
/// @param state     of the root; a stopped tree keeps all its instances stopped
/// @param since     when it came to its owner out of a pool; nothing = it was made for them
public record InstanceTree(
        long id,
        String reference,
        String owner,
        String project,
        String title,
        RequestedState state,
        Optional<Instant> since) {
    /// The most instances one instance may request.
    static final int MAX_CHILDREN = 100;

    /// One that may come to be.
    static InstanceTree planted(String owner, String project, String title) {
        return new InstanceTree(0, "", owner, project, title, RequestedState.STARTED, Optional.empty());
    }

    /// Whose use of it was what began then: before it came out of a pool, it was its project's.
    public String payer(Instant begin) {
        return since.filter(begin::isBefore).map(_ -> project).orElse(owner);
    }

    /// What becomes of a state that is requested of an instance below the root.
    RequestedState childState(RequestedState requested) {
        return state == RequestedState.STOPPED && requested == RequestedState.STARTED
                ? RequestedState.STOPPED
                : requested;
    }
}

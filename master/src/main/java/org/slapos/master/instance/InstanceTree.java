package org.slapos.master.instance;

import org.slapos.protocol.RequestedState;

/// What a person or a Computer requested under a title.
///
/// @param reference `HOSTSUBS-n`
/// @param owner     reference of the person, or of the Computer, that requested it
/// @param project   `PROJ-n`, in which all its instances are placed
/// @param state     of the root; a stopped tree keeps all its instances stopped
public record InstanceTree(
        long id, String reference, String owner, String project, String title, RequestedState state) {
    /// The most instances one instance may request.
    static final int MAX_CHILDREN = 100;

    /// What becomes of a state that is requested of an instance below the root.
    RequestedState childState(RequestedState requested) {
        return state == RequestedState.STOPPED && requested == RequestedState.STARTED
                ? RequestedState.STOPPED
                : requested;
    }
}

package org.slapos.node.instance;

import java.time.Instant;
import org.slapos.node.host.UnixUser;
import org.slapos.protocol.RequestedState;

/// What was last done in a partition, as the node remembers it.
///
/// @param timestamp   of the Master's document that was followed
/// @param contentHash of all that the partition was given
/// @param owner       of the partition, as the user database knew it; without a name where it is not known
/// @param state       what was wanted, and done
/// @param runtimeId   of the Buildout that did it
/// @param when        it was done
/// @param reported    what the Master was told since
public record Deployment(
        String timestamp,
        String contentHash,
        UnixUser owner,
        RequestedState state,
        String runtimeId,
        Instant when,
        Reported reported) {
    /// The last word to the Master of this deployment.
    public enum Reported {
        NOTHING,
        /// `started`, `stopped` or `destroyed`: it is as wanted.
        AS_WANTED,
        /// Deployed, but a promise is not kept.
        UNHEALTHY
    }

    Deployment reported(Reported now) {
        return new Deployment(timestamp, contentHash, owner, state, runtimeId, when, now);
    }
}

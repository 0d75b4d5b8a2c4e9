package org.slapos.master.instance;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.slapos.master.computer.AccessStatus;
import org.slapos.protocol.RequestedState;

/// An instance of a SoftwareRelease.
///
/// ```
///   requested      placed              node reports started
/// ───────────▶ waiting ──▶ on a partition ⇄ running
///                │              │ destruction requested
///                │              ▼
///                │         on a partition, destroyed ──▶ ended: certificate revoked, partition free
///                └── destruction requested ────────────▶ ended
/// ```
///
/// @param reference    `SOFTINST-n`
/// @param parent       the instance that requests it; empty = it is the root
/// @param connection   what it published
/// @param partition    number of its ComputerPartition; empty = it waits, for `waitingFor`
/// @param runningSince between the node's reports of started and of stopped
public record SoftwareInstance(
        long id,
        String reference,
        long tree,
        Optional<Long> parent,
        String title,
        Desire desire,
        Map<String, String> connection,
        Optional<Long> partition,
        String waitingFor,
        Optional<Instant> runningSince,
        AccessStatus status) {

    /// What is wanted of an instance; two equal ones leave nothing to do.
    public record Desire(
            String release,
            String type,
            Map<String, String> parameters,
            Map<String, String> conditions,
            RequestedState state) {
        public Desire {
            parameters = Map.copyOf(parameters);
            conditions = Map.copyOf(conditions);
        }

        Desire withState(RequestedState next) {
            return new Desire(release, type, parameters, conditions, next);
        }
    }

    public SoftwareInstance {
        connection = Map.copyOf(connection);
    }

    public boolean isRoot() {
        return parent.isEmpty();
    }

    public boolean isDestroyed() {
        return desire.state() == RequestedState.DESTROYED;
    }

    SoftwareInstance wanting(Desire next) {
        return new SoftwareInstance(
                id, reference, tree, parent, title, next, connection, partition, waitingFor, runningSince, status);
    }

    SoftwareInstance on(long taken) {
        return new SoftwareInstance(
                id, reference, tree, parent, title, desire, connection, Optional.of(taken), "", runningSince, status);
    }

    SoftwareInstance waitingFor(String reason) {
        return new SoftwareInstance(
                id, reference, tree, parent, title, desire, connection, Optional.empty(), reason, runningSince, status);
    }
}

package org.slapos.master.instance;

import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slapos.master.computer.AccessStatus;
import org.slapos.protocol.RequestedState;

/// An instance of a SoftwareRelease: plain, in a partition of its own, or shared, inside the partition of a plain one.
///
/// ```
///   requested      placed              node reports started
/// ───────────▶ waiting ──▶ on a partition ⇄ running
///                │              │ destruction requested
///                │              ▼
///                │         on a partition, destroyed ──▶ ended: certificate revoked, partition free
///                └── destruction requested ────────────▶ ended
/// ```
/// A shared one moves into a host in place of a partition, waits again when its host is destroyed, and ends as soon as
/// its destruction is requested: hosts do not report of it.
///
/// @param reference    `SOFTINST-n`
/// @param parent       the instance that requests it; empty = it is the root
/// @param connection   what it published
/// @param partition    number of its ComputerPartition; empty = it is shared, or it waits, for `waitingFor`
/// @param sharing      empty = it is plain
/// @param runningSince between the node's reports of started and of stopped
/// @param backup       where it keeps its backup, as it said; may be empty
public record SoftwareInstance(
        long id,
        String reference,
        long tree,
        Optional<Long> parent,
        String title,
        Desire desire,
        Map<String, String> connection,
        Optional<Long> partition,
        Optional<Sharing> sharing,
        String waitingFor,
        Optional<Instant> runningSince,
        AccessStatus status,
        String backup) {

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

        /// In short, with the names of parameters whose values differ from those before.
        String after(Desire before) {
            var changed = new TreeSet<String>();
            for (var name : parameters.keySet()) {
                if (!Objects.equals(parameters.get(name), before.parameters.get(name))) {
                    changed.add(name);
                }
            }
            return this + (changed.isEmpty() ? "" : ", changed " + changed);
        }

        /// In short: the values of parameters may be secrets.
        @Override
        public String toString() {
            return state + " " + release + " of type '" + type + "', parameters " + new TreeSet<>(parameters.keySet())
                    + ", conditions " + new TreeMap<>(conditions);
        }
    }

    /// What a shared instance has beside others.
    ///
    /// @param host      number of the plain instance it lives in; empty = it waits
    /// @param desiredAt microseconds, strictly growing; moves when its host has something to do for it
    public record Sharing(Optional<Long> host, long desiredAt) {}

    public SoftwareInstance {
        connection = Map.copyOf(connection);
    }

    public boolean isRoot() {
        return parent.isEmpty();
    }

    public boolean isDestroyed() {
        return desire.state() == RequestedState.DESTROYED;
    }

    public boolean isShared() {
        return sharing.isPresent();
    }

    /// Number of the plain instance in which a shared one lives.
    public Optional<Long> host() {
        return sharing.flatMap(Sharing::host);
    }

    /// Whether it has a partition, or lives in one.
    public boolean isPlaced() {
        return partition.isPresent() || host().isPresent();
    }

    boolean isStarted() {
        return desire.state() == RequestedState.STARTED;
    }

    /// Whether its SoftwareRelease or its type is another.
    boolean runsOtherThan(SoftwareInstance other) {
        return !desire.release().equals(other.desire.release())
                || !desire.type().equals(other.desire.type());
    }

    SoftwareInstance wanting(Desire next) {
        return with(next, partition, sharing, waitingFor);
    }

    SoftwareInstance on(long taken) {
        return with(desire, Optional.of(taken), sharing, "");
    }

    SoftwareInstance in(long newHost) {
        return with(
                desire, partition, sharing.map(before -> new Sharing(Optional.of(newHost), before.desiredAt())), "");
    }

    SoftwareInstance waitingFor(String reason) {
        return with(desire, Optional.empty(), sharing.map(s -> new Sharing(Optional.empty(), s.desiredAt())), reason);
    }

    private SoftwareInstance with(
            Desire nextDesire, Optional<Long> nextPartition, Optional<Sharing> nextSharing, String nextReason) {
        return new SoftwareInstance(
                id,
                reference,
                tree,
                parent,
                title,
                nextDesire,
                connection,
                nextPartition,
                nextSharing,
                nextReason,
                runningSince,
                status,
                backup);
    }
}

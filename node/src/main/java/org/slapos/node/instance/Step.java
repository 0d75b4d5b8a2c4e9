package org.slapos.node.instance;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slapos.node.instance.Deployment.Reported;
import org.slapos.protocol.RequestedState;

/// What a pass has to do in a partition: exactly one of these.
enum Step {
    /// It is as the Master wants it, and the Master knows.
    NOTHING,
    /// It is as wanted, but the Master was not told.
    REPORT,
    /// Buildout, then services started or stopped.
    DEPLOY,
    /// As [#DEPLOY], when the SoftwareRelease is installed, which it is not yet.
    WAIT_FOR_SOFTWARE,
    /// Stopped, and what it left behind deleted.
    DESTROY;

    /// @param contentHash    of all that the partition is to be given
    /// @param marked         what stands in the partition's `.timestamp`; empty when there is none
    /// @param timestamp      empty when the Master gives none: then nothing is known to be unchanged
    /// @param periodicity    until it is deployed again; zero = each time, negative = never
    record Observation(
            RequestedState wanted,
            String timestamp,
            String contentHash,
            String runtimeId,
            Optional<Deployment> deployed,
            Optional<String> marked,
            boolean softwareIsInstalled,
            Duration periodicity,
            Instant now) {}

    /// Pure. `force` = deploy although nothing changed.
    static Step plan(Observation seen, boolean force) {
        var deployed = seen.deployed();
        if (seen.wanted() == RequestedState.DESTROYED) {
            // What was destroyed here earlier may have been another instance.
            boolean gone = deployed.filter(d -> d.state() == RequestedState.DESTROYED
                            && d.reported() == Reported.AS_WANTED
                            && d.timestamp().equals(seen.timestamp())
                            && d.contentHash().equals(seen.contentHash()))
                    .isPresent();
            return gone && !force ? NOTHING : DESTROY;
        }
        if (!force && deployed.filter(d -> isCurrent(seen, d)).isPresent()) {
            return deployed.get().reported() == Reported.NOTHING ? REPORT : NOTHING;
        }
        return seen.softwareIsInstalled() ? DEPLOY : WAIT_FOR_SOFTWARE;
    }

    private static boolean isCurrent(Observation seen, Deployment deployed) {
        var periodicity = seen.periodicity();
        boolean fresh = periodicity.isNegative()
                || (!periodicity.isZero() && !seen.now().isAfter(deployed.when().plus(periodicity)));
        return fresh
                && !seen.timestamp().isEmpty()
                && deployed.state() == seen.wanted()
                && deployed.timestamp().equals(seen.timestamp())
                && deployed.contentHash().equals(seen.contentHash())
                && deployed.runtimeId().equals(seen.runtimeId())
                && seen.marked().filter(seen.timestamp()::equals).isPresent();
    }
}

package org.slapos.node.agent;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.slapos.node.software.ProcessSoftware.Outcome;
import org.slapos.protocol.ComputerInformation;
import org.slapos.protocol.SoftwareInformation;
import org.slapos.protocol.client.SlapException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which SoftwareReleases have something to do, and when again. One pass at a time.
final class SoftwareLoop {
    private static final Duration AFTER_REFUSAL = Duration.ofSeconds(5);

    private static final Logger LOG = LoggerFactory.getLogger(SoftwareLoop.class);

    private final NodeRooms rooms;
    private final Backoff<String> failures = new Backoff<>(Duration.ofSeconds(30), Duration.ofHours(1));
    /// What is as wanted, by URL: not looked at again until something else is wanted.
    private final Map<String, SoftwareInformation> settled = new HashMap<>();
    private volatile boolean isFirst = true;

    SoftwareLoop(NodeRooms rooms) {
        this.rooms = rooms;
    }

    boolean hasWork(ComputerInformation promised) {
        return isFirst
                || promised.software().stream()
                        .anyMatch(wanted -> isDue(wanted, rooms.clock().instant()));
    }

    private boolean isDue(SoftwareInformation wanted, Instant now) {
        return !wanted.equals(settled.get(wanted.url())) && failures.isDue(wanted.url(), wanted, now);
    }

    /// Brings each release that is due to what is wanted, one after the other.
    ///
    /// @return whether anything was done
    boolean pass(ComputerInformation promised) throws InterruptedException {
        boolean did = false;
        if (isFirst) {
            rooms.software().endForgotten();
            isFirst = false;
        }
        settled.keySet().retainAll(urls(promised));
        for (var wanted : promised.software()) {
            var now = rooms.clock().instant();
            if (isDue(wanted, now)) {
                did |= one(wanted, now);
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
        return did;
    }

    private boolean one(SoftwareInformation wanted, Instant now) {
        try {
            var outcome = rooms.software().process(wanted, false);
            if (outcome instanceof Outcome.Failed) {
                failures.failed(wanted.url(), wanted, rooms.clock().instant());
                return true;
            }
            failures.succeeded(wanted.url());
            settled.put(wanted.url(), wanted);
            return outcome instanceof Outcome.Done;
        } catch (SlapException e) {
            LOG.debug("{}: {}", wanted.url(), e.getMessage());
            failures.postponed(wanted.url(), wanted, now.plus(AFTER_REFUSAL));
            return false;
        }
    }

    private static Set<String> urls(ComputerInformation promised) {
        return promised.software().stream().map(SoftwareInformation::url).collect(Collectors.toSet());
    }
}

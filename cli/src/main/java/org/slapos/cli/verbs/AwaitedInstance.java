package org.slapos.cli.verbs;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.slapos.protocol.AccessStatus;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.client.SlapClient;
import org.slapos.protocol.client.SlapException;

/// An instance between what was asked of it and its node's report that it is so.
///
/// What its node said before the request does not count: an instance that was well with its old parameters says nothing
/// of the new ones.
///
/// @param moment    when what the node has to do changed last: `processing_timestamp`
/// @param status    what the node reported last
/// @param reported  when, in whole seconds; nothing when the Master does not tell
record AwaitedInstance(long moment, String status, Optional<Instant> reported) {
    private static final long MICROSECONDS = 1_000_000;
    /// A timestamp in seconds is smaller for the next thousands of years.
    private static final long LEAST_MICROSECONDS = 100_000_000_000L;

    static AwaitedInstance of(SlapClient master, Instance instance) {
        var reported = Optional.<Instant>empty();
        if (!instance.partition().isEmpty()) {
            try {
                reported = master.status(new ComputerId(instance.computer()), new PartitionId(instance.partition()))
                        .flatMap(AccessStatus::createdAt);
            } catch (SlapException e) {
                if (e.kind() == SlapException.Kind.UNREACHABLE) {
                    throw e;
                }
                // A Master that does not tell this person.
            }
        }
        return new AwaitedInstance(
                instance.document().path("processing_timestamp").asLong(), instance.status(), reported);
    }

    /// Whether the report is of what was asked for, not of what was before.
    ///
    /// @param before what was known when it was asked; nothing when there was no such instance
    /// @param asked  the moment of the request
    boolean isNewsSince(Optional<AwaitedInstance> before, long asked) {
        if (before.isEmpty() || before.get().moment() == asked) {
            return true;
        }
        var old = before.get();
        boolean differs = !status.equals(old.status()) || !reported.equals(old.reported());
        if (reported.isEmpty()) {
            return differs;
        }
        var wanted = instant(asked).truncatedTo(ChronoUnit.SECONDS);
        return reported.get().isAfter(wanted) || (reported.get().equals(wanted) && differs);
    }

    private static Instant instant(long moment) {
        return moment < LEAST_MICROSECONDS
                ? Instant.ofEpochSecond(moment)
                : Instant.ofEpochSecond(moment / MICROSECONDS, moment % MICROSECONDS * 1000);
    }
}

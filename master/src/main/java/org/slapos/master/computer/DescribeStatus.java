package org.slapos.master.computer;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slapos.protocol.AccessStatus.Silence;

/// Says of a status what callers get to read (SLAP protocol, access status dictionary).
public final class DescribeStatus {
    private static final Duration FIVE_MINUTES = Duration.ofSeconds(216); // as the protocol counts them
    private static final Duration FIFTEEN_MINUTES = Duration.ofSeconds(432);

    private DescribeStatus() {}

    /// @param reference of what the status is of, `type` its kind: `Software Instance`
    /// @param reporter  whose reports these are
    public static org.slapos.protocol.AccessStatus describe(
            AccessStatus status, String reference, String type, String reporter, Instant now) {
        return status.reported()
                .map(reported -> new org.slapos.protocol.AccessStatus(
                        status.text(),
                        status.state(),
                        reporter,
                        status.reported(),
                        status.since().or(status::reported),
                        reference,
                        type,
                        silence(Duration.between(reported, now))))
                .orElseGet(() -> new org.slapos.protocol.AccessStatus(
                        "#error no data found for " + reference,
                        status.state(),
                        "SlapOS Master",
                        Optional.of(now),
                        Optional.of(now),
                        reference,
                        type,
                        Silence.ALWAYS));
    }

    private static Silence silence(Duration since) {
        if (since.compareTo(FIFTEEN_MINUTES) > 0) {
            return Silence.FIFTEEN_MINUTES;
        }
        return since.compareTo(FIVE_MINUTES) > 0 ? Silence.FIVE_MINUTES : Silence.NONE;
    }
}

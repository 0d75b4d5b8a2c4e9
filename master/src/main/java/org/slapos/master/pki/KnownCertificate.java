package org.slapos.master.pki;

import java.time.Instant;
import java.util.Optional;

/// What is known of a certificate that was shown.
///
/// @param endsAt     when it was, or will be, ended before its time
/// @param isReplaced whether it ends because a renewed one has taken its place
public record KnownCertificate(Holder holder, Instant notAfter, Optional<Instant> endsAt, boolean isReplaced) {
    public boolean isRevoked(Instant now) {
        return endsAt.isPresent() && !endsAt.get().isAfter(now);
    }

    /// Whether it stands for its holder at that time.
    public boolean works(Instant now) {
        return !isRevoked(now) && notAfter.isAfter(now);
    }
}

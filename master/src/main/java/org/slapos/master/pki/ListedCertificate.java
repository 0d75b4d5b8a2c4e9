package org.slapos.master.pki;

import java.time.Instant;
import java.util.Optional;

/// A certificate as lists show it.
///
/// @param serial hexadecimal, as `openssl x509 -serial` has it but for the case of its letters
/// @param endsAt when it was, or will be, ended before its time
/// @param why    REVOKED, REPLACED, EXPIRED or KEY_STOLEN; empty as long as it has no end but its time
/// @param usedAt when it was last shown, some minutes exact
/// @param issuer number of the key that signed it; 0 = the root of an earlier Master
public record ListedCertificate(
        String serial,
        Holder holder,
        String fingerprint,
        Instant issuedAt,
        Instant notAfter,
        Optional<Instant> endsAt,
        String why,
        Optional<Instant> usedAt,
        int issuer) {
    public boolean works(Instant now) {
        return notAfter.isAfter(now) && endsAt.filter(end -> !end.isAfter(now)).isEmpty();
    }
}

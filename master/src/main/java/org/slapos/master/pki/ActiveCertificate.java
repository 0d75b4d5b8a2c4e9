package org.slapos.master.pki;

import java.time.Duration;
import java.time.Instant;

/// The certificate of a holder that has no end but its time.
///
/// @param key the public one, X.509 encoded
@SuppressWarnings("ArrayRecordComponent") // never compared as a whole
public record ActiveCertificate(
        String fingerprint, String certificatePem, Instant issuedAt, Instant notAfter, byte[] key) {

    /// When it is time to renew it: at two thirds of its life.
    public Instant renewFrom() {
        return renewFrom(issuedAt, notAfter);
    }

    static Instant renewFrom(Instant issuedAt, Instant notAfter) {
        return issuedAt.plus(
                Duration.between(issuedAt, notAfter).multipliedBy(2).dividedBy(3));
    }
}

package org.slapos.master.pki;

import java.time.Instant;

/// What is known of a certificate that was shown.
public record KnownCertificate(Holder holder, Instant notAfter, boolean isRevoked) {}

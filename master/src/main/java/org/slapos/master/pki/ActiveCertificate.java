package org.slapos.master.pki;

import java.time.Instant;

/// The certificate of a holder that is not revoked.
public record ActiveCertificate(String fingerprint, String certificatePem, Instant notAfter) {}

package org.slapos.master.pki;

import java.time.Instant;

/// A certificate, with the private key when it was made here.
///
/// @param certificatePem the PEM block; for a Computer a line `subject=/CN=COMP-n/emailAddress=...` stands before it,
/// where registering nodes look for their reference (SLAP protocol, Person_requestComputer)
/// @param keyPem         PKCS#8, not encrypted: hand it over, never log it; empty when the holder made the key
/// @param fingerprint    SHA-256 of the certificate, lower-case hexadecimal
public record IssuedCertificate(String certificatePem, String keyPem, String fingerprint, Instant notAfter) {
    @Override
    public String toString() {
        return "IssuedCertificate[fingerprint=" + fingerprint + ", notAfter=" + notAfter + ", key=*****]";
    }
}

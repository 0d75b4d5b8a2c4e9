package org.slapos.master.pki;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/// What the Master's own server shows: its certificate, those above it up to the one that callers trust, and the key.
///
/// @param signer number of the key that signed it
public record ServerIdentity(List<X509Certificate> chain, PrivateKey key, int signer) {
    public ServerIdentity {
        chain = List.copyOf(chain);
    }

    /// When it is time for another: at two thirds of its life.
    public Instant renewFrom() {
        var certificate = chain.getFirst();
        return ActiveCertificate.renewFrom(
                certificate.getNotBefore().toInstant(),
                certificate.getNotAfter().toInstant());
    }

    @Override
    public String toString() {
        return "ServerIdentity[" + chain.getFirst().getSubjectX500Principal() + ", key=*****]";
    }
}

package org.slapos.master.pki;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A key that signs, or did.
///
/// @param root  of an issuing key: the number of the root that signed it
/// @param above of an imported root: the certificates that vouch for it, up to the one that callers trust
/// @param key   none when it was lost with its key file
/// @param ended when it stopped signing
record SigningKey(
        int number,
        Kind kind,
        Optional<Integer> root,
        X509Certificate certificate,
        List<X509Certificate> above,
        Optional<PrivateKey> key,
        Instant made,
        Optional<Ended> ended) {
    /// What it signs.
    enum Kind {
        ROOT,
        ISSUING
    }

    /// Why a key stopped signing. What a rotated one has signed goes on working.
    enum Why {
        ROTATED,
        STOLEN,
        LOST
    }

    record Ended(Instant at, Why why) {}

    SigningKey {
        above = List.copyOf(above);
    }

    boolean signs() {
        return ended.isEmpty() && key.isPresent();
    }

    Signer signer() {
        return new Signer(certificate, key.orElseThrow());
    }

    /// The certificate that callers have to trust, of a root.
    X509Certificate anchor() {
        return above.isEmpty() ? certificate : above.getLast();
    }

    /// The certificate, and what stands above it.
    String pem() {
        try {
            var text = new StringBuilder(Pem.certificate(certificate));
            for (var one : above) {
                text.append(Pem.certificate(one));
            }
            return text.toString();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String toString() {
        return "SigningKey[" + number + ", " + kind + ", " + certificate.getSubjectX500Principal() + ", key=*****]";
    }
}

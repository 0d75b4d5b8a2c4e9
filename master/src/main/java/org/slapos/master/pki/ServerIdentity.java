package org.slapos.master.pki;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/// What the Master's own server shows: its certificate, the authority's, and the key.
public record ServerIdentity(List<X509Certificate> chain, PrivateKey key) {
    public ServerIdentity {
        chain = List.copyOf(chain);
    }

    @Override
    public String toString() {
        return "ServerIdentity[" + chain.getFirst().getSubjectX500Principal() + ", key=*****]";
    }
}

package org.slapos.master.party;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/// What a request shows of who makes it.
///
/// @param certificate   of its connection
/// @param remoteAddress the other end of its connection, as an IP address
/// @param named         the values of the header by which a trusted front end names the identity; anybody can send it
public record Shown(Optional<X509Certificate> certificate, String remoteAddress, List<String> named) {
    public Shown {
        named = List.copyOf(named);
    }
}

package org.slapos.protocol.client;

import java.net.InetAddress;
import java.net.URI;
import java.util.Optional;
import org.slapos.protocol.MalformedException;

/// The base URL of a Master as people write it: with or without the last slash, an IPv6 address with or without
/// brackets (SLAP protocol, transport).
public final class MasterUrl {
    private MasterUrl() {}

    /// The URL that method names are resolved against: it ends with a slash, and an IPv6 address has its brackets. Of
    /// `http://2001:db8::1:5000/` the last group is the port.
    ///
    /// @throws MalformedException when it is no http or https URL with a host
    public static URI base(URI written) {
        var scheme = written.getScheme();
        if (!"https".equals(scheme) && !"http".equals(scheme)) {
            throw new MalformedException("the Master's URL must begin with https:// or http://: " + written);
        }
        var authority = written.getHost() != null
                ? written.getRawAuthority()
                : bracketed(String.valueOf(written.getRawAuthority()))
                        .orElseThrow(() -> new MalformedException("the Master's URL has no host: " + written));
        var path = written.getRawPath();
        return URI.create(scheme + "://" + authority + path + (path.endsWith("/") ? "" : "/"));
    }

    private static Optional<String> bracketed(String authority) {
        int colon = authority.lastIndexOf(':');
        if (colon < 0) {
            return Optional.empty();
        }
        var port = authority.substring(colon + 1);
        if (port.matches("[0-9]{1,5}") && isIpv6(authority.substring(0, colon))) {
            return Optional.of("[" + authority.substring(0, colon) + "]:" + port);
        }
        return isIpv6(authority) ? Optional.of("[" + authority + "]") : Optional.empty();
    }

    private static boolean isIpv6(String text) {
        try {
            return text.indexOf(':') >= 0 && InetAddress.ofLiteral(text).getAddress().length == 16;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }
}

package org.slapos.master.http;

import java.net.URI;
import java.util.Optional;
import java.util.Set;

/// Whether a call that a browser makes with somebody's cookie comes from our own pages: what pages of others send must
/// not act in that person's name. Browsers say where a request comes from (Fetch Metadata; RFC 6454, Origin); a caller
/// who says neither is no browser.
public final class SameOrigin {
    private static final Set<String> OWN = Set.of("same-origin", "none");

    private SameOrigin() {}

    /// Nothing, or why not.
    public static Optional<String> refusal(Call call) {
        var site = call.header("sec-fetch-site");
        if (site.isPresent() && !OWN.contains(site.get())) {
            return Optional.of("This was sent by a page of another site");
        }
        var origin = call.header("origin");
        return origin.isEmpty() || call.origin().map(SameOrigin::text).equals(origin)
                ? Optional.empty()
                : Optional.of("This was sent by a page of " + origin.get().replaceAll("[^\\x21-\\x7e]", "?")
                        + ", another site");
    }

    /// As browsers write an origin: without the default port, nor a slash.
    private static String text(URI root) {
        boolean isDefault = root.getPort() < 0
                || (root.getScheme().equals("https") && root.getPort() == 443)
                || (root.getScheme().equals("http") && root.getPort() == 80);
        return root.getScheme() + "://" + root.getHost() + (isDefault ? "" : ":" + root.getPort());
    }
}

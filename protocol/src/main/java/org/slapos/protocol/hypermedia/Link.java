package org.slapos.protocol.hypermedia;

/// How one thing is named in links: `urn:jio:get:<relative_url>`.
final class Link {
    private static final String PREFIX = "urn:jio:get:";

    private Link() {}

    static String of(String relativeUrl) {
        return PREFIX + relativeUrl;
    }

    static String relativeUrl(String link) {
        return link.startsWith(PREFIX) ? link.substring(PREFIX.length()) : link;
    }
}

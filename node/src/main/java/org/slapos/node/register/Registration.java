package org.slapos.node.register;

import java.net.URI;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// What `slapos node register` is asked for.
///
/// @param title             of the Computer, unique for its owner
/// @param token             one-time
/// @param masterUrl         for the SLAP protocol
/// @param masterUrlWeb      where the token is redeemed
/// @param masterCaFile      verifies both; none = the system's roots
/// @param configurationFile `slapos.cfg` to write; certificates go beside it, into `ssl`
/// @param settings          further keys of `slapos.cfg`; they win over the ones written by default
public record Registration(
        String title,
        String token,
        URI masterUrl,
        URI masterUrlWeb,
        Optional<Path> masterCaFile,
        Path configurationFile,
        Map<String, String> settings) {
    public Registration {
        settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
    }

    @Override
    public String toString() {
        return "Registration[title=" + title + ", token=*****, masterUrlWeb=" + masterUrlWeb + "]";
    }
}

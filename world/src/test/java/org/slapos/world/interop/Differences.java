package org.slapos.world.interop;

import java.net.URI;
import java.util.Optional;
import java.util.regex.Pattern;

/// What the protocol leaves to each kind of Master: the only table of differences in the scenario.
enum Differences {
    MASTER("SOFTINST-[0-9]+", "[0-9]{16}", true, true, ""),
    PROXY(".+-slappart[0-9]+", "[0-9]+\\.[0-9]+", false, false, "hateoas");

    private final Pattern guid;
    private final Pattern timestamp;
    private final boolean saysNotReady;
    private final boolean keepsStatuses;
    private final String hypermedia;

    Differences(String guid, String timestamp, boolean saysNotReady, boolean keepsStatuses, String hypermedia) {
        this.guid = Pattern.compile(guid);
        this.timestamp = Pattern.compile(timestamp);
        this.saysNotReady = saysNotReady;
        this.keepsStatuses = keepsStatuses;
        this.hypermedia = hypermedia;
    }

    /// The form of an instance's guid.
    Pattern guid() {
        return guid;
    }

    /// The form of a partition's timestamp.
    Pattern timestamp() {
        return timestamp;
    }

    /// 408 when nothing is free, and for whatever is to be destroyed; else 404, and the instance.
    boolean saysNotReady() {
        return saysNotReady;
    }

    /// The status methods tell what was reported.
    boolean keepsStatuses() {
        return keepsStatuses;
    }

    /// Where hypermedia begins, when one has to configure it; else the Master says.
    Optional<URI> hypermedia(URI master) {
        return hypermedia.isEmpty() ? Optional.empty() : Optional.of(master.resolve(hypermedia));
    }
}

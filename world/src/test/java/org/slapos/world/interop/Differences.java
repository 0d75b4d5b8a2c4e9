package org.slapos.world.interop;

import java.util.regex.Pattern;

/// What the protocol leaves to each kind of Master: the only table of differences in the scenario.
///
/// @param guid              form of an instance's guid
/// @param timestamp         form of a partition's timestamp
/// @param saysNotReady      408 when nothing is free and for whatever is to be destroyed; else 404 and the instance
/// @param keepsStatuses     the status methods tell what was reported
/// @param sharedInstances   a request may be for a shared one
/// @param jsonMethods       and with them the commands that show things
enum Differences {
    MASTER("SOFTINST-[0-9]+", "[0-9]{16}", true, true, false, true),
    PROXY(".+-slappart[0-9]+", "[0-9]+\\.[0-9]+", false, false, true, false);

    private final Pattern guid;
    private final Pattern timestamp;
    private final boolean saysNotReady;
    private final boolean keepsStatuses;
    private final boolean sharedInstances;
    private final boolean jsonMethods;

    Differences(
            String guid,
            String timestamp,
            boolean saysNotReady,
            boolean keepsStatuses,
            boolean sharedInstances,
            boolean jsonMethods) {
        this.guid = Pattern.compile(guid);
        this.timestamp = Pattern.compile(timestamp);
        this.saysNotReady = saysNotReady;
        this.keepsStatuses = keepsStatuses;
        this.sharedInstances = sharedInstances;
        this.jsonMethods = jsonMethods;
    }

    Pattern guid() {
        return guid;
    }

    Pattern timestamp() {
        return timestamp;
    }

    boolean saysNotReady() {
        return saysNotReady;
    }

    boolean keepsStatuses() {
        return keepsStatuses;
    }

    boolean sharedInstances() {
        return sharedInstances;
    }

    boolean jsonMethods() {
        return jsonMethods;
    }
}

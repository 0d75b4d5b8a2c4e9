package org.slapos.master.computer;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/// Whether a Computer takes new instances. Only an open one does; what runs on a closed one goes on.
public enum AllocationScope {
    OPEN("open"),
    NO_ALLOCATION("close/noallocation"),
    MAINTENANCE("close/maintenance"),
    TERMINATION("close/termination"),
    OUTDATED("close/outdated"),
    FOREVER("close/forever");

    private final String wire;

    AllocationScope(String wire) {
        this.wire = wire;
    }

    /// As the field writes it.
    public String wire() {
        return wire;
    }

    public static Optional<AllocationScope> ofWire(String text) {
        return Arrays.stream(values()).filter(scope -> scope.wire.equals(text)).findFirst();
    }

    static String all() {
        return Arrays.stream(values()).map(AllocationScope::wire).collect(Collectors.joining(", "));
    }
}

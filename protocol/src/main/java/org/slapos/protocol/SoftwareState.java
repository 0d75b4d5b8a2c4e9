package org.slapos.protocol;

import java.util.Optional;

/// What is wanted of a SoftwareRelease on a Computer.
public enum SoftwareState {
    AVAILABLE("available"),
    DESTROYED("destroyed");

    private final String wire;

    SoftwareState(String wire) {
        this.wire = wire;
    }

    /// The word on the wire.
    public String wire() {
        return wire;
    }

    /// The state of that word, or nothing when there is none.
    public static Optional<SoftwareState> ofWire(String word) {
        for (var state : values()) {
            if (state.wire.equals(word)) {
                return Optional.of(state);
            }
        }
        return Optional.empty();
    }
}

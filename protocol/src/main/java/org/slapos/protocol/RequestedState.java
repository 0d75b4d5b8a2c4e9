package org.slapos.protocol;

import java.util.Optional;

/// What a requester wants of an instance (SLAP protocol, states). Reported states never change it.
public enum RequestedState {
    STARTED("started"),
    STOPPED("stopped"),
    DESTROYED("destroyed");

    private final String wire;

    RequestedState(String wire) {
        this.wire = wire;
    }

    /// The word on the wire.
    public String wire() {
        return wire;
    }

    /// The state of that word, or nothing when there is none.
    public static Optional<RequestedState> ofWire(String word) {
        for (var state : values()) {
            if (state.wire.equals(word)) {
                return Optional.of(state);
            }
        }
        return Optional.empty();
    }
}

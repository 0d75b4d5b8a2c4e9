package org.slapos.master.party;

import java.time.Instant;
import java.util.Optional;

/// A token as it is kept: everything but its text.
///
/// @param person reference of who asked for it
public record IssuedToken(
        long id,
        Token.Scope scope,
        String person,
        Token.Bound bound,
        Instant created,
        Instant expires,
        Optional<Instant> used,
        Optional<Instant> withdrawn) {

    /// `open`, `used`, `withdrawn` or `expired`.
    public String state(Instant now) {
        return used.isPresent()
                ? "used"
                : withdrawn.isPresent() ? "withdrawn" : expires.isAfter(now) ? "open" : "expired";
    }
}

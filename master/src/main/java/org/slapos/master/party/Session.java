package org.slapos.master.party;

import java.time.Instant;
import java.util.Optional;

/// That somebody is signed in, somewhere.
///
/// @param way     `password`, `link` or `certificate`
/// @param address from where it began
/// @param agent   the program, as it names itself
/// @param used    to the minute
/// @param expires at the latest
public record Session(
        long id,
        String person,
        String way,
        String address,
        String agent,
        Instant created,
        Instant used,
        Instant expires,
        Optional<Instant> ended) {}

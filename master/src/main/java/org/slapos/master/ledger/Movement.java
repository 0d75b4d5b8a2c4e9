package org.slapos.master.ledger;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.Optional;

/// A Transfer over a time. Open as long as it has neither stop nor quantity.
///
/// @param cause names what it was posted for: the same cause again is the same Movement
public record Movement(
        long id,
        String cause,
        Transfer transfer,
        Instant start,
        Optional<Instant> stop,
        Optional<BigDecimal> quantity) {}

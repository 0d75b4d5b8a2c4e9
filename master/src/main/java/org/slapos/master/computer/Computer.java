package org.slapos.master.computer;

import java.time.Instant;
import java.util.Optional;
import org.slapos.protocol.ComputerId;

/// A registered machine.
///
/// @param id        the `n` of `COMP-n`
/// @param owner     reference of the person who registered it
/// @param project   `PROJ-n`, for which it works
/// @param revision  moves with what the Computer must do, and with the class of a status shown in its document
/// @param contacted when it last asked for its document, as far as it is written down yet
/// @param bang      the status that its last bang left, [AccessStatus#NONE] when there was none
public record Computer(
        long id,
        ComputerId reference,
        String title,
        String owner,
        String project,
        long revision,
        Optional<Instant> contacted,
        AccessStatus bang) {}

package org.slapos.master.allocation;

import java.util.List;
import org.slapos.protocol.ComputerId;

/// What would happen to a request now.
///
/// @param prospects where it would go and, if there is another, the runner-up; none = it would wait
public record Outlook(List<Prospect> prospects, Explanation explanation) {
    public Outlook {
        prospects = List.copyOf(prospects);
    }

    /// A Computer that fits, and what it costs there.
    public record Prospect(ComputerId computer, Price.Monthly price) {}
}

package org.slapos.master.instance;

import org.slapos.master.Problem;
import org.slapos.protocol.InstanceInformation;

/// Where a request stands on its way to a ComputerPartition.
public sealed interface Placement {
    record Placed(InstanceInformation instance) implements Placement {}

    /// No place yet; asking again is how one waits. SLAP tool: 408.
    ///
    /// @param reference `SOFTINST-n`
    record Waiting(String reference, String reason) implements Placement {}

    /// To be destroyed, or not there: no instance to show. SLAP tool: 408.
    record Destroyed(String reason) implements Placement {}

    record Refused(Problem problem) implements Placement {}
}

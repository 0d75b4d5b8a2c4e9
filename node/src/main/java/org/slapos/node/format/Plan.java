package org.slapos.node.format;

import java.util.List;
import org.slapos.protocol.ComputerConfiguration;

/// What planning came to.
public sealed interface Plan {
    /// @param steps    in the order in which they have to be done; none = the machine is as it should be
    /// @param computer what the machine is afterwards
    /// @param warnings what is not as wished and is left alone
    record Steps(List<Step> steps, ComputerConfiguration computer, List<String> warnings) implements Plan {}

    /// Nothing can be done; every reason, each naming what to change.
    record Refused(List<String> reasons) implements Plan {}
}

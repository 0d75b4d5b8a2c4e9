package org.slapos.cli.verbs;

import org.slapos.protocol.SoftwareState;
import picocli.CommandLine.Command;

/// `slapos remove`: wants a SoftwareRelease gone from a Computer.
@Command(
        description = "Has a SoftwareRelease removed from a Computer, at its next pass.",
        footer = {"", "Example:", "  slapos remove https://cloud.example:8443/software/helloworld/software.cfg COMP-1"})
final class RemoveVerb extends SupplyVerb {
    @Override
    SoftwareState wanted() {
        return SoftwareState.DESTROYED;
    }
}

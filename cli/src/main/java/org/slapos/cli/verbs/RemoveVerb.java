package org.slapos.cli.verbs;

import org.slapos.protocol.SoftwareState;
import picocli.CommandLine.Command;

/// `slapos remove`: wants a SoftwareRelease gone from a Computer.
@Command(
        description = "Has a SoftwareRelease removed from a Computer, at its next pass.",
        footer = {
            "",
            "Examples:",
            "  slapos remove https://cloud.example:8443/software/helloworld/software.cfg COMP-1",
            "  slapos remove product.kvm COMP-1 --keep-software        nothing new is placed there, what runs stays",
            "  slapos remove product.kvm COMP-1 --customer PERSON-2    takes back what was supplied for that person"
        })
final class RemoveVerb extends SupplyVerb {
    @Override
    SoftwareState wanted() {
        return SoftwareState.DESTROYED;
    }
}

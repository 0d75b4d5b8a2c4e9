package org.slapos.cli.verbs;

import java.io.IOException;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.SoftwareState;
import org.slapos.protocol.client.SlapException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `slapos supply`: wants a SoftwareRelease installed on a Computer.
@Command(
        name = "supply",
        description = {
            "Has a SoftwareRelease installed on a Computer.",
            "It is built at the Computer's next pass; 'slapos computer info' shows how far it is. Twice is once."
        },
        footer = {"", "Example:", "  slapos supply https://cloud.example:8443/software/helloworld/software.cfg COMP-1"})
class SupplyVerb extends Verb {
    @Parameters(index = "0", paramLabel = "URL", description = "The SoftwareRelease's profile.")
    private String url = "";

    @Parameters(index = "1", paramLabel = "COMPUTER", description = "Reference of the Computer, such as COMP-1.")
    private String computer = "";

    @Override
    public Integer call() throws IOException {
        supply(SoftwareState.AVAILABLE);
        say("Requested: " + url + " on " + computer + ". 'slapos computer info " + computer + "' shows its state.");
        return ExitStatus.OK;
    }

    final String url() {
        return url;
    }

    final String computer() {
        return computer;
    }

    final void supply(SoftwareState state) throws IOException {
        try (var master = connect()) {
            master.supply(url, new ComputerId(computer), state);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(ExitStatus.NOT_READY, "not a Computer's reference: " + e.getMessage());
        } catch (SlapException e) {
            if (e.kind() == SlapException.Kind.NOT_FOUND) {
                throw new CommandFailure(
                        ExitStatus.FAILED,
                        "the Master knows no Computer " + computer + ". 'slapos computer list' shows yours.");
            }
            throw e;
        }
    }
}

package org.slapos.cli.verbs;

import java.io.IOException;
import org.slapos.protocol.jsonrpc.ComputeNodeCall;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `slapos computer gone`.
@Command(
        description = {
            "Confirms that a Computer is lost with all that was on it. What was to be destroyed there has ended; what is",
            "still wanted gets a place on another Computer, with its parameters and without its data.",
            "Accepted of a closed Computer that was silent for a day. To build a lost machine again instead, revoke its",
            "certificate and register it under its title: it gets back all that it had."
        },
        footer = {"", "Example:", "  slapos computer set COMP-7 scope=close/forever", "  slapos computer gone COMP-7"})
final class ComputerGoneVerb extends Verb {
    @Parameters(index = "0", paramLabel = "COMPUTER", description = "Its reference, COMP-n.")
    private String reference = "";

    @Override
    public int call() throws IOException {
        try (var master = connect()) {
            master.json(new ComputeNodeCall.Lose(reference));
            log().info(reference + " is emptied: what is still wanted of what was there waits for another place.");
            return ExitStatus.OK;
        }
    }
}

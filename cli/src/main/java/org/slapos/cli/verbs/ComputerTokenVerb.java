package org.slapos.cli.verbs;

import java.io.IOException;
import java.util.List;
import org.slapos.protocol.client.SlapClient;
import org.slapos.protocol.client.SlapException;
import picocli.CommandLine.Command;

/// `slapos computer token`.
@Command(
        description = "Gives a one-time token, good for a day, to register a machine.",
        footer = {"", "Then, on that machine:", "  slapos node register NAME --token-file token ..."})
final class ComputerTokenVerb extends Verb {
    @Override
    protected boolean needsNoArguments() {
        return true;
    }

    @Override
    public int call() throws IOException {
        try (var master = connect()) {
            var answer = master.json("slapos.post.v0.compute_node_token", SlapClient.parameters());
            var token = answer.required("token").asText();
            print(
                    new Found(() -> answer, () -> new Table("", "", "").row("token", token), List.of(token)),
                    () -> out().println("Computer token: " + token));
            return ExitStatus.OK;
        } catch (SlapException e) {
            if (e.kind() == SlapException.Kind.NOT_FOUND) {
                throw new CommandFailure(
                        ExitStatus.NOT_READY,
                        "this Master gives no tokens over the wire: take one from its web pages.");
            }
            throw e;
        }
    }
}

package org.slapos.cli.verbs;

import java.io.IOException;
import java.util.List;
import org.slapos.protocol.client.SlapClient;
import org.slapos.protocol.client.SlapException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `slapos computer token`.
@Command(
        description = {
            "Gives a one-time token, good for a day, to register a machine, with the line to type there.",
            "NAME is what you call the machine; ca.crt is the Master's authority, the file that your own client trusts."
        },
        footer = {"", "Example:", "  slapos computer token --project PROJ-2"})
final class ComputerTokenVerb extends Verb {
    @Option(names = "--project", paramLabel = "PROJECT", description = "The only one that you are in, unless given.")
    private String project = "";

    @Override
    protected boolean needsNoArguments() {
        return true;
    }

    @Override
    public int call() throws IOException {
        try (var master = connect()) {
            var answer = master.json(
                    "slapos.post.v0.compute_node_token",
                    project.isEmpty()
                            ? SlapClient.parameters()
                            : SlapClient.parameters().put("project_guid", project));
            var token = answer.required("token").asText();
            print(new Found(() -> answer, () -> new Table("", "", "").row("token", token), List.of(token)), () -> {
                out().println("Computer token: " + token);
                var command = answer.path("command").asText("");
                if (!command.isEmpty()) {
                    log().info("On that machine, as root: " + command);
                }
            });
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

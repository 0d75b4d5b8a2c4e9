package org.slapos.cli.verbs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;

/// `slapos computer list`.
@Command(
        description = {"Lists your Computers: reference and title; '-o table' says more."},
        footer = {"", "Example:", "  slapos computer list -o table --watch"})
final class ComputerListVerb extends WatchingVerb {
    @Override
    protected boolean needsNoArguments() {
        return true;
    }

    @Override
    int show(Directory directory) throws IOException {
        var computers = directory.computers(wantsAll());
        print(
                new Found(
                        () -> ServiceListVerb.array(computers),
                        () -> table(computers),
                        ServiceListVerb.names(computers)),
                () -> {
                    out().println(computers.isEmpty() ? "No existing computer." : "List of Computers:");
                    computers.forEach(computer -> out().println(
                                    Visible.line(computer.path("reference").asText()
                                            + " "
                                            + computer.path("title").asText())));
                });
        return ExitStatus.OK;
    }

    private static Table table(List<ObjectNode> computers) {
        var table = new Table("No Computer.", "REFERENCE", "TITLE", "PARTITIONS", "LAST CONTACT");
        for (var computer : computers) {
            table.row(
                    computer.path("reference").asText(),
                    computer.path("title").asText(),
                    partitions(computer),
                    lastContact(computer));
        }
        return table;
    }

    static String partitions(JsonNode computer) {
        return computer.has("partitions_total")
                ? computer.path("partitions_used").asText() + " of "
                        + computer.path("partitions_total").asText() + " in use"
                : "";
    }

    static String lastContact(JsonNode computer) {
        return computer.hasNonNull("last_contact")
                ? computer.path("last_contact").asText()
                : computer.has("last_contact") ? "never" : "";
    }
}

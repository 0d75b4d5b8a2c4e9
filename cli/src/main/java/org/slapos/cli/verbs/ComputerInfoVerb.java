package org.slapos.cli.verbs;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `slapos computer info`.
@Command(
        description = {
            "Shows a Computer: reference and title; with '-o table' its partitions, software and instances, too.",
            "Exit status 2 when there is none of that reference."
        },
        footer = {"", "Example:", "  slapos computer info COMP-1 -o table"})
final class ComputerInfoVerb extends WatchingVerb {
    @Parameters(index = "0", paramLabel = "COMPUTER", description = "Its reference, such as COMP-1.")
    private String reference = "";

    @Override
    int show(Directory directory) throws IOException {
        var computer = directory
                .computer(reference, wantsAll())
                .orElseThrow(() -> new CommandFailure(
                        ExitStatus.NOT_READY,
                        "there is no Computer " + reference + ". 'slapos computer list' lists yours."));
        print(new Found(() -> computer, () -> table(computer), List.of(reference)), () -> {
            out().println("Reference: "
                    + Visible.line(computer.path("reference").asText()));
            out().println("Title: " + Visible.line(computer.path("title").asText()));
        });
        return ExitStatus.OK;
    }

    private static Table table(JsonNode computer) {
        var table = new Table("", "", "")
                .row("reference", computer.path("reference").asText())
                .row("title", computer.path("title").asText());
        if (computer.has("software")) {
            table.row("partitions", ComputerListVerb.partitions(computer))
                    .row("last contact", ComputerListVerb.lastContact(computer));
            var supplied = new Table("No software is supplied here.", "SOFTWARE RELEASE", "WANTED", "STATUS");
            computer.path("software")
                    .forEach(it -> supplied.row(
                            it.path("software_release_uri").asText(),
                            it.path("state").asText(),
                            it.path("access_status_message").asText("")));
            var running = new Table("No instance is here.", "PARTITION", "INSTANCE", "TITLE", "WANTED");
            computer.path("instances")
                    .forEach(it -> running.row(
                            it.path("compute_partition_id").asText(""),
                            it.path("instance_guid").asText(),
                            it.path("title").asText(),
                            it.path("state").asText()));
            table.then(supplied).then(running);
        }
        return table;
    }
}

package org.slapos.cli.verbs;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import org.slapos.protocol.client.SlapClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `slapos explain`.
@Command(
        description = {
            "Says why an instance is where it is, or waits: what is true of each Computer, and the cheapest single change",
            "that would make one fit. Changes nothing.",
            "Exit status 3 when the instance waits."
        },
        footer = {
            "",
            "Examples:",
            "  slapos explain blog              the instance that you requested as blog",
            "  slapos explain SOFTINST-7        another one of its tree",
            "  slapos explain blog -o json      all Computers, for scripts; at most 1000"
        })
final class ExplainVerb extends Verb {
    @Parameters(index = "0", paramLabel = "INSTANCE", description = "Your name for it, or its reference SOFTINST-n.")
    private String instance = "";

    @Override
    public int call() throws IOException {
        try (var master = connect()) {
            var call = SlapClient.parameters().put("instance_guid", guid(master, instance));
            return show(master.json("slapos.get.v0.instance_explanation", call));
        }
    }

    /// The reference of an instance that is named by it, or by the title of one's tree.
    static String guid(SlapClient master, String instance) {
        if (instance.matches("SOFTINST-[0-9]+")) {
            return instance;
        }
        var root = master.json(
                "slapos.get.v0.instance_tree", SlapClient.parameters().put("title", instance));
        return root.path("instance_guid").asText();
    }

    private int show(JsonNode answer) {
        print(new Found(() -> answer, () -> Prospects.table(answer), List.of(instance)), () -> {
            Prospects.table(answer).print(out());
            out().println();
            out().println(Prospects.sentence(answer));
        });
        return ExitStatus.ofOutlook(answer);
    }
}

package org.slapos.cli.verbs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `slapos service info`.
@Command(
        description = {
            "Shows an instance: its state, its parameters, how to reach it.",
            "Prints a JSON object; '-o table' is for people. Exit status 2 when there is none of that reference."
        },
        footer = {
            "",
            "Examples:",
            "  slapos service info blog -o table",
            "  slapos service info blog --news      with what its nodes reported last",
            "  slapos service info blog | jq -r '.\"connection-parameters\".url'"
        })
final class ServiceInfoVerb extends WatchingVerb {
    private static final List<String> OWN = List.of(
            "software-url",
            "software-type",
            "shared",
            "requested-state",
            "instance-parameters",
            "connection-parameters",
            "status");

    @Parameters(index = "0", paramLabel = "REFERENCE", description = "Your name for the instance.")
    private String reference = "";

    @Option(names = "--news", description = "Print what its nodes reported last, too.")
    private boolean news;

    @Override
    int show(Directory directory) throws IOException {
        var service = directory
                .service(reference, wantsAll())
                .orElseThrow(() -> new CommandFailure(
                        ExitStatus.NOT_READY,
                        "there is no instance '" + reference + "', or it is not ready. 'slapos service list -o name'"
                                + " lists yours."));
        print(new Found(() -> service, () -> table(service), List.of(reference)), () -> {
            var own = JsonNodeFactory.instance.objectNode();
            OWN.forEach(key -> own.set(key, service.path(key)));
            if (news) {
                own.set("news", service.has("news") ? service.get("news") : JsonNodeFactory.instance.nullNode());
            }
            out().println(JsonText.of(own));
        });
        return ExitStatus.OK;
    }

    private static Table table(ObjectNode service) {
        var message = service.path("access-status").asText(Status.message(service));
        var table = new Table("", "", "")
                .row("reference", service.path("reference").asText())
                .row("software release", service.path("software-url").asText())
                .row("software type", service.path("software-type").asText())
                .row("state", service.path("requested-state").asText())
                .row("status", message.isEmpty() ? service.path("status").asText() : message);
        if (service.has("partition")) {
            table.row("instance", service.path("instance-guid").asText(""))
                    .row("runs on", ServiceListVerb.place(service));
        }
        rows(table, "parameter ", service.path("instance-parameters"));
        rows(table, "connection ", service.path("connection-parameters"));
        return table;
    }

    static void rows(Table table, String prefix, JsonNode values) {
        values.properties().forEach(entry -> {
            var value = entry.getValue();
            table.row(prefix + entry.getKey(), value.isContainerNode() ? value.toString() : value.asText());
        });
    }
}

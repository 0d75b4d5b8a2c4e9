package org.slapos.cli.verbs;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;

/// `slapos service list`.
@Command(
        description = {
            "Lists the instances you requested.",
            "Prints a JSON object with the SoftwareRelease of each; '-o table' is for people."
        },
        footer = {"", "Examples:", "  slapos service list -o table", "  slapos service list -o table --watch"})
final class ServiceListVerb extends WatchingVerb {
    @Override
    protected boolean needsNoArguments() {
        return true;
    }

    @Override
    int show(Directory directory) throws IOException {
        var services = directory.services(wantsAll());
        print(new Found(() -> array(services), () -> table(services), names(services)), () -> {
            var urls = JsonNodeFactory.instance.objectNode();
            services.forEach(service -> urls.set(service.path("reference").asText(), service.path("software-url")));
            out().println(JsonText.of(urls));
        });
        return ExitStatus.OK;
    }

    static ArrayNode array(List<ObjectNode> records) {
        return JsonNodeFactory.instance.arrayNode().addAll(records);
    }

    static List<String> names(List<ObjectNode> records) {
        return records.stream()
                .map(record -> record.path("reference").asText())
                .sorted()
                .toList();
    }

    private static Table table(List<ObjectNode> services) {
        var table = new Table("No instance.", "REFERENCE", "STATE", "STATUS", "WHERE", "SOFTWARE RELEASE");
        for (var service : services) {
            table.row(
                    service.path("reference").asText(),
                    service.path("requested-state").asText(""),
                    service.path("status").asText(""),
                    place(service),
                    service.path("software-url").asText());
        }
        return table;
    }

    /// Where it runs, or that it waits; empty when the Master does not tell.
    static String place(ObjectNode service) {
        if (!service.has("partition")) {
            return "";
        }
        var partition = service.path("partition").asText();
        return partition.isEmpty()
                ? "no partition yet"
                : service.path("computer").asText() + " " + partition;
    }
}

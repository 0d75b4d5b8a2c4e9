package org.slapos.cli.verbs;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.slapos.protocol.client.SlapClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `slapos service`: what one has requested.
@Command(
        name = "service",
        description = "Shows the instances you requested.",
        subcommands = {ServiceVerbs.Listing.class, ServiceVerbs.Details.class})
final class ServiceVerbs extends Group {

    /// `slapos service list`.
    @Command(
            name = "list",
            description = {"Lists your instances.", "As JSON: an object with the SoftwareRelease of each title."})
    static final class Listing extends Verb {
        @Override
        public Integer call() throws IOException {
            try (var master = connect()) {
                var titles = new ArrayList<String>();
                for (var tree : master.json("slapos.allDocs.v0.instance_tree_list", SlapClient.parameters())
                        .path("result_list")) {
                    titles.add(tree.path("title").asText());
                }
                var json = SlapClient.parameters();
                var table = new Table("No instance.", "REFERENCE", "STATE", "STATUS", "WHERE", "SOFTWARE RELEASE");
                titles.stream().sorted().forEach(title -> {
                    var found = Instance.find(master, title);
                    json.put(title, found.map(Instance::softwareRelease).orElse(""));
                    found.ifPresentOrElse(
                            it -> table.row(title, it.state(), word(it), it.place(), it.softwareRelease()),
                            () -> table.row(title, "", "not ready", "no partition yet", ""));
                });
                print(json, table);
                return ExitStatus.OK;
            }
        }

        private static String word(Instance instance) {
            return switch (instance.light()) {
                case GREEN -> "ok";
                case RED -> "ERROR";
                case NONE -> "no report yet";
            };
        }
    }

    /// `slapos service info`.
    @Command(
            name = "info",
            description =
                    "Shows an instance: its state, where it is, how to reach it. Exit status 2 when there is none.",
            footer = {"", "Example:", "  slapos service info hello -o json"})
    static final class Details extends Verb {
        @Parameters(index = "0", paramLabel = "REFERENCE", description = "Your name for the instance.")
        private String reference = "";

        @Override
        public Integer call() throws IOException {
            try (var master = connect()) {
                var instance = Instance.find(master, reference)
                        .orElseThrow(() -> new CommandFailure(
                                ExitStatus.NOT_READY,
                                "no instance '" + reference
                                        + "', or it is not ready. 'slapos service list' shows yours."));
                print(json(instance), table(instance));
                return ExitStatus.OK;
            }
        }

        private static Table table(Instance instance) {
            var table = new Table("", "", "")
                    .row("reference", instance.title())
                    .row("instance", instance.guid())
                    .row("software release", instance.softwareRelease())
                    .row("software type", instance.softwareType())
                    .row("state", instance.state())
                    .row("status", instance.status().isEmpty() ? "nothing reported yet" : instance.status())
                    .row("runs on", instance.place());
            instance.parameters().forEach((name, value) -> table.row("parameter " + name, value));
            instance.connection().forEach((name, value) -> table.row("connection " + name, value));
            return table;
        }

        private static ObjectNode json(Instance instance) {
            var json = SlapClient.parameters()
                    .put("software-url", instance.softwareRelease())
                    .put("software-type", instance.softwareType())
                    .put("shared", instance.document().path("shared").asBoolean())
                    .put("requested-state", instance.state())
                    .put("instance-guid", instance.guid())
                    .put("computer", instance.computer())
                    .put("partition", instance.partition());
            put(json.putObject("instance-parameters"), instance.parameters());
            put(json.putObject("connection-parameters"), instance.connection());
            return json.put("status", instance.light().name().toLowerCase(Locale.ROOT))
                    .put("news", instance.status());
        }

        private static void put(ObjectNode into, Map<String, String> texts) {
            new TreeMap<>(texts).forEach(into::put);
        }
    }
}

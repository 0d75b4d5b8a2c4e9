package org.slapos.cli.verbs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.slapos.protocol.client.SlapClient;
import org.slapos.protocol.client.SlapException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `slapos computer`: the machines that one has given to the cloud.
@Command(
        name = "computer",
        description = "Shows your Computers, and gives tokens to register more.",
        subcommands = {ComputerVerbs.Listing.class, ComputerVerbs.Details.class, ComputerVerbs.Token.class})
final class ComputerVerbs extends Group {

    private static JsonNode computers(SlapClient master) {
        return master.json("slapos.allDocs.WIP.compute_node_list", SlapClient.parameters())
                .path("result_list");
    }

    private static String partitions(JsonNode computer) {
        return computer.path("partitions_used").asText("?") + " of "
                + computer.path("partitions_total").asText("?") + " in use";
    }

    private static String lastContact(JsonNode computer) {
        var text = computer.path("last_contact").asText("");
        return text.isEmpty() || text.equals("null") ? "never" : text;
    }

    /// `slapos computer list`.
    @Command(name = "list", description = "Lists your Computers.")
    static final class Listing extends Verb {
        @Override
        public Integer call() throws IOException {
            try (var master = connect()) {
                var found = computers(master);
                var table = new Table("No Computer.", "REFERENCE", "TITLE", "PARTITIONS", "LAST CONTACT");
                for (var computer : found) {
                    table.row(
                            computer.path("computer_guid").asText(),
                            computer.path("title").asText(""),
                            partitions(computer),
                            lastContact(computer));
                }
                print(found, table);
                return ExitStatus.OK;
            }
        }
    }

    /// `slapos computer info`.
    @Command(
            name = "info",
            description = {
                "Shows a Computer: its partitions, the software supplied there and the instances in it.",
                "Exit status 2 when there is none of that reference."
            },
            footer = {"", "Example:", "  slapos computer info COMP-1"})
    static final class Details extends Verb {
        @Parameters(index = "0", paramLabel = "REFERENCE", description = "Such as COMP-1.")
        private String reference = "";

        @Override
        public Integer call() throws IOException {
            try (var master = connect()) {
                var computer = StreamSupport.stream(computers(master).spliterator(), false)
                        .filter(it -> it.path("computer_guid").asText().equals(reference))
                        .findFirst()
                        .orElseThrow(() -> new CommandFailure(
                                ExitStatus.NOT_READY,
                                "no Computer " + reference + ". 'slapos computer list' shows yours."));
                var software = list(master, "slapos.allDocs.v0.compute_node_software_installation_list");
                var instances = list(master, "slapos.allDocs.v0.compute_node_instance_list");
                for (var installation : software) {
                    status(master, installation.path("software_release_uri").asText())
                            .ifPresent(status -> ((ObjectNode) installation).put("access_status_message", status));
                }
                if (slapos().wantsJson()) {
                    var json = ((ObjectNode) computer).deepCopy();
                    json.set("software", software);
                    json.set("instances", instances);
                    out().println(json.toPrettyString());
                } else {
                    print(computer, software, instances);
                }
                return ExitStatus.OK;
            }
        }

        private void print(JsonNode computer, JsonNode software, JsonNode instances) {
            new Table("", "", "")
                    .row("reference", reference)
                    .row("title", computer.path("title").asText(""))
                    .row("partitions", partitions(computer))
                    .row("last contact", lastContact(computer))
                    .print(out());
            var supplied = new Table("No software is supplied here.", "SOFTWARE RELEASE", "WANTED", "STATUS");
            software.forEach(it -> supplied.row(
                    it.path("software_release_uri").asText(),
                    it.path("state").asText(),
                    it.path("access_status_message").asText("")));
            out().println();
            supplied.print(out());
            var running = new Table("No instance is here.", "PARTITION", "INSTANCE", "TITLE", "WANTED");
            instances.forEach(it -> running.row(
                    it.path("compute_partition_id").asText(""),
                    it.path("instance_guid").asText(),
                    it.path("title").asText(),
                    it.path("state").asText()));
            out().println();
            running.print(out());
        }

        private JsonNode list(SlapClient master, String method) {
            return master.json(method, SlapClient.parameters().put("computer_guid", reference))
                    .path("result_list");
        }

        /// An extension of our Master: others list the state that is wanted, and no more.
        private Optional<String> status(SlapClient master, String url) {
            try {
                return Optional.of(master.json(
                                "slapos.get.v0.software_installation",
                                SlapClient.parameters()
                                        .put("computer_guid", reference)
                                        .put("software_release_uri", url))
                        .path("access_status_message")
                        .asText(""));
            } catch (SlapException e) {
                if (e.kind() == SlapException.Kind.NOT_FOUND) {
                    return Optional.empty();
                }
                throw e;
            }
        }
    }

    /// `slapos computer token`.
    @Command(
            name = "token",
            description = "Gives a one-time token, good for a day, to register a machine with 'slapos node register'.")
    static final class Token extends Verb {
        @Override
        public Integer call() throws IOException {
            try (var master = connect()) {
                var answer = master.json("slapos.post.v0.compute_node_token", SlapClient.parameters());
                print(
                        answer,
                        new Table("", "")
                                .row("Computer token: "
                                        + answer.required("token").asText()));
                return ExitStatus.OK;
            }
        }
    }
}

package org.slapos.cli.verbs;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slapos.protocol.client.SlapClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `slapos person`, `slapos organisation`, `slapos project`, `slapos network`: the parties of a cloud.
final class PartyVerbs {
    private PartyVerbs() {}

    /// Asks the Master, and shows the one party that it answers.
    abstract static class Asking extends Verb {
        abstract JsonNode ask(SlapClient master);

        @Override
        public int call() throws IOException {
            try (var master = connect()) {
                show(ask(master));
                return ExitStatus.OK;
            }
        }

        private void show(JsonNode party) {
            print(new Found(() -> party, () -> table(party), List.of(text(party, "reference"))));
        }

        private static Table table(JsonNode party) {
            var table = new Table("", "", "");
            for (var name : List.of("reference", "title", "state", "created")) {
                table.row(name, text(party, name));
            }
            party.path("details")
                    .properties()
                    .forEach(it -> table.row(it.getKey(), it.getValue().asText()));
            return table;
        }
    }

    private static String text(JsonNode object, String name) {
        return object.path(name).asText("");
    }

    /// `list`: those of one kind.
    abstract static class Listing extends Verb {
        @Option(names = "--limit", paramLabel = "N", description = "At most so many; 100 unless given.")
        private int limit = 100;

        @Option(names = "--offset", paramLabel = "N", description = "After so many.")
        private int offset;

        abstract String kind();

        @Override
        public int call() throws IOException {
            try (var master = connect()) {
                var answer = master.json(
                        "slapos.allDocs.v0.party_list",
                        SlapClient.parameters()
                                .put("kind", kind())
                                .put("limit", limit)
                                .put("offset", offset));
                var table = new Table("No " + kind() + " that you may see.", "REFERENCE", "TITLE", "STATE", "DETAILS");
                for (var party : answer.path("result_list")) {
                    var details = new StringBuilder();
                    party.path("details")
                            .properties()
                            .forEach(it -> details.append(it.getKey())
                                    .append(' ')
                                    .append(it.getValue().asText())
                                    .append("  "));
                    table.row(
                            text(party, "reference"),
                            text(party, "title"),
                            text(party, "state"),
                            details.toString().strip());
                }
                print(new Found(
                        () -> answer, () -> table, answer.path("result_list").findValuesAsText("reference")));
                return ExitStatus.OK;
            }
        }
    }

    @Command(description = "Lists the people whom you may see: yourself; sale and accounting see all.")
    static final class People extends Listing {
        @Override
        String kind() {
            return "person";
        }
    }

    @Command(description = "Lists the organisations that you may see: your employer; sale and accounting see all.")
    static final class Organisations extends Listing {
        @Override
        String kind() {
            return "organisation";
        }
    }

    @Command(description = "Lists the projects that you are in.")
    static final class Projects extends Listing {
        @Override
        String kind() {
            return "project";
        }
    }

    @Command(description = "Lists the networks of your projects.")
    static final class Networks extends Listing {
        @Override
        String kind() {
            return "network";
        }
    }

    /// `show`.
    @Command(description = "Shows one person, organisation, project or network.")
    static final class Show extends Asking {
        @Parameters(paramLabel = "REFERENCE", description = "Such as PERSON-3, ORG-1, PROJ-2 or NET-1.")
        private String reference = "";

        @Override
        JsonNode ask(SlapClient master) {
            return master.json("slapos.get.v0.party", SlapClient.parameters().put("reference", reference));
        }
    }

    /// `set`.
    @Command(
            description =
                    "Changes what is known of a person, organisation, project or network; an empty value takes it away.",
            footer = {
                "",
                "Details of a person: first_name, last_name, email, employer, payer. Of an organisation: vat_code, region,",
                "address. Of a project: owner. 'title' is everybody's.",
                "",
                "Example:",
                "  slapos person set PERSON-3 email=alice@example.com employer=ORG-1"
            })
    static final class Change extends Asking {
        @Parameters(index = "0", paramLabel = "REFERENCE", description = "Such as PERSON-3, ORG-1, PROJ-2 or NET-1.")
        private String reference = "";

        @Parameters(index = "1..*", arity = "1..*", paramLabel = "NAME=VALUE", description = "What changes.")
        private Map<String, String> details = new LinkedHashMap<>();

        @Override
        JsonNode ask(SlapClient master) {
            var wanted = SlapClient.parameters().put("reference", reference);
            var rest = wanted.putObject("details");
            details.forEach((name, value) -> {
                if (name.equals("title")) {
                    wanted.put("title", value);
                } else {
                    rest.put(name, value);
                }
            });
            return master.json("slapos.put.v0.party", wanted);
        }
    }

    /// `create`.
    abstract static class Create extends Asking {
        @Parameters(index = "0", paramLabel = "TITLE", description = "Its name, for people.")
        private String title = "";

        @Parameters(index = "1..*", arity = "0..*", paramLabel = "NAME=VALUE", description = "What else is known.")
        private Map<String, String> details = new LinkedHashMap<>();

        abstract String kind();

        @Override
        JsonNode ask(SlapClient master) {
            var wanted = SlapClient.parameters().put("kind", kind()).put("title", title);
            var rest = wanted.putObject("details");
            details.forEach(rest::put);
            return master.json("slapos.post.v0.party", wanted);
        }
    }

    @Command(
            description = {
                "Makes a person, for whom 'slapos person token' then gets a one-time token for their certificate.",
                "Sale and accounting may."
            },
            footer = {"", "Example:", "  slapos person create 'Alice Smith' email=alice@example.com employer=ORG-1"})
    static final class CreatePerson extends Create {
        @Override
        String kind() {
            return "person";
        }
    }

    @Command(
            description = "Makes an organisation, which may employ people and pay for them. Sale and accounting may.",
            footer = {"", "Example:", "  slapos organisation create Acme vat_code=FR123 region=europe/france"})
    static final class CreateOrganisation extends Create {
        @Override
        String kind() {
            return "organisation";
        }
    }

    @Command(
            description = {
                "Makes a project: a marketplace of its own, whose Computers, supplies and customers meet nobody else's.",
                "It belongs to you unless an owner is named. Sale may."
            },
            footer = {"", "Examples:", "  slapos project create Shop", "  slapos project create Shop owner=PERSON-3"})
    static final class CreateProject extends Create {
        @Override
        String kind() {
            return "project";
        }
    }

    @Command(
            description = "Makes a network of Computers in a project, whose production managers and agents may.",
            footer = {"", "Examples:", "  slapos network create Rack-7", "  slapos network create Rack-7 project=PROJ-2"
            })
    static final class CreateNetwork extends Create {
        @Override
        String kind() {
            return "network";
        }
    }

    /// `suspend`, `resume`, `end`.
    abstract static class State extends Asking {
        @Parameters(paramLabel = "REFERENCE", description = "Such as PERSON-3, ORG-1, PROJ-2 or NET-1.")
        private String reference = "";

        abstract String state();

        @Override
        JsonNode ask(SlapClient master) {
            return master.json(
                    "slapos.put.v0.party_state",
                    SlapClient.parameters().put("reference", reference).put("state", state()));
        }
    }

    @Command(
            description = {
                "Suspends: a person's certificates, sessions and tokens do not work, a project's members are in it no",
                "more, until it is resumed."
            })
    static final class Suspend extends State {
        @Override
        String state() {
            return "suspended";
        }
    }

    @Command(description = "Takes back that somebody or something was suspended.")
    static final class Resume extends State {
        @Override
        String state() {
            return "validated";
        }
    }

    @Command(description = "Ends a person, organisation, project or network, for good.")
    static final class End extends State {
        @Override
        String state() {
            return "invalidated";
        }
    }

    /// `network join`.
    @Command(
            description = "Puts a Computer into a network of its project; without a network, takes it out.",
            footer = {"", "Example:", "  slapos network join COMP-1 NET-1"})
    static final class Join extends Verb {
        @Parameters(index = "0", paramLabel = "COMPUTER", description = "Such as COMP-1.")
        private String computer = "";

        @Parameters(index = "1", arity = "0..1", paramLabel = "NETWORK", description = "Such as NET-1.")
        private String network = "";

        @Override
        public int call() throws IOException {
            try (var master = connect()) {
                var answer = master.json(
                        "slapos.put.v0.compute_node_network",
                        SlapClient.parameters().put("computer_guid", computer).put("network_guid", network));
                log().info(computer + (network.isEmpty() ? " is in no network." : " is in " + network + "."));
                print(
                        new Found(
                                () -> answer,
                                () -> new Table("", "COMPUTER", "NETWORK").row(computer, network),
                                List.of(computer)),
                        () -> {});
                return ExitStatus.OK;
            }
        }
    }
}

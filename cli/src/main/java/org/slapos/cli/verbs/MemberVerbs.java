package org.slapos.cli.verbs;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import org.slapos.protocol.client.SlapClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `slapos assignment`, and the invitations of `slapos project`: who holds which function where.
final class MemberVerbs {
    private MemberVerbs() {}

    private static Table table(Iterable<JsonNode> held) {
        var table = new Table("No function.", "PERSON", "FUNCTION", "PROJECT");
        held.forEach(it -> table.row(
                it.path("person").asText(),
                it.path("function").asText(),
                it.path("project_guid").isTextual() ? it.path("project_guid").asText() : "whole site"));
        return table;
    }

    /// `list`.
    @Command(
            description = {
                "Lists who holds which function: yours, or those of a project of which you are production manager or agent.",
            },
            footer = {"", "Examples:", "  slapos assignment list", "  slapos assignment list --project PROJ-1"})
    static final class Listing extends Verb {
        @Option(names = "--person", paramLabel = "PERSON", description = "Of this one.")
        private String person = "";

        @Option(names = "--project", paramLabel = "PROJECT", description = "In this project.")
        private String project = "";

        @Override
        public int call() throws IOException {
            try (var master = connect()) {
                var answer = master.json(
                        "slapos.allDocs.v0.assignment_list",
                        SlapClient.parameters().put("person", person).put("project_guid", project));
                var rows = answer.path("result_list");
                print(new Found(() -> answer, () -> table(rows), rows.findValuesAsText("person")));
                return ExitStatus.OK;
            }
        }
    }

    /// `open` and `close`.
    abstract static class Changing extends Verb {
        @Parameters(index = "0", paramLabel = "PERSON", description = "Such as PERSON-3.")
        private String person = "";

        @Parameters(
                index = "1",
                paramLabel = "FUNCTION",
                description = {
                    "In a project: customer, production/manager, production/agent. In the whole site: sale/manager,",
                    "sale/agent, accounting/manager, accounting/agent, marketing, is, system/manager."
                })
        private String function = "";

        @Option(
                names = "--project",
                paramLabel = "PROJECT",
                description = "The only one that you are in, unless given.")
        private String project = "";

        abstract String method();

        @Override
        public final int call() throws IOException {
            try (var master = connect()) {
                var answer = master.json(
                        method(),
                        SlapClient.parameters()
                                .put("person", person)
                                .put("function", function)
                                .put("project_guid", project));
                print(new Found(() -> answer, () -> table(List.of(answer)), List.of(person)));
                return ExitStatus.OK;
            }
        }
    }

    @Command(
            description =
                    "Gives a person a function. Production managers and sale may in a project, system managers all.",
            footer = {"", "Example:", "  slapos assignment open PERSON-3 production/agent --project PROJ-1"})
    static final class Open extends Changing {
        @Override
        String method() {
            return "slapos.post.v0.assignment";
        }
    }

    @Command(
            description = "Takes a function from a person.",
            footer = {"", "Example:", "  slapos assignment close PERSON-3 production/agent --project PROJ-1"})
    static final class Close extends Changing {
        @Override
        String method() {
            return "slapos.remove.v0.assignment";
        }
    }

    /// `project invite`.
    @Command(
            description = {
                "Makes an invitation to a project: a token that gives one person a function there, once, within 7 days.",
                "Who gets it types 'slapos project join TOKEN'."
            },
            footer = {"", "Example:", "  slapos project invite --function production/agent"})
    static final class Invite extends Verb {
        @Option(
                names = "--project",
                paramLabel = "PROJECT",
                description = "The only one that you are in, unless given.")
        private String project = "";

        @Option(names = "--function", paramLabel = "FUNCTION", description = "customer unless given.")
        private String function = "customer";

        @Override
        public int call() throws IOException {
            try (var master = connect()) {
                var answer = master.json(
                        "slapos.post.v0.invitation_token",
                        SlapClient.parameters().put("function", function).put("project_guid", project));
                var token = answer.required("token").asText();
                print(
                        new Found(
                                () -> answer,
                                () -> new Table("", "", "")
                                        .row("token", token)
                                        .row("expires", answer.path("expires").asText()),
                                List.of(token)),
                        () -> out().println("slapos project join " + token));
                return ExitStatus.OK;
            }
        }
    }

    /// `project join`.
    @Command(description = "Accepts an invitation to a project; '-' reads its token from standard input.")
    static final class Join extends Verb {
        @Parameters(paramLabel = "TOKEN", description = "The invitation, or '-'.")
        private String token = "";

        @Override
        public int call() throws IOException {
            var text = token.equals("-")
                    ? new String(in().readNBytes(1000), java.nio.charset.StandardCharsets.UTF_8).strip()
                    : token;
            try (var master = connect()) {
                var answer = master.json(
                        "slapos.post.v0.invitation", SlapClient.parameters().put("token", text));
                print(new Found(
                        () -> answer,
                        () -> table(List.of(answer)),
                        List.of(answer.path("project_guid").asText())));
                return ExitStatus.OK;
            }
        }
    }
}

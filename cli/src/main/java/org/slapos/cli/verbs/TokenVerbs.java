package org.slapos.cli.verbs;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import org.slapos.protocol.client.SlapClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `slapos token`, `slapos person token` and `slapos audit`.
final class TokenVerbs {
    private TokenVerbs() {}

    /// `person token`.
    @Command(
            description = {
                "Gives a one-time token, good for a day, with which a person gets their certificate: yourself, or whom you made.",
                "Only who has no certificate that works gets one."
            },
            footer = {"", "Then, where that person works:", "  slapos configure client --token TOKEN --master-url URL"})
    static final class ForPerson extends Verb {
        @Parameters(arity = "0..1", paramLabel = "PERSON", description = "You, unless given.")
        private String person = "";

        @Override
        public int call() throws IOException {
            try (var master = connect()) {
                var answer = master.json(
                        "slapos.post.v0.person_certificate_token",
                        SlapClient.parameters().put("person", person));
                show(this, answer);
                return ExitStatus.OK;
            }
        }
    }

    private static void show(Verb verb, JsonNode answer) {
        var token = answer.required("token").asText();
        verb.print(
                new Verb.Found(
                        () -> answer,
                        () -> new Table("", "", "")
                                .row("token", token)
                                .row("expires", answer.path("expires").asText()),
                        List.of(token)),
                () -> verb.out().println(token));
    }

    /// `token feed`.
    @Command(
            description = {
                "Gives a token that reads one address of the Master as you, by GET, for a year or until it is withdrawn:",
                "for programs that know no certificates. Append it to the address as '?token=TOKEN'."
            },
            footer = {"", "Example:", "  slapos token feed /hateoas/"})
    static final class Feed extends Verb {
        @Parameters(paramLabel = "PATH", description = "Below the Master's root, with its query.")
        private String path = "";

        @Override
        public int call() throws IOException {
            try (var master = connect()) {
                show(
                        this,
                        master.json(
                                "slapos.post.v0.feed_token",
                                SlapClient.parameters().put("path", path)));
                return ExitStatus.OK;
            }
        }
    }

    /// `token list`.
    @Command(description = "Lists the tokens that were asked for in your name: not their texts, which nobody keeps.")
    static final class Listing extends Verb {
        @Option(names = "--person", paramLabel = "PERSON", description = "Somebody else's: for system managers.")
        private String person = "";

        @Override
        public int call() throws IOException {
            try (var master = connect()) {
                var answer = master.json(
                        "slapos.allDocs.v0.token_list", SlapClient.parameters().put("person", person));
                print(new Found(
                        () -> answer,
                        () -> table(answer.path("result_list")),
                        answer.path("result_list").findValuesAsText("id")));
                return ExitStatus.OK;
            }
        }
    }

    private static Table table(Iterable<JsonNode> tokens) {
        var table = new Table("No token.", "ID", "FOR", "STATE", "EXPIRES", "PROJECT");
        tokens.forEach(token -> table.row(
                token.path("id").asText(),
                token.path("scope").asText(),
                token.path("state").asText(),
                token.path("expires").asText(),
                token.path("project_guid").isTextual()
                        ? token.path("project_guid").asText()
                        : ""));
        return table;
    }

    /// `token withdraw`.
    @Command(description = "Withdraws a token: whoever has its text cannot use it any more.")
    static final class Withdraw extends Verb {
        @Parameters(paramLabel = "ID", description = "As 'slapos token list' shows it.")
        private String id = "";

        @Override
        public int call() throws IOException {
            try (var master = connect()) {
                var answer = master.json(
                        "slapos.remove.v0.token", SlapClient.parameters().put("id", id));
                print(new Found(() -> answer, () -> table(List.of(answer)), List.of(id)));
                return ExitStatus.OK;
            }
        }
    }

    /// `session list`.
    @Command(description = "Lists where you are signed in with a browser.")
    static final class Sessions extends Verb {
        @Option(names = "--person", paramLabel = "PERSON", description = "Somebody else: for system managers.")
        private String person = "";

        @Override
        public int call() throws IOException {
            try (var master = connect()) {
                var answer = master.json(
                        "slapos.allDocs.v0.session_list",
                        SlapClient.parameters().put("person", person));
                print(new Found(
                        () -> answer,
                        () -> sessions(answer.path("result_list")),
                        answer.path("result_list").findValuesAsText("id")));
                return ExitStatus.OK;
            }
        }
    }

    private static Table sessions(Iterable<JsonNode> sessions) {
        var table = new Table("No session.", "ID", "PERSON", "BY", "FROM", "BEGAN", "LAST USED", "PROGRAM");
        sessions.forEach(session -> table.row(
                session.path("id").asText(),
                session.path("person").asText(),
                session.path("way").asText(),
                session.path("address").asText(),
                session.path("created").asText(),
                session.path("used").asText(),
                session.path("agent").asText()));
        return table;
    }

    /// `session end`.
    @Command(
            description = "Ends a session: its cookie does not work any more. Yours, or as a system manager anybody's.")
    static final class EndSession extends Verb {
        @Parameters(paramLabel = "ID", description = "As 'slapos session list' shows it.")
        private String id = "";

        @Override
        public int call() throws IOException {
            try (var master = connect()) {
                var answer = master.json(
                        "slapos.remove.v0.session", SlapClient.parameters().put("id", id));
                print(new Found(() -> answer, () -> sessions(List.of(answer)), List.of(id)));
                return ExitStatus.OK;
            }
        }
    }

    /// `person block` and `person unblock`.
    abstract static class Blocking extends Verb {
        @Parameters(paramLabel = "PERSON", description = "Such as PERSON-3.")
        private String person = "";

        abstract boolean blocks();

        @Override
        public final int call() throws IOException {
            try (var master = connect()) {
                var answer = master.json(
                        "slapos.put.v0.login_block",
                        SlapClient.parameters().put("person", person).put("blocked", blocks()));
                var login = answer.path("login").asText();
                print(new Found(
                        () -> answer,
                        () -> new Table("", "PERSON", "LOGIN", "")
                                .row(person, login, blocks() ? "blocked" : "not blocked"),
                        List.of(person)));
                return ExitStatus.OK;
            }
        }
    }

    @Command(
            description = {
                "Blocks sign-in by password for a person and ends their sessions; certificates go on working",
                "('slapos person suspend' stops those, too). System managers may."
            })
    static final class Block extends Blocking {
        @Override
        boolean blocks() {
            return true;
        }
    }

    @Command(description = "Takes back that a person's login was blocked, or made to wait after wrong passwords.")
    static final class Unblock extends Blocking {
        @Override
        boolean blocks() {
            return false;
        }
    }

    /// `audit`.
    @Command(
            description = {
                "Shows who changed what, when, from where and with which certificate or session, the latest first: what you did,",
                "what was done to an object of yours; to system managers, all."
            },
            footer = {
                "",
                "Examples:",
                "  slapos audit",
                "  slapos audit --object COMP-1 -o json",
                "  slapos audit --before 4711          the page after the one that ended with event 4711"
            })
    static final class Audit extends Verb {
        @Option(
                names = "--object",
                paramLabel = "REFERENCE",
                description = "What was done to this: COMP-1, SOFTINST-3...")
        private String object = "";

        @Option(names = "--who", paramLabel = "REFERENCE", description = "What this one did.")
        private String who = "";

        @Option(names = "--before", paramLabel = "ID", description = "Older than this event.")
        private String before = "";

        @Option(names = "--limit", paramLabel = "N", description = "At most so many; 100 unless given.")
        private int limit = 100;

        @Override
        public int call() throws IOException {
            try (var master = connect()) {
                var answer = master.json(
                        "slapos.allDocs.v0.event_list",
                        SlapClient.parameters()
                                .put("object", object)
                                .put("who", who)
                                .put("before", before)
                                .put("limit", limit));
                var table = new Table("Nothing.", "ID", "WHEN", "WHO", "FROM", "WHAT", "OBJECT", "BEFORE", "AFTER");
                for (var event : answer.path("result_list")) {
                    table.row(
                            event.path("id").asText(),
                            event.path("at").asText(),
                            event.path("who").asText(),
                            event.path("address").asText(),
                            event.path("action").asText(),
                            event.path("object").asText(),
                            event.path("before").asText(),
                            event.path("after").asText());
                }
                print(new Found(
                        () -> answer, () -> table, answer.path("result_list").findValuesAsText("id")));
                return ExitStatus.OK;
            }
        }
    }
}

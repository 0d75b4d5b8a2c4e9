package org.slapos.cli.verbs;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slapos.protocol.jsonrpc.MarketCall;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `slapos brake`: how many new instances one requester may want in a time.
final class BrakeVerbs {
    private static final Pattern RATE = Pattern.compile("([0-9]{1,4})/(minute|hour|day)");

    private BrakeVerbs() {}

    private static Table table(JsonNode brake) {
        return new Table("", "PROJECT", "NEW INSTANCES OF ONE REQUESTER")
                .row(
                        brake.path("project_guid").asText(),
                        brake.path("requests").asInt() == 0
                                ? "as many as they like"
                                : "at most " + brake.path("requests").asText() + " per "
                                        + brake.path("per").asText());
    }

    /// `slapos brake set`.
    @Command(
            description = {
                "Lets each requester of a project want so many new instances within a time, so that nobody takes all there is.",
                "Who wants more is told when to ask again. What they have can be changed at any time, and what instances",
                "request for their trees is not counted. For who operates the project; off unless set."
            },
            footer = {
                "",
                "Examples:",
                "  slapos brake set 10/hour",
                "  slapos brake set 100/day --project PROJ-2",
                "  slapos brake set off"
            })
    static final class Set extends Verb {
        @Parameters(index = "0", paramLabel = "N/TIME", description = "N/minute, N/hour or N/day; off = no brake.")
        private String rate = "";

        @Option(names = "--project", paramLabel = "PROJECT", description = "PROJ-n; your only one unless given.")
        private @Nullable String project;

        @Override
        public int call() throws IOException {
            var read = RATE.matcher(rate);
            boolean isOff = rate.equals("off");
            if (!isOff && !read.matches()) {
                throw new CommandFailure(
                        ExitStatus.NOT_READY, "'" + rate + "' is no brake: 10/minute, 10/hour, 10/day or off");
            }
            var call = new MarketCall.SetBrake(
                    isOff ? 0 : Integer.parseInt(read.group(1)),
                    isOff
                            ? MarketCall.Period.HOUR
                            : MarketCall.Period.valueOf(read.group(2).toUpperCase(Locale.ROOT)),
                    Optional.ofNullable(project));
            try (var master = connect()) {
                var brake = master.json(call).json();
                print(new Found(
                        () -> brake,
                        () -> table(brake),
                        List.of(brake.path("project_guid").asText())));
                return ExitStatus.OK;
            }
        }
    }

    /// `slapos brake show`.
    @Command(
            description = "Shows how many new instances each requester of a project may want within a time.",
            footer = {"", "Examples:", "  slapos brake show", "  slapos brake show --project PROJ-2 -o json"})
    static final class Show extends Verb {
        @Option(names = "--project", paramLabel = "PROJECT", description = "PROJ-n; your only one unless given.")
        private @Nullable String project;

        @Override
        public int call() throws IOException {
            try (var master = connect()) {
                var brake = master.json(new MarketCall.ShowBrake(Optional.ofNullable(project)))
                        .json();
                print(new Found(
                        () -> brake,
                        () -> table(brake),
                        List.of(brake.path("project_guid").asText())));
                return ExitStatus.OK;
            }
        }

        @Override
        protected boolean needsNoArguments() {
            return true;
        }
    }
}

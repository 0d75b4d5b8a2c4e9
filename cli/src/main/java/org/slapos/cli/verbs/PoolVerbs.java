package org.slapos.cli.verbs;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.client.SlapClient;
import org.slapos.protocol.jsonrpc.MarketCall;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `slapos pool`: instances that run before somebody asks for them.
final class PoolVerbs {
    private PoolVerbs() {}

    private static Table table(Iterable<JsonNode> pools) {
        var table = new Table(
                "There is no pool. 'slapos pool set' makes one.",
                "POOL",
                "SOFTWARE RELEASE",
                "TYPE",
                "SIZE",
                "WANTED",
                "PLACED",
                "RUNNING",
                "HANDED OVER");
        for (var pool : pools) {
            table.row(
                    pool.path("reference").asText(),
                    pool.path("software_release_uri").asText(),
                    pool.path("software_type").asText(),
                    pool.has("size")
                            ? pool.path("size").asText()
                            : "forecast, at most " + pool.path("most").asText(),
                    pool.path("wanted").asText(),
                    pool.path("placed").asText(),
                    pool.path("running").asText(),
                    pool.path("handed_over").asText());
        }
        return table;
    }

    private static Optional<String> given(@Nullable String text) {
        return Optional.ofNullable(text);
    }

    /// `slapos pool set`.
    @Command(
            description = {
                "Keeps instances of a SoftwareRelease running before somebody asks for them: who requests one gets it at once,",
                "with a title, parameters and a certificate of their own, if it meets their conditions and no free place is",
                "cheaper. Until then it is the project's to pay. Spares are made where there is a free place and nobody waits.",
                "For who operates the project; off unless set."
            },
            footer = {
                "",
                "Examples:",
                "  slapos pool set KVM --size 3 --wait 60         three of them, and wait until they run",
                "  slapos pool set KVM --type large --forecast    as many as were requested in the busiest hour of a week",
                "  slapos pool set KVM --size 0                   no more of them; the spares are destroyed"
            })
    static final class Set extends Verb {
        private static final Duration POLL = Duration.ofMillis(200);

        @Parameters(
                index = "0",
                paramLabel = "SOFTWARE_URL",
                description = "The SoftwareRelease's profile, an alias, or product.NAME.")
        private String url = "";

        @Option(names = "--type", paramLabel = "TYPE", description = "Software type; 'default' unless given.")
        private @Nullable String type;

        @Option(names = "--size", paramLabel = "N", description = "How many are kept; 0 = none.")
        private @Nullable Integer size;

        @Option(names = "--forecast", description = "As many as were requested in the busiest hour of the last 7 days.")
        private boolean forecast;

        @Option(names = "--most", paramLabel = "N", description = "With --forecast: at most so many; 10 unless given.")
        private int most = MarketCall.SetPool.MOST;

        @Option(names = "--project", paramLabel = "PROJECT", description = "PROJ-n; your only one unless given.")
        private @Nullable String project;

        @Option(
                names = "--wait",
                paramLabel = "SECONDS",
                description = "Wait until as many as wanted run, at most so long; exit status 2 when they do not.")
        private int waitSeconds;

        @Override
        public int call() throws IOException {
            if ((size == null) != forecast) {
                throw new CommandFailure(ExitStatus.NOT_READY, "give one of --size and --forecast");
            }
            try (var master = connect()) {
                var call = new MarketCall.SetPool(
                        SupplyVerb.softwareRelease(master, url),
                        type == null ? InstanceRequest.DEFAULT_TYPE : type,
                        given(project),
                        Optional.ofNullable(size),
                        most);
                JsonNode pool = master.json(call).json();
                var end = session().time().now().plusSeconds(waitSeconds);
                while (!isAsWanted(pool) && session().time().now().isBefore(end)) {
                    pause();
                    pool = again(master, pool);
                }
                var shown = pool;
                print(new Found(
                        () -> shown,
                        () -> table(List.of(shown)),
                        List.of(shown.path("reference").asText())));
                return waitSeconds == 0 || isAsWanted(shown) ? ExitStatus.OK : ExitStatus.NOT_READY;
            }
        }

        private static boolean isAsWanted(JsonNode pool) {
            return pool.path("placed").asInt() == pool.path("wanted").asInt()
                    && pool.path("running").asInt() == pool.path("wanted").asInt();
        }

        private static JsonNode again(SlapClient master, JsonNode pool) {
            var listed = master.json(new MarketCall.ListPools(
                            Optional.of(pool.path("project_guid").asText())))
                    .json();
            for (var other : listed.path("result_list")) {
                if (other.path("reference").equals(pool.path("reference"))) {
                    return other;
                }
            }
            return pool;
        }

        private void pause() {
            try {
                session().time().pause(POLL);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CommandFailure(ExitStatus.FAILED, "interrupted; the pool stands");
            }
        }
    }

    /// `slapos pool list`.
    @Command(
            description = {
                "Lists the pools of a project: how many spares there should be, how many have a place, how many run, and how",
                "many became somebody's so far. For who operates the project."
            },
            footer = {"", "Examples:", "  slapos pool list", "  slapos pool list --project PROJ-2 -o json"})
    static final class Listing extends Verb {
        @Option(names = "--project", paramLabel = "PROJECT", description = "PROJ-n; your only one unless given.")
        private @Nullable String project;

        @Override
        public int call() throws IOException {
            try (var master = connect()) {
                var answer =
                        master.json(new MarketCall.ListPools(given(project))).json();
                var pools = answer.path("result_list");
                print(new Found(() -> answer, () -> table(pools), pools.findValuesAsText("reference")));
                return ExitStatus.OK;
            }
        }

        @Override
        protected boolean needsNoArguments() {
            return true;
        }
    }
}

package org.slapos.cli.verbs;

import java.io.IOException;
import org.slapos.protocol.client.SlapClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `slapos ledger`: what was used.
final class LedgerVerbs {
    private LedgerVerbs() {}

    /// `slapos ledger list`.
    @Command(
            description = {
                "Lists the Movements of the ledger, the latest first, and says whether it is balanced:",
                "each resource given by somebody is received by somebody else, so that all sums are zero."
            })
    static final class Listing extends Verb {
        @Option(names = "--limit", paramLabel = "N", description = "At most so many; 100 unless given.")
        private int limit = 100;

        @Option(names = "--offset", paramLabel = "N", description = "After so many.")
        private int offset;

        @Override
        public int call() throws IOException {
            try (var master = connect()) {
                var answer = master.json(
                        "slapos.allDocs.v0.movement_list",
                        SlapClient.parameters().put("limit", limit).put("offset", offset));
                var table =
                        new Table("No movement yet.", "ITEM", "RESOURCE", "QUANTITY", "FROM", "TO", "START", "STOP");
                for (var movement : answer.path("result_list")) {
                    table.row(
                            movement.path("item").asText(),
                            movement.path("resource").asText(),
                            quantity(
                                    movement.path("quantity").asText(""),
                                    movement.path("unit").asText("")),
                            movement.path("source").asText(),
                            movement.path("destination").asText(),
                            movement.path("start").asText(""),
                            movement.path("stop").asText("").isEmpty()
                                    ? "still open"
                                    : movement.path("stop").asText());
                }
                boolean balanced = answer.path("balanced").asBoolean();
                table.then(
                        new Table(balanced ? "The ledger is balanced." : "THE LEDGER IS NOT BALANCED.", new String[0]));
                print(new Found(
                        () -> answer, () -> table, answer.path("result_list").findValuesAsText("item")));
                return balanced ? ExitStatus.OK : ExitStatus.FAILED;
            }
        }

        private static String quantity(String number, String unit) {
            return number.isEmpty() || number.equals("null") ? "" : (number + " " + unit).strip();
        }
    }
}

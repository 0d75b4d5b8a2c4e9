package org.slapos.node.verbs;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slapos.node.agent.OneShot;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `slapos node promise`.
@Command(
        name = "promise",
        description = {
            "Run all promises of started instances now; the Master is told nothing.",
            "Exit status: 0 all are kept, 2 one is not, 1 the Master is away, 10 another process does this work."
        })
public final class PromiseVerb extends WorkVerb {
    @Option(
            names = {"--only-cp", "--only"},
            paramLabel = "PARTITION",
            description = "only these partitions, separated by commas; may be given several times")
    private List<String> only = new ArrayList<>();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "print the results on standard output: ${COMPLETION-CANDIDATES} (default: only the log)")
    private @Nullable Output output;

    /// How results are printed.
    enum Output {
        TABLE,
        JSON
    }

    @Override
    int work(OneShot work) {
        var said = new ArrayList<OneShot.Said>();
        int status = work.promises(words(only), said::add);
        if (output == Output.TABLE) {
            System.out.printf("%-14s %-32s %-7s %8s  %s%n", "PARTITION", "PROMISE", "STATE", "SECONDS", "MESSAGE");
            said.forEach(PromiseVerb::printRow);
        } else if (output == Output.JSON) {
            System.out.println(json(said).toPrettyString());
        }
        return status;
    }

    private static void printRow(OneShot.Said said) {
        var result = said.result();
        System.out.printf(
                "%-14s %-32s %-7s %8.3f  %s%n",
                said.partition(),
                result.title(),
                result.failed() ? "failed" : "kept",
                result.took().toMillis() / 1000.0,
                result.message().lines().findFirst().orElse(""));
    }

    private static ArrayNode json(List<OneShot.Said> all) {
        var list = new ObjectMapper().createArrayNode();
        for (var said : all) {
            list.addObject()
                    .put("partition", said.partition())
                    .put("title", said.result().title())
                    .put("name", said.result().name())
                    .put("failed", said.result().failed())
                    .put("message", said.result().message())
                    .put("date", said.result().date().toString())
                    .put("seconds", said.result().took().toMillis() / 1000.0);
        }
        return list;
    }
}

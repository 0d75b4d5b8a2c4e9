package org.slapos.node.verbs;

import java.util.ArrayList;
import java.util.List;
import org.slapos.node.agent.OneShot;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `slapos node promise`.
@Command(
        name = "promise",
        description = {
            "Check the promises of started instances; the Master is told nothing.",
            "Exit status: 0 all are kept, 2 one is not, 1 the Master is away, 10 another process does this work."
        })
public final class PromiseVerb extends WorkVerb {
    @Option(
            names = {"--only-cp", "--only"},
            paramLabel = "PARTITION",
            description = "only these partitions, separated by commas; may be given several times")
    private List<String> only = new ArrayList<>();

    @Override
    int work(OneShot work) {
        return work.promises(words(only));
    }
}

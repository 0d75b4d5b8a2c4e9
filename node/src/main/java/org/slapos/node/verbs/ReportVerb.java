package org.slapos.node.verbs;

import org.slapos.node.agent.OneShot;
import picocli.CommandLine.Command;

/// `slapos node report`.
@Command(
        name = "report",
        description = {
            "Send what partitions have used until now, and empty those whose instance is destroyed.",
            "Exit status: 0 done, 1 a destruction failed or the Master is away, 10 another process does this work."
        })
public final class ReportVerb extends WorkVerb {
    @Override
    int work(OneShot work) {
        return work.report();
    }
}

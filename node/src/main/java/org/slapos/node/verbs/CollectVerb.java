package org.slapos.node.verbs;

import org.slapos.node.agent.OneShot;
import picocli.CommandLine.Command;

/// `slapos node collect`.
@Command(
        name = "collect",
        description = {
            "Measure once what this machine and its partitions use, for monitoring: tables of the day in",
            "var/data-log of instance_root, archives of the days before, and .slapgrid/monitor in each partition.",
            "The agent does it every collect_seconds (60; 0 = never); this is for whoever runs none.",
            "What the Master is told of use is measured by the agent and does not depend on this.",
            "Exit status: 0 measured, 10 another process does it now."
        })
public final class CollectVerb extends WorkVerb {
    @Override
    int work(OneShot work) {
        return work.collect();
    }
}

package org.slapos.node.verbs;

import java.util.ArrayList;
import java.util.List;
import org.slapos.node.agent.OneShot;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `slapos node instance`.
@Command(
        name = "instance",
        description = {
            "Bring each ComputerPartition to what the Master wants in it, once.",
            "The agent does the same by itself; this is for those who look on.",
            "Exit status: 0 all is as wanted, 1 a partition failed, 2 only promises are not kept,",
            "3 the Master is away and known services were started, 10 another process does this work."
        })
public final class InstanceVerb extends WorkVerb {
    @Option(
            names = {"--force", "--all", "--develop"},
            description = "deploy also what is unchanged")
    private boolean force;

    @Option(
            names = {"--force-stop", "--force_stop"},
            description = {
                "deploy what is to be started and keep its services stopped, to look at it first; nothing is reported,",
                "and the next pass without this starts it"
            })
    private boolean forceStop;

    @Option(
            names = {"--only-cp", "--only"},
            paramLabel = "PARTITION",
            description = "only these partitions, separated by commas; may be given several times")
    private List<String> only = new ArrayList<>();

    @Override
    int work(OneShot work) {
        return forceStop ? work.instancesKeptStopped(words(only)) : work.instances(words(only), force);
    }
}

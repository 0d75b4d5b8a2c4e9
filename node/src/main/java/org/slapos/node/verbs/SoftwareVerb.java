package org.slapos.node.verbs;

import java.util.ArrayList;
import java.util.List;
import org.slapos.node.agent.OneShot;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `slapos node software`.
@Command(
        name = "software",
        description = {
            "Install and remove SoftwareReleases as the Master wants, once.",
            "The agent does the same by itself; this is for those who look on: on a terminal it shows what a build says.",
            "Exit status: 0 all is as wanted, 1 a release failed, 10 another process does this work."
        })
public final class SoftwareVerb extends WorkVerb {
    @Option(
            names = {"--force", "--all", "--develop"},
            description = "build also what is complete")
    private boolean force;

    @Option(
            names = {"--only-sr", "--only"},
            paramLabel = "URL|MD5",
            description = "only these releases, separated by commas; may be given several times")
    private List<String> only = new ArrayList<>();

    @Option(
            names = "--garbage-collect",
            description = "delete what is installed and the Master does not want any more, whatever --only-sr says")
    private boolean garbage;

    @Override
    int work(OneShot work) {
        return work.software(words(only), force, garbage, ProgressLine.ofConsole());
    }
}

package org.slapos.node.verbs;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slapos.node.ConfigurationException;
import org.slapos.node.agent.PidFile;
import org.slapos.node.software.PruneSharedParts;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `slapos node prune`.
@Command(
        name = "prune",
        description = {
            "Delete the shared parts that no SoftwareRelease uses any more: those in the last directory of",
            "shared_part_list whose hash stands nowhere in the software of this node or of nodes inside its instances.",
            "Exit status: 0 done, 255 software is being installed now."
        })
public final class PruneVerb extends NodeVerb {
    private static final Logger LOG = LoggerFactory.getLogger(PruneVerb.class);
    private static final int REFUSED = 255;

    @Option(
            names = {"-n", "--dry-run"},
            description = "say what would be deleted, and delete nothing")
    private boolean dryRun;

    @Option(
            names = "--additional-software-directory",
            paramLabel = "DIRECTORY",
            description = "what SoftwareReleases in it use is kept, too; may be given several times")
    private List<Path> additional = new ArrayList<>();

    @Override
    protected int run() {
        var configuration = configuration();
        if (configuration.sharedPartList().isEmpty()) {
            throw new ConfigurationException(
                    configurationFile().toString(), List.of("shared_part_list is missing: there is nothing to prune"));
        }
        var prune = new PruneSharedParts(configuration, host(configuration), additional, dryRun);
        if (dryRun) {
            prune.prune();
            return SUCCESS;
        }
        var pidFile = configuration.pidfileSoftware();
        try (var lock = PidFile.take(pidFile).orElse(null)) {
            if (lock == null) {
                LOG.error("{} installs software now ({}): try again later", PidFile.holder(pidFile), pidFile);
                return REFUSED;
            }
            prune.prune();
            return SUCCESS;
        }
    }
}

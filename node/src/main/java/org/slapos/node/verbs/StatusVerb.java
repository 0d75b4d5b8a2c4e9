package org.slapos.node.verbs;

import org.slapos.node.supervisor.Supervisor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;

/// `slapos node status`.
@Command(name = "status", description = "Show the services of all partitions.")
public final class StatusVerb extends NodeVerb {
    private static final Logger LOG = LoggerFactory.getLogger(StatusVerb.class);

    @Override
    protected int run() {
        var configuration = configuration();
        var supervisor = new Supervisor(configuration, host(configuration));
        if (!supervisor.isRunning()) {
            LOG.error("the supervisor does not run: start it with 'slapos node supervisord'");
            return FAILED;
        }
        for (var process : supervisor.processes()) {
            System.out.printf(
                    "%-40s %-9s %s%n", process.group() + ":" + process.name(), process.state(), process.description());
        }
        return SUCCESS;
    }
}

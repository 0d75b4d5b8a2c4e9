package org.slapos.node.verbs;

import java.time.Duration;
import java.time.Instant;
import org.slapos.node.agent.ComebackFile;
import org.slapos.node.supervisor.Supervisor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;

/// `slapos node status`.
@Command(
        name = "status",
        description = {
            "Show the services of all partitions; after a power cut, also when those that wait are expected back."
        })
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
        var now = Instant.now();
        for (var waiting : new ComebackFile(
                        host(configuration), configuration.instanceRoot().resolve("var/run"))
                .read()) {
            System.out.printf(
                    "%-40s WAITS     priority %d, comes back in about %d s%n",
                    waiting.partition(),
                    waiting.priority(),
                    Math.max(0, Duration.between(now, waiting.up()).toSeconds()));
        }
        return SUCCESS;
    }
}

package org.slapos.node.verbs;

import org.slapos.node.supervisor.Supervisor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;

/// `slapos node supervisord`.
@Command(name = "supervisord", description = "Start the supervisor of services, unless it runs already.")
public final class SupervisordVerb extends NodeVerb {
    private static final Logger LOG = LoggerFactory.getLogger(SupervisordVerb.class);

    @Override
    protected int run() {
        var configuration = configuration();
        var supervisor = new Supervisor(configuration, host(configuration));
        supervisor.ensureRunning();
        LOG.info("the supervisor runs: {}", configuration.supervisorSocket());
        return SUCCESS;
    }
}

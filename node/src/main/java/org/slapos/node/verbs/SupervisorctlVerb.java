package org.slapos.node.verbs;

import java.time.Duration;
import java.util.List;
import org.slapos.node.supervisor.Supervisor;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `slapos node supervisorctl`.
@Command(
        name = "supervisorctl",
        description = {
            "Ask the supervisor's own console, such as: slapos node supervisorctl tail slappart0:hello",
            "Starts the supervisor first, unless forbid_supervisord_automatic_launch = true."
        })
public final class SupervisorctlVerb extends NodeVerb {
    @Parameters(arity = "0..*", paramLabel = "WORD", description = "what to ask (default: status)")
    private List<String> words = List.of();

    @Override
    protected int run() {
        var configuration = configuration();
        var host = host(configuration);
        var supervisor = new Supervisor(configuration, host);
        if (!configuration.forbidSupervisordAutomaticLaunch()) {
            supervisor.ensureRunning();
        }
        var question = words.isEmpty() ? List.of("status") : words;
        var command =
                supervisor.console(question).withDeadline(Duration.ofDays(1)).withOnLine(System.out::println);
        return host.run(command).status();
    }
}

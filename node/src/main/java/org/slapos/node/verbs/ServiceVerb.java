package org.slapos.node.verbs;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slapos.node.supervisor.Supervisor;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/// `slapos node start`, `stop`, `restart` and `tail`: words of the supervisor's console.
@Command(
        description = {
            "Passed on to the supervisor: a service is PARTITION:NAME-on-watch (of etc/service) or PARTITION:NAME (of",
            "etc/run), PARTITION:* is all of a partition, all is everything. 'slapos node status' lists them."
        })
public abstract class ServiceVerb extends NodeVerb {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(arity = "0..*", paramLabel = "SERVICE", description = "such as slappart0:hello-on-watch")
    private List<String> services = List.of();

    @Unmatched
    private List<String> options = new ArrayList<>();

    /// `slapos node start`.
    @Command(name = "start", header = "Start services.")
    public static final class Start extends ServiceVerb {}

    /// `slapos node stop`.
    @Command(name = "stop", header = "Stop services, until they are started or their instance is processed again.")
    public static final class Stop extends ServiceVerb {}

    /// `slapos node restart`.
    @Command(name = "restart", header = "Stop services and start them again.")
    public static final class Restart extends ServiceVerb {}

    /// `slapos node tail`.
    @Command(name = "tail", header = "Show the end of a service's log; -f follows it.")
    public static final class Tail extends ServiceVerb {}

    @Override
    protected int run() {
        var configuration = configuration();
        var host = host(configuration);
        var supervisor = new Supervisor(configuration, host);
        if (!configuration.forbidSupervisordAutomaticLaunch()) {
            supervisor.ensureRunning();
        }
        var words = new ArrayList<>(List.of(spec.name()));
        words.addAll(options);
        words.addAll(services);
        return host.run(supervisor
                        .console(words)
                        .withDeadline(Duration.ofDays(1))
                        .withOnLine(System.out::println))
                .status();
    }
}

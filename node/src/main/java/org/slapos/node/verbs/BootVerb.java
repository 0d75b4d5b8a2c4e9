package org.slapos.node.verbs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.slapos.node.NodeConfiguration;
import org.slapos.node.agent.BootComputer;
import org.slapos.node.agent.BootComputer.Formatted;
import org.slapos.node.host.Host;
import org.slapos.node.supervisor.Supervisor;
import org.slapos.protocol.client.SlapClient;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `slapos node boot`.
@Command(
        name = "boot",
        description = {
            "For the start of the machine: wait for its network, format until that works, start the services it knows,",
            "bang, and have all partitions processed again. Goes on trying; exit status: 0 when it is done."
        })
public final class BootVerb extends NodeVerb {
    private static final Logger LOG = LoggerFactory.getLogger(BootVerb.class);

    @Option(
            names = {"-m", "--message"},
            paramLabel = "TEXT",
            description = "what the Master is told (default: ${DEFAULT-VALUE})")
    private String message = "Reboot";

    @Override
    protected int run() {
        var configuration = configuration();
        var host = host(configuration);
        try (var master = SlapClient.open(configuration.masterSettings())) {
            new BootComputer(
                            configuration,
                            host,
                            this::format,
                            () -> startServices(configuration, host),
                            () -> master.bang(configuration.computerId(), message),
                            Thread::sleep)
                    .boot();
            return SUCCESS;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return FAILED;
        }
    }

    private Formatted format() {
        var words = new ArrayList<>(List.of("--cfg", configurationFile().toString(), "--now"));
        settings().forEach((key, value) -> words.addAll(List.of("--set", key + "=" + value)));
        return switch (new CommandLine(new FormatVerb())
                .setExecutionExceptionHandler((failure, _, _) -> {
                    LOG.error("not formatted: {}", failure.getMessage());
                    return FAILED;
                })
                .execute(words.toArray(String[]::new))) {
            case SUCCESS -> Formatted.DONE;
            case FormatVerb.NOT_SENT -> Formatted.NOT_SENT;
            default -> Formatted.FAILED;
        };
    }

    private static void startServices(NodeConfiguration configuration, Host host) {
        if (configuration.forbidSupervisordAutomaticLaunch()) {
            return;
        }
        var supervisor = new Supervisor(configuration, host);
        supervisor.ensureRunning();
        supervisor.startAll();
    }
}

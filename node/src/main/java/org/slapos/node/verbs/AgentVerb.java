package org.slapos.node.verbs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import org.slapos.node.NodeConfiguration;
import org.slapos.node.agent.Agent;
import org.slapos.node.agent.FormatLoop;
import org.slapos.node.agent.NodeRooms;
import org.slapos.node.agent.OneShot;
import org.slapos.node.agent.PidFile;
import org.slapos.node.format.FormatComputer;
import org.slapos.node.host.HostException;
import org.slapos.protocol.client.SlapException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;

/// `slapos node agent`.
@Command(
        name = "agent",
        description = {
            "Follow the Master: format, software, instances, promises and reports, each as soon as it is due.",
            "Runs until SIGTERM; services go on without it. One agent for each instance_root.",
            "Exit status: 10 when another agent runs already."
        })
public final class AgentVerb extends NodeVerb {
    private static final Logger LOG = LoggerFactory.getLogger(AgentVerb.class);

    @Override
    protected int run() {
        var configuration = configuration();
        var format = new FormatLoop(() -> format(configuration));
        format.pass();
        try (var rooms = NodeRooms.open(configuration, host(configuration), InstantSource.system())) {
            var pidFile = pidFile(configuration);
            var held = PidFile.take(pidFile);
            if (held.isEmpty()) {
                LOG.error("an agent runs already ({}, {})", PidFile.holder(pidFile), pidFile);
                return OneShot.BUSY;
            }
            try (var _ = held.get()) {
                return untilEnded(new Agent(rooms, format));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path pidFile(NodeConfiguration configuration) {
        return configuration.instanceRoot().resolve("var/run/slapos-agent.pid");
    }

    private static int untilEnded(Agent agent) {
        var ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
            agent.close();
            ended.countDown();
        }));
        agent.start();
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return SUCCESS;
    }

    /// What goes wrong here keeps nobody from working with what is there.
    ///
    /// @return whether nothing did
    private boolean format(NodeConfiguration configuration) {
        if (configuration.format().isEmpty()) {
            return true;
        }
        try {
            var outcome = new FormatComputer(
                            configuration,
                            configuration.format().get(),
                            host(configuration),
                            undoList(configuration),
                            LOG::info,
                            InstantSource.system())
                    .format();
            return switch (outcome) {
                case FormatComputer.Outcome.Refused(var reasons) -> {
                    reasons.forEach(reason -> LOG.error("not formatted: {}", reason));
                    yield false;
                }
                case FormatComputer.Outcome.NotSent(var computer, var why) -> {
                    LOG.warn("formatted, but the Master was not told of {}: {}", computer.reference(), why);
                    yield false;
                }
                case FormatComputer.Outcome.Done(var computer, var steps) -> {
                    LOG.debug("{} formatted, {} steps", computer.reference(), steps);
                    yield true;
                }
            };
        } catch (HostException | SlapException e) {
            LOG.warn("not formatted: {}", e.getMessage());
            return false;
        }
    }
}

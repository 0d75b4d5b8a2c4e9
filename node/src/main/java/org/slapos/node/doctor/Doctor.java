package org.slapos.node.doctor;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.slapos.node.NodeConfiguration;
import org.slapos.node.NodeConfiguration.Format;
import org.slapos.node.buildout.Buildout;
import org.slapos.node.format.FormatComputer;
import org.slapos.node.format.Plan;
import org.slapos.node.host.Host;
import org.slapos.node.host.HostException;
import org.slapos.node.host.UndoList;
import org.slapos.node.supervisor.Supervisor;
import org.slapos.node.supervisor.SupervisorException;
import org.slapos.protocol.ComputerConfiguration;

/// Examines the node: each check tries the thing itself, as a partition would use it.
public final class Doctor {
    private static final Duration BUILD = Duration.ofMinutes(1);

    private final NodeConfiguration configuration;
    private final Host host;
    private final UndoList undoList;
    private final InstantSource clock;

    /// @param undoList of the node, which is only read
    public Doctor(NodeConfiguration configuration, Host host, UndoList undoList, InstantSource clock) {
        this.configuration = configuration;
        this.host = host;
        this.undoList = undoList;
        this.clock = clock;
    }

    /// @param say hears each finding as soon as it is made
    public List<Finding> examine(Consumer<Finding> say) {
        var findings = new ArrayList<Finding>();
        var heard = (Consumer<Finding>) finding -> {
            findings.add(finding);
            say.accept(finding);
        };
        var machine = new MachineChecks(configuration);
        var tools = machine.tools(host);
        heard.accept(tools);
        machine.disks(host).forEach(heard);
        configuration.format().ifPresent(format -> heard.accept(formatted(format)));
        if (tools.verdict() == Finding.Verdict.WELL) {
            try (var trial = Trial.open(configuration, host.group("kvm").map(_ -> "kvm"))) {
                heard.accept(MachineChecks.orFailed("users", () -> machine.users(trial)));
                heard.accept(MachineChecks.orFailed("instance-root", () -> machine.instanceRoot(trial)));
                configuration.format().ifPresent(format -> network(format, trial, heard));
                heard.accept(MachineChecks.orFailed("tap", () -> machine.tap(trial)));
                heard.accept(MachineChecks.orFailed("kvm", () -> machine.kvm(trial)));
                heard.accept(MachineChecks.orFailed("buildout", () -> buildout(trial)));
            } catch (HostException e) {
                heard.accept(
                        Finding.failed(
                                "users",
                                String.valueOf(e.getMessage()),
                                "run it as root, or set root_check, alter_user and alter_network to false for single-user mode"));
            }
        }
        heard.accept(supervisor());
        new MasterChecks(configuration, clock).all().forEach(heard);
        return findings;
    }

    private void network(Format format, Trial trial, Consumer<Finding> heard) {
        var checks = new NetworkChecks(format, made(format));
        heard.accept(MachineChecks.orFailed("ipv4", () -> checks.ipv4(trial)));
        heard.accept(MachineChecks.orFailed("ipv6", () -> checks.ipv6(trial)));
        heard.accept(MachineChecks.orFailed("own-address", () -> checks.ownAddress(trial)));
    }

    private Optional<ComputerConfiguration> made(Format format) {
        try {
            return planner(format).made();
        } catch (HostException _) {
            return Optional.empty(); // the check of the format says it
        }
    }

    private FormatComputer planner(Format format) {
        return new FormatComputer(configuration, format, host, undoList, _ -> {}, clock);
    }

    /// Whether the machine is as format would have it.
    private Finding formatted(Format format) {
        return MachineChecks.orFailed("format", () -> switch (planner(format).plan()) {
            case Plan.Refused(var reasons) ->
                Finding.failed("format", "format refuses: " + String.join("; ", reasons), "correct slapos.cfg");
            case Plan.Steps plan
            when plan.steps().isEmpty() ->
                Finding.well("format", plan.computer().partitions().size() + " partitions are as they should be");
            case Plan.Steps plan ->
                Finding.failed(
                        "format",
                        plan.steps().size() + " things are not as they should be, such as: "
                                + plan.steps().getFirst().describe().getFirst(),
                        "run 'slapos node format' (--dry-run says what it would do)");
        });
    }

    private Finding buildout(Trial trial) {
        var profile = "[buildout]\nparts =\noffline = true\n".getBytes(java.nio.charset.StandardCharsets.UTF_8);
        trial.host()
                .writeTenantFile(
                        trial.directory(),
                        "buildout.cfg",
                        profile,
                        0640,
                        trial.user().uid(),
                        trial.user().gid());
        try (var buildout = new Buildout(
                trial.host(),
                configuration.runtime(),
                configuration.buildout(),
                configuration.instanceRoot(),
                configuration.work())) {
            var result = buildout.run(
                    new Buildout.Run(trial.directory(), trial.user(), List.of(), 022, 0, BUILD, Map.of(), _ -> {}));
            return result.ok()
                    ? Finding.well("buildout", "a user's program built an empty profile with " + buildout.runtimeId())
                    : Finding.failed(
                            "buildout",
                            "an empty profile does not build: " + MachineChecks.lastLine(result.output()),
                            "let every user read " + configuration.runtime() + ", and every folder above it");
        }
    }

    private Finding supervisor() {
        try {
            var supervisor = new Supervisor(configuration, host);
            if (!supervisor.isRunning()) {
                return Finding.warning(
                        "supervisor",
                        "supervisord does not run: no service runs",
                        "start it: slapos node supervisord; 'slapos node agent' does it by itself");
            }
            return Finding.well(
                    "supervisor",
                    "supervisord answers and keeps " + supervisor.processes().size() + " processes");
        } catch (SupervisorException | HostException e) {
            return Finding.failed(
                    "supervisor",
                    "supervisord does not answer as it should: " + e.getMessage(),
                    "look into " + configuration.instanceRoot().resolve("var/log/supervisord.log"));
        }
    }
}

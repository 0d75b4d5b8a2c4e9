package org.slapos.node.verbs;

import java.util.List;
import org.slapos.node.ConfigurationException;
import org.slapos.node.format.FormatComputer;
import org.slapos.node.format.Plan;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `slapos node format`.
@Command(
        name = "format",
        description = {
            "Divide this machine into ComputerPartitions, and tell the Master.",
            "Makes users, directories, addresses and tap interfaces; a second call does nothing.",
            "Exit status: 0 done, 1 failed, 2 done but the Master was not told."
        })
public final class FormatVerb extends NodeVerb {
    private static final Logger LOG = LoggerFactory.getLogger(FormatVerb.class);
    private static final int NOT_SENT = 2;

    @Option(
            names = {"-n", "--dry-run", "--dry_run"},
            description = "print what would be done, and do nothing")
    private boolean dryRun;

    @SuppressWarnings("unused") // nothing hangs on it
    @Option(names = "--now", description = "accepted for compatibility: format never waits")
    private boolean now;

    @Override
    protected int run() {
        var configuration = configuration();
        var format = configuration
                .format()
                .orElseThrow(() -> new ConfigurationException(
                        configurationFile().toString(), List.of("section [slapformat] is missing")));
        var computer =
                new FormatComputer(configuration, format, host(configuration), undoList(configuration), LOG::info);
        return dryRun ? print(computer.plan()) : report(computer.format());
    }

    private static int print(Plan plan) {
        return switch (plan) {
            case Plan.Refused(var reasons) -> refused(reasons);
            case Plan.Steps planned -> {
                planned.warnings().forEach(LOG::warn);
                var steps = planned.steps();
                steps.forEach(step -> step.describe().forEach(System.out::println));
                System.out.println(steps.isEmpty() ? "nothing to do" : "would do the above");
                yield SUCCESS;
            }
        };
    }

    private static int report(FormatComputer.Outcome outcome) {
        return switch (outcome) {
            case FormatComputer.Outcome.Refused(var reasons) -> refused(reasons);
            case FormatComputer.Outcome.NotSent(var computer, var why) -> {
                LOG.error("formatted, but the Master was not told of {}: {}", computer.reference(), why);
                yield NOT_SENT;
            }
            case FormatComputer.Outcome.Done(var computer, var steps) -> {
                LOG.info(
                        "{}: {} partitions, {}",
                        computer.reference(),
                        computer.partitions().size(),
                        steps == 0 ? "nothing to do" : steps + " steps done");
                yield SUCCESS;
            }
        };
    }

    private static int refused(List<String> reasons) {
        reasons.forEach(reason -> LOG.error("not formatted: {}", reason));
        return FAILED;
    }
}

package org.slapos.node.verbs;

import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;
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
    static final int NOT_SENT = 2;

    @Option(
            names = {"-n", "--dry-run", "--dry_run"},
            description = "print what would be done, and do nothing")
    private boolean dryRun;

    @Option(
            names = {"-x", "--computer_xml", "--computer-xml"},
            paramLabel = "FILE",
            description = "keeps what was made (key computer_xml)")
    private @Nullable String computerXml;

    @Option(
            names = {"--computer_json", "--computer-json"},
            paramLabel = "FILE",
            description = "gets a copy of it as JSON (key computer_json)")
    private @Nullable String computerJson;

    @Option(
            names = {"-i", "--input_definition_file", "--input-definition-file"},
            paramLabel = "FILE",
            description = "names partitions, users and addresses, which are then not chosen")
    private @Nullable String input;

    @Option(
            names = {"-o", "--output_definition_file", "--output-definition-file"},
            paramLabel = "FILE",
            description = "gets such a file of what is planned, with --dry-run too")
    private @Nullable String output;

    @Option(
            names = {"--alter_user", "--alter-user"},
            paramLabel = "TRUTH",
            description = "whether users are made: true or false (key alter_user)")
    private @Nullable String alterUser;

    @Option(
            names = {"--alter_network", "--alter-network"},
            paramLabel = "TRUTH",
            description = "whether addresses and interfaces are made: true or false (key alter_network)")
    private @Nullable String alterNetwork;

    @SuppressWarnings("unused") // nothing hangs on it
    @Option(
            names = {"--now", "-c", "--console"},
            description = "accepted for compatibility: format never waits, and always says what it does")
    private boolean now;

    @Override
    protected int run() {
        set("computer_xml", computerXml);
        set("computer_json", computerJson);
        set("input_definition_file", input);
        set("output_definition_file", output);
        set("alter_user", alterUser);
        set("alter_network", alterNetwork);
        var configuration = configuration();
        var format = configuration
                .format()
                .orElseThrow(() -> new ConfigurationException(
                        configurationFile().toString(), List.of("section [slapformat] is missing")));
        var computer = new FormatComputer(
                configuration, format, host(configuration), undoList(configuration), LOG::info, InstantSource.system());
        return dryRun ? print(computer, computer.plan()) : report(computer.format());
    }

    private void set(String key, @Nullable String value) {
        if (value != null) {
            settings().put(key, value);
        }
    }

    private static int print(FormatComputer computer, Plan plan) {
        return switch (plan) {
            case Plan.Refused(var reasons) -> refused(reasons);
            case Plan.Steps planned -> {
                planned.warnings().forEach(LOG::warn);
                computer.writeDefinition(planned.computer());
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

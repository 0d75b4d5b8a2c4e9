package org.slapos.node.verbs;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.slapos.node.agent.ComebackFile;
import org.slapos.node.supervisor.ProcessStatus;
import org.slapos.node.supervisor.Supervisor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `slapos node status`.
@Command(
        name = "status",
        description = {
            "Show the services of all partitions, or those named; after a power cut, also when those that wait are",
            "expected back (not with -o json).",
            "Exit status: 0 shown, 1 the supervisor does not run."
        })
public final class StatusVerb extends NodeVerb {
    private static final Logger LOG = LoggerFactory.getLogger(StatusVerb.class);

    @Parameters(arity = "0..*", paramLabel = "SERVICE", description = "a partition, PARTITION:* or PARTITION:NAME")
    private List<String> wanted = List.of();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "${COMPLETION-CANDIDATES} (default: table)")
    private PromiseVerb.Output output = PromiseVerb.Output.TABLE;

    @Override
    protected int run() {
        var configuration = configuration();
        var supervisor = new Supervisor(configuration, host(configuration));
        if (!supervisor.isRunning()) {
            LOG.error("the supervisor does not run: start it with 'slapos node supervisord'");
            return FAILED;
        }
        var shown = supervisor.processes().stream().filter(this::isWanted).toList();
        if (output == PromiseVerb.Output.JSON) {
            System.out.println(json(shown));
            return SUCCESS;
        }
        for (var process : shown) {
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

    private boolean isWanted(ProcessStatus process) {
        var name = process.group() + ":" + process.name();
        return wanted.isEmpty()
                || wanted.contains("all")
                || wanted.contains(process.group())
                || wanted.contains(process.group() + ":*")
                || wanted.contains(name);
    }

    private static String json(List<ProcessStatus> processes) {
        var list = new ObjectMapper().createArrayNode();
        for (var process : processes) {
            list.addObject()
                    .put("group", process.group())
                    .put("name", process.name())
                    .put("state", process.state().name())
                    .put("pid", process.pid())
                    .put("exit_status", process.exitStatus())
                    .put("start", process.start().toString())
                    .put("description", process.description());
        }
        return list.toPrettyString();
    }
}

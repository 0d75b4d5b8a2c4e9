package org.slapos.cli.verbs;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slapos.cli.profile.Downloads;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.client.SlapClient;
import org.slapos.protocol.client.SlapClient.RequestAnswer;
import org.slapos.protocol.jsonrpc.MarketCall;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `slapos request`: wants an instance, or something else of one already requested.
@Command(
        description = {
            "Requests an instance of a SoftwareRelease, or changes one.",
            "The reference is your choice; what is requested again under it changes the parameters or the state of the",
            "same instance. What is not given is reset: --keep-parameters keeps the parameters it has.",
            "Exit status 2: accepted, but not ready yet; ask again, or give --wait.",
            "--plan and --explain change nothing: exit status 0 = it would be placed, 3 = it would wait, 1 = it is refused."
        },
        footer = {
            "",
            "Examples:",
            "  slapos request blog https://cloud.example:8443/software/helloworld/software.cfg \\",
            "      --parameters greeting='Hello there' --wait 60",
            "  slapos request blog product.helloworld --parameters-file blog.yaml --strict",
            "  slapos request blog https://.../software.cfg --state stopped --keep-parameters",
            "  slapos request blog https://.../software.cfg --node computer_guid=COMP-1 -o table",
            "  slapos request blog https://.../software.cfg --node region=europe 'memory>=64GB' 'price=6EUR/month' --plan",
            "",
            "Conditions (--node): computer_guid, network_guid, project_guid, supplier, capability, price (the most that it may",
            "cost), region and the other places in trees ('slapos computer set --help' lists them), memory, disk, cores,",
            "frequency and bandwidth with =, >= or <=, and mode: unique_by_network, unique_by_computer, same_network or",
            "same_computer as the others of the tree. The cheapest Computer that meets all gets it."
        })
final class RequestVerb extends Verb {
    private static final Duration POLL = Duration.ofMillis(300);

    @Parameters(index = "0", paramLabel = "REFERENCE", description = "Your name for the instance.")
    private String reference = "";

    @Parameters(
            index = "1",
            paramLabel = "SOFTWARE_URL",
            description = "The SoftwareRelease's profile, or product.NAME: the best release of that product.")
    private String url = "";

    @Option(names = "--type", paramLabel = "TYPE", description = "Software type; 'default' unless given.")
    private @Nullable String type;

    @Option(names = "--state", paramLabel = "STATE", description = "started, stopped or destroyed.")
    private @Nullable String state;

    @Option(names = "--slave", description = "A shared instance, in one that somebody else runs.")
    private boolean shared;

    @Option(
            names = "--node",
            arity = "1..*",
            paramLabel = "NAME=VALUE",
            description = "Conditions on where it runs, such as computer_guid=COMP-1.")
    private List<String> node = List.of();

    @Option(names = "--parameters", arity = "1..*", paramLabel = "NAME=VALUE", description = "Instance parameters.")
    private List<String> parameters = List.of();

    @Option(
            names = "--parameters-file",
            paramLabel = "FILE",
            description = "Instance parameters: a JSON, YAML (.yaml, .yml) or XML (.xml) file.")
    private @Nullable Path parametersFile;

    @Option(names = "--keep-parameters", description = "Keep the parameters, and the type, that it has.")
    private boolean keepParameters;

    @Option(
            names = "--force-serialisation",
            paramLabel = "KIND",
            description = "xml or json-in-xml: how a file is sent, whatever the SoftwareRelease says.")
    private @Nullable String serialisation;

    @Option(names = "--strict", description = "Refuse a file that is not what the SoftwareRelease's schema wants.")
    private boolean strict;

    @Option(names = "--plan", description = "Only say where it would go, for how much, and where else.")
    private boolean plan;

    @Option(names = "--explain", description = "As --plan, with what is true of each Computer.")
    private boolean explain;

    @Option(
            names = "--wait",
            paramLabel = "SECONDS",
            description = "Wait until its node reports that it is as requested, at most so long.")
    private int waitSeconds;

    private Instant begin = Instant.EPOCH;

    @Override
    public int call() throws IOException {
        begin = session().time().now();
        var wanted = Optional.ofNullable(state)
                .map(word -> RequestedState.ofWire(word)
                        .orElseThrow(() -> new CommandFailure(
                                ExitStatus.NOT_READY, "--state: started, stopped or destroyed, not '" + word + "'")));
        checkParameterOptions();
        var conditions = InstanceParameters.ofWords("--node", node);
        var words = InstanceParameters.ofWords("--parameters", parameters);
        try (var master = connect()) {
            var release = SupplyVerb.softwareRelease(master, url);
            var given = parametersFile == null ? words : ofFile(expanded(parametersFile), release);
            var request = new InstanceRequest(
                    release,
                    type == null ? InstanceRequest.DEFAULT_TYPE : type,
                    reference,
                    shared,
                    given,
                    conditions,
                    wanted,
                    Optional.empty(),
                    Optional.empty());
            if (keepParameters) {
                request = kept(master, request);
            }
            if (plan || explain) {
                return look(master, request);
            }
            log().info("Requesting " + reference + " as an instance of " + release + "...");
            return wanted.equals(Optional.of(RequestedState.DESTROYED))
                    ? destroy(master, request)
                    : have(master, request);
        }
    }

    private int look(SlapClient master, InstanceRequest request) {
        var answer = master.json(new MarketCall.Plan(request)).json();
        print(new Found(() -> answer, () -> Prospects.table(answer), List.of(reference)), () -> {
            if (explain) {
                Prospects.table(answer).print(out());
                out().println();
            }
            out().println(Prospects.sentence(answer) + "\nNothing was changed.");
        });
        return ExitStatus.ofOutlook(answer);
    }

    private void checkParameterOptions() {
        boolean given = !parameters.isEmpty();
        if ((given ? 1 : 0) + (parametersFile == null ? 0 : 1) + (keepParameters ? 1 : 0) > 1) {
            throw new CommandFailure(
                    ExitStatus.NOT_READY, "give one of --parameters, --parameters-file and --keep-parameters");
        }
        if (state != null && !state.equals("destroyed") && !given && parametersFile == null && !keepParameters) {
            log().warning("no parameters are given: those that " + reference
                    + " may have are reset. --keep-parameters keeps them.");
        }
    }

    /// With the parameters, and unless given the type, that the instance has.
    private InstanceRequest kept(SlapClient master, InstanceRequest request) {
        var found = Instance.find(master, reference)
                .orElseThrow(() -> new CommandFailure(
                        ExitStatus.NOT_READY,
                        "there is no instance '" + reference + "' whose parameters could be kept"));
        return new InstanceRequest(
                request.softwareRelease(),
                type == null ? found.softwareType() : type,
                reference,
                shared,
                found.parameters(),
                request.filter(),
                request.state(),
                Optional.empty(),
                Optional.empty());
    }

    private Map<String, String> ofFile(Path file, String release) throws IOException {
        try (var downloads = Downloads.trusting(configuration().authority())) {
            var described = new ReleaseDescription(release, type, downloads);
            return InstanceParameters.ofFile(
                    file, json -> check(described, json), () -> forced().orElseGet(described::serialisation));
        }
    }

    private Optional<InstanceParameters.Serialisation> forced() {
        return Optional.ofNullable(serialisation)
                .map(word -> InstanceParameters.Serialisation.of(word)
                        .orElseThrow(() -> new CommandFailure(
                                ExitStatus.NOT_READY,
                                "--force-serialisation: xml or json-in-xml, not '" + word + "'")));
    }

    /// What the schema finds wrong is said, and refused only when that was asked for: a schema may be wrong, too.
    private void check(ReleaseDescription described, com.fasterxml.jackson.databind.JsonNode json) {
        var findings = described.findings(json);
        if (!findings.isEmpty()) {
            log().warning(String.join("\n  ", findings));
        }
        if (strict && !findings.isEmpty()) {
            throw new CommandFailure(
                    ExitStatus.NOT_READY,
                    "the parameters are not what the SoftwareRelease's schema wants: nothing was requested (--strict).");
        }
    }

    private int have(SlapClient master, InstanceRequest request) {
        var before = waitSeconds > 0
                ? Instance.find(master, reference).map(found -> AwaitedInstance.of(master, found))
                : Optional.<AwaitedInstance>empty();
        var progress = new Progress(log(), err(), session().terminal().test(2));
        var answer = master.request(request);
        while (answer instanceof RequestAnswer.NotReady(var reason) && isTime()) {
            progress.show(reference + ": " + (reason.isEmpty() ? "waiting for a ComputerPartition" : reason), waited());
            pause();
            answer = master.request(request);
        }
        boolean isReached = waitSeconds > 0
                && answer instanceof RequestAnswer.Placed(var instance)
                && awaitReport(master, instance, before, progress);
        progress.end();
        return switch (answer) {
            case RequestAnswer.NotReady(var reason) -> {
                log().warning(reference + " is requested but not ready: "
                        + (reason.isEmpty() ? "the Master is still looking for a place" : reason)
                        + (reason.endsWith(".") ? "" : ".") + " Run the command again to see how far it is.");
                yield ExitStatus.NOT_READY;
            }
            case RequestAnswer.Placed(var placed) -> {
                // What it publishes may have come while it was waited for.
                show(isReached && master.request(request) instanceof RequestAnswer.Placed(var now) ? now : placed);
                yield waitSeconds == 0 || isReached ? ExitStatus.OK : ExitStatus.NOT_READY;
            }
        };
    }

    /// Waits for its node's report of the state that was asked for.
    private boolean awaitReport(
            SlapClient master, InstanceInformation wanted, Optional<AwaitedInstance> before, Progress progress) {
        long asked = -1;
        while (true) {
            var found = Instance.find(master, reference);
            var now = found.map(instance -> AwaitedInstance.of(master, instance));
            if (asked < 0 && now.isPresent()) {
                asked = now.get().moment();
            }
            if (found.isPresent() && found.get().is(wanted.state()) && now.get().isNewsSince(before, asked)) {
                return true;
            }
            var standing = found.map(Instance::place).orElse("no partition yet") + ", "
                    + found.map(Instance::status)
                            .filter(text -> !text.isEmpty())
                            .orElse("nothing reported yet");
            if (!isTime()) {
                log().warning(reference + " is not " + wanted.state().wire() + " after " + waitSeconds + " s: "
                        + standing);
                return false;
            }
            progress.show(reference + ": " + standing, waited());
            pause();
        }
    }

    private int destroy(SlapClient master, InstanceRequest request) {
        var progress = new Progress(log(), err(), session().terminal().test(2));
        master.request(request);
        boolean isLeft = waitSeconds == 0 || Instance.find(master, reference).isPresent();
        while (isLeft && isTime()) {
            progress.show(reference + ": being destroyed", waited());
            pause();
            isLeft = Instance.find(master, reference).isPresent();
        }
        progress.end();
        log().info(
                        isLeft
                                ? "Destruction requested; where it runs, its node does it at its next pass."
                                : reference + " is destroyed.");
        return isLeft && waitSeconds > 0 ? ExitStatus.NOT_READY : ExitStatus.OK;
    }

    private void show(InstanceInformation instance) {
        var connection = InstanceParameters.unwrapped(instance.connection());
        print(
                new Found(() -> record(instance, connection), () -> table(instance, connection), List.of(reference)),
                () -> {
                    log().info("Instance requested. Its state is: "
                            + instance.state().wire() + ".");
                    log().info("Its connection parameters are:\n" + JsonText.of(connection));
                    log().info("Run the command again, or 'slapos service info " + reference
                            + "', to see it as it is then.");
                });
    }

    private ObjectNode record(InstanceInformation instance, ObjectNode connection) {
        var record = SlapClient.parameters()
                .put("reference", reference)
                .put("software-url", instance.softwareRelease())
                .put("software-type", instance.softwareType())
                .put("shared", shared)
                .put("requested-state", instance.state().wire())
                .put("instance-guid", instance.guid())
                .put("computer", instance.computer().text())
                .put("partition", instance.partition().text());
        record.set("instance-parameters", InstanceParameters.unwrapped(new TreeMap<>(instance.parameters())));
        record.set("connection-parameters", connection);
        return record;
    }

    private Table table(InstanceInformation instance, ObjectNode connection) {
        var table = new Table("", "", "")
                .row("reference", reference)
                .row("state", instance.state().wire())
                .row(
                        "runs on",
                        instance.computer().text() + " " + instance.partition().text());
        ServiceInfoVerb.rows(table, "connection ", connection);
        return table;
    }

    private Duration waited() {
        return Duration.between(begin, session().time().now());
    }

    private boolean isTime() {
        return waited().compareTo(Duration.ofSeconds(waitSeconds)) < 0;
    }

    private void pause() {
        try {
            session().time().pause(POLL);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure(ExitStatus.FAILED, "interrupted; the request stands");
        }
    }
}

package org.slapos.cli.verbs;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slapos.cli.profile.Downloads;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.client.SlapClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `slapos request`: wants an instance, or something else of one already requested.
@Command(
        name = "request",
        description = {
            "Requests an instance of a SoftwareRelease, or changes one.",
            "The reference is your choice; what is requested again under it changes the parameters or the state of the",
            "same instance.",
            "Exit status 2: accepted, but not ready yet; ask again, or give --wait."
        },
        footer = {
            "",
            "Examples:",
            "  slapos request hello https://cloud.example:8443/software/helloworld/software.cfg \\",
            "      --parameters greeting='Hello there' --wait 60",
            "  slapos request hello https://.../software.cfg --state stopped",
            "  slapos request hello https://.../software.cfg --node computer_guid=COMP-1"
        })
final class RequestVerb extends Verb {
    private static final Duration POLL = Duration.ofMillis(300);

    @Parameters(index = "0", paramLabel = "REFERENCE", description = "Your name for the instance.")
    private String reference = "";

    @Parameters(index = "1", paramLabel = "URL", description = "The SoftwareRelease's profile.")
    private String url = "";

    @Option(names = "--type", paramLabel = "TYPE", description = "Software type; 'default' unless given.")
    private String type = InstanceRequest.DEFAULT_TYPE;

    @Option(names = "--state", paramLabel = "STATE", description = "started (unless given), stopped or destroyed.")
    private String state = "started";

    @Option(
            names = "--node",
            arity = "1..*",
            paramLabel = "NAME=VALUE",
            description = "Conditions on where it runs, such as computer_guid=COMP-1.")
    private List<String> node = List.of();

    @Option(names = "--parameters", arity = "1..*", paramLabel = "NAME=VALUE", description = "Instance parameters.")
    private List<String> parameters = List.of();

    @Option(names = "--parameters-file", paramLabel = "FILE", description = "Instance parameters: a JSON or XML file.")
    private @Nullable Path parametersFile;

    @Option(
            names = "--force-serialisation",
            paramLabel = "KIND",
            description = "xml or json-in-xml: how a JSON file is sent, whatever the SoftwareRelease says.")
    private @Nullable String serialisation;

    @Option(
            names = "--wait",
            paramLabel = "SECONDS",
            description = "Wait until the instance is in the state asked for, at most so long.")
    private int waitSeconds;

    @Override
    public Integer call() throws IOException {
        var wanted = RequestedState.ofWire(state)
                .orElseThrow(() -> new CommandFailure(
                        ExitStatus.NOT_READY, "--state: started, stopped or destroyed, not '" + state + "'"));
        var request = new InstanceRequest(
                url,
                type,
                reference,
                false,
                instanceParameters(),
                InstanceParameters.ofWords("--node", node),
                Optional.of(wanted),
                Optional.empty(),
                Optional.empty());
        try (var master = connect()) {
            return wanted == RequestedState.DESTROYED ? destroy(master, request) : have(master, request);
        }
    }

    private int have(SlapClient master, InstanceRequest request) {
        var asked = Instant.now();
        var progress = new Progress(err());
        var answer = master.request(request);
        var instance = Instance.find(master, reference);
        while (before(asked) && !instance.map(Instance::isAsRequested).orElse(false)) {
            progress.show(reference + ": " + standing(answer, instance));
            pause();
            if (answer instanceof SlapClient.RequestAnswer.NotReady) {
                answer = master.request(request);
            }
            instance = Instance.find(master, reference);
        }
        progress.end();
        if (answer instanceof SlapClient.RequestAnswer.NotReady(var reason)) {
            say(reference + " is requested but not ready: " + (reason.isEmpty() ? "no reason given" : reason));
            return ExitStatus.NOT_READY;
        }
        instance.ifPresent(this::show);
        if (waitSeconds > 0 && !instance.map(Instance::isAsRequested).orElse(false)) {
            say(reference + " is not " + state + " after " + waitSeconds + " s: " + standing(answer, instance));
            return ExitStatus.NOT_READY;
        }
        return ExitStatus.OK;
    }

    private int destroy(SlapClient master, InstanceRequest request) {
        var asked = Instant.now();
        var progress = new Progress(err());
        master.request(request);
        var left = Instance.find(master, reference);
        while (left.isPresent() && before(asked)) {
            progress.show(reference + ": being destroyed");
            pause();
            left = Instance.find(master, reference);
        }
        progress.end();
        say(reference + (left.isEmpty() ? ": destroyed" : ": to be destroyed, its node has not done it yet"));
        return left.isPresent() && waitSeconds > 0 ? ExitStatus.NOT_READY : ExitStatus.OK;
    }

    private void show(Instance instance) {
        var table = new Table(reference + ": nothing", "", "")
                .row("state", instance.state())
                .row("status", instance.status().isEmpty() ? "nothing reported yet" : instance.status())
                .row("runs on", instance.place());
        instance.connection().forEach((name, value) -> table.row(name, value));
        print(instance.document(), table);
    }

    private String standing(SlapClient.RequestAnswer answer, Optional<Instance> instance) {
        if (answer instanceof SlapClient.RequestAnswer.NotReady(var reason)) {
            return reason.isEmpty() ? "waiting for a ComputerPartition" : reason;
        }
        var status = instance.map(Instance::status).filter(text -> !text.isEmpty());
        return instance.map(Instance::place).orElse("no partition yet") + ", " + status.orElse("nothing reported yet");
    }

    private boolean before(Instant asked) {
        return Instant.now().isBefore(asked.plusSeconds(waitSeconds));
    }

    private static void pause() {
        try {
            Thread.sleep(POLL);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure(ExitStatus.FAILED, "interrupted; the request stands");
        }
    }

    private Map<String, String> instanceParameters() throws IOException {
        if (parametersFile == null) {
            return InstanceParameters.ofWords("--parameters", parameters);
        }
        if (!parameters.isEmpty()) {
            throw new CommandFailure(ExitStatus.NOT_READY, "give either --parameters or --parameters-file");
        }
        return InstanceParameters.ofFile(slapos().expanded(parametersFile), this::releaseSerialisation);
    }

    /// What was forced, else what the description beside the profile says, of the type or of the whole release.
    private InstanceParameters.Serialisation releaseSerialisation() {
        var word = serialisation != null ? serialisation : describedSerialisation();
        return InstanceParameters.Serialisation.of(word)
                .orElseThrow(() -> new CommandFailure(
                        ExitStatus.FAILED,
                        "cannot tell how " + url + " wants its parameters: its description says '" + word
                                + "'. Give --force-serialisation xml or json-in-xml."));
    }

    private String describedSerialisation() {
        try (var downloads = Downloads.trusting(configuration().authority())) {
            var description = new ObjectMapper().readTree(downloads.text(URI.create(url + ".json")));
            var ofType = description.path("software-type").path(type);
            return (ofType instanceof ObjectNode && ofType.has("serialisation") ? ofType : description)
                    .path("serialisation")
                    .asText();
        } catch (JacksonException e) {
            throw new CommandFailure(ExitStatus.FAILED, url + ".json is not JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new CommandFailure(ExitStatus.FAILED, "cannot fetch " + url + ".json: " + Downloads.why(e));
        }
    }
}

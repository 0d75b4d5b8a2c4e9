package org.slapos.master.proxy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slapos.master.http.Answer;
import org.slapos.master.http.Call;
import org.slapos.master.http.Mount;
import org.slapos.protocol.ComputerConfiguration;
import org.slapos.protocol.Form;
import org.slapos.protocol.Reason;
import org.slapos.protocol.SoftwareState;
import org.slapos.protocol.marshal.MarshalReader;
import org.slapos.protocol.marshal.MarshalWriter;
import org.slapos.protocol.marshal.Value;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The methods of SLAP v1 at the root, with the statuses and words of the Python slapproxy. Nobody is asked who they
/// are. What a node reports of its progress is taken and ignored.
final class SlapDoor {
    private static final Logger LOG = LoggerFactory.getLogger(SlapDoor.class);
    private static final String XML = "text/xml; charset=utf-8";
    private static final String TEXT = "text/plain; charset=utf-8";

    private final State state;
    private final Software software;
    private final Requests requests;
    private final InstanceLife instances;
    private final LoadConfiguration configuration;
    private final ProxyConfiguration settings;
    private final String runId;
    private final Map<String, Method> methods = new LinkedHashMap<>();

    /// Answers a call with its fields: of the query, or of the body.
    @FunctionalInterface
    private interface Handler {
        Answer answer(Form form, Call call);
    }

    private record Method(boolean isQuery, Handler handler) {}

    SlapDoor(
            State state,
            Software software,
            Requests requests,
            InstanceLife instances,
            LoadConfiguration configuration,
            ProxyConfiguration settings,
            String runId) {
        this.state = state;
        this.software = software;
        this.requests = requests;
        this.instances = instances;
        this.configuration = configuration;
        this.settings = settings;
        this.runId = runId;
        query("getFullComputerInformation", (form, _) -> computer(form));
        query("getComputerInformation", (form, _) -> computer(form));
        query("registerComputerPartition", (form, _) -> partition(form));
        query("getComputerPartitionCertificate", (_, _) -> document(Value.texts(Map.of("certificate", "", "key", ""))));
        query("getComputerPartitionStatus", (_, _) -> document(Value.of("Not implemented.")));
        query("getSoftwareReleaseListFromSoftwareProduct", (form, _) -> product(form));
        query("getRunId", (_, _) -> Answer.ok(TEXT, this.runId));
        command("requestComputerPartition", this::request);
        command("supplySupply", (form, _) -> supply(form));
        command("loadComputerConfigurationFromXML", (form, _) -> configure(form));
        command("destroyedSoftwareRelease", (form, _) -> softwareDestroyed(form));
        command("destroyedComputerPartition", (form, _) -> destroyed(form));
        command("softwareInstanceBang", (form, _) -> bang(form));
        command("softwareInstanceRename", (form, _) -> rename(form));
        command("setComputerPartitionConnectionXml", (form, _) -> publish(form));
        command("computerBang", (_, _) -> document(Value.of("")));
        for (var report : List.of(
                "useComputer",
                "buildingSoftwareRelease",
                "availableSoftwareRelease",
                "softwareReleaseError",
                "startedComputerPartition",
                "stoppedComputerPartition",
                "softwareInstanceError")) {
            command(report, (_, _) -> Answer.ok(TEXT, "Ignored"));
        }
    }

    private void query(String name, Handler handler) {
        methods.put(name, new Method(true, handler));
    }

    private void command(String name, Handler handler) {
        methods.put(name, new Method(false, handler));
    }

    List<Mount> mounts() {
        return methods.entrySet().stream()
                .map(method ->
                        new Mount("/" + method.getKey(), call -> answer(method.getKey(), method.getValue(), call)))
                .toList();
    }

    private static Answer answer(String name, Method method, Call call) {
        if (method.isQuery() ? !call.isGet() : !call.method().equals("POST")) {
            return Answer.methodNotAllowed(method.isQuery() ? "GET" : "POST");
        }
        try {
            return method.handler().answer(method.isQuery() ? call.query() : call.form(), call);
        } catch (Refusal refusal) {
            LOG.warn("{}: {}", name, refusal.reason());
            return Answer.text(refusal.kind().slapStatus(), refusal.reason())
                    .with(Reason.HEADER, Reason.encode(refusal.reason()));
        }
    }

    private static Answer document(Value value) {
        return Answer.ok(XML, MarshalWriter.bytes(value));
    }

    private static Answer word(String text) {
        return Answer.ok(TEXT, text);
    }

    private Answer computer(Form form) {
        var computer = form.required("computer_id");
        return state.read(tables -> {
            if (!tables.computers.containsKey(computer) && !computer.equals(settings.computer())) {
                throw Refusal.unknownComputer(computer);
            }
            return document(SlapDocuments.computer(tables, computer));
        });
    }

    private Answer partition(Form form) {
        var key = new PartitionKey(form.required("computer_reference"), form.required("computer_partition_reference"));
        return document(state.read(tables -> SlapDocuments.partition(tables.partition(key))));
    }

    private Answer product(Form form) {
        var product = form.get("software_product_reference");
        if (product.isEmpty() || form.get("software_release_url").isPresent()) {
            throw new Refusal(
                    Refusal.Kind.INVALID,
                    "Name a software_product_reference, and nothing else: proxy mode finds releases by product only");
        }
        var release = Optional.ofNullable(settings.products().get(product.get()));
        return document(Value.list(release.map(Value::of).stream().toList()));
    }

    private Answer request(Form form, Call call) {
        var wanted = InstanceWanted.of(form);
        return document(
                switch (requests.answer(wanted, Bypass.here(call))) {
                    case Requests.Outcome.Here(var answer) -> SlapDocuments.answer(answer, wanted);
                    case Requests.Outcome.Elsewhere(var found, var master) -> SlapDocuments.elsewhere(found, master);
                    case Requests.Outcome.Bypassed(var found) -> SlapDocuments.bypassed(found);
                });
    }

    private Answer supply(Form form) {
        var url = form.required("url");
        var computer = form.required("computer_id");
        var word = form.required("state");
        var wanted = SoftwareState.ofWire(word)
                .orElseThrow(() -> new Refusal(
                        Refusal.Kind.INVALID, "state '" + word + "' is neither 'available' nor 'destroyed'"));
        software.supply(url, computer, wanted);
        return word("Supplied '" + url + "' to be " + word);
    }

    private Answer configure(Form form) {
        configuration.load(ComputerConfiguration.of(MarshalReader.read(form.required("xml"))));
        return word("done");
    }

    private Answer softwareDestroyed(Form form) {
        software.destroyed(form.required("url"), form.required("computer_id"));
        return word("OK");
    }

    private Answer destroyed(Form form) {
        return word(instances.destroyed(key(form)).orElse("OK"));
    }

    private Answer bang(Form form) {
        instances.bangTree(key(form));
        return word("OK");
    }

    private Answer rename(Form form) {
        return word(instances.rename(key(form), form.required("new_name"), true).orElse("done"));
    }

    private Answer publish(Form form) {
        var key = key(form);
        var connection = MarshalReader.read(form.required("connection_xml"))
                .asDictionary()
                .storedTexts();
        form.get("slave_reference")
                .filter(reference -> !reference.isEmpty())
                .ifPresentOrElse(
                        reference -> instances.publishShared(key, reference, connection),
                        () -> instances.publish(key, connection));
        return word("done");
    }

    private static PartitionKey key(Form form) {
        return new PartitionKey(form.required("computer_id"), form.required("computer_partition_id"));
    }
}

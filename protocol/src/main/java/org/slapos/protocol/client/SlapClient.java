package org.slapos.protocol.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slapos.protocol.AccessStatus;
import org.slapos.protocol.ComputerConfiguration;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.ComputerInformation;
import org.slapos.protocol.Form;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.PartitionInformation;
import org.slapos.protocol.SoftwareState;
import org.slapos.protocol.UsageReport;
import org.slapos.protocol.client.Transport.Repeat;
import org.slapos.protocol.jsonrpc.Json;
import org.slapos.protocol.jsonrpc.JsonAnswer;
import org.slapos.protocol.jsonrpc.JsonCall;
import org.slapos.protocol.marshal.MarshalWriter;
import org.slapos.protocol.marshal.Value;

/// A Master as its nodes and clients see it. This is one long file because it is one list: a method here for each
/// method of SLAP v1, and nothing else; [Transport] carries them.
///
/// Any thread may call. Each call blocks until its answer or [Settings#deadline], and throws a [SlapException]
/// otherwise. The Master's certificate is verified against [Settings#authority], or the system's roots.
public final class SlapClient implements AutoCloseable {
    private static final String FORM = "application/x-www-form-urlencoded";

    /// The word for an absent reference of a SharedInstance.
    private static final String NO_SHARED = "None";

    private final Transport transport;

    /// @param master         base URL, such as `https://slap.example:8443/slap`
    /// @param identity       the certificate to show; none = anonymous
    /// @param authority      PEM file with the roots to trust; none = the system's
    /// @param deadline       for a call with all its tries, up to the last byte of the answer
    /// @param userAgent      program and version
    /// @param tries          how often a call that may be sent again is sent; a loop that polls anyway needs one
    /// @param maxAnswerBytes the longest answer that is read
    public record Settings(
            URI master,
            Optional<Identity> identity,
            Optional<Path> authority,
            Duration deadline,
            String userAgent,
            int tries,
            int maxAnswerBytes) {
        public Settings {
            if (tries < 1 || maxAnswerBytes < 1 || !deadline.isPositive()) {
                throw new MalformedException("tries, maxAnswerBytes and deadline must be positive, not " + tries + ", "
                        + maxAnswerBytes + ", " + deadline);
            }
        }

        /// With 60 seconds, three tries and answers up to 64 MiB.
        public Settings(URI master, Optional<Identity> identity, Optional<Path> authority) {
            this(master, identity, authority, Duration.ofSeconds(60), "slapos-java", 3, 64 * 1024 * 1024);
        }

        public Settings withDeadline(Duration other) {
            return new Settings(master, identity, authority, other, userAgent, tries, maxAnswerBytes);
        }

        public Settings withTries(int other) {
            return new Settings(master, identity, authority, deadline, userAgent, other, maxAnswerBytes);
        }

        Settings anonymous() {
            return new Settings(master, Optional.empty(), authority, deadline, userAgent, tries, maxAnswerBytes);
        }
    }

    /// An X.509 identity in two PEM files; the key is PKCS#8.
    public record Identity(Path certificate, Path key) {}

    /// What a conditional read found.
    public sealed interface Conditional {
        /// Nothing has changed since the version that was named.
        record Unchanged() implements Conditional {}

        /// @param version to be named in the next call; empty when the Master gives none
        record Changed(ComputerInformation information, String version) implements Conditional {}
    }

    /// The answer to a request.
    public sealed interface RequestAnswer {
        record Placed(InstanceInformation instance) implements RequestAnswer {}

        /// Ask again later. `reason` says what it waits for, when the Master tells.
        record NotReady(String reason) implements RequestAnswer {}
    }

    /// A certificate and its key, both PEM.
    public record CertificatePair(String certificate, String key) {
        @Override
        public String toString() {
            return "CertificatePair[certificate=" + certificate + ", key=*****]";
        }
    }

    SlapClient(Transport transport) {
        this.transport = transport;
    }

    /// @throws MalformedException when a TLS file is not what it should be, or the URL is neither http nor https
    /// @throws IOException when a TLS file cannot be read
    public static SlapClient open(Settings settings) throws IOException {
        return new SlapClient(Transport.open(settings));
    }

    /// `getFullComputerInformation`, unless it is still the version that was read last (an empty one = none was).
    /// A Master that does not know this method is asked for `getComputerInformation`.
    public Conditional computerInformation(ComputerId computer, String knownVersion) {
        return computerInformation(computer, knownVersion, Duration.ZERO);
    }

    /// As [#computerInformation(ComputerId, String)]; a Master of ours waits that long with the answer that nothing has
    /// changed (RFC 7240, `Prefer: wait`), others answer at once.
    ///
    /// @param wait whole seconds, less than the deadline of a call
    public Conditional computerInformation(ComputerId computer, String knownVersion, Duration wait) {
        var answer = computerInformation("getFullComputerInformation", computer, knownVersion, wait);
        if (answer.status() == 404) {
            answer = computerInformation("getComputerInformation", computer, knownVersion, wait);
        }
        if (answer.status() == 304) {
            return new Conditional.Unchanged();
        }
        var information = ComputerInformation.of(
                answer.checked("getFullComputerInformation").value());
        return new Conditional.Changed(information, answer.header("ETag").orElse(""));
    }

    private Answer computerInformation(String method, ComputerId computer, String knownVersion, Duration wait) {
        var request = query(method, Map.of("computer_id", computer.text()));
        if (!knownVersion.isEmpty()) {
            request.header("If-None-Match", knownVersion);
            if (wait.isPositive()) {
                request.header("Prefer", "wait=" + wait.toSeconds());
            }
        }
        return transport.send(method, request, Repeat.READING);
    }

    /// `registerComputerPartition`: one partition, fresh.
    public PartitionInformation partition(ComputerId computer, PartitionId partition) {
        return PartitionInformation.of(read(
                "registerComputerPartition",
                Map.of("computer_reference", computer.text(), "computer_partition_reference", partition.text())));
    }

    /// `getComputerPartitionCertificate`; both empty from a proxy.
    public CertificatePair partitionCertificate(ComputerId computer, PartitionId partition) {
        return pair(read("getComputerPartitionCertificate", ids(computer, partition)));
    }

    /// `getComputerStatus`; nothing when the Master knows no such Computer or, as a proxy, no statuses.
    public Optional<AccessStatus> status(ComputerId computer) {
        return status("getComputerStatus", Map.of("computer_id", computer.text()));
    }

    /// `getComputerPartitionStatus`; nothing when the Master knows no such thing.
    public Optional<AccessStatus> status(ComputerId computer, PartitionId partition) {
        return status("getComputerPartitionStatus", ids(computer, partition));
    }

    /// `getSoftwareInstallationStatus`; nothing when the Master knows no such thing.
    public Optional<AccessStatus> status(ComputerId computer, String url) {
        return status("getSoftwareInstallationStatus", Map.of("computer_id", computer.text(), "url", url));
    }

    private Optional<AccessStatus> status(String method, Map<String, String> query) {
        // A proxy answers the string 'Not implemented.'
        return find(method, query)
                .map(Answer::value)
                .filter(value -> value instanceof Value.Dictionary)
                .map(AccessStatus::of);
    }

    /// `getHostingSubscriptionIpList`: the interface and address of every partition that the InstanceTree of this one
    /// uses; nothing when the Master does not know the partition or, as a proxy, the method.
    public Optional<List<List<String>>> treeAddresses(ComputerId computer, PartitionId partition) {
        return find("getHostingSubscriptionIpList", ids(computer, partition))
                .map(answer -> answer.value().asItems().stream()
                        .map(tuple ->
                                tuple.asItems().stream().map(Value::asText).toList())
                        .toList());
    }

    /// `getSoftwareReleaseListFromSoftwareProduct`: the URLs of a product, the best first.
    public List<String> softwareReleases(String product, Optional<String> project) {
        return softwareReleases("software_product_reference", product, project);
    }

    /// `getSoftwareReleaseListFromSoftwareProduct`: the URLs of the product that one of them belongs to, the best
    /// first.
    public List<String> softwareReleasesBeside(String url, Optional<String> project) {
        return softwareReleases("software_release_url", url, project);
    }

    private List<String> softwareReleases(String key, String value, Optional<String> project) {
        var query = new TreeMap<>(Map.of(key, value));
        project.ifPresent(reference -> query.put("project_reference", reference));
        return read("getSoftwareReleaseListFromSoftwareProduct", query).asItems().stream()
                .map(Value::asText)
                .toList();
    }

    /// `getHateoasUrl`: where the hypermedia of the Master begins; nothing when it says of none.
    public Optional<URI> hypermediaUrl() {
        try {
            return find("getHateoasUrl", Map.of())
                    .map(answer -> URI.create(answer.text().strip()));
        } catch (IllegalArgumentException e) {
            throw new MalformedException("getHateoasUrl: the answer is not a URL: " + e.getMessage(), e);
        }
    }

    /// `getRunId`: by which a proxy knows itself; nothing from a Master.
    public Optional<String> runId() {
        return find("getRunId", Map.of()).map(answer -> answer.text().strip());
    }

    /// `requestComputerPartition`; asking again is how one waits.
    public RequestAnswer request(InstanceRequest request) {
        var answer = sendForm("requestComputerPartition", request.toForm(), Repeat.IDEMPOTENT);
        if (answer.status() == 408) {
            return new RequestAnswer.NotReady(answer.reason());
        }
        return new RequestAnswer.Placed(InstanceInformation.ofRequestAnswer(
                answer.checked("requestComputerPartition").value()));
    }

    /// `supplySupply`: wants a SoftwareRelease on a Computer, or gone from it.
    public void supply(String url, ComputerId computer, SoftwareState state) {
        post("supplySupply", Map.of("url", url, "computer_id", computer.text(), "state", state.wire()));
    }

    /// `requestComputer`: the Computer of that title, which is made if there is none.
    public ComputerId requestComputer(String title, Optional<String> project) {
        var fields = new TreeMap<>(Map.of("computer_title", title));
        project.ifPresent(reference -> fields.put("project_reference", reference));
        var answer = sendForm("requestComputer", new Form(fields), Repeat.IDEMPOTENT)
                .checked("requestComputer")
                .value();
        return new ComputerId(answer.asObject("Computer").attributes().requiredText("_computer_id"));
    }

    /// `generateComputerCertificate`; NOT_FOUND when one is still valid.
    public CertificatePair generateCertificate(ComputerId computer) {
        var method = "generateComputerCertificate";
        var answer = sendForm(method, new Form(Map.of("computer_id", computer.text())), Repeat.NEVER);
        return pair(answer.checked(method).value());
    }

    /// `revokeComputerCertificate`; NOT_FOUND when there is none to revoke.
    public void revokeCertificate(ComputerId computer) {
        postOnce("revokeComputerCertificate", Map.of("computer_id", computer.text()));
    }

    /// `loadComputerConfigurationFromXML`: what `format` made.
    public void configure(ComputerConfiguration configuration) {
        post("loadComputerConfigurationFromXML", Map.of("xml", MarshalWriter.write(configuration.toValue())));
    }

    /// `useComputer`: what was used.
    public void use(ComputerId computer, UsageReport report) {
        postOnce(
                "useComputer",
                Map.of(
                        "computer_id",
                        computer.text(),
                        "use_string",
                        new String(report.write(), StandardCharsets.UTF_8)));
    }

    /// `setComputerPartitionConnectionXml`: what the instance in a partition publishes, replacing what it published
    /// before.
    public void connection(ComputerId computer, PartitionId partition, Map<String, String> published) {
        connection(computer, partition, NO_SHARED, published);
    }

    /// As [#connection(ComputerId,PartitionId,Map)], for a SharedInstance that lives in the partition.
    public void connection(
            ComputerId computer, PartitionId partition, String sharedReference, Map<String, String> published) {
        var document = MarshalWriter.write(Value.texts(published));
        post(
                "setComputerPartitionConnectionXml",
                ids(computer, partition, "connection_xml", document, "slave_reference", sharedReference));
    }

    /// `updateComputerPartitionRelatedInstanceList`: the titles that the instance in a partition has requested. False
    /// when the Master does not want to know, as a proxy.
    public boolean related(ComputerId computer, PartitionId partition, List<String> titles) {
        var method = "updateComputerPartitionRelatedInstanceList";
        var fields = new TreeMap<>(ids(computer, partition));
        fields.put(
                "instance_reference_xml",
                MarshalWriter.write(Value.list(titles.stream().map(Value::of).toList())));
        var answer = sendForm(method, new Form(fields), Repeat.IDEMPOTENT);
        return answer.status() != 404 && answer.checked(method).status() == 200;
    }

    /// What a node reports of software it was asked to install or remove.
    public enum SoftwareReport {
        BUILDING("buildingSoftwareRelease"),
        AVAILABLE("availableSoftwareRelease"),
        DESTROYED("destroyedSoftwareRelease");

        private final String method;

        SoftwareReport(String method) {
            this.method = method;
        }
    }

    public void report(ComputerId computer, String url, SoftwareReport report) {
        post(report.method, Map.of("url", url, "computer_id", computer.text()));
    }

    /// `buildingSoftwareRelease` again, with how far the build is: one line, which other Masters leave aside.
    public void building(ComputerId computer, String url, String progress) {
        post(SoftwareReport.BUILDING.method, Map.of("url", url, "computer_id", computer.text(), "progress", progress));
    }

    /// `softwareReleaseError`, with the output of the build that failed.
    public void softwareError(ComputerId computer, String url, String log) {
        post("softwareReleaseError", Map.of("url", url, "computer_id", computer.text(), "error_log", log));
    }

    /// What a node reports of the instance in a partition.
    public enum InstanceReport {
        STARTED("startedComputerPartition"),
        STOPPED("stoppedComputerPartition"),
        DESTROYED("destroyedComputerPartition");

        private final String method;

        InstanceReport(String method) {
            this.method = method;
        }
    }

    public void report(ComputerId computer, PartitionId partition, InstanceReport report) {
        post(report.method, ids(computer, partition));
    }

    /// `softwareInstanceError`, with what went wrong.
    public void instanceError(ComputerId computer, PartitionId partition, String log) {
        post("softwareInstanceError", ids(computer, partition, "error_log", log));
    }

    /// As [#instanceError(ComputerId,PartitionId,String)], of a SharedInstance that lives in the partition.
    public void instanceError(ComputerId computer, PartitionId partition, String sharedReference, String log) {
        post("softwareInstanceError", ids(computer, partition, "error_log", log, "slave_reference", sharedReference));
    }

    /// `softwareInstanceBang`: something changed or broke here.
    public void bang(ComputerId computer, PartitionId partition, String message) {
        postOnce("softwareInstanceBang", ids(computer, partition, "message", message));
    }

    /// `computerBang`: something changed or broke for all that runs on a Computer.
    public void bang(ComputerId computer, String message) {
        postOnce("computerBang", Map.of("computer_id", computer.text(), "message", message));
    }

    /// `softwareInstanceRename`: the reference under which the instance in a partition is requested from now on.
    public void rename(ComputerId computer, PartitionId partition, String newName) {
        rename(computer, partition, NO_SHARED, newName);
    }

    /// As [#rename(ComputerId,PartitionId,String)], of a SharedInstance that lives in the partition.
    public void rename(ComputerId computer, PartitionId partition, String sharedReference, String newName) {
        post(
                "softwareInstanceRename",
                ids(computer, partition, "new_name", newName, "slave_reference", sharedReference));
    }

    /// Calls a JSON method. [SlapException.Kind#NOT_FOUND] is told from [SlapException.Kind#FORBIDDEN] by the type
    /// of the error; a proxy calls both forbidden.
    public <A extends JsonAnswer> A json(JsonCall<A> call) {
        return new JsonClient(transport).call(call);
    }

    /// A JSON method by its name, such as `slapos.get.v0.instance_tree`.
    public JsonNode json(String method, ObjectNode parameters) {
        return new JsonClient(transport).call(method, parameters);
    }

    /// An empty object for the parameters of [#json(String,ObjectNode)].
    public static ObjectNode parameters() {
        return Json.object();
    }

    /// The hypermedia of the Master: where the configuration says (`master_rest_url`), else where the Master says.
    /// Nothing when neither does, whatever the reason.
    public Optional<HypermediaClient> hypermedia(Optional<URI> configured) {
        try {
            return configured.or(this::hypermediaUrl).map(begin -> new HypermediaClient(transport, begin));
        } catch (SlapException | MalformedException _) {
            return Optional.empty();
        }
    }

    /// Registration, outside of SLAP: a form sent with a one-time token to a path below the Master's own root, such as
    /// `/Person_getCertificate`, answered by JSON with `certificate` and `key`.
    public JsonNode redeemToken(URI web, String path, String token, Map<String, String> form) {
        var root = web.toString();
        var target = URI.create((root.endsWith("/") ? root : root + "/") + path);
        var request = transport.post(target, FORM, new Form(form).encode()).header("X-Access-Token", token);
        return JsonClient.read(path, transport.send(path, request, Repeat.NEVER).checked(path));
    }

    /// Reads the files of identity and authority again: they were renewed.
    ///
    /// @throws IOException when one of them cannot be read: then all stays as it was
    public void rereadFiles() throws IOException {
        transport.rereadFiles();
    }

    @Override
    public void close() {
        transport.close();
    }

    /// The fields that name a partition, and more: names and values in turn.
    private static Map<String, String> ids(ComputerId computer, PartitionId partition, String... more) {
        var fields = new TreeMap<>(Map.of("computer_id", computer.text(), "computer_partition_id", partition.text()));
        for (int i = 0; i < more.length; i += 2) {
            fields.put(more[i], more[i + 1]);
        }
        return fields;
    }

    private HttpRequest.Builder query(String method, Map<String, String> query) {
        return transport.get(transport.base().resolve(method + "?" + new Form(query).encode()));
    }

    private Value read(String method, Map<String, String> query) {
        return transport
                .send(method, query(method, query), Repeat.READING)
                .checked(method)
                .value();
    }

    /// An answer, or nothing for a 404: there is no such thing, or no such method.
    private Optional<Answer> find(String method, Map<String, String> query) {
        var answer = transport.send(method, query(method, query), Repeat.READING);
        return answer.status() == 404 ? Optional.empty() : Optional.of(answer.checked(method));
    }

    private static CertificatePair pair(Value value) {
        var answer = value.asDictionary();
        return new CertificatePair(answer.requiredText("certificate"), answer.requiredText("key"));
    }

    /// A command that may be given twice.
    private void post(String method, Map<String, String> fields) {
        sendForm(method, new Form(fields), Repeat.IDEMPOTENT).checked(method);
    }

    /// A command that must not be given twice.
    private void postOnce(String method, Map<String, String> fields) {
        sendForm(method, new Form(fields), Repeat.NEVER).checked(method);
    }

    private Answer sendForm(String method, Form form, Repeat repeat) {
        return transport.send(method, transport.post(transport.base().resolve(method), FORM, form.encode()), repeat);
    }
}

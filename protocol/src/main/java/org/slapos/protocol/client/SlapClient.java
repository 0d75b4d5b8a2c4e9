package org.slapos.protocol.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slapos.protocol.ComputerConfiguration;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.ComputerInformation;
import org.slapos.protocol.Form;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.PartitionInformation;
import org.slapos.protocol.Reason;
import org.slapos.protocol.SoftwareState;
import org.slapos.protocol.UsageReport;
import org.slapos.protocol.marshal.MarshalReader;
import org.slapos.protocol.marshal.MarshalWriter;
import org.slapos.protocol.marshal.Value;

/// A Master as its nodes and clients see it: SLAP v1 and the JSON methods over one pooled connection.
///
/// Any thread may call. Each call blocks until its answer or [Settings#deadline], and throws a [SlapException]
/// otherwise.
/// The Master's certificate is verified against [Settings#authority], or the system's roots.
public final class SlapClient implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Settings settings;
    private final URI base;
    private final HttpClient http;

    /// @param master    base URL, such as `https://slap.example:8443/slap`
    /// @param identity  the certificate to show; none = anonymous
    /// @param authority PEM file with the roots to trust; none = the system's
    /// @param userAgent program and version
    public record Settings(
            URI master, Optional<Identity> identity, Optional<Path> authority, Duration deadline, String userAgent) {
        public Settings(URI master, Optional<Identity> identity, Optional<Path> authority) {
            this(master, identity, authority, Duration.ofSeconds(60), "slapos-java");
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

    private SlapClient(Settings settings, HttpClient http) {
        this.settings = settings;
        this.http = http;
        var url = settings.master().toString();
        this.base = URI.create(url.endsWith("/") ? url : url + "/");
    }

    /// @throws MalformedException when a TLS file is not what it should be, or the URL is neither http nor https
    /// @throws IOException when a TLS file cannot be read
    public static SlapClient open(Settings settings) throws IOException {
        var scheme = settings.master().getScheme();
        var builder = HttpClient.newBuilder()
                .connectTimeout(settings.deadline())
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER);
        if ("https".equals(scheme)) {
            builder.sslContext(PemFiles.context(settings.identity(), settings.authority()));
        } else if (!"http".equals(scheme)) {
            throw new MalformedException("the Master's URL must begin with https:// or http://: " + settings.master());
        }
        return new SlapClient(settings, builder.build());
    }

    /// `getFullComputerInformation`, unless it is still the version that was read last (an empty one = none was).
    public Conditional computerInformation(ComputerId computer, String knownVersion) {
        var request = get("getFullComputerInformation", Map.of("computer_id", computer.text()));
        if (!knownVersion.isEmpty()) {
            request.header("If-None-Match", knownVersion);
        }
        var response = send("getFullComputerInformation", request);
        if (response.statusCode() == 304) {
            return new Conditional.Unchanged();
        }
        var version = response.headers().firstValue("ETag").orElse("");
        return new Conditional.Changed(
                ComputerInformation.read(checked("getFullComputerInformation", response)), version);
    }

    /// `registerComputerPartition`: one partition, fresh.
    public PartitionInformation partition(ComputerId computer, PartitionId partition) {
        return PartitionInformation.of(read(
                "registerComputerPartition",
                Map.of("computer_reference", computer.text(), "computer_partition_reference", partition.text())));
    }

    /// `getComputerPartitionCertificate`.
    public CertificatePair partitionCertificate(ComputerId computer, PartitionId partition) {
        var answer = read("getComputerPartitionCertificate", ids(computer, partition))
                .asDictionary();
        return new CertificatePair(answer.requiredText("certificate"), answer.requiredText("key"));
    }

    /// `requestComputerPartition`; asking again is how one waits.
    public RequestAnswer request(InstanceRequest request) {
        var response = sendForm("requestComputerPartition", request.toForm());
        if (response.statusCode() == 408) {
            return new RequestAnswer.NotReady(reason(response));
        }
        var body = checked("requestComputerPartition", response);
        return new RequestAnswer.Placed(InstanceInformation.ofRequestAnswer(MarshalReader.read(body)));
    }

    /// `supplySupply`: wants a SoftwareRelease on a Computer, or gone from it.
    public void supply(String url, ComputerId computer, SoftwareState state) {
        post("supplySupply", Map.of("url", url, "computer_id", computer.text(), "state", state.wire()));
    }

    /// `loadComputerConfigurationFromXML`: what `format` made.
    public void configure(ComputerConfiguration configuration) {
        post("loadComputerConfigurationFromXML", Map.of("xml", MarshalWriter.write(configuration.toValue())));
    }

    /// `useComputer`: what was used.
    public void use(ComputerId computer, UsageReport report) {
        post(
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
        var fields = new TreeMap<>(ids(computer, partition));
        fields.put("connection_xml", MarshalWriter.write(Value.texts(published)));
        fields.put("slave_reference", "None");
        post("setComputerPartitionConnectionXml", fields);
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
        var fields = new TreeMap<>(ids(computer, partition));
        fields.put("error_log", log);
        post("softwareInstanceError", fields);
    }

    /// `softwareInstanceBang`: something changed or broke here.
    public void bang(ComputerId computer, PartitionId partition, String message) {
        var fields = new TreeMap<>(ids(computer, partition));
        fields.put("message", message);
        post("softwareInstanceBang", fields);
    }

    /// A JSON method by its name, such as `slapos.get.v0.instance_tree`. That there is no such thing is answered with
    /// 403 by these methods; the `type` of the error tells it from a refusal (JSON methods, errors).
    public JsonNode json(String method, ObjectNode parameters) {
        var request = HttpRequest.newBuilder(base.resolve(method))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(parameters.toString()));
        var response = send(method, request);
        if (saysNotFound(response)) {
            throw new SlapException(SlapException.Kind.NOT_FOUND, method + ": " + reason(response));
        }
        return parsed(method, checked(method, response));
    }

    private static JsonNode parsed(String method, byte[] body) {
        try {
            return JSON.readTree(body);
        } catch (IOException e) {
            throw new SlapException(SlapException.Kind.SERVER_ERROR, method + ": the answer is not JSON", e);
        }
    }

    private static boolean saysNotFound(HttpResponse<byte[]> response) {
        if (response.statusCode() != 403) {
            return false;
        }
        try {
            return JSON.readTree(response.body()).path("type").asText().endsWith("-NOT-FOUND");
        } catch (IOException _) {
            return false;
        }
    }

    /// An empty object for the parameters of [#json].
    public static ObjectNode parameters() {
        return JSON.createObjectNode();
    }

    /// Registration, outside of SLAP: a form sent with a one-time token to a path below the Master's own root, such as
    /// `/Person_getCertificate`, answered by JSON with `certificate` and `key`.
    public JsonNode redeemToken(URI web, String path, String token, Map<String, String> form) {
        var root = web.toString();
        var target = URI.create((root.endsWith("/") ? root : root + "/") + path);
        var request = HttpRequest.newBuilder(target)
                .header("X-Access-Token", token)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(new Form(form).encode()));
        return parsed(path, checked(path, send(path, request)));
    }

    @Override
    public void close() {
        http.shutdownNow();
    }

    private static Map<String, String> ids(ComputerId computer, PartitionId partition) {
        return Map.of("computer_id", computer.text(), "computer_partition_id", partition.text());
    }

    private Value read(String method, Map<String, String> query) {
        return MarshalReader.read(checked(method, send(method, get(method, query))));
    }

    private void post(String method, Map<String, String> fields) {
        checked(method, sendForm(method, new Form(fields)));
    }

    private HttpRequest.Builder get(String method, Map<String, String> query) {
        return HttpRequest.newBuilder(base.resolve(method + "?" + new Form(query).encode()))
                .GET();
    }

    private HttpResponse<byte[]> sendForm(String method, Form form) {
        return send(
                method,
                HttpRequest.newBuilder(base.resolve(method))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString(form.encode())));
    }

    private HttpResponse<byte[]> send(String method, HttpRequest.Builder request) {
        request.timeout(settings.deadline()).header("User-Agent", settings.userAgent());
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new SlapException(
                    SlapException.Kind.UNREACHABLE, method + ": no answer from " + base + ": " + why(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SlapException(SlapException.Kind.UNREACHABLE, method + ": interrupted", e);
        }
    }

    private static String why(IOException e) {
        var message = e.getMessage();
        if (message == null) {
            return e instanceof java.net.ConnectException
                    ? "connection refused"
                    : e.getClass().getSimpleName();
        }
        return message;
    }

    private byte[] checked(String method, HttpResponse<byte[]> response) {
        int status = response.statusCode();
        if (status == 200) {
            return response.body();
        }
        var kind = switch (status) {
            case 404 -> SlapException.Kind.NOT_FOUND;
            case 408 -> SlapException.Kind.NOT_READY;
            case 401, 403 -> SlapException.Kind.FORBIDDEN;
            default -> status >= 500 ? SlapException.Kind.SERVER_ERROR : SlapException.Kind.REFUSED;
        };
        var reason = reason(response);
        throw new SlapException(kind, method + ": " + status + (reason.isEmpty() ? "" : ", " + reason));
    }

    /// The reason of a refusal: our Master's header, else the beginning of the body.
    private static String reason(HttpResponse<byte[]> response) {
        return response.headers().firstValue(Reason.HEADER).map(Reason::decode).orElseGet(() -> {
            var body = new String(response.body(), StandardCharsets.UTF_8).strip();
            return body.length() > 300 ? body.substring(0, 300) + "..." : body;
        });
    }
}

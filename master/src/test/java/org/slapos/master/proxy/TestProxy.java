package org.slapos.master.proxy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.slapos.protocol.marshal.MarshalReader;
import org.slapos.protocol.marshal.MarshalWriter;
import org.slapos.protocol.marshal.Value;

/// A real proxy for tests on a free port of loopback, spoken to as any client does.
final class TestProxy implements AutoCloseable {
    static final String COMPUTER = "local_computer";
    static final String SOFTWARE = "https://soft.example/wp.cfg";
    private static final ObjectMapper JSON = new ObjectMapper();

    private volatile Instant now = Instant.parse("2031-04-01T08:00:00.250Z");
    private final HttpClient http = HttpClient.newHttpClient();
    private final ProxyConfiguration settings;
    private Proxy proxy;

    private TestProxy(ProxyConfiguration settings) throws IOException {
        this.settings = settings;
        this.proxy = Proxy.open(settings, () -> now);
    }

    static TestProxy open() throws IOException {
        return new TestProxy(ProxyConfiguration.read(Optional.empty(), Map.of("port", "0")));
    }

    /// With a configuration file of that text, which is put into the folder.
    static TestProxy open(Path folder, String configuration) throws IOException {
        var file = Files.writeString(folder.resolve("proxy.cfg"), configuration);
        return new TestProxy(ProxyConfiguration.read(Optional.of(file), Map.of("port", "0")));
    }

    void advance(Duration step) {
        now = now.plus(step);
    }

    URI url() {
        return proxy.url();
    }

    /// Stops it and starts it again with the same configuration; its port changes.
    void restart() throws IOException {
        proxy.close();
        proxy = Proxy.open(settings, () -> now);
    }

    HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(url().resolve(path));
    }

    HttpResponse<String> get(String method, String... fields) {
        return send(to("/" + method + (fields.length == 0 ? "" : "?" + form(fields))));
    }

    HttpResponse<String> post(String method, String... fields) {
        return send(to("/" + method)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form(fields))));
    }

    private static String form(String... fields) {
        var pairs = new ArrayList<String>();
        for (int i = 0; i < fields.length; i += 2) {
            pairs.add(fields[i] + "=" + URLEncoder.encode(fields[i + 1], StandardCharsets.UTF_8));
        }
        return String.join("&", pairs);
    }

    HttpResponse<String> json(String method, String body) {
        return send(to("/slapos." + method)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    static JsonNode tree(HttpResponse<String> response) {
        try {
            return JSON.readTree(response.body());
        } catch (IOException e) {
            throw new AssertionError(response.body(), e);
        }
    }

    /// Registers a computer with partitions `slappart0`... of one address each.
    void format(String computer, int partitions) {
        post(
                "loadComputerConfigurationFromXML",
                "xml",
                "<marshal><dictionary id='i2'><string>reference</string><string>" + computer
                        + "</string><string>address</string><string>10.0.0.1</string>"
                        + "<string>netmask</string><none/><string>partition_list</string><list id='i3'>"
                        + IntStream.range(0, partitions)
                                .mapToObj(TestProxy::partition)
                                .collect(Collectors.joining())
                        + "</list></dictionary></marshal>");
    }

    private static String partition(int i) {
        return "<dictionary><string>reference</string><string>slappart" + i
                + "</string><string>tap</string><dictionary><string>name</string><string>slaptap" + i
                + "</string></dictionary><string>address_list</string><list><dictionary>"
                + "<string>addr</string><string>10.0.0." + (i + 2)
                + "</string><string>netmask</string><string>255.255.255.255</string>"
                + "</dictionary></list></dictionary>";
    }

    /// A request for an instance of [#SOFTWARE] by the user, changed by further fields; the field `None` is left out.
    HttpResponse<String> request(String title, String... changes) {
        var fields = new LinkedHashMap<String, String>();
        fields.put("software_release", SOFTWARE);
        fields.put("software_type", "default");
        fields.put("partition_reference", title);
        fields.put("shared_xml", "<marshal><bool>0</bool></marshal>");
        fields.put("partition_parameter_xml", "<marshal><dictionary id='i2'/></marshal>");
        fields.put("filter_xml", "<marshal><dictionary id='i2'/></marshal>");
        fields.put("state", "<marshal><string>started</string></marshal>");
        for (int i = 0; i < changes.length; i += 2) {
            fields.put(changes[i], changes[i + 1]);
        }
        return post(
                "requestComputerPartition",
                fields.entrySet().stream()
                        .flatMap(field -> List.of(field.getKey(), field.getValue()).stream())
                        .toArray(String[]::new));
    }

    static String state(String word) {
        return "<marshal><string>" + word + "</string></marshal>";
    }

    static String marshalled(Map<String, Value> entries) {
        return MarshalWriter.write(new Value.Dictionary(entries));
    }

    /// The attributes of the object that was answered.
    static Value.Dictionary attributes(HttpResponse<String> response) {
        if (MarshalReader.read(response.body()) instanceof Value.SlapObject object) {
            return object.attributes();
        }
        throw new AssertionError(response.body());
    }

    Value.Dictionary partition(String id) {
        return attributes(
                get("registerComputerPartition", "computer_reference", COMPUTER, "computer_partition_reference", id));
    }

    String timestamp(String id) {
        return partition(id).dictionary("_parameter_dict").requiredText("timestamp");
    }

    @Override
    public void close() throws IOException {
        http.close();
        proxy.close();
    }
}

package org.slapos.protocol.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.ComputerInformation;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.PartitionInformation;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.marshal.MarshalWriter;

/// The examples of the README, compiled and run as somebody else's program: with this module and three libraries.
class ReadmeTest {
    private static final Pattern EXAMPLE = Pattern.compile("^```java\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final InstanceInformation HELLO = new InstanceInformation(
            new ComputerId("COMP-1"),
            new PartitionId("slappart0"),
            "SOFTINST-1",
            "hello",
            "hello",
            "",
            "https://soft.example/helloworld/software.cfg",
            "default",
            RequestedState.STARTED,
            Map.of("greeting", "Hi"),
            Map.of("url", "http://10.0.0.2/"),
            Map.of(),
            List.of(),
            List.of(),
            List.of(),
            "1932768000000000",
            "");

    private final WireServer server = new WireServer();
    private int requests;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void theExamplesRunWithThisModuleAndThreeLibraries() throws Exception {
        server.then(this::answer);
        var source = Files.writeString(folder.resolve("Example.java"), program());
        var diagnostics = new java.io.ByteArrayOutputStream();
        int status = ToolProvider.getSystemJavaCompiler()
                .run(null, null, diagnostics, "-cp", classPath(), "-d", folder.toString(), source.toString());
        assertThat(status).as(diagnostics.toString(StandardCharsets.UTF_8)).isZero();

        assertThat(run()).isEqualTo("""
                        not yet: COMP-1 has no free partition
                        SOFTINST-1 runs on COMP-1, {url=http://10.0.0.2/}
                        slappart0 should be STARTED
                        nothing to do
                        hello is not ready
                        hello https://soft.example/helloworld/software.cfg
                        no such thing: registerComputerPartition: 404
                        a proxy, run a1b2
                        """);
    }

    private String program() throws IOException {
        var imports = new StringBuilder();
        var body = new StringBuilder();
        var readme = Files.readString(Path.of("README.md").toAbsolutePath());
        var examples = EXAMPLE.matcher(readme);
        while (examples.find()) {
            examples.group(1)
                    .lines()
                    .forEach(line -> (line.startsWith("import ") ? imports : body)
                            .append(line)
                            .append('\n'));
        }
        return imports + "public class Example { public static void main(String... words) throws Exception {\n"
                + body.toString().replace("http://127.0.0.1:5000/", server.url().toString()) + "}}\n";
    }

    private String run() throws IOException, InterruptedException {
        var output = folder.resolve("output").toFile();
        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        folder + File.pathSeparator + classPath(),
                        "Example")
                .redirectErrorStream(true)
                .redirectOutput(output)
                .start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        return Files.readString(output.toPath());
    }

    private static String classPath() {
        var places = new ArrayList<String>();
        for (var one : List.of(
                SlapClient.class.getName(),
                "com.fasterxml.jackson.databind.JsonNode",
                "com.fasterxml.jackson.core.JsonParser",
                "com.fasterxml.jackson.annotation.JsonInclude")) {
            try {
                places.add(Path.of(Class.forName(one)
                                .getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toURI())
                        .toString());
            } catch (ClassNotFoundException | URISyntaxException e) {
                throw new AssertionError(e);
            }
        }
        return String.join(File.pathSeparator, places);
    }

    private void answer(HttpExchange exchange) throws IOException {
        var path = exchange.getRequestURI().getPath();
        switch (path.substring(path.lastIndexOf('/') + 1)) {
            case "supplySupply", "startedComputerPartition" -> send(exchange, 200, "None");
            case "requestComputerPartition" -> {
                if (requests++ == 0) {
                    send(exchange, 408, "COMP-1 has no free partition");
                } else {
                    send(exchange, 200, MarshalWriter.write(HELLO.toSoftwareInstance()));
                }
            }
            case "getFullComputerInformation" -> {
                var partition =
                        new PartitionInformation(HELLO.computer(), HELLO.partition(), java.util.Optional.of(HELLO));
                var document = new ComputerInformation(HELLO.computer(), List.of(partition), List.of()).write();
                boolean isKnown = "\"7\"".equals(exchange.getRequestHeaders().getFirst("If-None-Match"));
                WireServer.send(exchange, isKnown ? 304 : 200, document, "ETag", "\"7\"");
            }
            case "slapos.allDocs.v0.instance_tree_list" ->
                send(exchange, 200, "{\"result_list\": [{\"title\": \"hello\"}]}");
            case "slapos.get.v0.instance_tree" ->
                send(exchange, 200, "{\"name\": \"SoftwareInstanceNotReady\", \"status\": 102}");
            case "getHateoasUrl" -> send(exchange, 200, "http://127.0.0.1:" + server.port() + "/hateoas/root");
            case "root" ->
                send(
                        exchange,
                        200,
                        "{\"_links\": {\"raw_search\": {\"href\": \"search{?query,select_list*}\"},"
                                + " \"traverse\": {\"href\": \"traverse{?relative_url,view}\"}}}");
            case "search" ->
                send(
                        exchange,
                        200,
                        exchange.getRequestURI().toString().contains("hello")
                                ? "{\"_embedded\": {\"contents\": []}}"
                                : "{\"_embedded\": {\"contents\": [{\"title\": \"hello\", \"url_string\": \""
                                        + HELLO.softwareRelease() + "\"}]}}");
            case "getRunId" -> send(exchange, 200, "a1b2");
            default -> send(exchange, 404, "");
        }
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        WireServer.send(exchange, status, body.getBytes(StandardCharsets.UTF_8));
    }
}

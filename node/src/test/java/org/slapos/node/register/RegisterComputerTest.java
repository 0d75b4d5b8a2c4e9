package org.slapos.node.register;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slapos.node.ConfigurationException;
import org.slapos.node.ConfigurationReader;
import org.slapos.node.Main;
import org.slapos.node.host.LinuxHost;
import org.slapos.node.host.Undo;
import org.slapos.node.host.UndoList;

class RegisterComputerTest {
    private static final String CERTIFICATE =
            "subject=/CN=COMP-7/emailAddress=ann@example.org\n-----BEGIN CERTIFICATE-----\nAAAA\n";

    @TempDir
    Path folder;

    private final List<String> asked = new ArrayList<>();
    private final HttpServer master = start();

    private static HttpServer start() {
        try {
            return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @BeforeEach
    void answer() {
        master.createContext("/Person_requestComputer", exchange -> {
            var form = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            var token = exchange.getRequestHeaders().getFirst("X-Access-Token");
            asked.add(token + " " + form);
            if (!"good".equals(token)) {
                respond(exchange, 403, "no such token");
            } else if (form.contains("taken")) {
                respond(exchange, 409, "Certificate still active.");
            } else {
                respond(
                        exchange,
                        200,
                        new ObjectMapper()
                                .writeValueAsString(
                                        Map.of("certificate", CERTIFICATE, "key", "KEY", "reference", "COMP-8")));
            }
        });
        master.start();
    }

    private static void respond(HttpExchange exchange, int status, String body) throws IOException {
        var bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @AfterEach
    void stop() {
        master.stop(0);
    }

    private Path file() {
        return folder.resolve("etc/slapos.cfg");
    }

    private Registration wanted(String title, String token, Map<String, String> more) {
        var all = new HashMap<>(Map.of(
                "software_root", "/opt/slapgrid",
                "instance_root", "/srv/slapgrid",
                "interface_name", "lo",
                "ipv4_local_network", "10.0.0.0/16",
                "partition_amount", "10"));
        all.putAll(more);
        var url = URI.create("http://127.0.0.1:" + master.getAddress().getPort());
        return new Registration(title, token, url.resolve("/slap"), url, Optional.empty(), file(), all);
    }

    private static RegisterComputer register() {
        return new RegisterComputer(new LinuxHost(UndoList.none()));
    }

    @Test
    @Tag("checklist:RG-03")
    @Tag("checklist:RG-04")
    void aTokenBecomesAConfigurationThatCanBeUsed() throws IOException {
        var computer = register()
                .register(wanted("my machine", "good", Map.of("promise_timeout", "7", "create_tap", "false")));

        // With a request for a key of its own; this Master answers with one that it has made, as old ones do.
        assertThat(asked)
                .singleElement()
                .asString()
                .startsWith("good certificate_signing_request=-----BEGIN+CERTIFICATE+REQUEST-----")
                .endsWith("&title=my+machine");
        assertThat(computer.text()).isEqualTo("COMP-7");
        var configuration = ConfigurationReader.read(file(), Map.of());
        assertThat(configuration.computerId()).isEqualTo(computer);
        assertThat(configuration.promiseTimeout().toSeconds()).isEqualTo(7);
        assertThat(configuration.softwareRoot()).hasToString("/opt/slapgrid");
        assertThat(configuration.instanceRoot()).hasToString("/srv/slapgrid");
        assertThat(configuration.format().orElseThrow().interfaceName()).contains("lo");
        assertThat(configuration.format().orElseThrow().createTap()).isFalse();
        assertThat(configuration.format().orElseThrow().partitionAmount()).isEqualTo(10);
        var identity = configuration.identity().orElseThrow();
        assertThat(Files.readString(identity.certificateFile())).isEqualTo(CERTIFICATE);
        assertThat(Files.readString(identity.keyFile())).isEqualTo("KEY");
        var host = new LinuxHost(UndoList.none());
        assertThat(host.facts(identity.keyFile()).orElseThrow().mode()).isEqualTo(0600);
        assertThat(host.facts(file()).orElseThrow().mode()).isEqualTo(0644);
        assertThat(host.facts(configuration.certificateRepositoryPath().orElseThrow())
                        .orElseThrow()
                        .mode())
                .isEqualTo(0711);
    }

    @Test
    @Tag("checklist:RG-03")
    void anOldConfigurationIsKept() throws IOException {
        register().register(wanted("one", "good", Map.of()));
        Files.writeString(file(), "mine");

        register().register(wanted("two", "good", Map.of()));

        assertThat(Files.readString(folder.resolve("etc/slapos.cfg.old"))).isEqualTo("mine");
        assertThat(folder.resolve("etc/ssl.old/key")).exists();
        assertThat(folder.resolve("etc/ssl/key")).exists();
    }

    @Test
    @Tag("checklist:RG-02")
    void aRefusalSaysWhyAndChangesNothing() {
        assertThatThrownBy(() -> register().register(wanted("one", "bad", Map.of())))
                .isInstanceOf(RegistrationException.class)
                .hasMessageContaining("refuses the token")
                .hasMessageContaining("no such token");
        assertThatThrownBy(() -> register().register(wanted("taken", "good", Map.of())))
                .hasMessageContaining("choose another title");
        assertThat(Main.run(
                        "register",
                        "one",
                        "--cfg",
                        file().toString(),
                        "--token",
                        "bad",
                        "--set",
                        "root_check=false",
                        "--master-url",
                        "http://127.0.0.1:" + master.getAddress().getPort() + "/slap"))
                .isEqualTo(1);
        assertThat(file()).doesNotExist();
    }

    @Test
    void aMasterThatDoesNotAnswerIsNamed() {
        var wanted = wanted("one", "good", Map.of());
        master.stop(0);

        assertThatThrownBy(() -> register().register(wanted))
                .hasMessageContaining("cannot be reached")
                .hasMessageContaining(wanted.masterUrlWeb().toString());
    }

    @Test
    void aWrongSettingIsSaidBeforeTheTokenIsSpent() {
        assertThatThrownBy(() -> register().register(wanted("one", "good", Map.of("partition_amount", "many"))))
                .isInstanceOf(ConfigurationException.class);
        assertThatThrownBy(() -> register().register(wanted("one", "good", Map.of("no_such_key", "1"))))
                .isInstanceOf(ConfigurationException.class);

        assertThat(asked).isEmpty();
    }

    @Test
    void whatRegistrationWroteCanBeUndone() {
        var list = folder.resolve("undo.list");

        new RegisterComputer(new LinuxHost(UndoList.at(list))).register(wanted("one", "good", Map.of()));
        new Undo(_ -> {}).undo(list);

        assertThat(folder).isEmptyDirectory();
    }
}

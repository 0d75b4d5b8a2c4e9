package org.slapos.cli.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slapos.cli.profile.Downloads;
import org.slapos.cli.verbs.ClientConfiguration;
import org.slapos.cli.verbs.CommandFailure;
import org.slapos.cli.verbs.ExitStatus;
import org.slapos.protocol.IniFile;
import org.slapos.protocol.MalformedException;

/// The Master, its first person, and this machine as a Computer of it.
final class CloudSteps {
    private static final int MASTER_SECONDS = 90;
    private static final int MAX_AUTHORITY_BYTES = 64 * 1024;
    private static final Pattern CERTIFICATE =
            Pattern.compile("-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\\s]+-----END CERTIFICATE-----");

    private final DemoSettings settings;
    private final Programs programs;

    CloudSteps(DemoSettings settings, Programs programs) {
        this.settings = settings;
        this.programs = programs;
    }

    String startMaster() throws IOException {
        Folders.make(settings.masterFolder(), "rwx------");
        if (settings.asRoot()) {
            Machine.run(
                    "chown",
                    settings.masterUser() + ":",
                    settings.masterFolder().toString());
        }
        programs.daemon(
                "master",
                "master",
                "start",
                "--data",
                settings.masterData().toString(),
                "--host",
                "127.0.0.1",
                "--port",
                String.valueOf(settings.port()),
                "--software",
                settings.app().resolve("software").toString());
        programs.await(
                MASTER_SECONDS, "master", () -> "the Master does not answer at " + settings.web(), this::isHealthy);
        return settings.web();
    }

    private boolean isHealthy() throws IOException {
        if (programs.pid("master") == 0) {
            throw programs.failure("the Master ended instead of answering", "master");
        }
        if (!copyAuthority(settings.masterData().resolve("ca.crt"))) {
            return false;
        }
        try (var downloads = Downloads.trusting(Optional.of(settings.authority()))) {
            return !downloads.text(URI.create(settings.web() + "/health")).isEmpty();
        } catch (MalformedException _) {
            return false;
        }
    }

    /// The Master's folder is its own user's: of the file there only certificates are taken, whatever it leads to.
    private boolean copyAuthority(Path own) throws IOException {
        if (!Files.isRegularFile(own, LinkOption.NOFOLLOW_LINKS) || Files.size(own) > MAX_AUTHORITY_BYTES) {
            return false;
        }
        var certificates = CERTIFICATE
                .matcher(Files.readString(own))
                .results()
                .map(MatchResult::group)
                .collect(Collectors.joining("\n", "", "\n"));
        Folders.write(settings.authority(), certificates, "rw-r--r--");
        return true;
    }

    String configureClient() throws IOException {
        if (!Files.exists(settings.clientConfiguration())) {
            programs.slapos(
                    "client",
                    "configure",
                    "client",
                    "--cfg",
                    settings.clientConfiguration().toString(),
                    "--master-url",
                    settings.slap(),
                    "--master-url-web",
                    settings.web(),
                    "--master-ca-file",
                    settings.authority().toString(),
                    "--token-file",
                    settings.masterData().resolve("first-person-token").toString());
        }
        return settings.clientConfiguration().toString();
    }

    String registerNode() throws IOException {
        if (!Files.exists(settings.nodeConfiguration())) {
            var token = settings.run().resolve("computer.token");
            var answer = slapos("client", "computer", "token", "-o", "json");
            Folders.write(token, token(answer), "rw-------");
            programs.slapos("node", registration(token).toArray(String[]::new));
            Files.delete(token);
        }
        return computer();
    }

    private static String token(String json) throws IOException {
        return new ObjectMapper().readTree(json).required("token").asText();
    }

    private List<String> registration(Path token) throws IOException {
        var line = new ArrayList<>(List.of("node", "register", "demo"));
        Map.of(
                        "--token-file", token,
                        "--cfg", settings.nodeConfiguration(),
                        "--master-url", settings.slap(),
                        "--master-url-web", settings.web(),
                        "--master-ca-file", settings.authority(),
                        "--instance-root", settings.instanceRoot(),
                        "--software-root", settings.softwareRoot(),
                        "--partition-number", DemoSettings.PARTITIONS)
                .forEach((option, value) -> line.addAll(List.of(option, value.toString())));
        set(line, "undo_list", settings.undoList());
        if (settings.asRoot()) {
            line.addAll(List.of("--interface-name", "lo", "--ipv4-local-network", Machine.unusedNetwork()));
            // The machine is somebody's: its routing and packet filter stay as they are.
            set(line, "own_source_address", "false");
            set(line, "partition_has_ipv6_range", "false");
            set(line, "tap_ipv6", "false");
            if (Machine.hasTun()) {
                line.add("--create-tap");
            }
        } else {
            for (var option : List.of("root_check", "alter_user", "alter_network")) {
                set(line, option, "false");
            }
        }
        return line;
    }

    private static void set(List<String> line, String option, Object value) {
        line.addAll(List.of("--set", option + "=" + value));
    }

    String format() throws IOException {
        programs.slapos(
                "node",
                "node",
                "format",
                "--now",
                "--cfg",
                settings.nodeConfiguration().toString());
        return "";
    }

    String startNode() throws IOException {
        var configuration = settings.nodeConfiguration().toString();
        programs.slapos("node", "node", "supervisord", "--cfg", configuration);
        programs.daemon("agent", "node", "agent", "--cfg", configuration);
        return "";
    }

    /// A command of the client, as the first person.
    String slapos(String log, String... arguments) throws IOException {
        var line =
                new ArrayList<>(List.of("--cfg", settings.clientConfiguration().toString()));
        line.addAll(List.of(arguments));
        return programs.slapos(log, line.toArray(String[]::new));
    }

    ClientConfiguration client() {
        return ClientConfiguration.read(settings.clientConfiguration(), path -> path);
    }

    String computer() throws IOException {
        return IniFile.read(settings.nodeConfiguration())
                .get("slapos", "computer_id")
                .orElseThrow(() -> new CommandFailure(
                        ExitStatus.FAILED,
                        settings.nodeConfiguration() + " names no computer_id: 'make demo-stop', then again."));
    }
}

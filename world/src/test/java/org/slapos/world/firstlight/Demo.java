package org.slapos.world.firstlight;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slapos.world.computer.InsideProcess;
import org.slapos.world.computer.TestComputer;
import org.slapos.world.computer.TestComputer.Fetched;
import org.slapos.world.computer.TestComputer.Outcome;

/// The demo in a test computer, driven by the commands that a newcomer types.
final class Demo {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String LAUNCHER = TestComputer.CHECKOUT + "/bin/slapos";
    private static final Duration START = Duration.ofMinutes(4);
    private static final Duration STOP = Duration.ofSeconds(90);
    private static final Duration COMMAND = Duration.ofSeconds(60);
    private static final int TAIL_LINES = 40;
    private static final Pattern SERVED =
            Pattern.compile("^SERVED url=(\\S+) owner=(\\S+) bytes=(\\d+)$", Pattern.MULTILINE);

    private final TestComputer computer;
    private final Optional<String> user;
    private final String root;
    private final Map<String, String> environment;

    /// What `SERVED` said.
    ///
    /// @param output all that was printed
    record Served(String url, String owner, int bytes, String output) {}

    private Demo(TestComputer computer, Optional<String> user, String root, Map<String, String> environment) {
        this.computer = computer;
        this.user = user;
        this.root = root;
        this.environment = environment;
    }

    /// Below a root of this run's own: control groups are named after it, and test computers share their tree with the
    /// machine and with each other.
    static Demo asRoot(TestComputer computer) {
        var root = "/srv/demo-" + ProcessHandle.current().pid();
        return new Demo(computer, Optional.empty(), root, Map.of("SLAPOS_DEMO_ROOT", root));
    }

    /// In single-user mode, by a user of the computer with a home.
    static Demo as(TestComputer computer, String user, String home) {
        return new Demo(
                computer, Optional.of(user), home + "/.local/share/slapos-demo", Map.of("HOME", home, "USER", user));
    }

    /// `slapos demo start`: the first time, and again after whatever happened.
    Served start() {
        var output = run(START, LAUNCHER, "demo", "start").succeeded();
        var served = SERVED.matcher(output);
        if (!served.find()) {
            throw new AssertionError("no line SERVED in:\n" + output);
        }
        return new Served(served.group(1), served.group(2), Integer.parseInt(served.group(3)), output);
    }

    Outcome stop() {
        return run(STOP, LAUNCHER, "demo", "stop");
    }

    /// Writes the state of the machine into a file.
    void rememberMachine(String file) {
        run(COMMAND, TestComputer.CHECKOUT + "/bin/what-changed", "before", file)
                .succeeded();
    }

    /// What is different from the state in the file, line by line. Control groups are those of this demo only: a test
    /// computer shares their tree with the machine, where others come and go.
    List<String> differences(String file) {
        var outcome = run(COMMAND, TestComputer.CHECKOUT + "/bin/what-changed", "diff", file);
        if (outcome.status() > 1) {
            outcome.succeeded();
        }
        return outcome.output()
                .lines()
                .filter(line -> !line.isBlank())
                .filter(line -> !line.contains("cgroup: ") || line.contains(root.replace('/', '-')))
                .toList();
    }

    /// A command of the client, with the demo's first person.
    Outcome slapos(String... arguments) {
        var line = new ArrayList<>(List.of(LAUNCHER, "--cfg", root + "/etc/client/slapos-client.cfg"));
        line.addAll(List.of(arguments));
        return run(COMMAND, line.toArray(String[]::new));
    }

    /// A command of the node, with the demo's configuration.
    Outcome node(String verb) {
        return run(COMMAND, LAUNCHER, "node", verb, "--cfg", root + "/etc/node/slapos.cfg");
    }

    /// The answer of a command of the client as JSON.
    JsonNode json(String... arguments) {
        var line = new ArrayList<>(List.of(arguments));
        line.addAll(List.of("-o", "json"));
        var output = slapos(line.toArray(String[]::new)).succeeded();
        try {
            return JSON.readTree(output);
        } catch (IOException e) {
            throw new AssertionError(String.join(" ", line) + " printed no JSON:\n" + output, e);
        }
    }

    Fetched get(String url) {
        return computer.get(url, Duration.ofSeconds(3));
    }

    /// The only Computer of the demo.
    String computerReference() {
        return json("computer", "list").path(0).path("computer_guid").asText();
    }

    static String release(String name) {
        return "https://127.0.0.1:8443/software/" + name + "/software.cfg";
    }

    /// A folder or file below the root of the demo, as a path inside.
    String inside(String below) {
        return root + "/" + below;
    }

    /// The Master's JVM.
    Optional<InsideProcess> master() {
        return process("-Dslapos.program=master");
    }

    /// The agent's JVM.
    Optional<InsideProcess> agent() {
        return process("-Dslapos.program=node", " agent ");
    }

    /// The first process of PostgreSQL.
    Optional<InsideProcess> postgres() {
        return process("bin/postgres ");
    }

    /// The process whose command line holds all these words.
    Optional<InsideProcess> process(String... words) {
        return computer.processes().stream()
                .filter(it -> it.state() != 'Z')
                .filter(it -> List.of(words).stream().allMatch((it.command() + " ")::contains))
                .findFirst();
    }

    /// The ends of the logs, for a step that failed.
    String logs() {
        var text = new StringBuilder();
        try (var logs = Files.walk(computer.file(root + "/log"))) {
            for (var log : logs.filter(Files::isRegularFile).sorted().toList()) {
                text.append("\n--- ").append(log.getFileName()).append('\n').append(tail(log));
            }
        } catch (IOException e) {
            text.append("\n--- no logs: ").append(e);
        }
        text.append("\n--- processes\n");
        computer.processes()
                .forEach(it -> text.append(it.pid())
                        .append(' ')
                        .append(it.uid())
                        .append(' ')
                        .append(it.command())
                        .append('\n'));
        return text.toString();
    }

    private static String tail(Path log) throws IOException {
        var lines = Files.readString(log).lines().toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size())) + "\n";
    }

    private Outcome run(Duration deadline, String... command) {
        return computer.run(
                deadline, environment, user.map(it -> computer.as(it, command)).orElse(List.of(command)));
    }

    /// Puts a SoftwareRelease that is built by a Makefile into the Master's catalogue.
    void publish(String name, String makefile) {
        try {
            var folder = computer.file(inside("app/software/" + name));
            Files.createDirectories(folder);
            Files.writeString(folder.resolve("Makefile"), makefile);
            Files.writeString(folder.resolve("software.cfg"), """
                    [buildout]
                    parts = made
                    [made]
                    recipe = slapkit:cmmi
                    sources = ${slap:profile-base}/Makefile#%s
                    """.formatted(sha256(makefile)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}

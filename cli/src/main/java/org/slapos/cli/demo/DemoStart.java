package org.slapos.cli.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slapos.cli.profile.Downloads;
import org.slapos.cli.verbs.ClientConfiguration;
import org.slapos.cli.verbs.CommandFailure;
import org.slapos.cli.verbs.ExitStatus;
import org.slapos.cli.verbs.Instance;
import org.slapos.protocol.IniFile;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.client.SlapClient;

/// Brings the cloud up: the steps of an operator, one method each, in the order in which [#run] names them. Each looks
/// first whether its result is there, so that a second run, or one after a crash, goes on where the other stopped.
final class DemoStart {
    /// The programs that run on, in the order in which they are started.
    static final List<String> DAEMONS = List.of("master", "agent");

    private static final String INSTANCE = "hello";
    private static final String GREETING = "Hello from a cloud of your own";
    private static final int MASTER_SECONDS = 90;
    private static final int BUILD_SECONDS = 240;
    private static final int INSTANCE_SECONDS = 60;

    private final DemoSettings settings;
    private final PrintWriter out;
    private final UndoList made;
    private final Programs programs;
    private final Steps steps;
    private String lastStatus = "";

    DemoStart(DemoSettings settings, PrintWriter out) {
        this.settings = settings;
        this.out = out;
        this.made = new UndoList(settings.undoList());
        this.programs = new Programs(settings, made);
        this.steps = new Steps(out, settings.asRoot() ? 13 : 11);
    }

    /// @throws CommandFailure with the reason, the end of the log and what to do, at the first step that fails
    void run() throws IOException {
        long begin = System.nanoTime();
        out.println("A cloud on this machine, in " + settings.root()
                + (settings.asRoot() ? "" : ", as you: without root there is one user and the loopback addresses"));
        steps.step("machine ready for it", this::checkMachine);
        steps.step("programs installed", this::installPrograms);
        if (settings.asRoot()) {
            steps.step("user of the Master", this::makeMasterUser);
            steps.step("IPv6 network on loopback", this::addNetwork);
        }
        steps.step("Master", this::startMaster);
        steps.step("first person and their certificate", this::configureClient);
        steps.step("this machine registered as a Computer", this::registerNode);
        steps.step(DemoSettings.PARTITIONS + " ComputerPartitions formatted", this::format);
        steps.step("supervisord and the node's agent", this::startNode);
        try (var master = client().connect()) {
            steps.step("SoftwareRelease supplied", this::supply);
            steps.step("SoftwareRelease built", () -> awaitSoftware(master));
            var served = new Served();
            steps.step("instance requested and answering", () -> request(master, served));
            steps.step("instance started, its promise holds", () -> awaitInstance(master));
            conclude(master, served, begin);
        }
    }

    private String checkMachine() throws IOException {
        boolean isRunning = programs.pid("master") > 0;
        Preflight.check(settings, made, isRunning);
        for (var folder : List.of(settings.etc(), settings.log(), settings.run())) {
            Folders.make(folder, "rwxr-xr-x");
        }
        return isRunning ? "the demo runs already" : "";
    }

    private String installPrograms() throws IOException {
        var installed = settings.etc().resolve("programs.id");
        var wanted = Folders.fingerprint(settings.programs());
        if (Files.isDirectory(settings.app())
                && Files.exists(installed)
                && Files.readString(installed).equals(wanted)) {
            return "as they were";
        }
        // What runs from the old copy is ended; a later step starts it again.
        for (var daemon : DAEMONS.reversed()) {
            end(daemon);
        }
        Folders.install(settings.programs(), settings.app());
        Files.writeString(installed, wanted);
        return settings.app().toString();
    }

    private void end(String daemon) throws IOException {
        long pid = programs.pid(daemon);
        if (pid > 0) {
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroy);
            await(
                    30,
                    daemon,
                    () -> daemon + " does not end",
                    () -> ProcessHandle.of(pid).isEmpty());
        }
    }

    private String makeMasterUser() throws IOException {
        var name = settings.masterUser();
        if (Machine.user(name).isEmpty()) {
            made.willMakeUser(name, settings.masterFolder());
            Machine.run(
                    "useradd",
                    "--system",
                    "--user-group",
                    "--no-create-home",
                    "--home-dir",
                    settings.masterFolder().toString(),
                    "--shell",
                    "/usr/sbin/nologin",
                    name);
        }
        return name;
    }

    /// A random network of the kind that is never routed (RFC 4193), of which this machine is address 1.
    private String addNetwork() throws IOException {
        var file = settings.etc().resolve("network");
        if (!Files.exists(file)) {
            var random = new SecureRandom();
            // No group with leading zeros: as it is written, so the kernel shows it.
            var groups = random.ints(3, 0x1000, 0x10000).boxed().toArray();
            Files.writeString(file, String.format("fd%02x:%x:%x:%x", concat(random.nextInt(256), groups)));
        }
        if (Machine.isIpv6Off()) {
            made.willChangeSetting("net.ipv6.conf.lo.disable_ipv6", "1");
            Machine.run("sysctl", "-q", "-w", "net.ipv6.conf.lo.disable_ipv6=0");
        }
        var address = Files.readString(file) + "::1/64";
        if (!Machine.run("ip", "-6", "-o", "addr", "show", "dev", "lo").contains(address)) {
            made.willAddAddress("lo", address);
            Machine.run("ip", "-6", "addr", "add", address, "dev", "lo", "nodad");
        }
        return address;
    }

    private static Object[] concat(Object first, Object[] rest) {
        var all = new ArrayList<>(List.of(rest));
        all.addFirst(first);
        return all.toArray();
    }

    private String startMaster() throws IOException {
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
        await(MASTER_SECONDS, "master", () -> "the Master does not answer at " + settings.web(), this::isHealthy);
        return settings.web();
    }

    private boolean isHealthy() throws IOException {
        if (programs.pid("master") == 0) {
            throw programs.failure("the Master ended instead of answering", "master");
        }
        var own = settings.masterData().resolve("ca.crt");
        if (!Files.exists(own)) {
            return false;
        }
        Files.copy(own, settings.authority(), StandardCopyOption.REPLACE_EXISTING);
        Files.setPosixFilePermissions(settings.authority(), PosixFilePermissions.fromString("rw-r--r--"));
        try (var downloads = Downloads.trusting(Optional.of(settings.authority()))) {
            return !downloads.text(URI.create(settings.web() + "/health")).isEmpty();
        } catch (MalformedException _) {
            return false;
        }
    }

    private String configureClient() throws IOException {
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
                    settings.masterData().resolve("first-person.token").toString());
        }
        return settings.clientConfiguration().toString();
    }

    private String registerNode() throws IOException {
        if (!Files.exists(settings.nodeConfiguration())) {
            var token = settings.run().resolve("computer.token");
            var answer = slapos("client", "computer", "token", "-o", "json");
            Files.writeString(token, token(answer));
            Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-------"));
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

    private String format() throws IOException {
        programs.slapos(
                "node",
                "node",
                "format",
                "--now",
                "--cfg",
                settings.nodeConfiguration().toString());
        return "";
    }

    private String startNode() throws IOException {
        var configuration = settings.nodeConfiguration().toString();
        programs.slapos("node", "node", "supervisord", "--cfg", configuration);
        programs.daemon("agent", "node", "agent", "--cfg", configuration);
        return "";
    }

    private String supply() throws IOException {
        slapos("client", "supply", settings.helloworld(), computer());
        return settings.helloworld();
    }

    private String awaitSoftware(SlapClient master) throws IOException {
        var computer = computer();
        var parameters = SlapClient.parameters()
                .put("computer_guid", computer)
                .put("software_release_uri", settings.helloworld());
        await(BUILD_SECONDS, "agent", () -> "the SoftwareRelease is not built: " + lastStatus, () -> {
            lastStatus = master.json("slapos.get.v0.software_installation", parameters)
                    .path("access_status_message")
                    .asText("");
            steps.detail(lastStatus);
            if (lastStatus.startsWith("#error")) {
                throw new CommandFailure(
                        ExitStatus.FAILED,
                        "the SoftwareRelease does not build: " + lastStatus + "\nIts log: "
                                + command("software", "log", settings.helloworld(), computer));
            }
            requireAgent();
            return lastStatus.startsWith("#access");
        });
        return "";
    }

    private void requireAgent() throws IOException {
        if (programs.pid("agent") == 0) {
            throw programs.failure("the node's agent ended", "agent");
        }
    }

    /// What came of fetching the page.
    private static final class Served {
        private URI url = URI.create("");
        private byte[] page = {};
        private long millis;
    }

    /// Measures from before the request is sent until the page is answered with 200.
    private String request(SlapClient master, Served served) throws IOException {
        long begin = System.nanoTime();
        slapos("client", "request", INSTANCE, settings.helloworld(), "--parameters", "greeting=" + GREETING);
        try (var pages = Pages.open()) {
            await(INSTANCE_SECONDS, "agent", () -> "no page is answered: " + lastStatus, () -> {
                requireAgent();
                var instance = Instance.find(master, INSTANCE);
                lastStatus = instance.map(Instance::status).orElse("no ComputerPartition yet");
                steps.detail(lastStatus);
                var url = instance.map(it -> it.connection().getOrDefault("url", ""))
                        .filter(text -> !text.isEmpty());
                if (url.isEmpty()) {
                    return false;
                }
                served.url = URI.create(url.get());
                var page = pages.get(served.url);
                page.ifPresent(bytes -> served.page = bytes);
                return page.isPresent();
            });
        }
        served.millis = Steps.millisSince(begin);
        return String.format("%.1f s from request to first HTTP 200", served.millis / 1000.0);
    }

    private String awaitInstance(SlapClient master) throws IOException {
        await(INSTANCE_SECONDS, "agent", () -> INSTANCE + " is not started: " + lastStatus, () -> {
            requireAgent();
            var instance = Instance.find(master, INSTANCE);
            lastStatus = instance.map(Instance::status).orElse("not ready");
            steps.detail(lastStatus);
            return instance.map(Instance::isAsRequested).orElse(false);
        });
        return "";
    }

    private void conclude(SlapClient master, Served served, long begin) throws IOException {
        var instance = Instance.find(master, INSTANCE)
                .orElseThrow(() -> new CommandFailure(ExitStatus.FAILED, INSTANCE + " is gone again"));
        out.println();
        instance.connection().forEach((name, value) -> out.println("  " + name + " = " + value));
        int port = served.url.getPort() > 0 ? served.url.getPort() : 80;
        var owner = Machine.listener(InetAddress.ofLiteral(served.url.getHost().replaceAll("[\\[\\]]", "")), port);
        var name = owner.isPresent()
                ? Machine.user(String.valueOf(owner.getAsInt()))
                        .map(entry -> entry[0])
                        .orElse(String.valueOf(owner.getAsInt()))
                : "nobody";
        out.println();
        out.println("SERVED url=" + served.url + " owner=" + name + " bytes=" + served.page.length);
        out.println(new String(served.page, StandardCharsets.UTF_8).strip());
        out.println();
        out.printf(
                "The cloud runs; it came up in %.0f s. First HTTP 200 %.1f s after the request.%n",
                Steps.millisSince(begin) / 1000.0, served.millis / 1000.0);
        out.println("Try next:");
        for (var line : List.of(
                command("service", "list"),
                command("service", "info", INSTANCE),
                command("computer", "info", computer()),
                command("software", "show", settings.helloworld()),
                command("ledger", "list"),
                command("request", INSTANCE, settings.helloworld(), "--state", "stopped", "--wait", "30"),
                "make demo-stop")) {
            out.println("  " + line);
        }
        if (owner.isEmpty()) {
            throw new CommandFailure(ExitStatus.FAILED, "the page was served, but nothing listens there any more.");
        }
    }

    /// A line as one types it in the checkout.
    private String command(String... words) {
        return "bin/slapos --cfg " + settings.clientConfiguration() + " " + String.join(" ", words);
    }

    private String slapos(String log, String... arguments) throws IOException {
        var line =
                new ArrayList<>(List.of("--cfg", settings.clientConfiguration().toString()));
        line.addAll(List.of(arguments));
        return programs.slapos(log, line.toArray(String[]::new));
    }

    private ClientConfiguration client() {
        return ClientConfiguration.read(settings.clientConfiguration(), path -> path);
    }

    private String computer() throws IOException {
        return IniFile.read(settings.nodeConfiguration())
                .get("slapos", "computer_id")
                .orElseThrow(() -> new CommandFailure(
                        ExitStatus.FAILED,
                        settings.nodeConfiguration() + " names no computer_id: 'make demo-stop', then again."));
    }

    /// Whether something has come about.
    private interface Condition {
        boolean holds() throws IOException;
    }

    private void await(int seconds, String log, Supplier<String> otherwise, Condition condition) throws IOException {
        long begin = System.nanoTime();
        while (!condition.holds()) {
            if (Steps.millisSince(begin) > seconds * 1000L) {
                throw programs.failure(otherwise.get() + " (waited " + seconds + " s)", log);
            }
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CommandFailure(ExitStatus.FAILED, "interrupted; 'make demo' goes on from here");
            }
        }
    }
}

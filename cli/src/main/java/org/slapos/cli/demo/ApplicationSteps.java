package org.slapos.cli.demo;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.slapos.cli.verbs.CommandFailure;
import org.slapos.cli.verbs.ExitStatus;
import org.slapos.cli.verbs.Instance;
import org.slapos.protocol.client.SlapClient;

/// The SoftwareRelease, an instance of it, and the page that it serves.
final class ApplicationSteps {
    private static final String INSTANCE = "hello";
    private static final String GREETING = "Hello from a cloud of your own";
    private static final int BUILD_SECONDS = 240;
    private static final int INSTANCE_SECONDS = 60;

    private final DemoSettings settings;
    private final Programs programs;
    private final CloudSteps cloud;
    private final Steps steps;
    private String lastStatus = "";

    ApplicationSteps(DemoSettings settings, Programs programs, CloudSteps cloud, Steps steps) {
        this.settings = settings;
        this.programs = programs;
        this.cloud = cloud;
        this.steps = steps;
    }

    String supply() throws IOException {
        cloud.slapos("client", "supply", settings.helloworld(), cloud.computer());
        return settings.helloworld();
    }

    String awaitSoftware(SlapClient master) throws IOException {
        var computer = cloud.computer();
        var parameters = SlapClient.parameters()
                .put("computer_guid", computer)
                .put("software_release_uri", settings.helloworld());
        programs.await(BUILD_SECONDS, "agent", () -> "the SoftwareRelease is not built: " + lastStatus, () -> {
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

    void requireAgent() throws IOException {
        if (programs.pid("agent") == 0) {
            throw programs.failure("the node's agent ended", "agent");
        }
    }

    /// What came of fetching the page.
    static final class Served {
        private URI url = URI.create("");
        private byte[] page = {};
        private long millis;
    }

    /// Measures from before the request is sent until the page, with its greeting, is answered with 200.
    String request(SlapClient master, Served served) throws IOException {
        long begin = System.nanoTime();
        cloud.slapos("client", "request", INSTANCE, settings.helloworld(), "--parameters", "greeting=" + GREETING);
        try (var pages = Pages.open()) {
            programs.await(INSTANCE_SECONDS, "agent", () -> "no page is answered: " + lastStatus, () -> {
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
                // An instance that was there may still answer with what it was given before.
                var page = pages.get(served.url)
                        .filter(bytes -> new String(bytes, StandardCharsets.UTF_8).contains(GREETING));
                page.ifPresent(bytes -> served.page = bytes);
                return page.isPresent();
            });
        }
        served.millis = Steps.millisSince(begin);
        return String.format("%.1f s from request to first HTTP 200", served.millis / 1000.0);
    }

    String awaitInstance(SlapClient master) throws IOException {
        programs.await(INSTANCE_SECONDS, "agent", () -> INSTANCE + " is not started: " + lastStatus, () -> {
            requireAgent();
            var instance = Instance.find(master, INSTANCE);
            lastStatus = instance.map(Instance::status).orElse("not ready");
            steps.detail(lastStatus);
            return instance.map(Instance::isAsRequested).orElse(false);
        });
        return "";
    }

    void conclude(PrintWriter out, SlapClient master, Served served, long begin) throws IOException {
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
                command("service", "list", "-o", "table"),
                command("service", "info", INSTANCE, "-o", "table"),
                command("computer", "info", cloud.computer(), "-o", "table"),
                command("software", "show", settings.helloworld()),
                "bin/slapos node report --cfg " + settings.nodeConfiguration(),
                command("ledger", "list"),
                command(
                        "request",
                        INSTANCE,
                        settings.helloworld(),
                        "--state",
                        "stopped",
                        "--keep-parameters",
                        "--wait",
                        "30"),
                "make demo-stop")) {
            out.println("  " + line);
        }
        if (owner.isEmpty()) {
            throw new CommandFailure(ExitStatus.FAILED, "the page was served, but nothing listens there any more.");
        }
    }

    /// A line as one types it in the checkout.
    String command(String... words) {
        return "bin/slapos --cfg " + settings.clientConfiguration() + " " + String.join(" ", words);
    }
}

package org.slapos.world.rebuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.slapos.world.computer.TestComputer.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slapos.node.Cgroups;
import org.slapos.world.computer.TestComputer;

/// Two test computers and a cable: a Master on one, a node on the other. The node is lost with its disk, its users and
/// its interfaces; an empty machine is registered under its title, by the commands of docs/rebuild.md.
@Tag("system")
@Tag("row:63")
@Tag("row:64")
class RebuildTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String LAUNCHER = TestComputer.CHECKOUT + "/bin/slapos";
    private static final String DATA = "/srv/cloud/data";
    private static final String CLIENT = "/tmp/client/slapos-client.cfg";
    private static final String WEB = "https://10.77.0.1:8443";
    private static final String HELLO = WEB + "/software/helloworld/software.cfg";
    private static final String NODE = "/opt/node/slapos.cfg";
    private static final Duration COMMAND = Duration.ofMinutes(2);
    private static final Duration BUILD = Duration.ofMinutes(5);
    private static final Map<String, String> GREETINGS = Map.of("blog", "First of two", "shop", "Second of two");

    /// Control groups are named after it, and test computers share their tree with the machine.
    private final String root = "/srv/rebuild-" + ProcessHandle.current().pid();

    /// The machine's, which test computers share.
    @AfterEach
    void removeControlGroups() {
        Cgroups.remove(Path.of(root, "instance"));
    }

    @Test
    void anEmptyMachineUnderTheTitleOfALostOneGetsAllBack() throws IOException {
        try (var cloud = TestComputer.start()) {
            startMaster(cloud);
            String before;
            try (var machine = TestComputer.start()) {
                build(cloud, machine);
                client(cloud, "supply", HELLO, "COMP-1");
                GREETINGS.forEach((title, greeting) ->
                        client(cloud, "request", title, HELLO, "--parameters", "greeting=" + greeting));
                awaitPages(cloud, machine);
                client(cloud, "service", "backup", "blog", "https://backup.example/blog/");
                before = made(machine);
                assertThat(before).contains("slapuser0", "slapuser2", "fd00:77:", "10.88.");
            }
            var services = services(cloud);
            client(cloud, "certificate", "revoke", serial(cloud));
            long begin = System.nanoTime();
            try (var machine = TestComputer.start()) {
                assertThat(machine.text("/etc/passwd")).doesNotContain("slapuser");
                build(cloud, machine);
                assertThat(machine.text(NODE)).contains("computer_id = COMP-1");
                awaitPages(cloud, machine);
                assertThat(made(machine)).isEqualTo(before);
                assertThat(services(cloud)).isEqualTo(services);
                assertThat(machine.run("sh", "-c", "cat " + root + "/instance/slappart*/.slapgrid/instance.json")
                                .succeeded())
                        .contains("https://backup.example/blog/");
            }
            System.out.printf(
                    "REBUILT: 2 instances in %.0f s, from an empty machine to the last page%n",
                    (System.nanoTime() - begin) / 1e9);
        }
    }

    private void startMaster(TestComputer cloud) {
        cloud.run("useradd", "--system", "--user-group", "--no-create-home", "slapos")
                .succeeded();
        cloud.run("install", "--directory", "--owner=slapos", "--mode=0700", "/srv/cloud")
                .succeeded();
        // Not on the cable, which goes with the lost machine.
        cloud.run("ip", "address", "add", "10.77.0.1/32", "dev", "lo").succeeded();
        daemon(
                cloud,
                "/tmp/master.log",
                "master start --data " + DATA + " --host 10.77.0.1 --port 8443 --software " + TestComputer.CHECKOUT
                        + "/software");
    }

    /// From an empty machine to one whose agent works.
    private void build(TestComputer cloud, TestComputer machine) throws IOException {
        cloud.plug(machine, "e0");
        address(cloud, "10.77.0.3/24");
        address(machine, "10.77.0.2/24");
        if (!Files.exists(cloud.file(CLIENT))) {
            await("the Master answers", COMMAND, () -> {
                if (cloud.text("/tmp/master.log").contains("rror")) {
                    throw new AssertionError(cloud.text("/tmp/master.log"));
                }
                return Files.exists(cloud.file(DATA + "/first-person-token")) && isHealthy(cloud);
            });
            run(
                    cloud,
                    "configure",
                    "client",
                    "--cfg",
                    CLIENT,
                    "--master-url",
                    WEB + "/slap/",
                    "--master-url-web",
                    WEB,
                    "--master-ca-file",
                    DATA + "/ca.crt",
                    "--token-file",
                    DATA + "/first-person-token");
        }
        Files.createDirectories(machine.file("/opt/node"));
        Files.copy(cloud.file(DATA + "/ca.crt"), machine.file("/opt/node/ca.crt"));
        Files.writeString(
                machine.file("/opt/node/token"),
                json(cloud, "computer", "token").path("token").asText());
        var register = new ArrayList<>(List.of("node", "register", "machine"));
        Map.of(
                        "--token-file",
                        "/opt/node/token",
                        "--cfg",
                        NODE,
                        "--master-url",
                        WEB + "/slap/",
                        "--master-url-web",
                        WEB,
                        "--master-ca-file",
                        "/opt/node/ca.crt",
                        "--instance-root",
                        root + "/instance",
                        "--software-root",
                        root + "/software",
                        "--partition-number",
                        "3",
                        "--interface-name",
                        "lo",
                        "--ipv4-local-network",
                        "10.88.0.0/16")
                .forEach((option, value) -> register.addAll(List.of(option, value)));
        for (var setting : Set.of(
                "computer_ipv6=fd00:77::1/64",
                "instance_min_free_space=1M",
                "software_min_free_space=1M",
                "undo_list=/opt/node/undo")) {
            register.addAll(List.of("--set", setting));
        }
        run(machine, register.toArray(String[]::new));
        run(machine, "node", "format", "--now", "--cfg", NODE);
        run(machine, "node", "supervisord", "--cfg", NODE);
        daemon(machine, "/tmp/agent.log", "node agent --cfg " + NODE);
    }

    private static void address(TestComputer computer, String address) {
        computer.run("ip", "address", "add", address, "dev", "e0").succeeded();
        computer.run("ip", "link", "set", "e0", "up").succeeded();
    }

    private static boolean isHealthy(TestComputer cloud) {
        return cloud.run("curl", "--silent", "--fail", "--cacert", DATA + "/ca.crt", WEB + "/health")
                        .status()
                == 0;
    }

    private static void daemon(TestComputer computer, String log, String words) {
        computer.run("setsid", "--fork", "sh", "-c", "exec " + LAUNCHER + " " + words + " >" + log + " 2>&1")
                .succeeded();
    }

    private static String run(TestComputer computer, String... words) {
        var line = new ArrayList<>(List.of(LAUNCHER));
        line.addAll(List.of(words));
        return computer.run(COMMAND, Map.of(), line).succeeded();
    }

    private static String client(TestComputer cloud, String... words) {
        var line = new ArrayList<>(List.of("--cfg", CLIENT));
        line.addAll(List.of(words));
        return run(cloud, line.toArray(String[]::new));
    }

    private static JsonNode json(TestComputer cloud, String... words) {
        var line = new ArrayList<>(List.of(words));
        line.addAll(List.of("-o", "json"));
        var output = client(cloud, line.toArray(String[]::new));
        try {
            return JSON.readTree(output);
        } catch (IOException e) {
            throw new AssertionError(String.join(" ", line) + " printed no JSON:\n" + output, e);
        }
    }

    /// What is asked for, where it is, and what it published.
    private static List<String> services(TestComputer cloud) {
        return GREETINGS.keySet().stream()
                .sorted()
                .map(title -> {
                    var service = json(cloud, "service", "info", title);
                    return service.path("instance-parameters") + " "
                            + service.path("connection-parameters") + " "
                            + service.path("requested-state");
                })
                .toList();
    }

    private static String serial(TestComputer cloud) {
        for (var certificate : json(cloud, "certificate", "list")) {
            if (certificate.path("reference").asText().equals("COMP-1")) {
                return certificate.path("serial").asText();
            }
        }
        throw new AssertionError("COMP-1 has no certificate");
    }

    private void awaitPages(TestComputer cloud, TestComputer machine) {
        GREETINGS.forEach((title, greeting) -> await(title + " is served", BUILD, () -> {
            var url = json(cloud, "service", "info", title)
                    .path("connection-parameters")
                    .path("url")
                    .asText("");
            return !url.isEmpty()
                    && machine.get(url, Duration.ofSeconds(3)).body().contains(greeting);
        }));
    }

    /// The users, the addresses, and what each partition is said to have.
    private String made(TestComputer machine) {
        return machine.run(
                        "sh",
                        "-c",
                        "getent passwd | grep ^slapuser | cut -d: -f1,6; ip -brief address show lo;"
                                + " cat " + root + "/instance/slappart*/.slapos-resource;"
                                + " ls " + root + "/instance")
                .succeeded();
    }
}

package org.slapos.world.format;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slapos.world.computer.TestComputer;

/// `slapos node format` on a machine of its own.
@Tag("system")
class FormatTest {
    /// Says to each caller the address it sees.
    private static final String SERVER = """
            import socket, sys
            s = socket.socket(socket.AF_INET6)
            s.bind((sys.argv[1], 7000))
            s.listen(9)
            while True:
                c, peer = s.accept()
                c.sendall(peer[0].encode())
                c.close()
            """;
    private static final String CLIENT = """
            import socket, sys
            s = socket.socket(socket.AF_INET6)
            s.settimeout(5)
            if len(sys.argv) > 2:
                s.bind((sys.argv[2], 0))
            s.connect((sys.argv[1], 7000))
            print(s.recv(99).decode())
            """;
    private static final int NOT_SENT = 2;

    private FormattedComputer node;
    private TestComputer computer;

    @BeforeEach
    void start() throws IOException {
        node = FormattedComputer.start(3, "create_tun = true");
        computer = node.computer();
    }

    @AfterEach
    void close() {
        node.close();
    }

    @Test
    @Tag("checklist:FM-04")
    @Tag("checklist:FM-08")
    @Tag("checklist:FM-09")
    @Tag("checklist:FM-12")
    void usersDirectoriesAndFilesAreMade() throws IOException {
        assertThat(node.node("format").status()).isEqualTo(NOT_SENT);

        assertThat(computer.run("stat", "-c", "%a %U", "/srv/slapgrid", "/opt/slapgrid", "/srv/slapgrid/slappart0")
                        .succeeded())
                .isEqualTo("755 root\n755 slapsoft\n750 slapuser0");
        assertThat(computer.run("getent", "passwd", "slapuser0").succeeded())
                .endsWith(":/srv/slapgrid/slappart0:/bin/sh");
        assertThat(computer.run("id", "-nG", "slapuser0").succeeded()).contains("slapuser0 slapsoft");
        assertThat(computer.run("passwd", "--status", "slapuser0").succeeded()).startsWith("slapuser0 L ");
        assertThat(computer.run("ls", "-A", "/srv/slapgrid/slappart0").succeeded())
                .isEqualTo(".slapos-resource");
        var resource = new ObjectMapper().readTree(computer.text("/srv/slapgrid/slappart0/.slapos-resource"));
        assertThat(resource.at("/reference").asText()).isEqualTo("slappart0");
        assertThat(resource.at("/address_list/1/addr").asText()).isEqualTo("fd00:5::2");
        assertThat(resource.at("/ipv6_range/network").asText()).isEqualTo("fd00:5:0:0:4001::/80");
        assertThat(resource.at("/ipv6_range/prefixlen").asInt()).isEqualTo(80);
        assertThat(resource.at("/tap/ipv6_gateway").asText()).isEqualTo("fd00:5::8001:0:0:1");
    }

    @Test
    @Tag("checklist:FM-10")
    void aGroupThatIsThereIsTaken() {
        computer.run("groupadd", "--system", "slapuser1").succeeded();
        assertThat(node.node("format").status()).isEqualTo(NOT_SENT);

        assertThat(computer.run("id", "-ng", "slapuser1").succeeded()).isEqualTo("slapuser1");
    }

    @Test
    @Tag("checklist:FM-05")
    void interfacesAndRoutesAreMade() {
        node.node("format");

        assertThat(computer.run("ip", "-brief", "address", "show", "dev", "slaptap0")
                        .succeeded())
                .contains("fd00:5::8001:ffff:ffff:ffff/80");
        assertThat(computer.run("ip", "-6", "route", "show", "dev", "slaptap0").succeeded())
                .contains("fd00:5::8001:0:0:1 metric")
                .contains("fd00:5:0:0:8001::/80 via fd00:5::8001:0:0:1");
        assertThat(computer.run("ip", "-brief", "address", "show", "dev", "slaptun1")
                        .succeeded())
                .contains("172.20.0.1/14")
                .contains("fd00:5::c002:0:0:1/80");
        assertThat(computer.run("ip", "-brief", "address", "show", "dev", "lo").succeeded())
                .contains("10.0.0.2/32")
                .contains("fd00:5::2/64");
    }

    @Test
    void aSecondPassAndATryDoNothing() {
        var before = node.state();
        var planned = node.node("format", "--dry-run");
        assertThat(planned.succeeded()).contains("make the user slapuser2").endsWith("would do the above");
        assertThat(node.state()).as("a try changes nothing").isEqualTo(before);

        node.node("format");
        var made = node.state();

        assertThat(node.node("format", "--dry-run").succeeded()).endsWith("nothing to do");
        node.node("format");
        assertThat(node.state()).isEqualTo(made);
    }

    @Test
    @Tag("checklist:FM-13")
    void theCommandLineWinsOverTheFile() {
        assertThat(node.node("format", "--dry-run").succeeded())
                .as("both are altered unless said otherwise")
                .contains("make the user slapuser0", "make the tap interface slaptap0");
        computer.run("sed", "-i", "s/^create_tun.*/alter_network = true/", FormattedComputer.CFG)
                .succeeded();

        var planned =
                node.node("format", "--dry-run", "--alter_network", "False").succeeded();

        assertThat(planned).contains("make the user slapuser0").doesNotContain("interface", "address", "send as");
    }

    @Test
    void theMasterIsTold() {
        node.startMaster();

        assertThat(node.node("format").succeeded()).contains("3 partitions");

        assertThat(computer.get(
                                "http://127.0.0.1:5000/getFullComputerInformation?computer_id=COMP-1",
                                Duration.ofSeconds(5))
                        .body())
                .contains("slappart2");
    }

    @Test
    void whatARebootTookAwayComesBackAsItWas() {
        node.node("format");
        var made = node.state();

        computer.run(
                        "sh",
                        "-c",
                        "for i in 0 1 2; do ip link del slaptap$i; ip link del slaptun$i; done; nft flush ruleset;"
                                + " ip -6 rule flush; ip -6 rule add pref 0 lookup local; ip -6 rule add pref 32766 lookup main;"
                                + " ip address flush dev lo; ip address add ::1/128 dev lo; ip address add 127.0.0.1/8 dev lo;"
                                + " chmod 600 /dev/net/tun; sysctl -q net.ipv6.ip_nonlocal_bind=0;"
                                + " for t in $(ip -6 route show table all | sed -n 's/.* table \\([0-9]*\\).*/\\1/p' | sort -u); do"
                                + " ip -6 route flush table $t; done")
                .succeeded();
        assertThat(node.state()).isNotEqualTo(made);
        node.node("format");

        assertThat(withoutNumbers(node.state())).isEqualTo(withoutNumbers(made));
        assertThat(node.node("format", "--dry-run").succeeded()).endsWith("nothing to do");
    }

    /// Interfaces are made in another order, and get other hardware addresses.
    private static List<String> withoutNumbers(String state) {
        return state.lines()
                .map(line -> line.replaceAll("([0-9a-f]{2}:){5}[0-9a-f]{2}", "MAC"))
                .filter(line ->
                        !line.contains("fe80::") && !line.contains("multicast") && !line.startsWith("::1 dev lo"))
                .sorted()
                .toList();
    }

    @Test
    void whatAPartitionSendsLeavesWithItsOwnAddressAndWithNoOther() {
        node.node("format");
        serve("slapuser1", "fd00:5::3");
        serve("root", "fd00:5::1");

        assertThat(client("slapuser0", "fd00:5::3")).isEqualTo("fd00:5::2");
        assertThat(client("slapuser0", "fd00:5::1")).as("the Computer itself").isEqualTo("fd00:5::2");
        assertThat(client("slapuser1", "fd00:5::3")).as("itself").isEqualTo("fd00:5::3");
        assertThat(client("slapuser2", "fd00:5::3")).isEqualTo("fd00:5::4");
        assertThat(client("slapuser0", "fd00:5::3", "fd00:5:0:0:4001::7"))
                .as("an address of its range, when it asks for it")
                .isEqualTo("fd00:5::4001:0:0:7");
        for (var ofAnother : List.of("fd00:5::3", "fd00:5::1", "fd00:5:0:0:4002::7")) {
            assertThat(client("slapuser0", "fd00:5::3", ofAnother))
                    .as(ofAnother)
                    .containsAnyOf("Permission", "timed out");
        }
        assertThat(client("root", "fd00:5::3", "fd00:5::1"))
                .as("others are left alone")
                .isEqualTo("fd00:5::1");
    }

    @Test
    void whatLeavesTheMachineHasThePartitionsAddressToo() {
        computer.run(
                        "sh",
                        "-c",
                        "mkdir -p /run/netns && ip netns add outside && ip link add e0 type veth peer name e1 netns outside"
                                + " && ip link set e0 up && ip -6 addr add fd00:5::f00/64 dev e0 nodad"
                                + " && ip -n outside link set lo up && ip -n outside link set e1 up"
                                + " && ip -n outside -6 addr add fd00:9::1/64 dev e1 nodad"
                                + " && ip -n outside -6 addr add fe80::9/64 dev e1 nodad"
                                + " && ip -n outside -6 route add fd00:5::/64 dev e1"
                                + " && ip -6 route add fd00:9::/64 via fe80::9 dev e0")
                .succeeded();
        computer.run("sed", "-i", "s/^computer_ipv6.*/ipv6_interface = e0/", FormattedComputer.CFG)
                .succeeded();
        assertThat(node.node("format").status()).isEqualTo(NOT_SENT);
        computer.run(
                        Duration.ofSeconds(5),
                        Map.of(),
                        List.of(
                                "setsid",
                                "--fork",
                                "ip",
                                "netns",
                                "exec",
                                "outside",
                                "/usr/bin/python3",
                                "-c",
                                SERVER,
                                "fd00:9::1"))
                .succeeded();
        TestComputer.await(
                "outside answers",
                Duration.ofSeconds(10),
                () -> client("root", "fd00:9::1").startsWith("fd"));

        assertThat(client("slapuser0", "fd00:9::1")).isEqualTo("fd00:5::2");
        assertThat(client("slapuser1", "fd00:9::1")).isEqualTo("fd00:5::3");
        assertThat(client("slapuser1", "fd00:9::1", "fd00:5::2"))
                .as("another's becomes its own")
                .isEqualTo("fd00:5::3");
    }

    @Test
    void allOfItCanBeUndone() {
        var before = node.state();
        node.node("format");

        assertThat(node.node("undo").succeeded()).contains("undone: rule").doesNotContain("NOT undone");

        assertThat(node.state()).isEqualTo(before);
    }

    private void serve(String user, String address) {
        var line = user.equals("root")
                ? List.of("/usr/bin/python3", "-c", SERVER, address)
                : computer.as(user, "/usr/bin/python3", "-c", SERVER, address);
        var forked = new java.util.ArrayList<>(List.of("setsid", "--fork"));
        forked.addAll(line);
        computer.run(Duration.ofSeconds(5), Map.of(), forked).succeeded();
        TestComputer.await(
                "the server of " + user + " listens",
                Duration.ofSeconds(10),
                () -> computer.run("ss", "-Hltn", "src", "[" + address + "]:7000")
                        .output()
                        .contains("7000"));
    }

    private String client(String user, String... addresses) {
        var line = new java.util.ArrayList<>(List.of("/usr/bin/python3", "-c", CLIENT));
        line.addAll(List.of(addresses));
        var outcome = user.equals("root")
                ? computer.run(line.toArray(String[]::new))
                : computer.runAs(user, line.toArray(String[]::new));
        return outcome.output().strip().lines().reduce((_, last) -> last).orElse("");
    }
}

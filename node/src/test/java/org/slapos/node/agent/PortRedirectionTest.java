package org.slapos.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slapos.node.supervisor.ProcessStatus;
import org.slapos.protocol.RequestedState;

/// Ports that an instance wants to lead to others, by the real socat under the real supervisord.
class PortRedirectionTest {
    private static final Set<String> ALL = Set.of();
    private static final String NAME = ".slapos-port-redirect";
    private static final Duration SOON = Duration.ofSeconds(20);

    private WorkingNode working;
    private TestNode node;

    @BeforeEach
    void open() throws IOException {
        working = new WorkingNode(1);
        node = working.node;
        assertThat(node.once().software(ALL, false)).isEqualTo(OneShot.SUCCESS);
        node.reopen(Map.of("manager_list", "devperm portredir, prerm"), InstantSource.system());
        want(RequestedState.STARTED);
    }

    @AfterEach
    void close() throws IOException {
        working.close();
    }

    /// Without a timestamp, so that each pass works on it.
    private void want(RequestedState state) {
        node.master.promise(node.instance(0, working.release, state, "", "one"));
    }

    private void pass(String redirections) throws IOException {
        node.place(0, NAME, redirections, 0644);
        assertThat(node.once().instances(ALL, false)).isEqualTo(OneShot.SUCCESS);
    }

    private Path group() {
        return node.instanceRoot.resolve("etc/supervisord.conf.d/part0-socat.conf");
    }

    private boolean runs(String name) {
        return node.rooms.supervisor().processes().stream()
                .anyMatch(p -> p.group().equals("part0-socat")
                        && p.name().equals(name)
                        && p.state() == ProcessStatus.State.RUNNING);
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /// What a server behind `address` says to whoever comes by the port; empty when nobody listens there yet.
    private static String asked(int port) {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), 2000);
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException _) {
            return "";
        }
    }

    private static ServerSocket server(String address) throws IOException {
        var server = new ServerSocket();
        server.bind(new InetSocketAddress(InetAddress.ofLiteral(address), 0));
        Thread.ofVirtual().start(() -> {
            while (!server.isClosed()) {
                try (var socket = server.accept()) {
                    socket.getOutputStream().write(("this is " + address).getBytes(StandardCharsets.UTF_8));
                } catch (IOException _) {
                    // the next one, or the end
                }
            }
        });
        return server;
    }

    @Test
    @Tag("checklist:PD-01")
    @Tag("checklist:PD-04")
    void aPortLeadsToAnotherAsLongAsTheInstanceAsksForIt() throws Exception {
        int port = freePort();
        try (var server = server("127.0.0.1")) {
            pass("[{\"srcPort\": %d, \"destPort\": %d, \"destAddress\": \"127.0.0.1\"}]"
                    .formatted(port, server.getLocalPort()));

            WorkingNode.await(SOON, () -> runs("socat-tcp-" + port));
            assertThat(group())
                    .content()
                    .contains("[program:part0-socat_socat-tcp-" + port + "]")
                    .contains("/socat\" \"TCP4-LISTEN:" + port + ",fork\" \"TCP4:127.0.0.1:" + server.getLocalPort()
                            + "\"\n");
            WorkingNode.await(SOON, () -> asked(port).equals("this is 127.0.0.1"));
            var owner = node.host.owner(node.partition(0)).orElseThrow();
            long pid = node.rooms.supervisor().processes().stream()
                    .filter(p -> p.group().equals("part0-socat"))
                    .findFirst()
                    .orElseThrow()
                    .pid();
            assertThat(node.host.processUse(uid -> uid == owner.uid())).anyMatch(use -> use.pid() == pid);

            node.master.calls.clear();
            pass("[]");
            assertThat(group()).doesNotExist();
            assertThat(asked(port)).isEmpty();
            assertThat(node.master.calls("startedComputerPartition")).hasSize(1);
        }
    }

    @Test
    @Tag("checklist:PD-02")
    void aPortMayLeadToIpv6AndListenOnOneAddressOnly() throws Exception {
        int port = freePort();
        try (var server = server("::1")) {
            pass(
                    "[{\"type\": \"tcp\", \"srcPort\": %d, \"srcAddress\": \"127.0.0.1\", \"destPort\": %d, \"destAddress\": \"::1\"}]"
                            .formatted(port, server.getLocalPort()));

            assertThat(group())
                    .content()
                    .contains("/socat\" \"TCP4-LISTEN:" + port + ",bind=127.0.0.1,fork\" \"TCP6:[::1]:"
                            + server.getLocalPort() + "\"\n");
            WorkingNode.await(SOON, () -> asked(port).equals("this is ::1"));
        }
    }

    @Test
    @Tag("checklist:PD-03")
    void datagramsAreLedToo() throws Exception {
        int port = freePort();
        try (var server = new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
                var client = new DatagramSocket()) {
            pass("[{\"type\": \"udp\", \"srcPort\": %d, \"destPort\": %d, \"destAddress\": \"127.0.0.1\"}]"
                    .formatted(port, server.getLocalPort()));

            WorkingNode.await(SOON, () -> runs("socat-udp-" + port));
            server.setSoTimeout(500);
            var packet = new DatagramPacket(new byte[100], 100);
            WorkingNode.await(SOON, () -> {
                try {
                    client.send(new DatagramPacket(
                            "hello".getBytes(StandardCharsets.UTF_8), 5, InetAddress.ofLiteral("127.0.0.1"), port));
                    server.receive(packet);
                    return true;
                } catch (IOException _) {
                    return false; // it does not listen yet
                }
            });
            assertThat(new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8))
                    .isEqualTo("hello");
        }
    }

    @Test
    @Tag("checklist:PD-05")
    void whatMakesNoSenseIsPassedOverAndThePartitionIsFine() throws Exception {
        for (var entry : new String[] {
            "{\"srcPort\": \"x\", \"destPort\": 80, \"destAddress\": \"127.0.0.1\"}",
            "{\"srcPort\": 70000, \"destPort\": 80, \"destAddress\": \"127.0.0.1\"}",
            "{\"srcPort\": 8080, \"destPort\": -1, \"destAddress\": \"127.0.0.1\"}",
            "{\"srcPort\": 8080, \"destAddress\": \"127.0.0.1\"}",
            "{\"srcPort\": 8080, \"destPort\": 80, \"srcAddress\": \"here\", \"destAddress\": \"127.0.0.1\"}",
            "{\"srcPort\": 8080, \"destPort\": 80, \"destAddress\": \"127.0.0.1,fork EXEC:/bin/sh\"}",
            "{\"srcPort\": 8080, \"destPort\": 80, \"destAddress\": \"localhost\"}",
            "{\"srcPort\": 8080, \"destPort\": 80}",
            "{\"type\": \"exec\", \"srcPort\": 8080, \"destPort\": 80, \"destAddress\": \"127.0.0.1\"}",
            "7",
        }) {
            pass("[" + entry + "]");
            assertThat(group()).as(entry).doesNotExist();
        }
        pass("no list at all");
        assertThat(group()).doesNotExist();
        assertThat(node.master.calls("softwareInstanceError")).isEmpty();
        assertThat(node.master.calls("startedComputerPartition")).hasSize(11);
    }

    @Test
    void portsOfAnInstanceThatIsNotStartedLeadNowhere() throws Exception {
        int port = freePort();
        pass("[{\"srcPort\": %d, \"destPort\": 9, \"destAddress\": \"127.0.0.1\"}]".formatted(port));
        WorkingNode.await(SOON, () -> runs("socat-tcp-" + port));

        want(RequestedState.STOPPED);
        assertThat(node.once().instances(ALL, false)).isEqualTo(OneShot.SUCCESS);

        assertThat(group()).doesNotExist();
        assertThat(node.rooms.supervisor().processes()).isEmpty();
        assertThat(Files.exists(node.partition(0).resolve(NAME))).isTrue();
    }
}

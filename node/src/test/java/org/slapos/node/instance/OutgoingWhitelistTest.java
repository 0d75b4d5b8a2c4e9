package org.slapos.node.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slapos.node.host.Command;
import org.slapos.node.host.Host;
import org.slapos.node.host.LinuxHost;
import org.slapos.node.host.UndoList;
import org.slapos.node.host.UnixUser;

/// Where an instance may send to, by the real nftables in a network namespace of the test's own: [#main] runs there.
class OutgoingWhitelistTest {
    private static final String ONE = "10.99.0.1";
    private static final String OTHER = "10.99.0.2";

    @TempDir
    Path root;

    @Test
    @Tag("checklist:WF-01")
    @Tag("checklist:WF-02")
    @Tag("checklist:WF-03")
    @Tag("checklist:WF-04")
    @Tag("checklist:WF-05")
    @Tag("checklist:WF-06")
    @Tag("checklist:WF-07")
    void anInstanceSendsToWhomItListsOnlyUntilItListsNobodyAnyMore() throws Exception {
        assumeTrue(new LinuxHost(UndoList.none()).isRoot(), "only root makes rules");
        var output = root.resolve("output");
        var java = Path.of(System.getProperty("java.home"), "bin/java").toString();
        var status = new ProcessBuilder(
                        "unshare",
                        "--net",
                        java,
                        "-cp",
                        System.getProperty("java.class.path"),
                        OutgoingWhitelistTest.class.getName(),
                        root.toString())
                .redirectError(output.toFile())
                .redirectOutput(root.resolve("seen").toFile())
                .start()
                .waitFor();

        assertThat(status).as(Files.readString(output)).isZero();
        assertThat(Files.readAllLines(root.resolve("seen")))
                .filteredOn(line -> !line.contains(" INFO ") && !line.contains(" WARN "))
                .containsExactly(
                        "no file: may reach " + ONE + ", " + OTHER + "; changes: none",
                        "a list: may reach " + ONE + "; changes: setWhitelist",
                        "chains: 1, accepted: 1, rejects: 1, hooked: true",
                        "somebody else: may reach " + ONE + ", " + OTHER + "; changes: none",
                        "the same list: may reach " + ONE + "; changes: none",
                        "another list: may reach " + OTHER + "; changes: setWhitelist",
                        "chains: 1, accepted: 1, rejects: 1, hooked: true",
                        "nonsense: may reach " + OTHER + "; changes: none",
                        "no list: may reach " + OTHER + "; changes: none",
                        "file removed: may reach " + ONE + ", " + OTHER + "; changes: removeWhitelist",
                        "chains: 0, accepted: 0, rejects: 0, hooked: false",
                        "an empty list: may reach nobody; changes: setWhitelist",
                        "the node begins anew: may reach nobody; changes: setWhitelist",
                        "destroyed: may reach " + ONE + ", " + OTHER + "; changes: removeWhitelist",
                        "destroyed again: may reach " + ONE + ", " + OTHER + "; changes: none",
                        "chains: 0, accepted: 0, rejects: 0, hooked: false");
    }

    public static void main(String[] arguments) throws IOException {
        new Scenario(Path.of(arguments[0])).play();
    }

    private static final class Scenario {
        private final List<String> changes = new ArrayList<>();
        private final Host host = counted(new LinuxHost(UndoList.none()));
        private final Path root;
        private final Partition partition;
        private OutgoingWhitelist whitelist;

        Scenario(Path root) throws IOException {
            this.root = root;
            host.setMode(root, 0755);
            partition = Tenant.in(host, root);
            whitelist = new OutgoingWhitelist(host, root);
        }

        private Host counted(Host real) {
            return (Host) Proxy.newProxyInstance(
                    Host.class.getClassLoader(), new Class<?>[] {Host.class}, (_, method, words) -> {
                        if (method.getName().endsWith("Whitelist")) {
                            changes.add(method.getName());
                        }
                        try {
                            return method.invoke(real, words);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    });
        }

        void play() throws IOException {
            for (var line : List.of(
                    "ip link set lo up",
                    "ip address add " + ONE + "/32 dev lo",
                    "ip address add " + OTHER + "/32 dev lo")) {
                host.run(Command.of(List.of(line.split(" ")))).orThrow(line);
            }
            try (var server = new ServerSocket()) {
                server.bind(new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), 0));
                int port = server.getLocalPort();
                apply("no file", null, port);
                apply("a list", "[\"" + ONE + "\", \"fe80::1\", \"nonsense\", 7, \"" + ONE + "\"]", port);
                rules();
                say("somebody else", port, new UnixUser("x", 59_999, 59_999, List.of(), root));
                apply("the same list", "[\"" + ONE + "\"]", port);
                apply("another list", "[\"" + OTHER + "\"]", port);
                rules();
                apply("nonsense", "[\"" + ONE + "\"", port);
                apply("no list", "{\"allow\": \"" + ONE + "\"}", port);
                apply("file removed", null, port);
                rules();
                apply("an empty list", "[]", port);
                whitelist = new OutgoingWhitelist(host, root);
                apply("the node begins anew", "[]", port);
                whitelist.remove(partition);
                say("destroyed", port, partition.owner());
                whitelist.remove(partition);
                say("destroyed again", port, partition.owner());
                rules();
            }
        }

        private void apply(String what, @org.jspecify.annotations.Nullable String json, int port) throws IOException {
            var file = partition.directory().resolve(".slapos-whitelist-firewall");
            Files.deleteIfExists(file);
            if (json != null) {
                Files.write(file, json.getBytes(StandardCharsets.UTF_8));
            }
            whitelist.apply(partition);
            say(what, port, partition.owner());
        }

        private void say(String what, int port, UnixUser who) {
            var reached = Stream.of(ONE, OTHER)
                    .filter(address -> host.run(Command.of(
                                            "python3",
                                            "-c",
                                            "import socket, sys;"
                                                    + " socket.create_connection((sys.argv[1], int(sys.argv[2])), 5)",
                                            address,
                                            Integer.toString(port))
                                    .withUser(who))
                            .ok())
                    .toList();
            System.out.println(what + ": may reach " + (reached.isEmpty() ? "nobody" : String.join(", ", reached))
                    + "; changes: " + (changes.isEmpty() ? "none" : String.join(", ", changes)));
            changes.clear();
        }

        /// As nftables lists them.
        private void rules() {
            var lines = host.run(Command.of("nft", "list", "ruleset"))
                    .output()
                    .lines()
                    .toList();
            var user = "user" + Tenant.USER;
            System.out.println("chains: " + count(lines, "chain " + user) + ", accepted: " + count(lines, "ip daddr")
                    + ", rejects: " + count(lines, "reject") + ", hooked: "
                    + lines.stream().anyMatch(line -> line.contains(Tenant.USER + " : jump " + user)));
        }

        private static long count(List<String> lines, String words) {
            return lines.stream().filter(line -> line.contains(words)).count();
        }
    }
}

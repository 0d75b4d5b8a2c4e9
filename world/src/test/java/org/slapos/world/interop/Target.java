package org.slapos.world.interop;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.ComputerInformation;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.client.SlapClient;

/// A Master that the scenario is played against, with the identities it knows.
///
/// @param requester the person who supplies and requests
/// @param node      speaks for `computer`, which has nothing on it
/// @param installedNode configured for it, and not formatted yet
record Target(
        URI master,
        Optional<Path> authority,
        Optional<SlapClient.Identity> requester,
        Optional<SlapClient.Identity> node,
        ComputerId computer,
        Differences differences,
        Installed installed,
        InstalledNode installedNode) {
    private static final Duration START = Duration.ofSeconds(60);

    /// Our Master, on an embedded PostgreSQL, with its first person and a registered Computer.
    static Target master(Installed installed) throws IOException, InterruptedException {
        var data = installed.ownFolder("master");
        int port = Installed.freePort();
        var process = installed.start(
                "master", "start", "--data", data + "/data", "--host", "127.0.0.1", "--port", Integer.toString(port));
        var token = data.resolve("data/first-person-token");
        var authority = data.resolve("data/ca.crt");
        await(installed, process, port, token, authority);
        var web = URI.create("https://127.0.0.1:" + port + "/");
        var slap = web.resolve("slap/");
        var requester =
                person(installed, web, authority, Files.readString(token).strip());
        var node = InstalledNode.in(installed);
        node.register(slap, web, authority, computerToken(installed, slap, requester, authority));
        return new Target(
                slap,
                Optional.of(authority),
                Optional.of(requester),
                Optional.of(node.registered()),
                node.computer(),
                Differences.MASTER,
                installed,
                node);
    }

    private static SlapClient.Identity person(Installed installed, URI web, Path authority, String token)
            throws IOException {
        try (var nobody = SlapClient.open(new SlapClient.Settings(web, Optional.empty(), Optional.of(authority)))) {
            var person = nobody.redeemToken(web, "Person_getCertificate", token, Map.of());
            return identity(
                    installed.file("person"),
                    person.path("certificate").asText(),
                    person.path("key").asText());
        }
    }

    private static Path computerToken(Installed installed, URI slap, SlapClient.Identity person, Path authority)
            throws IOException {
        try (var client = SlapClient.open(new SlapClient.Settings(slap, Optional.of(person), Optional.of(authority)))) {
            var token = client.json("slapos.post.v0.compute_node_token", SlapClient.parameters())
                    .path("token")
                    .asText();
            return Files.writeString(installed.file("computer-token"), token);
        }
    }

    /// Our proxy mode, with its default Computer.
    static Target proxy(Installed installed) throws IOException, InterruptedException {
        int port = Installed.freePort();
        var process = installed.start("proxy", "start", "--port", Integer.toString(port));
        await(installed, process, port);
        return configured(
                installed,
                URI.create("http://127.0.0.1:" + port + "/"),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                new ComputerId("local_computer"),
                Differences.PROXY);
    }

    /// A Master that runs already, as the variables of `make interop` name it: MASTER_URL, and CA, CERT, KEY,
    /// NODE_CERT, NODE_KEY, COMPUTER where it wants to know who asks. The Computer must be free to be used up.
    static Target elsewhere(Installed installed, Map<String, String> variables) throws IOException {
        var master = URI.create(variables.getOrDefault("MASTER_URL", ""));
        var computer = new ComputerId(variables.getOrDefault("COMPUTER", "local_computer"));
        var requester = identity(variables, "CERT", "KEY");
        var node = identity(variables, "NODE_CERT", "NODE_KEY").or(() -> requester);
        var authority = copy(installed, "ca.crt", Optional.ofNullable(variables.get("CA")));
        try (var client = SlapClient.open(new SlapClient.Settings(master, requester, authority))) {
            var differences = client.runId().isPresent() ? Differences.PROXY : Differences.MASTER;
            var copied = node.isEmpty()
                    ? node
                    : Optional.of(new SlapClient.Identity(
                            installed.ownCopy(node.get().certificate(), "node.crt"),
                            installed.ownCopy(node.get().key(), "node.key")));
            return configured(installed, master, authority, requester, copied, computer, differences);
        }
    }

    /// One file may hold both the certificate and the key.
    private static Optional<SlapClient.Identity> identity(
            Map<String, String> variables, String certificate, String key) {
        return Optional.ofNullable(variables.get(certificate))
                .map(file -> new SlapClient.Identity(Path.of(file), Path.of(variables.getOrDefault(key, file))));
    }

    private static Optional<Path> copy(Installed installed, String name, Optional<String> file) throws IOException {
        return file.isEmpty() ? Optional.empty() : Optional.of(installed.ownCopy(Path.of(file.get()), name));
    }

    private static Target configured(
            Installed installed,
            URI master,
            Optional<Path> authority,
            Optional<SlapClient.Identity> requester,
            Optional<SlapClient.Identity> node,
            ComputerId computer,
            Differences differences)
            throws IOException {
        var installedNode = InstalledNode.in(installed);
        installedNode.configure(master, computer, node, authority);
        return new Target(master, authority, requester, node, computer, differences, installed, installedNode);
    }

    SlapClient asRequester() throws IOException {
        return SlapClient.open(new SlapClient.Settings(master, requester, authority));
    }

    SlapClient asNode() throws IOException {
        return SlapClient.open(new SlapClient.Settings(master, node, authority));
    }

    /// As the instance that the certificate was given to; a Master without certificates takes anybody.
    SlapClient asInstance(SlapClient.CertificatePair pair) throws IOException {
        var identity = pair.certificate().isEmpty()
                ? requester
                : Optional.of(identity(installed.file("instance"), pair.certificate(), pair.key()));
        return SlapClient.open(new SlapClient.Settings(master, identity, authority));
    }

    /// What the Master wants of the Computer.
    ComputerInformation information(SlapClient asNode) {
        return switch (asNode.computerInformation(computer, "")) {
            case SlapClient.Conditional.Changed(var information, var _) -> information;
            case SlapClient.Conditional.Unchanged() -> throw new AssertionError("no version was named");
        };
    }

    /// What is in its partitions.
    List<InstanceInformation> busy(SlapClient asNode) {
        return information(asNode).partitions().stream()
                .flatMap(partition -> partition.instance().stream())
                .toList();
    }

    /// A command of the client, as the requester.
    Installed.Ended slapos(String... words) throws IOException, InterruptedException {
        var line = new ArrayList<>(List.of("--cfg", clientConfiguration().toString()));
        line.addAll(List.of(words));
        return installed.slapos(line.toArray(String[]::new));
    }

    private Path clientConfiguration() throws IOException {
        var text = new StringBuilder("[slapos]\nmaster_url = " + master + "\n");
        differences
                .hypermedia(master)
                .ifPresent(it -> text.append("master_rest_url = ").append(it).append('\n'));
        requester.ifPresent(it -> text.append("cert_file = ")
                .append(it.certificate())
                .append("\nkey_file = ")
                .append(it.key())
                .append('\n'));
        authority.ifPresent(it -> text.append("master_ca_file = ").append(it).append('\n'));
        return Files.writeString(installed.file("client.cfg"), text);
    }

    private static SlapClient.Identity identity(Path base, String certificate, String key) throws IOException {
        return new SlapClient.Identity(
                Files.writeString(Path.of(base + ".crt"), certificate), Files.writeString(Path.of(base + ".key"), key));
    }

    private static void await(Installed installed, Process process, int port, Path... files)
            throws IOException, InterruptedException {
        long end = System.nanoTime() + START.toNanos();
        while (true) {
            if (!process.isAlive() || System.nanoTime() > end) {
                throw new AssertionError("the Master does not run:\n" + installed.said());
            }
            try (var socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
                if (Arrays.stream(files).allMatch(Files::exists)) {
                    return;
                }
            } catch (ConnectException _) {
                // Not yet.
            }
            Thread.sleep(50);
        }
    }
}

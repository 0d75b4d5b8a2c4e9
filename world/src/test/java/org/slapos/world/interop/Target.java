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
import java.util.Map;
import java.util.Optional;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.client.SlapClient;

/// A Master that the scenario is played against, with the identities it knows.
///
/// @param requester the person who supplies and requests
/// @param node      speaks for `computer`, which has nothing on it
/// @param folder    for the certificates of instances
record Target(
        URI master,
        Optional<Path> authority,
        Optional<SlapClient.Identity> requester,
        Optional<SlapClient.Identity> node,
        ComputerId computer,
        Differences differences,
        Path folder) {
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
        var settings = new SlapClient.Settings(slap, Optional.empty(), Optional.of(authority));
        try (var nobody = SlapClient.open(settings)) {
            var person = nobody.redeemToken(
                    web, "Person_getCertificate", Files.readString(token).strip(), Map.of());
            var requester = identity(
                    installed.file("person"),
                    person.path("certificate").asText(),
                    person.path("key").asText());
            try (var alice =
                    SlapClient.open(new SlapClient.Settings(slap, Optional.of(requester), Optional.of(authority)))) {
                var computerToken = alice.json("slapos.post.v0.compute_node_token", SlapClient.parameters())
                        .path("token")
                        .asText();
                var computer =
                        nobody.redeemToken(web, "Person_requestComputer", computerToken, Map.of("title", "interop"));
                var node = identity(
                        installed.file("node"),
                        computer.path("certificate").asText(),
                        computer.path("key").asText());
                return new Target(
                        slap,
                        Optional.of(authority),
                        Optional.of(requester),
                        Optional.of(node),
                        new ComputerId(computer.path("reference").asText()),
                        Differences.MASTER,
                        installed.file(""));
            }
        }
    }

    /// Our proxy mode, with its default Computer.
    static Target proxy(Installed installed) throws IOException, InterruptedException {
        int port = Installed.freePort();
        var process = installed.start("proxy", "start", "--port", Integer.toString(port));
        await(installed, process, port);
        return new Target(
                URI.create("http://127.0.0.1:" + port + "/"),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                new ComputerId("local_computer"),
                Differences.PROXY,
                installed.file(""));
    }

    /// A Master that runs already, as the variables of `make interop` name it: MASTER_URL, and CERT, KEY, CA, COMPUTER
    /// where it wants to know who asks. The Computer must be free to be used up.
    static Target elsewhere(Installed installed, Map<String, String> variables) throws IOException {
        var master = URI.create(variables.getOrDefault("MASTER_URL", ""));
        var authority = Optional.ofNullable(variables.get("CA")).map(Path::of);
        var identity = Optional.ofNullable(variables.get("CERT"))
                .map(certificate -> new SlapClient.Identity(
                        Path.of(certificate), Path.of(variables.getOrDefault("KEY", certificate))));
        var computer = new ComputerId(variables.getOrDefault("COMPUTER", "local_computer"));
        try (var client = SlapClient.open(new SlapClient.Settings(master, identity, authority))) {
            var differences = client.runId().isPresent() ? Differences.PROXY : Differences.MASTER;
            return new Target(master, authority, identity, identity, computer, differences, installed.file(""));
        }
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
                : Optional.of(identity(folder.resolve("instance"), pair.certificate(), pair.key()));
        return SlapClient.open(new SlapClient.Settings(master, identity, authority));
    }

    /// The configuration of the client's commands.
    Path clientConfiguration() throws IOException {
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
        return Files.writeString(folder.resolve("client.cfg"), text);
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
                if (java.util.Arrays.stream(files).allMatch(Files::exists)) {
                    return;
                }
            } catch (ConnectException _) {
                // Not yet.
            }
            Thread.sleep(50);
        }
    }
}

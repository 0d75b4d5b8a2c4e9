package org.slapos.bench;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.slapos.protocol.ComputerConfiguration;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.SoftwareState;
import org.slapos.protocol.client.SlapClient;
import org.slapos.protocol.jsonrpc.MarketCall;

/// A real Master in its own process, with one person.
final class Cloud implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(60);

    private final Installed installed;
    private final Running master;
    private final Path data;
    private final URI web;
    private final Path authority;
    private final SlapClient.Identity person;

    private Cloud(Installed installed, Running master, Path data, URI web, Path authority, SlapClient.Identity person) {
        this.installed = installed;
        this.master = master;
        this.data = data;
        this.web = web;
        this.authority = authority;
        this.person = person;
    }

    /// A computer of the cloud, with the certificate to speak for it.
    record RegisteredComputer(ComputerId id, SlapClient.Identity identity) {}

    static Cloud start(Installed installed) throws IOException, InterruptedException {
        return start(installed, "master");
    }

    /// @param name of its folder
    static Cloud start(Installed installed, String name) throws IOException, InterruptedException {
        int port = Installed.freePort();
        var data = installed.ownFolder(name);
        var master = Running.start(
                installed.log(name),
                installed.slapos(
                        "master",
                        "start",
                        "--data",
                        data.resolve("data").toString(),
                        "--port",
                        Integer.toString(port),
                        "--software",
                        installed.app().resolve("software").toString()));
        try {
            var web = URI.create("https://127.0.0.1:" + port);
            var authority = data.resolve("data/ca.crt");
            var tokenFile = data.resolve("data/first-person-token");
            awaitAnswer(master, web, authority, tokenFile);
            var token = Files.readString(tokenFile).strip();
            var person = redeem(installed, web, authority, "Person_getCertificate", token, Map.of(), name + "-person");
            return new Cloud(installed, master, data, web, authority, person.identity());
        } catch (RuntimeException | IOException | InterruptedException e) {
            master.close();
            throw e;
        }
    }

    private static void awaitAnswer(Running master, URI web, Path authority, Path tokenFile)
            throws InterruptedException {
        var end = System.nanoTime() + START.toNanos();
        while (true) {
            master.requireAlive();
            if (Files.exists(authority) && Files.exists(tokenFile)) {
                try (var socket = new java.net.Socket()) {
                    socket.connect(new java.net.InetSocketAddress(web.getHost(), web.getPort()), 1000);
                    return;
                } catch (IOException _) {
                    // Not listening yet.
                }
            }
            if (System.nanoTime() > end) {
                throw new IllegalStateException("the Master does not answer:\n" + master.tail());
            }
            Thread.sleep(50);
        }
    }

    URI slap() {
        return web.resolve("/slap/");
    }

    long pid() {
        return master.pid();
    }

    SlapClient.Identity personIdentity() {
        return person;
    }

    /// The client of the person.
    SlapClient person() throws IOException {
        return client(person);
    }

    URI web() {
        return web;
    }

    /// Where the Master keeps its state.
    Path data() {
        return data;
    }

    /// A computer that is registered and has no partition.
    RegisteredComputer register(String title) throws IOException {
        return redeem(
                installed,
                web,
                authority,
                "Person_requestComputer",
                computerToken(),
                Map.of("title", title),
                title + "-" + web.getPort());
    }

    Path authority() {
        return authority;
    }

    /// The client configuration of the person.
    Path clientConfiguration() throws IOException {
        return Files.writeString(
                installed.file("client.cfg"),
                String.join(
                        "\n",
                        "[slapos]",
                        "master_url = " + slap(),
                        "cert_file = " + person.certificate(),
                        "key_file = " + person.key(),
                        "master_ca_file = " + authority,
                        ""));
    }

    /// A one-time token that registers a computer.
    String computerToken() throws IOException {
        try (var client = client(person)) {
            return client.json("slapos.post.v0.compute_node_token", SlapClient.parameters())
                    .path("token")
                    .asText();
        }
    }

    /// A computer with `count` partitions, each holding a started instance.
    RegisteredComputer fullComputer(int count) throws IOException {
        var computer = redeem(
                installed, web, authority, "Person_requestComputer", computerToken(), Map.of("title", "full"), "full");
        var release = web.resolve("/software/helloworld/software.cfg").toString();
        try (var node = client(computer.identity());
                var requester = client(person)) {
            node.configure(configuration(computer.id(), count));
            requester.supply(release, computer.id(), SoftwareState.AVAILABLE);
            node.report(computer.id(), release, SlapClient.SoftwareReport.AVAILABLE);
            for (int i = 0; i < count; i++) {
                var answer = requester.request(
                        InstanceRequest.started("hello-" + i, release, Map.of("greeting", "Hello, number " + i)));
                if (answer instanceof SlapClient.RequestAnswer.NotReady(var reason)) {
                    throw new IllegalStateException("instance " + i + " of " + count + " got no partition: " + reason);
                }
                node.report(computer.id(), new PartitionId("slappart" + i), SlapClient.InstanceReport.STARTED);
            }
        }
        return computer;
    }

    /// A Computer with `count` free partitions, which offers that release for less than all others.
    RegisteredComputer cheapComputer(int count, String release) throws IOException {
        var computer = register("cheap");
        try (var node = client(computer.identity());
                var operator = client(person)) {
            node.configure(configuration(computer.id(), count));
            operator.json(new MarketCall.ChangeOffer(
                    computer.id().text(),
                    Map.of("price", "1EUR/month", "region", "europe/west/france", "memory", "64GB")));
            operator.supply(release, computer.id(), SoftwareState.AVAILABLE);
        }
        return computer;
    }

    /// As the node of that Computer does: tells of each instance there that it was started.
    void reportStarted(RegisteredComputer computer) throws IOException {
        try (var node = client(computer.identity())) {
            if (node.computerInformation(computer.id(), "")
                    instanceof SlapClient.Conditional.Changed(var information, var _)) {
                information.partitions().stream()
                        .filter(partition -> partition.instance().isPresent())
                        .forEach(partition ->
                                node.report(computer.id(), partition.partition(), SlapClient.InstanceReport.STARTED));
            }
        }
    }

    private SlapClient client(SlapClient.Identity identity) throws IOException {
        return SlapClient.open(new SlapClient.Settings(slap(), Optional.of(identity), Optional.of(authority)));
    }

    private static ComputerConfiguration configuration(ComputerId computer, int count) {
        var partitions = IntStream.range(0, count)
                .mapToObj(i -> new ComputerConfiguration.Partition(
                        new PartitionId("slappart" + i),
                        "/srv/slapgrid/slappart" + i,
                        "slapuser" + i,
                        List.of(
                                new ComputerConfiguration.Address("10.0.0." + i, "255.255.255.255"),
                                new ComputerConfiguration.Address("fd00::" + i, "ffff:ffff:ffff:ffff::")),
                        ComputerConfiguration.Tap.named("slaptap" + i),
                        List.of()))
                .toList();
        return new ComputerConfiguration(computer, "fd00::1", "ffff:ffff:ffff:ffff::", Map.of(), partitions);
    }

    private static RegisteredComputer redeem(
            Installed installed,
            URI web,
            Path authority,
            String method,
            String token,
            Map<String, String> form,
            String name)
            throws IOException {
        try (var anonymous = SlapClient.open(
                new SlapClient.Settings(web.resolve("/slap/"), Optional.empty(), Optional.of(authority)))) {
            var answer = anonymous.redeemToken(web, method, token, form);
            var identity = new SlapClient.Identity(installed.file(name + ".crt"), installed.file(name + ".key"));
            Files.writeString(identity.certificate(), answer.path("certificate").asText());
            Files.writeString(identity.key(), answer.path("key").asText());
            return new RegisteredComputer(
                    new ComputerId(answer.path("reference").asText("none")), identity);
        }
    }

    @Override
    public void close() {
        master.close();
    }
}

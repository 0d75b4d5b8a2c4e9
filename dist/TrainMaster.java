import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.slapos.protocol.ComputerConfiguration;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareState;
import org.slapos.protocol.client.SlapClient;

/// What the Master does while the JVM records it: it starts on a new folder, lets in its first person and a Computer of
/// many partitions, gives each of them away, answers the same requests again, and hears that all of them run. Besides
/// which classes there are the archive then says which methods are worth compiling at once (JEP 515), so that the first
/// requests after a start are not slow for minutes.
final class TrainMaster {
    private static final int PARTITIONS = 150;
    private static final String RELEASE = "https://soft.example/wp.cfg";

    private final Path folder;
    private final URI web;

    private TrainMaster(Path folder, URI web) {
        this.folder = folder;
        this.web = web;
    }

    /// @param home   the programs, where the user of the Master can reach them
    /// @param folder of that user
    /// @param nobody what runs a command as that user
    static void run(Path home, Path folder, List<String> nobody, int port, Map<String, String> environment)
            throws IOException, InterruptedException {
        var log = folder.resolve("master.log");
        var command = new ArrayList<>(nobody);
        command.addAll(List.of(home.resolve("bin/slapos").toString(), "master", "start",
                "--data", folder.resolve("master").toString(), "--port", Integer.toString(port)));
        var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        var process = builder.start();
        try {
            var token = folder.resolve("master/first-person-token");
            var end = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
            while (!Files.exists(token) || !Files.readString(log).contains("ready at https://")) {
                if (!process.isAlive() || System.nanoTime() > end) {
                    throw new IllegalStateException("the Master does not start:\n" + Files.readString(log));
                }
                Thread.sleep(100);
            }
            new TrainMaster(folder, URI.create("https://127.0.0.1:" + port)).calls(Files.readString(token).strip());
            process.toHandle().destroy();
            if (!process.waitFor(3, TimeUnit.MINUTES)) {
                throw new IllegalStateException("the Master does not end:\n" + Files.readString(log));
            }
        } finally {
            process.destroyForcibly();
        }
    }

    private void calls(String token) throws IOException {
        var first = redeem("Person_getCertificate", token, Map.of());
        try (var person = client(first)) {
            var computerToken = person.json("slapos.post.v0.compute_node_token", SlapClient.parameters());
            var second = redeem(
                    "Person_requestComputer", computerToken.path("token").asText(), Map.of("title", "training"));
            var computer = new ComputerId(second.reference());
            try (var node = client(second)) {
                node.configure(configuration(computer));
                person.supply(RELEASE, computer, SoftwareState.AVAILABLE);
                node.report(computer, RELEASE, SlapClient.SoftwareReport.AVAILABLE);
                for (int i = 0; i < PARTITIONS; i++) {
                    person.request(wanted(i));
                    person.request(wanted(i));
                    node.computerInformation(computer, "");
                }
                for (int i = 0; i < PARTITIONS; i++) {
                    node.report(computer, new PartitionId("slappart" + i), SlapClient.InstanceReport.STARTED);
                    node.partitionCertificate(computer, new PartitionId("slappart" + i));
                }
                person.hypermediaUrl();
            }
        }
    }

    private static InstanceRequest wanted(int number) {
        return new InstanceRequest(
                RELEASE,
                InstanceRequest.DEFAULT_TYPE,
                "training-" + number,
                false,
                Map.of("number", Integer.toString(number)),
                Map.of("price", "8EUR/month"),
                Optional.of(RequestedState.STARTED),
                Optional.empty(),
                Optional.empty());
    }

    private static ComputerConfiguration configuration(ComputerId computer) {
        var partitions = IntStream.range(0, PARTITIONS)
                .mapToObj(i -> new ComputerConfiguration.Partition(
                        new PartitionId("slappart" + i),
                        "/srv/slapgrid/slappart" + i,
                        "slapuser" + i,
                        List.of(new ComputerConfiguration.Address("fd00::" + i, "ffff:ffff:ffff:ffff::")),
                        ComputerConfiguration.Tap.named("slaptap" + i),
                        List.of()))
                .toList();
        return new ComputerConfiguration(computer, "fd00::1", "ffff:ffff:ffff:ffff::", Map.of(), partitions);
    }

    private record Known(String reference, SlapClient.Identity identity) {}

    private Known redeem(String method, String token, Map<String, String> form) throws IOException {
        try (var anonymous = SlapClient.open(
                new SlapClient.Settings(web.resolve("/slap/"), Optional.empty(), Optional.of(authority())))) {
            var answer = anonymous.redeemToken(web, method, token, form);
            var identity = new SlapClient.Identity(folder.resolve(method + ".crt"), folder.resolve(method + ".key"));
            Files.writeString(identity.certificate(), answer.path("certificate").asText());
            Files.writeString(identity.key(), answer.path("key").asText());
            return new Known(answer.path("reference").asText(), identity);
        }
    }

    private SlapClient client(Known who) throws IOException {
        return SlapClient.open(
                new SlapClient.Settings(web.resolve("/slap/"), Optional.of(who.identity()), Optional.of(authority())));
    }

    private Path authority() {
        return folder.resolve("master/ca.crt");
    }
}

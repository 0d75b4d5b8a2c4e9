package org.slapos.world.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slapos.master.TestMaster;
import org.slapos.protocol.ComputerConfiguration;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.SoftwareState;
import org.slapos.protocol.client.OwnKey;
import org.slapos.protocol.client.SlapClient;

/// A Master in this process, whose clock the test moves, with its first person and a Computer of theirs; both made
/// their own keys.
final class SmallCloud implements AutoCloseable {
    static final ComputerId COMPUTER = new ComputerId("COMP-1");
    static final PartitionId PARTITION = new PartitionId("slappart0");
    private static final String RELEASE = "https://soft.example/hello/software.cfg";

    private final Path folder;
    private final TestMaster master;
    private final SlapClient.Identity person;
    private final SlapClient.Identity computer;

    SmallCloud(Path folder, InstantSource clock) throws IOException {
        this.folder = folder;
        this.master = TestMaster.open(folder.resolve("master"), clock);
        try {
            var token = Files.readString(master.configuration().firstTokenFile());
            this.person = redeemed("Person_getCertificate", token.strip(), Map.of(), "person");
            this.computer = registered();
        } catch (IOException | RuntimeException e) {
            master.close();
            throw e;
        }
    }

    private SlapClient.Identity registered() throws IOException {
        try (var owner = client(Optional.of(person))) {
            var token = owner.json("slapos.post.v0.compute_node_token", SlapClient.parameters())
                    .path("token")
                    .asText();
            return redeemed("Person_requestComputer", token, Map.of("title", "machine"), "computer");
        }
    }

    /// The files of who has redeemed that token.
    SlapClient.Identity redeemed(String method, String token, Map<String, String> form, String name)
            throws IOException {
        var own = OwnKey.make();
        var fields = new TreeMap<>(form);
        fields.put("certificate_signing_request", own.request());
        try (var nobody = client(Optional.empty())) {
            var answer = nobody.redeemToken(master.url(), method, token, fields);
            var identity = new SlapClient.Identity(folder.resolve(name + ".crt"), folder.resolve(name + ".key"));
            Files.writeString(identity.certificate(), answer.path("certificate").asText());
            Files.writeString(identity.key(), own.pem());
            return identity;
        }
    }

    /// The Computer offers a partition, and an instance is placed in it.
    InstanceInformation oneInstance() throws IOException {
        try (var node = client(Optional.of(computer));
                var owner = client(Optional.of(person))) {
            node.configure(new ComputerConfiguration(
                    COMPUTER,
                    "2001:db8::1",
                    "ffff:ffff:ffff::",
                    Map.of(),
                    List.of(new ComputerConfiguration.Partition(
                            PARTITION,
                            "/srv/slapgrid/slappart0",
                            "slapuser0",
                            List.of(new ComputerConfiguration.Address("10.0.0.2", "255.255.255.255")),
                            ComputerConfiguration.Tap.named("slaptap0"),
                            List.of()))));
            owner.supply(RELEASE, COMPUTER, SoftwareState.AVAILABLE);
            var answer = owner.request(InstanceRequest.started("hello", RELEASE, Map.of()));
            assertThat(answer).isInstanceOf(SlapClient.RequestAnswer.Placed.class);
            return ((SlapClient.RequestAnswer.Placed) answer).instance();
        }
    }

    SlapClient client(Optional<SlapClient.Identity> identity) throws IOException {
        return SlapClient.open(
                new SlapClient.Settings(master.url().resolve("/slap/"), identity, Optional.of(authority())));
    }

    TestMaster master() {
        return master;
    }

    Path authority() {
        return master.configuration().authorityFile();
    }

    SlapClient.Identity person() {
        return person;
    }

    SlapClient.Identity computer() {
        return computer;
    }

    /// A copy of the files as they are now.
    SlapClient.Identity copy(SlapClient.Identity of, String name) throws IOException {
        var copy = new SlapClient.Identity(folder.resolve(name + ".crt"), folder.resolve(name + ".key"));
        Files.copy(of.certificate(), copy.certificate());
        Files.copy(of.key(), copy.key());
        return copy;
    }

    @Override
    public void close() {
        master.close();
    }
}

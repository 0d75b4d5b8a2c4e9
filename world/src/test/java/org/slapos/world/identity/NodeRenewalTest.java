package org.slapos.world.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slapos.master.pki.CertificateAuthority;
import org.slapos.node.ConfigurationReader;
import org.slapos.node.Main;
import org.slapos.node.agent.CertificateLoop;
import org.slapos.node.agent.NodeRooms;
import org.slapos.node.host.LinuxHost;
import org.slapos.node.host.UndoList;
import org.slapos.protocol.ComputerInformation;
import org.slapos.protocol.client.RenewIdentity;
import org.slapos.protocol.client.SlapClient;
import org.slapos.protocol.client.SlapException;
import org.slapos.protocol.jsonrpc.CertificateCall;

/// The agent renews the certificates of its Computer and of the instances there, against a Master whose clock is moved
/// with the agent's; the service is never lost.
@Tag("row:12")
class NodeRenewalTest {
    /// From today on, since a client looks by the machine's clock whether the Master's certificate is valid.
    private volatile Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);

    @TempDir
    private Path folder;

    private SmallCloud cloud;
    private Path certificates;
    private Path slaposCfg;

    @BeforeEach
    void open() throws IOException {
        cloud = new SmallCloud(folder, () -> now);
        cloud.oneInstance();
        certificates = Files.createDirectory(folder.resolve("pki"));
        var instances = Files.createDirectory(folder.resolve("instance"));
        Files.createDirectory(instances.resolve(SmallCloud.PARTITION.text()));
        slaposCfg = Files.writeString(folder.resolve("slapos.cfg"), """
                [slapos]
                computer_id = COMP-1
                master_url = %s
                master_ca_file = %s
                cert_file = %s
                key_file = %s
                software_root = %s
                instance_root = %s
                certificate_repository_path = %s
                root_check = false
                """.formatted(
                        cloud.master().url().resolve("/slap/"),
                        cloud.authority(),
                        cloud.computer().certificate(),
                        cloud.computer().key(),
                        Files.createDirectory(folder.resolve("software")),
                        instances,
                        certificates));
    }

    @AfterEach
    void close() {
        cloud.close();
    }

    private NodeRooms rooms() throws IOException {
        return NodeRooms.open(ConfigurationReader.read(slaposCfg, Map.of()), new LinuxHost(UndoList.none()), () -> now);
    }

    private static ComputerInformation promised(SlapClient master) {
        return ((SlapClient.Conditional.Changed) master.computerInformation(SmallCloud.COMPUTER, "")).information();
    }

    private String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Path instanceFile(String suffix) {
        return certificates.resolve(SmallCloud.PARTITION + suffix);
    }

    /// What the Master says to who shows it; empty = it works.
    private Optional<String> refusal(SlapClient.Identity identity) throws IOException {
        try (var client = cloud.client(Optional.of(identity))) {
            client.json(new CertificateCall.Own());
            return Optional.empty();
        } catch (SlapException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /// The Master asks each second which ones have ended; seven days have passed in less.
    private String awaitedRefusal(SlapClient.Identity identity) throws IOException {
        var deadline = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        while (true) {
            var refusal = refusal(identity);
            if (refusal.isPresent()) {
                return refusal.get();
            }
            assertThat(System.nanoTime()).isLessThan(deadline);
        }
    }

    @Test
    void atTwoThirdsOfTheirLifeTheAgentRenewsItsOwnAndItsInstances() throws Exception {
        try (var rooms = rooms()) {
            var loop = new CertificateLoop(rooms);
            var promised = promised(rooms.master());
            var due = RenewIdentity.due(rooms.master());
            assertThat(Duration.between(now, due)).isCloseTo(Duration.ofDays(365 * 2 / 3), Duration.ofDays(1));
            loop.pass(promised);
            var own = text(cloud.computer().certificate());
            var instances = text(instanceFile(".crt"));
            var before = cloud.copy(cloud.computer(), "computer-before");
            var instanceBefore =
                    cloud.copy(new SlapClient.Identity(instanceFile(".crt"), instanceFile(".key")), "instance-before");

            now = due.minusSeconds(1);
            loop.pass(promised);
            assertThat(text(cloud.computer().certificate())).isEqualTo(own);

            now = due.plusSeconds(1); // the instance's was issued a moment after the Computer's
            while (text(instanceFile(".crt")).equals(instances)) {
                loop.pass(promised);
                now = now.plusSeconds(1);
                assertThat(now).isBefore(due.plus(Duration.ofMinutes(5)));
            }
            assertThat(text(cloud.computer().certificate())).isNotEqualTo(own);
            assertThat(text(cloud.computer().key())).isNotEqualTo(text(before.key()));
            assertThat(promised(rooms.master()).partitions()).hasSize(1); // the client shows the new one
            var instance = new SlapClient.Identity(instanceFile(".crt"), instanceFile(".key"));
            for (var works : List.of(cloud.computer(), before, instance, instanceBefore)) {
                assertThat(refusal(works)).as("%s", works.certificate()).isEmpty();
            }

            now = now.plus(CertificateAuthority.OVERLAP);
            loop.pass(promised);
            assertThat(awaitedRefusal(before)).contains("The certificate of COMP-1 was replaced by a renewed one.");
            assertThat(awaitedRefusal(instanceBefore))
                    .contains("The certificate of SOFTINST-1 was replaced by a renewed one.");
            assertThat(refusal(cloud.computer())).isEmpty();
            assertThat(refusal(instance)).isEmpty();
        }
    }

    /// As the other loops of the agent do it, through the same client, from before the renewal until the old
    /// certificate has ended.
    @Test
    void whileItRenewsNoCallOfTheAgentFails() throws Exception {
        try (var rooms = rooms()) {
            var loop = new CertificateLoop(rooms);
            var promised = promised(rooms.master());
            var before = text(cloud.computer().certificate());
            var calls = new AtomicInteger();
            var failure = new AtomicReference<RuntimeException>();
            var isOver = new AtomicBoolean();
            var polling = Thread.ofVirtual().start(() -> {
                while (!isOver.get() && failure.get() == null) {
                    try {
                        promised(rooms.master());
                        calls.incrementAndGet();
                    } catch (RuntimeException e) {
                        failure.set(e);
                    }
                }
            });
            now = RenewIdentity.due(rooms.master());
            loop.pass(promised);
            assertThat(text(cloud.computer().certificate())).isNotEqualTo(before);
            awaitCalls(calls, 2, failure); // one may be on its way that began with the old one, seven days ago below
            now = now.plus(CertificateAuthority.OVERLAP).plusSeconds(1);
            awaitCalls(calls, 5, failure);
            isOver.set(true);
            polling.join();
            assertThat(failure).hasNullValue();
            assertThat(calls.get()).isGreaterThanOrEqualTo(5);
        }
    }

    private static void awaitCalls(AtomicInteger calls, int more, AtomicReference<RuntimeException> failure) {
        int end = calls.get() + more;
        while (calls.get() < end && failure.get() == null) {
            Thread.onSpinWait();
        }
    }

    /// The Master is away, or refuses: the old certificate stays, and it is tried again soon.
    @Test
    void aRenewalThatFailsLosesNothingAndIsTriedAgainSoon() throws Exception {
        try (var rooms = rooms()) {
            var loop = new CertificateLoop(rooms);
            var promised = promised(rooms.master());
            now = RenewIdentity.due(rooms.master());
            var before = text(cloud.computer().certificate());
            cloud.close();

            assertThat(loop.pass(promised)).isLessThanOrEqualTo(Duration.ofMinutes(5));

            assertThat(text(cloud.computer().certificate())).isEqualTo(before);
        }
    }

    private int node(String... arguments) {
        var all = new java.util.ArrayList<>(List.of(arguments));
        all.addAll(List.of("--cfg", slaposCfg.toString()));
        return Main.run(all.toArray(String[]::new));
    }

    @Test
    void slaposNodeRenewRenewsNowOrOnlyWhenItIsTime() throws Exception {
        var before = text(cloud.computer().certificate());
        assertThat(node("renew", "--if-due")).isZero();
        assertThat(text(cloud.computer().certificate())).isEqualTo(before);
        assertThat(instanceFile(".crt")).exists(); // fetched in any case

        assertThat(node("renew")).isZero();

        assertThat(text(cloud.computer().certificate())).isNotEqualTo(before);
        assertThat(refusal(cloud.computer())).isEmpty();
    }

    @Test
    void slaposNodeRenewSaysWhatIsInTheWay() throws Exception {
        assertThat(Main.run("renew", "--help")).isZero();
        assertThat(Main.run("renew", "--if-late")).isEqualTo(2);
        Files.writeString(
                slaposCfg,
                Files.readString(slaposCfg)
                        .replaceAll("(?m)^(cert_file|key_file|master_ca_file) = .*$", "")
                        .replace("https:", "http:"));
        assertThat(node("renew")).isEqualTo(1);
        cloud.close();
        assertThat(node("renew")).isEqualTo(1);
    }
}

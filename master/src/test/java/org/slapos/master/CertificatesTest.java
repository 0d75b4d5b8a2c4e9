package org.slapos.master;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.SoftwareState;
import org.slapos.protocol.client.OwnKey;
import org.slapos.protocol.client.RenewIdentity;
import org.slapos.protocol.client.SlapClient;
import org.slapos.protocol.client.SlapException;
import org.slapos.protocol.jsonrpc.CertificateCall;
import org.slapos.protocol.jsonrpc.Rows;

/// Certificates from the first token to the last renewal, over TLS, by our own client and by the operator's command.
class CertificatesTest {
    private static final InstantSource CLOCK = InstantSource.system();
    private static final String RELEASE = "https://soft.example/hello/software.cfg";

    @TempDir
    private Path folder;

    private TestMaster master;

    @BeforeEach
    void open() throws Exception {
        master = TestMaster.open(folder.resolve("master"), CLOCK);
    }

    @AfterEach
    void close() {
        master.close();
    }

    private SlapClient client(Optional<SlapClient.Identity> identity) throws Exception {
        return SlapClient.open(new SlapClient.Settings(
                master.url().resolve("/slap/"),
                identity,
                Optional.of(master.configuration().authorityFile())));
    }

    private SlapClient client(SlapClient.Identity identity) throws Exception {
        return client(Optional.of(identity));
    }

    /// The key is made here: the answer must not hold one.
    private SlapClient.Identity redeem(String method, String token, Map<String, String> form, String name)
            throws Exception {
        var own = OwnKey.make();
        var fields = new java.util.HashMap<>(form);
        fields.put("certificate_signing_request", own.request());
        try (var nobody = client(Optional.empty())) {
            var answer = nobody.redeemToken(master.url(), method, token, fields);
            assertThat(answer.has("key")).isFalse();
            var identity = new SlapClient.Identity(folder.resolve(name + ".crt"), folder.resolve(name + ".key"));
            Files.writeString(identity.certificate(), answer.path("certificate").asText());
            Files.writeString(identity.key(), own.pem());
            return identity;
        }
    }

    private SlapClient.Identity person() throws Exception {
        return redeem(
                "Person_getCertificate",
                Files.readString(master.configuration().firstTokenFile()).strip(),
                Map.of(),
                "person");
    }

    private SlapClient.Identity computer(SlapClient.Identity person) throws Exception {
        try (var owner = client(person)) {
            var token = owner.json("slapos.post.v0.compute_node_token", SlapClient.parameters())
                    .path("token")
                    .asText();
            return redeem("Person_requestComputer", token, Map.of("title", "one"), "computer");
        }
    }

    private List<Rows.Certificate> living(SlapClient.Identity who) throws Exception {
        try (var client = client(who)) {
            return client.json(new CertificateCall.Listing(false, 100, 0)).rows();
        }
    }

    /// What the operator's command prints.
    private String command(String... arguments) throws Exception {
        var address = master.configuration().database().orElseThrow();
        var all = new ArrayList<>(List.of("certificate"));
        all.addAll(List.of(arguments));
        all.addAll(List.of(
                "--data",
                master.configuration().data().toString(),
                "--key-file",
                master.configuration().keyFile().toString(),
                "--config",
                TestMaster.fileNaming(folder, address).toString()));
        var before = System.out;
        var printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            assertThat(Main.run(all.toArray(String[]::new)))
                    .as(printed.toString(StandardCharsets.UTF_8))
                    .isZero();
        } finally {
            System.setOut(before);
        }
        return printed.toString(StandardCharsets.UTF_8);
    }

    @Test
    @Tag("row:10")
    @Tag("row:11")
    void onePersonOneComputerTenInstancesAreTwelveCertificates() throws Exception {
        var person = person();
        var computer = computer(person);
        var id = new ComputerId("COMP-1");
        try (var node = client(computer);
                var owner = client(person)) {
            node.configure(TestTrades.configuration(id, 10));
            owner.supply(RELEASE, id, SoftwareState.AVAILABLE);
            for (int i = 0; i < 10; i++) {
                assertThat(owner.request(InstanceRequest.started("hello-" + i, RELEASE, Map.of())))
                        .isInstanceOf(SlapClient.RequestAnswer.Placed.class);
            }
        }

        assertThat(living(person))
                .hasSize(12)
                .allMatch(row -> row.state().equals("works"))
                .extracting(Rows.Certificate::kind)
                .containsOnlyOnce("PERSON", "COMPUTER")
                .contains("INSTANCE");
        assertThat(living(computer)).extracting(Rows.Certificate::reference).containsExactly("COMP-1");

        JsonNode listed = new ObjectMapper().readTree(command("list", "-o", "json"));
        assertThat(listed).hasSize(12);
        for (var row : listed) {
            assertThat(row.fieldNames())
                    .toIterable()
                    .contains("subject", "kind", "expires", "last_used", "state", "serial");
        }
        assertThat(command("list").lines().toList())
                .hasSize(13)
                .first()
                .asString()
                .contains("SUBJECT", "KIND", "EXPIRES", "LAST USED");
    }

    @Test
    @Tag("row:12")
    void aPersonRenewsByACommandsSteps() throws Exception {
        var person = person();
        var before = Files.readString(person.certificate());
        try (var client = client(person)) {
            assertThat(RenewIdentity.due(client)).isAfter(CLOCK.instant().plus(Duration.ofDays(400)));
            new RenewIdentity(person).renew(client);
            assertThat(client.json(new CertificateCall.Own()).reference()).isEqualTo("PERSON-1");
        }
        assertThat(Files.readString(person.certificate())).isNotEqualTo(before);
        assertThat(living(person)).extracting(Rows.Certificate::state).containsExactly("ends", "works");
    }

    @Test
    void aRenewalThatWasEndedHalfWayIsFinished() throws Exception {
        var computer = computer(person());
        var key = OwnKey.make();
        // As if it had been ended after the answer was written, and before it took its place.
        try (var client = client(computer)) {
            var pair = client.json(new CertificateCall.Renew(Optional.of(key.request())));
            Files.writeString(folder.resolve("computer.key.next"), key.pem());
            Files.writeString(folder.resolve("computer.crt.next"), pair.certificate());
        }

        new RenewIdentity(computer).finish();

        assertThat(Files.readString(computer.key())).isEqualTo(key.pem());
        try (var client = client(computer)) {
            assertThat(client.json(new CertificateCall.Own()).reference()).isEqualTo("COMP-1");
        }
        assertThat(folder.resolve("computer.crt.next")).doesNotExist();
    }

    @Test
    void aRenewalWhoseAnswerIsLostIsAskedForAgainWithTheSameKey() throws Exception {
        var computer = computer(person());
        var key = OwnKey.make();
        Files.writeString(folder.resolve("computer.key.next"), key.pem());
        try (var client = client(computer)) {
            var lost = client.json(new CertificateCall.Renew(Optional.of(key.request())));

            new RenewIdentity(computer).renew(client);

            assertThat(Files.readString(computer.certificate())).isEqualTo(lost.certificate());
        }
        assertThat(living(computer)).hasSize(2);
    }

    @Test
    void somebodyElsesCertificateIsNotTheirsToRevoke() throws Exception {
        var person = person();
        var computer = computer(person);
        var persons = living(person).stream()
                .filter(row -> row.kind().equals("PERSON"))
                .findFirst()
                .orElseThrow();
        try (var node = client(computer)) {
            assertThat(kindOf(() -> node.json(new CertificateCall.Revoke(persons.serial()))))
                    .isEqualTo(SlapException.Kind.NOT_FOUND);
        }
        assertThat(living(person)).hasSize(2);

        var computers = living(computer).getFirst();
        try (var owner = client(person)) {
            owner.json(new CertificateCall.Revoke(computers.serial()));
        }
        assertThat(living(person)).hasSize(1);
    }

    private static SlapException.Kind kindOf(Runnable call) {
        try {
            call.run();
            throw new AssertionError("it was not refused");
        } catch (SlapException e) {
            return e.kind();
        }
    }

    @Test
    void theOperatorsCommandsAreFollowedByTheRunningMaster() throws Exception {
        var person = person();
        var trusted = Files.readString(master.configuration().authorityFile());

        command("rotate");
        var renewed = computer(person); // signed by whichever key, and it works
        assertThat(living(renewed)).hasSize(1);
        assertThat(Files.readString(master.configuration().authorityFile())).isEqualTo(trusted);
        assertThat(command("keys", "-o", "yaml")).contains("state: signs").contains("rotated");

        assertThat(command("revoke", "COMP-1")).contains("COMP-1");
        var deadline = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        while (!isRefused(renewed)) {
            assertThat(System.nanoTime()).isLessThan(deadline);
        }
    }

    private boolean isRefused(SlapClient.Identity identity) throws Exception {
        try (var client = client(identity)) {
            client.json(new CertificateCall.Own());
            return false;
        } catch (SlapException e) {
            assertThat(e).hasMessageContaining("was revoked");
            return true;
        }
    }

    private HttpResponse<byte[]> get(String path, String... headers) throws Exception {
        try (var client = master.client(Optional.empty())) {
            var request = HttpRequest.newBuilder(master.url().resolve(path));
            if (headers.length > 0) {
                request.headers(headers);
            }
            return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        }
    }

    @Test
    void revokedCertificatesStandInAPublishedListThatCanBeKept() throws Exception {
        var person = person();
        var computer = computer(person);
        var serial = living(computer).getFirst().serial();
        try (var owner = client(person)) {
            owner.json(new CertificateCall.Revoke(serial));
        }

        var answer = get("/crl");

        assertThat(answer.headers().firstValue("Content-Type")).contains("application/pkix-crl");
        var list =
                (X509CRL) CertificateFactory.getInstance("X.509").generateCRL(new ByteArrayInputStream(answer.body()));
        assertThat(list.getRevokedCertificates())
                .extracting(entry -> entry.getSerialNumber().toString(16))
                .containsExactly(serial);
        assertThat(list.getNextUpdate().toInstant()).isAfter(Instant.now());
        var etag = answer.headers().firstValue("ETag").orElseThrow();
        assertThat(get("/crl", "If-None-Match", etag).statusCode()).isEqualTo(304);
        assertThat(new String(get("/crl.pem").body(), StandardCharsets.US_ASCII))
                .contains("BEGIN X509 CRL");
        assertThat(get("/crl/2").statusCode()).isEqualTo(200);
        assertThat(get("/crl/99").statusCode()).isEqualTo(404);
        assertThat(new String(get("/ca.crt").body(), StandardCharsets.US_ASCII))
                .isEqualTo(Files.readString(master.configuration().authorityFile()));
    }
}

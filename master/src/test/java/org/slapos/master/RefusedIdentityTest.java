package org.slapos.master;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slapos.master.db.Database;
import org.slapos.master.db.TestDatabase;
import org.slapos.master.pki.CertificateAuthority;
import org.slapos.master.pki.Holder;
import org.slapos.master.pki.IssuedCertificate;
import org.slapos.master.pki.KeyFile;
import org.slapos.master.pki.SigningRequest;
import org.slapos.master.pki.TestKeys;
import org.slapos.protocol.Form;
import org.slapos.protocol.Reason;

/// Everybody who is refused, over TLS, is told why, and each way of being refused has a reason of its own.
class RefusedIdentityTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Holder NODE = Holder.computer("COMP-900");
    private static final String FORM = "application/x-www-form-urlencoded";

    /// By test: what was said.
    private static final Map<String, String> REASONS = new TreeMap<>();

    private final SecureRandom random = new SecureRandom();

    /// From today on, since a client looks by the machine's clock whether the Master's certificate is valid.
    private volatile Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);

    @TempDir
    private Path folder;

    private TestMaster master;
    private Database database;
    private CertificateAuthority authority;

    @BeforeEach
    void open() throws IOException {
        master = TestMaster.open(folder.resolve("master"), () -> now);
        database = Database.open(master.configuration().database().orElseThrow(), 2);
        authority = CertificateAuthority.open(
                database, KeyFile.read(master.configuration().keyFile(), random), random, now);
        database.inTransaction(tx -> tx.handle()
                .execute("insert into computer (id, reference, title, owner, created_at)"
                        + " values (900, 'COMP-900', 'one', 'PERSON-1', now())"));
    }

    @AfterEach
    void close() {
        database.close();
        master.close();
    }

    @AfterAll
    static void noTwoReasonsAreTheSame() {
        assertThat(REASONS.values()).doesNotHaveDuplicates();
    }

    /// For a key that the holder made: it works for a year.
    private IssuedCertificate issued(Holder holder) {
        var key = TestKeys.ec();
        var request = SigningRequest.read(TestKeys.request(key));
        var issued = database.inTransaction(tx -> authority.issue(tx, holder, Optional.of(request), now));
        return new IssuedCertificate(
                issued.certificatePem(), TestKeys.pem(key), issued.fingerprint(), issued.notAfter());
    }

    private HttpResponse<String> send(
            Optional<IssuedCertificate> identity, String path, Map<String, String> headers, String body) {
        try (var client = master.client(identity)) {
            return send(client, path, headers, body);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private HttpResponse<String> send(HttpClient client, String path, Map<String, String> headers, String body) {
        var request = HttpRequest.newBuilder(master.url().resolve(path));
        headers.forEach(request::header);
        if (!body.isEmpty()) {
            request.POST(HttpRequest.BodyPublishers.ofString(body));
        }
        try {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private HttpResponse<String> ask(IssuedCertificate shown) {
        return send(Optional.of(shown), "slap/getHateoasUrl", Map.of(), "");
    }

    private void assertWorks(IssuedCertificate shown) {
        var answer = ask(shown);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    /// Remembers the reason under the name of the test.
    private static String reason(String test, HttpResponse<String> answer, int status) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        var reason =
                answer.headers().firstValue(Reason.HEADER).map(Reason::decode).orElseThrow();
        REASONS.put(test, reason);
        return reason;
    }

    @Test
    void anExpiredCertificateIsRefused() {
        var certificate = issued(NODE);
        assertWorks(certificate);
        now = certificate.notAfter().minusSeconds(1);
        assertWorks(certificate);

        now = certificate.notAfter();

        assertThat(reason("expired", ask(certificate), 401))
                .isEqualTo("The certificate of COMP-900 expired at " + certificate.notAfter() + ".");
    }

    /// As after the Master's clock was set back.
    @Test
    void aCertificateThatIsNotValidYetIsRefusedUntilItIs() {
        var begin = now.truncatedTo(ChronoUnit.SECONDS).minus(Duration.ofHours(1));
        var certificate = issued(NODE);
        now = begin.minusSeconds(1);

        assertThat(reason("not yet valid", ask(certificate), 401))
                .isEqualTo("The certificate of COMP-900 is not valid before " + begin + ".");

        now = begin;
        assertWorks(certificate);
    }

    @Test
    void aCertificateOfAnotherAuthorityIsRefused() throws IOException {
        try (var elsewhere = TestDatabase.fresh()) {
            var file = folder.resolve("other");
            KeyFile.createIfMissing(file, random);
            var other = CertificateAuthority.open(elsewhere, KeyFile.read(file, random), random, now);
            var rogue = elsewhere.inTransaction(tx -> other.issue(tx, NODE, now));

            assertThat(reason("wrong authority", ask(rogue), 401))
                    .isEqualTo("The client certificate shown was not issued by this Master.");
        }
    }

    @Test
    void aCertificateForServersIsRefusedAsAClients() throws Exception {
        var server = authority.server(List.of("localhost"), now);
        var shown = TestKeys.shown(server.chain().getFirst(), server.key());

        assertThat(reason("wrong usage", ask(shown), 401))
                .isEqualTo("The certificate shown is for servers: it stands for no client.");
    }

    @Test
    void aCertificateOfAnotherKindIsRefused() {
        var person = issued(Holder.person(somebody()));
        var instance = issued(Holder.instance("SOFTINST-1"));
        var form = Map.of("Content-Type", FORM);

        assertThat(reason(
                        "an instance's in the place of a person's",
                        send(Optional.of(instance), "account/me", Map.of(), ""),
                        403))
                .isEqualTo("SOFTINST-1 may not call /account/: a person may");
        assertThat(reason(
                        "a Computer's in the place of a person's",
                        send(
                                Optional.of(issued(NODE)),
                                "slap/slapos.post.v0.party",
                                Map.of("Content-Type", "application/json"),
                                "{\"kind\": \"project\", \"title\": \"mine\"}"),
                        401))
                .startsWith("COMP-900 may not call slapos.post.v0.party: ");
        assertThat(reason(
                        "a person's in the place of a Computer's",
                        send(
                                Optional.of(person),
                                "slap/useComputer",
                                form,
                                new Form(Map.of("computer_id", "COMP-900", "use_string", "<journal/>")).encode()),
                        403))
                .contains("useComputer")
                .contains("the Computer");
    }

    private String somebody() {
        return database.inTransaction(
                tx -> tx.handle().createQuery("""
                        with party as (
                            insert into party (reference, kind, title, created_at)
                            values ('PERSON-' || nextval('person_number'), 'PERSON', 'somebody', now())
                            returning reference),
                        person as (insert into person (reference) select reference from party)
                        insert into assignment (person, function, project, opened_at)
                        select reference, 'production/manager', 'PROJ-1', now() from party returning person""").mapTo(String.class).one());
    }

    @Test
    @Tag("row:8")
    void aRevokedCertificateIsRefused() {
        var certificate = issued(NODE);
        assertWorks(certificate);

        database.inTransaction(tx -> authority.revoke(tx, NODE, now));

        awaitRefusal(certificate);
        assertThat(reason("revoked", ask(certificate), 401)).isEqualTo("The certificate of COMP-900 was revoked.");
    }

    /// That was done beside the running Master, which hears of it.
    private void awaitRefusal(IssuedCertificate certificate) {
        var deadline = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        while (ask(certificate).statusCode() == 200) {
            assertThat(System.nanoTime()).isLessThan(deadline);
        }
    }

    @Test
    @Tag("row:12")
    void aReplacedCertificateIsRefusedWhenTheOverlapIsOver() {
        var before = issued(NODE);
        var key = TestKeys.ec();
        var request = SigningRequest.read(TestKeys.request(key));
        database.inTransaction(tx -> authority.renew(tx, NODE, Optional.of(request), now));
        now = now.plus(CertificateAuthority.OVERLAP).minusSeconds(1);
        assertWorks(before);

        now = now.plusSeconds(1);

        assertThat(reason("replaced", ask(before), 401))
                .isEqualTo("The certificate of COMP-900 was replaced by a renewed one.");
    }

    private HttpResponse<String> redeem(String path, String token, String form) {
        return send(Optional.empty(), path, Map.of("X-Access-Token", token, "Content-Type", FORM), form);
    }

    private IssuedCertificate firstPerson() throws IOException {
        var token = Files.readString(master.configuration().firstTokenFile()).strip();
        var pair = JSON.readTree(redeem("Person_getCertificate", token, "a=b").body());
        return new IssuedCertificate(
                pair.path("certificate").asText(), pair.path("key").asText(), "", now);
    }

    private String json(IssuedCertificate who, String method, String body, String member) throws IOException {
        var answer = send(Optional.of(who), "slap/slapos." + method, Map.of("Content-Type", "application/json"), body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body()).path(member).asText();
    }

    @Test
    @Tag("row:7")
    void aTokenThatIsReplayedIsRefused() throws IOException {
        var token = Files.readString(master.configuration().firstTokenFile()).strip();
        assertThat(redeem("Person_getCertificate", token, "a=b").statusCode()).isEqualTo(200);

        assertThat(reason("replayed token", redeem("Person_getCertificate", token, "a=b"), 403))
                .contains("used already");
    }

    @Test
    void aTokenOfAnotherProjectIsRefusedAndStillWorksForItsOwn() throws IOException {
        var chief = firstPerson();
        var project = json(chief, "post.v0.party", "{\"kind\": \"project\", \"title\": \"second\"}", "reference");
        var token = json(chief, "post.v0.compute_node_token", "{\"project_guid\": \"" + project + "\"}", "token");

        assertThat(reason(
                        "token of another project",
                        redeem("Person_requestComputer", token, "title=machine&project_reference=PROJ-1"),
                        403))
                .isEqualTo("This token registers Computers in " + project
                        + ", not in PROJ-1: ask for one of that project.");
        assertThat(redeem("Person_requestComputer", token, "title=machine&project_reference=" + project)
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void whoGuessesPasswordsHasToWaitAndIsToldHowLong() {
        try (var browser = master.client(Optional.empty())) {
            var headers = Map.of("Content-Type", "application/json");
            var guess = "{\"login\": \"alice\", \"password\": \"a guess of mine\"}";
            for (int free = 0; free < 3; free++) {
                assertThat(reason("wrong password", send(browser, "account/sign-in", headers, guess), 403))
                        .isEqualTo("Login or password is wrong");
            }
            var refused = send(browser, "account/sign-in", headers, guess);
            assertThat(reason("brute force", refused, 429)).isEqualTo("Too many attempts: try again in 1 s");
            assertThat(refused.headers().firstValue("Retry-After")).contains("1");

            now = now.plusSeconds(1);
            send(browser, "account/sign-in", headers, guess);
            var longer = send(browser, "account/sign-in", headers, guess);
            assertThat(longer.statusCode()).isEqualTo(429);
            assertThat(longer.headers().firstValue("Retry-After")).contains("2");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}

package org.slapos.world.identity;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slapos.cli.Main;
import org.slapos.protocol.client.SlapClient;
import org.slapos.protocol.client.SlapException;
import org.slapos.protocol.jsonrpc.CertificateCall;

/// The commands about who is who, as people type them, on a real Master: what each prints, as JSON too, and what it
/// says when it cannot.
class IdentityCommandsTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    private volatile Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    private SmallCloud cloud;
    private Path home;

    @BeforeEach
    void open() throws IOException {
        cloud = new SmallCloud(folder, () -> now);
        home = home("home", cloud.person());
    }

    /// Of a user whose client knows the Master.
    private Path home(String name, SlapClient.Identity identity) throws IOException {
        var made = Files.createDirectories(folder.resolve(name));
        Files.createDirectories(made.resolve(".slapos"));
        Files.writeString(made.resolve(".slapos/slapos-client.cfg"), """
                [slapos]
                master_url = %s
                cert_file = %s
                key_file = %s
                master_ca_file = %s
                """.formatted(
                cloud.master().url().resolve("/slap/"), identity.certificate(), identity.key(), cloud.authority()));
        return made;
    }

    @AfterEach
    void close() {
        cloud.close();
    }

    private record Said(int status, String out, String err) {}

    private static Said slapos(Path home, String... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        int status =
                Main.run(Map.of("HOME", home.toString()), new PrintWriter(out), new PrintWriter(err, true), arguments);
        return new Said(status, out.toString(), err.toString());
    }

    private String done(String... arguments) {
        return done(home, arguments);
    }

    private static String done(Path home, String... arguments) {
        var said = slapos(home, arguments);
        assertThat(said.status())
                .as(String.join(" ", arguments) + ": " + said.err())
                .isZero();
        return said.out();
    }

    private JsonNode json(String... arguments) {
        var all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("-o", "json"));
        try {
            return JSON.readTree(done(all.toArray(String[]::new)));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void refused(int status, String why, String... arguments) {
        var said = slapos(home, arguments);
        assertThat(said.err()).as(String.join(" ", arguments)).contains(why);
        assertThat(said.status())
                .as(String.join(" ", arguments) + ": " + said.err())
                .isEqualTo(status);
        assertThat(said.out()).isEmpty();
    }

    private boolean works(SlapClient.Identity identity) throws IOException {
        try (var client = cloud.client(Optional.of(identity))) {
            client.json(new CertificateCall.Own());
            return true;
        } catch (SlapException _) {
            return false;
        }
    }

    @Test
    void certificatesAreListedRenewedAndRevoked() throws IOException {
        assertThat(done("certificate", "list").lines().toList().getFirst())
                .contains("SUBJECT", "KIND", "STATE", "EXPIRES", "LAST USED", "SERIAL");
        var listed = json("certificate", "list");
        assertThat(listed.findValuesAsText("kind")).containsExactlyInAnyOrder("PERSON", "COMPUTER");

        var before = Files.readString(cloud.person().certificate());
        done("certificate", "renew", "--if-due");
        assertThat(Files.readString(cloud.person().certificate())).isEqualTo(before);
        var old = cloud.copy(cloud.person(), "before");
        assertThat(slapos(home, "certificate", "renew").err())
                .contains("Renewed: ")
                .contains(" works until ");
        assertThat(Files.readString(cloud.person().certificate())).isNotEqualTo(before);
        assertThat(works(cloud.person())).isTrue();
        assertThat(works(old)).isTrue();
        now = now.plus(Duration.ofDays(7));
        var deadline = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        while (works(old)) { // the Master asks each second which ones have ended
            assertThat(System.nanoTime()).isLessThan(deadline);
        }
        assertThat(json("certificate", "list")).hasSize(2);
        assertThat(json("certificate", "list", "--all")).hasSize(3);

        String serial = "";
        for (var row : listed) {
            serial = row.path("kind").asText().equals("COMPUTER")
                    ? row.path("serial").asText()
                    : serial;
        }
        done("certificate", "revoke", serial);
        assertThat(works(cloud.computer())).isFalse();
        refused(1, "of COMP-1 has ended already", "certificate", "revoke", serial);
        refused(1, "1234567890abcdef1234", "certificate", "revoke", "1234567890abcdef1234");
        refused(2, "SERIAL", "certificate", "revoke");
    }

    @Test
    void aCommandThatNeedsACertificateSaysHowToGetOne() throws IOException {
        var nobody = Files.createDirectories(folder.resolve("nobody"));
        for (var command : List.of("certificate list", "certificate renew", "project list", "audit")) {
            var said = slapos(nobody, command.split(" "));
            assertThat(said.status()).as(command).isEqualTo(1);
            assertThat(said.err()).as(command).contains("slapos configure client");
        }
    }

    @Test
    void partiesAreMadeShownChangedSuspendedAndEnded() {
        for (var kind : List.of("person", "organisation", "project", "network")) {
            var made = json(kind, "create", "Some " + kind);
            var reference = made.path("reference").asText();
            assertThat(reference).matches("(PERSON|ORG|PROJ|NET)-[0-9]+");
            assertThat(done(kind, "show", reference)).contains("Some " + kind);
            assertThat(json(kind, "list").path("result_list").findValuesAsText("reference"))
                    .contains(reference);
            assertThat(done(kind, "list")).contains(reference);
            assertThat(json(kind, "set", reference, "title=Another")
                            .path("title")
                            .asText())
                    .isEqualTo("Another");
            assertThat(json(kind, "suspend", reference).path("state").asText()).isEqualTo("suspended");
            assertThat(json(kind, "resume", reference).path("state").asText()).isEqualTo("validated");
            assertThat(json(kind, "end", reference).path("state").asText()).isEqualTo("invalidated");
            refused(1, reference, kind, "resume", reference);
            refused(2, "TITLE", kind, "create");
        }
        refused(1, "PERSON-99", "person", "show", "PERSON-99");
        refused(1, "no party has a detail 'colour'", "person", "set", "PERSON-1", "colour=blue");
    }

    @Test
    void aComputerThatIsNotLostIsNotGivenUp() {
        refused(1, "COMP-1", "computer", "gone", "COMP-1");
        refused(1, "COMP-99", "computer", "gone", "COMP-99");
    }

    @Test
    void theBrakeOfAProjectIsShownAsItWasSet() {
        assertThat(done("brake", "show")).contains("PROJ-1", "as many as they like");
        done("brake", "set", "10/hour");
        assertThat(done("brake", "show")).contains("PROJ-1", "at most 10 per hour");
        assertThat(json("brake", "show").path("requests").asInt()).isEqualTo(10);
    }

    @Test
    void functionsAreGivenByAssignmentOrInvitationAndTakenAway() throws IOException {
        var bob = json("person", "create", "Bob").path("reference").asText();
        assertThat(json("assignment", "open", bob, "production/agent")
                        .path("function")
                        .asText())
                .isEqualTo("production/agent");
        assertThat(json("assignment", "list", "--person", bob)
                        .path("result_list")
                        .findValuesAsText("function"))
                .containsExactlyInAnyOrder("customer", "production/agent");
        done("assignment", "close", bob, "production/agent");
        refused(1, "does not hold production/agent", "assignment", "close", bob, "production/agent");
        refused(1, "known", "assignment", "open", bob, "emperor");

        var second = json("project", "create", "Second").path("reference").asText();
        var invitation =
                json("project", "invite", "--project", second).path("token").asText();
        var token = json("person", "token", bob).path("token").asText();
        var bobs = home("bob", cloud.redeemed("Person_getCertificate", token, Map.of(), "bob"));
        assertThat(done(bobs, "project", "join", invitation)).contains(second);
        var again = slapos(bobs, "project", "join", invitation);
        assertThat(again.status()).isEqualTo(1);
        assertThat(again.err()).contains("used already");
    }

    @Test
    void tokensSessionsAndLoginsAreListedAndEnded() throws Exception {
        assertThat(json("token", "feed", "/hateoas/").path("token").asText()).hasSizeGreaterThan(40);
        var tokens = json("token", "list").path("result_list");
        var id = tokens.path(0).path("id").asText();
        assertThat(json("token", "withdraw", id).path("state").asText()).isEqualTo("withdrawn");
        refused(1, "4711", "token", "withdraw", "4711");
        assertThat(json("computer", "token").path("command").asText()).startsWith("slapos node register");

        assertThat(json("session", "list").path("result_list")).isEmpty();
        refused(1, "session 4711", "session", "end", "4711");
        refused(1, "has no login", "person", "block", "PERSON-1");
        refused(1, "has no login", "person", "unblock", "PERSON-1");

        assertThat(json("audit", "--object", "COMP-1").path("result_list").findValuesAsText("action"))
                .contains("computer.register", "certificate.issue");
        assertThat(done("audit")).contains("WHEN", "WHO", "token.withdraw");
        refused(1, "before", "audit", "--before", "latest");
    }
}

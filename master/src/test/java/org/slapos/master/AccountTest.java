package org.slapos.master;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slapos.master.pki.IssuedCertificate;

/// People come in by themselves: over HTTPS, with a browser's headers and cookies, their mails in a folder.
class AccountTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PASSWORD = "correct horse battery";
    private static final Pattern TOKEN = Pattern.compile("token=([A-Za-z0-9_-]+)");

    /// From today on, since the browser looks whether the Master's certificate is valid; as precise as the database.
    private volatile Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);

    private final Set<Path> read = new HashSet<>();

    @TempDir
    private Path folder;

    private TestMaster master;
    private HttpClient browser;

    @BeforeEach
    void open() throws IOException {
        master = TestMaster.open(folder, () -> now);
        browser = master.client(Optional.empty());
    }

    @AfterEach
    void close() {
        browser.close();
        master.close();
    }

    private HttpResponse<String> send(HttpClient client, String path, Map<String, String> headers, String body) {
        var request = HttpRequest.newBuilder(master.url().resolve(path));
        headers.forEach(request::header);
        if (!body.isEmpty()) {
            request.POST(HttpRequest.BodyPublishers.ofString(body));
            if (!headers.containsKey("Content-Type")) {
                request.header("Content-Type", "application/json");
            }
        }
        try {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private HttpResponse<String> post(String path, String... fields) {
        return post(Map.of(), path, fields);
    }

    private HttpResponse<String> post(Map<String, String> headers, String path, String... fields) {
        var body = JSON.createObjectNode();
        for (int at = 0; at < fields.length; at += 2) {
            body.put(fields[at], fields[at + 1]);
        }
        return send(browser, "account/" + path, headers, body.toString());
    }

    private static JsonNode json(HttpResponse<String> answer) {
        try {
            return JSON.readTree(answer.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String why(HttpResponse<String> answer) {
        return json(answer).path("title").asText();
    }

    private static Map<String, String> cookie(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        var set = answer.headers().firstValue("set-cookie").orElseThrow();
        assertThat(set)
                .startsWith("__Host-slapos=")
                .contains("; Secure")
                .contains("; HttpOnly")
                .contains("; SameSite=Lax")
                .contains("; Path=/");
        return Map.of("Cookie", set.substring(0, set.indexOf(';')));
    }

    /// The token in the mail that came next.
    private String mailed() throws IOException {
        var spool = master.configuration().data().resolve("mail");
        var deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (System.nanoTime() < deadline) {
            if (Files.isDirectory(spool)) {
                try (var mails = Files.list(spool)) {
                    var next = mails.filter(it -> it.toString().endsWith(".eml"))
                            .filter(it -> !read.contains(it))
                            .findFirst();
                    if (next.isPresent()) {
                        read.add(next.get());
                        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(next.get())))
                                .isEqualTo("rw-------");
                        var found = TOKEN.matcher(Files.readString(next.get()));
                        assertThat(found.find()).isTrue();
                        return found.group(1);
                    }
                }
            }
            Thread.onSpinWait();
        }
        throw new AssertionError("no mail came");
    }

    private HttpResponse<String> register(String login, String email) {
        return post(
                "register",
                "login",
                login,
                "password",
                PASSWORD,
                "first_name",
                "Alice",
                "last_name",
                "Smith",
                "email",
                email);
    }

    private HttpResponse<String> signIn(String login, String password) {
        return post("sign-in", "login", login, "password", password);
    }

    private String alice() throws IOException {
        assertThat(register("alice", "alice@example.com").statusCode()).isEqualTo(202);
        var token = mailed();
        assertThat(post("verify", "token", token).statusCode()).isEqualTo(200);
        return token;
    }

    @Test
    @Tag("row:3")
    @Tag("row:4")
    void anAccountIsOfNoUseUntilItsMailWasAnswered() throws IOException {
        assertThat(register("alice", "alice@example.com").statusCode()).isEqualTo(202);
        assertThat(why(signIn("alice", PASSWORD))).contains("not verified yet");
        var token = mailed();
        var page = send(browser, "account/verify?token=" + token, Map.of(), "");
        assertThat(page.headers().firstValue("content-security-policy").orElseThrow())
                .contains("default-src 'none'");
        assertThat(why(signIn("alice", PASSWORD))).contains("not verified yet"); // a link that is followed does not act

        var form = Map.of("Content-Type", "application/x-www-form-urlencoded", "Origin", origin());
        assertThat(send(browser, "account/verify", form, "token=" + token).statusCode())
                .isEqualTo(200);
        var me = json(send(browser, "account/me", cookie(signIn("Alice", PASSWORD)), ""));
        assertThat(me.path("email").asText()).isEqualTo("alice@example.com");
        assertThat(me.path("projects").path("PROJ-1").path(0).asText()).isEqualTo("customer");

        assertThat(why(post("verify", "token", token))).contains("used already");
        assertThat(why(register("alice", "other@example.com"))).contains("login 'alice'");
        assertThat(why(register("other", "ALICE@example.com"))).contains("e-mail address");
    }

    private String origin() {
        return master.url().toString().replaceAll("/$", "");
    }

    @Test
    void aRegistrationThatIsNeverVerifiedDoesNotKeepItsLogin() throws IOException {
        register("alice", "alice@example.com");
        var late = mailed();
        now = now.plus(Duration.ofDays(3));
        assertThat(why(post("verify", "token", late))).contains("expired");
        alice();
        cookie(signIn("alice", PASSWORD));
    }

    @Test
    void whoGuessesWaitsLongerAndLonger() throws IOException {
        alice();
        for (int free = 0; free < 3; free++) {
            assertThat(why(signIn("alice", "wrong password"))).isEqualTo("Login or password is wrong");
            assertThat(why(signIn("nobody", "wrong password"))).isEqualTo("Login or password is wrong");
        }
        var refused = signIn("alice", PASSWORD);
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(why(refused)).isEqualTo("Too many attempts: try again in 1 s");
        assertThat(why(signIn("nobody", PASSWORD))).isEqualTo(why(refused));
        int waits = 0;
        for (int second = 0; second < 60; second++) {
            now = now.plus(Duration.ofSeconds(1));
            waits += signIn("alice", "wrong password").statusCode() == 429 ? 1 : 0;
        }
        assertThat(waits).isEqualTo(60 - 5); // after 1, 2, 4, 8 and 16 seconds
        now = now.plus(Duration.ofMinutes(20));
        cookie(signIn("alice", PASSWORD));
        assertThat(why(signIn("alice", "wrong password"))).isEqualTo("Login or password is wrong");
    }

    @Test
    void manyGuessesAtOnceAreNoWayAroundTheWait() throws Exception {
        alice();
        try (var threads = java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor()) {
            java.util.concurrent.Callable<Integer> guess =
                    () -> signIn("alice", "wrong password").statusCode();
            var answers = threads.invokeAll(java.util.Collections.nCopies(15, guess));
            assertThat(answers.stream().filter(it -> it.resultNow() != 429)).hasSize(3);
        }
    }

    @Test
    void aSessionIsListedEndedAndGrowsOld() throws IOException {
        alice();
        var first = cookie(signIn("alice", PASSWORD));
        var second = cookie(signIn("alice", PASSWORD));
        var open = json(send(browser, "account/sessions", first, "")).path("result_list");
        assertThat(open).hasSize(2);
        assertThat(post(first, "end-session", "id", open.path(0).path("id").asText())
                        .statusCode())
                .isEqualTo(200);
        assertThat(why(send(browser, "account/me", second, ""))).contains("was ended");
        assertThat(send(browser, "account/me", first, "").statusCode()).isEqualTo(200);
        for (int hour = 0; hour < 24; hour += 7) {
            now = now.plus(Duration.ofHours(7));
            assertThat(send(browser, "account/me", first, "").statusCode()).isEqualTo(200);
        }
        now = now.plus(Duration.ofHours(9));
        assertThat(why(send(browser, "account/me", first, ""))).contains("is over");
        var third = cookie(signIn("alice", PASSWORD));
        assertThat(post(third, "sign-out").headers().firstValue("set-cookie").orElseThrow())
                .contains("Max-Age=0");
        assertThat(send(browser, "account/me", third, "").statusCode()).isEqualTo(401);
        assertThat(why(send(browser, "account/me", Map.of("Cookie", "__Host-slapos=invented"), "")))
                .contains("not known");
    }

    @Test
    void aSignedInPersonCallsTheJsonMethodsAndOtherSitesDoNot() throws IOException {
        alice();
        var cookie = cookie(signIn("alice", PASSWORD));
        var trees = "slap/slapos.allDocs.v0.instance_tree_list";
        assertThat(send(browser, trees, cookie, "{}").statusCode()).isEqualTo(200);
        assertThat(send(browser, "hateoas/", cookie, "").statusCode()).isEqualTo(200);
        assertThat(send(browser, trees, with(cookie, "Origin", origin()), "{}").statusCode())
                .isEqualTo(200);
        assertThat(send(browser, trees, with(cookie, "Origin", "https://evil.example"), "{}")
                        .statusCode())
                .isEqualTo(403);
        assertThat(send(browser, trees, with(cookie, "Sec-Fetch-Site", "cross-site"), "{}")
                        .statusCode())
                .isEqualTo(403);
        assertThat(post(Map.of("Origin", "https://evil.example"), "sign-in", "login", "alice", "password", PASSWORD)
                        .statusCode())
                .isEqualTo(403);
        // Machines' protocol knows certificates only.
        assertThat(send(browser, "slap/getFullComputerInformation?computer_id=COMP-1", cookie, "")
                        .statusCode())
                .isEqualTo(401);
    }

    private static Map<String, String> with(Map<String, String> headers, String name, String value) {
        var more = new java.util.HashMap<>(headers);
        more.put(name, value);
        return more;
    }

    @Test
    void aForgottenPasswordIsReplacedByMailAndEndsAllSessions() throws IOException {
        alice();
        var before = cookie(signIn("alice", PASSWORD));
        assertThat(post("recovery", "email", "nobody@example.com").body())
                .isEqualTo(post("recovery", "email", "alice@example.com").body());
        var token = mailed();
        assertThat(why(post("recover", "token", token, "password", "short"))).contains("10 to 200");
        assertThat(post("recover", "token", token, "password", "another password")
                        .statusCode())
                .isEqualTo(200);
        assertThat(why(send(browser, "account/me", before, ""))).contains("was ended");
        assertThat(signIn("alice", PASSWORD).statusCode()).isEqualTo(403);
        cookie(signIn("alice", "another password"));
        assertThat(why(post("recover", "token", token, "password", "another password")))
                .contains("used already");
    }

    @Test
    void aLinkInAMailSignsInOnceAndOnlyThere() throws IOException {
        alice();
        post("sign-in-link", "email", "alice@example.com");
        var token = mailed();
        assertThat(why(post("verify", "token", token))).contains("for signing in, not for verifying");
        cookie(post("sign-in-by-link", "token", token));
        assertThat(why(post("sign-in-by-link", "token", token))).contains("used already");
        post("sign-in-link", "email", "alice@example.com");
        var late = mailed();
        now = now.plus(Duration.ofMinutes(15));
        assertThat(why(post("sign-in-by-link", "token", late))).contains("expired");
    }

    private IssuedCertificate firstPerson() throws IOException {
        var token = Files.readString(master.configuration().firstTokenFile()).strip();
        var answer = json(send(
                browser,
                "Person_getCertificate",
                Map.of("X-Access-Token", token, "Content-Type", "application/x-www-form-urlencoded"),
                "a=b"));
        return new IssuedCertificate(
                answer.path("certificate").asText(), answer.path("key").asText(), "", now);
    }

    @Test
    void theFirstPersonSignsInByCertificateBlocksAndSuspends() throws IOException {
        alice();
        var session = cookie(signIn("alice", PASSWORD));
        try (var chief = master.client(Optional.of(firstPerson()))) {
            var mine = cookie(send(chief, "account/sign-in-by-certificate", Map.of(), "{}"));
            assertThat(json(send(browser, "account/me", mine, ""))
                            .path("functions")
                            .path(0)
                            .asText())
                    .isEqualTo("system/manager");
            var block = "slap/slapos.put.v0.login_block";
            assertThat(send(chief, block, Map.of(), "{\"person\": \"PERSON-2\", \"blocked\": true}")
                            .statusCode())
                    .isEqualTo(200);
            assertThat(why(send(browser, "account/me", session, ""))).contains("was ended");
            assertThat(why(signIn("alice", PASSWORD))).contains("is blocked");
            send(chief, block, Map.of(), "{\"person\": \"PERSON-2\", \"blocked\": false}");
            var again = cookie(signIn("alice", PASSWORD));
            var state = "{\"reference\": \"PERSON-2\", \"state\": \"suspended\"}";
            assertThat(send(chief, "slap/slapos.put.v0.party_state", Map.of(), state)
                            .statusCode())
                    .isEqualTo(200);
            assertThat(why(send(browser, "account/me", again, ""))).contains("PERSON-2 is suspended");
            assertThat(why(signIn("alice", PASSWORD))).contains("suspended");
            var events = json(send(chief, "slap/slapos.allDocs.v0.event_list", Map.of(), "{\"object\": \"PERSON-2\"}"))
                    .path("result_list");
            var suspension = events.path(0);
            assertThat(suspension.path("action").asText()).isEqualTo("person.state");
            assertThat(suspension.path("who").asText()).isEqualTo("PERSON-1");
            assertThat(suspension.path("proof").asText()).matches("[0-9a-f]{64}");
            assertThat(suspension.path("address").asText()).isEqualTo("127.0.0.1");
            assertThat(events.toString()).doesNotContain(PASSWORD);
        }
    }

    private String email(Map<String, String> cookie) {
        return json(send(browser, "account/me", cookie, "")).path("email").asText();
    }

    private HttpResponse<String> setEmail(Map<String, String> cookie, String email) {
        var body = "{\"reference\": \"PERSON-2\", \"details\": {\"email\": \"" + email + "\"}}";
        return send(browser, "slap/slapos.put.v0.party", cookie, body);
    }

    @Test
    void aNewAddressOfAPersonHoldsWhenItWasVerifiedAndTheOldOneUntilThen() throws IOException {
        alice();
        var cookie = cookie(signIn("alice", PASSWORD));
        var details = json(setEmail(cookie, "mistyped@example.com")).path("details");
        assertThat(details.path("email").asText()).isEqualTo("alice@example.com");
        assertThat(details.path("new_email").asText()).isEqualTo("mistyped@example.com");
        var first = mailed();
        assertThat(setEmail(cookie, "alice@example.org").statusCode()).isEqualTo(200);
        var second = mailed();
        assertThat(email(cookie)).isEqualTo("alice@example.com");
        assertThat(why(post("verify", "token", first))).contains("was withdrawn");

        assertThat(post("verify", "token", second).statusCode()).isEqualTo(200);

        assertThat(email(cookie)).isEqualTo("alice@example.org");
        assertThat(why(post("verify", "token", second))).contains("used already");
        post("sign-in-link", "email", "alice@example.org");
        cookie(post("sign-in-by-link", "token", mailed()));
    }

    @Test
    void anAddressThatSomebodyElseHasVerifiedMeanwhileIsNotTakenOver() throws IOException {
        alice();
        var cookie = cookie(signIn("alice", PASSWORD));
        setEmail(cookie, "bob@example.com");
        var late = mailed();
        assertThat(register("bob", "bob@example.com").statusCode()).isEqualTo(202);
        assertThat(why(post("verify", "token", late))).contains("belongs to somebody else meanwhile");
        assertThat(email(cookie)).isEqualTo("alice@example.com");
    }

    @Test
    void aSignedInPersonSendsMoreThanAStrangerMay() throws IOException {
        alice();
        var cookie = cookie(signIn("alice", PASSWORD));
        var method = "slap/slapos.post.v0.software_instance";
        var body = "{\"title\": \"big\", \"software_release_uri\": \"https://soft.example/big/software.cfg\","
                + " \"software_type\": \"default\", \"parameters\": {\"a\": \"" + "x".repeat(100_000) + "\"}}";
        assertThat(send(browser, method, cookie, body).statusCode()).isEqualTo(200); // it waits for a place
        assertThat(send(browser, method, Map.of("Cookie", "__Host-slapos=invented"), body)
                        .statusCode())
                .isEqualTo(401);
        assertThat(send(browser, method, Map.of(), body).statusCode()).isEqualTo(401);
    }

    @Test
    void aFeedsTokenReadsItsAddressAndNothingElse() throws IOException {
        alice();
        var cookie = cookie(signIn("alice", PASSWORD));
        var token = json(send(browser, "slap/slapos.post.v0.feed_token", cookie, "{\"path\": \"/hateoas/\"}"))
                .path("token")
                .asText();
        assertThat(send(browser, "hateoas/?token=" + token, Map.of(), "").statusCode())
                .isEqualTo(200);
        assertThat(send(browser, "hateoas/?token=" + token, Map.of(), "").statusCode())
                .isEqualTo(200);
        assertThat(send(browser, "hateoas/person_module/PERSON-2?token=" + token, Map.of(), "")
                        .body())
                .contains("This token reads /hateoas/");
        assertThat(send(browser, "slap/slapos.allDocs.v0.instance_tree_list?token=" + token, Map.of(), "{}")
                        .statusCode())
                .isEqualTo(401);
    }
}

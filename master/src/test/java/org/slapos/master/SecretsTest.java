package org.slapos.master;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slapos.master.db.TestDatabase;
import org.slapos.master.pki.IssuedCertificate;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.Form;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.marshal.MarshalReader;
import org.slapos.protocol.marshal.MarshalWriter;
import org.slapos.protocol.marshal.Value;

/// A Master as a process, with its own PostgreSQL and everything logged: secrets come in by every way there is,
/// what can fail is made to fail, and then they are looked for everywhere.
class SecretsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String FORM = "application/x-www-form-urlencoded";

    /// What the database keeps for who owns it, in the instance's own row and nowhere else.
    private static final List<String> KEPT_FOR_THE_OWNER = List.of("parameter", "parameter of JSON", "connection");

    private final Map<String, String> secrets = new LinkedHashMap<>();
    private final List<String> refusals = new ArrayList<>();
    private final List<HttpClient> clients = new ArrayList<>();
    private int postgresPort;
    private Path folder;
    private Process master;
    private URI url;
    private int starts;

    @BeforeEach
    void begin() throws Exception {
        folder = TestDatabase.folder();
        // A mail server that nobody has: each mail fails, and says so in the log.
        int nowhere;
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            postgresPort = free.getLocalPort();
        }
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nowhere = free.getLocalPort();
        }
        var phrase = Files.writeString(folder.resolve("passphrase"), planted("passphrase of the key file"));
        Files.setPosixFilePermissions(phrase, PosixFilePermissions.fromString("rw-------"));
        start("key-passphrase-file = " + phrase + "\nself-registration = true\nmail-from = slapos@example.com\n"
                + "smtp-url = smtp://mailer:" + planted("password of the mail server") + "@127.0.0.1:" + nowhere
                + "\n");
    }

    /// @param more lines of the configuration
    private void start(String more) throws Exception {
        var configuration = Files.writeString(
                folder.resolve("master.cfg"),
                "[master]\ndata = %s\nkey-file = %s\nhost = 127.0.0.1\nport = 0\npostgres-port = %d\nmin-free-mb = 0\n%s%s"
                        .formatted(
                                folder.resolve("data"),
                                folder.resolve("key"),
                                postgresPort,
                                more,
                                TestDatabase.unprivilegedUser()
                                        .map(user -> "postgres-user = " + user + "\n")
                                        .orElse("")));
        Files.setPosixFilePermissions(configuration, PosixFilePermissions.fromString("rw-------"));
        var builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dslapos.log=debug",
                "-cp",
                System.getProperty("java.class.path"),
                "org.slapos.master.Main",
                "start",
                "--config",
                configuration.toString());
        builder.environment().put("OPERATORS_SECRET", planted("environment of start " + starts));
        master = builder.redirectOutput(
                        ProcessBuilder.Redirect.appendTo(folder.resolve("out").toFile()))
                .redirectError(
                        ProcessBuilder.Redirect.appendTo(folder.resolve("err").toFile()))
                .start();
        starts++;
        for (int i = 0; log("out").split("Master ready at ", -1).length <= starts; i++) {
            assertThat(master.isAlive() && i < 1200).as(() -> log("err")).isTrue();
            Thread.sleep(100); // a process starts in its own time
        }
        url = URI.create(log("out").replaceAll("(?s).*ready at (\\S+) .*", "$1"));
    }

    @AfterEach
    void stop() throws Exception {
        end();
        TestDatabase.delete(folder);
    }

    private void end() throws InterruptedException {
        clients.forEach(HttpClient::close);
        clients.clear();
        master.destroy();
        if (!master.waitFor(30, TimeUnit.SECONDS)) {
            master.destroyForcibly().waitFor();
        }
    }

    private String log(String name) {
        try {
            return Files.readString(folder.resolve(name));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /// A text that is nowhere else, to be looked for.
    private String planted(String where) {
        var secret = "canary" + UUID.randomUUID().toString().replace("-", "");
        secrets.put(where, secret);
        return secret;
    }

    private HttpClient client(Optional<IssuedCertificate> identity) throws IOException {
        var client = HttpClient.newBuilder()
                .sslContext(TestMaster.context(Files.readString(folder.resolve("data/ca.crt")), identity))
                .build();
        clients.add(client);
        return client;
    }

    private HttpResponse<String> send(HttpClient as, String path, String type, String body, String... headers)
            throws Exception {
        var request = HttpRequest.newBuilder(URI.create(url + path))
                .header("Content-Type", type)
                .POST(HttpRequest.BodyPublishers.ofString(body));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        var answer = as.send(request.build(), HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() >= 400) {
            refusals.add(answer.statusCode() + " " + answer.headers().map() + " " + answer.body());
        }
        return answer;
    }

    private HttpResponse<String> slap(HttpClient as, String method, Map<String, String> fields) throws Exception {
        return send(as, "slap/" + method, FORM, new Form(fields).encode());
    }

    private HttpResponse<String> json(HttpClient as, String method, String body) throws Exception {
        return send(as, "slap/slapos." + method, "application/json", body);
    }

    private static void assertStatus(HttpResponse<String> answer, int status) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    }

    /// Who redeems that token; token and key are secrets.
    private IssuedCertificate redeemed(HttpClient as, String what, String token, String form) throws Exception {
        secrets.put("token of " + what, token);
        var path = what.equals("person") ? "Person_getCertificate" : "Person_requestComputer";
        var answer = send(as, path, FORM, form, "X-Access-Token", token);
        assertStatus(answer, 200);
        var pair = JSON.readTree(answer.body());
        return identity(
                what, pair.path("certificate").asText(), pair.path("key").asText());
    }

    private IssuedCertificate identity(String what, String certificate, String key) {
        secrets.put("key of " + what, key.lines().skip(1).findFirst().orElseThrow());
        return new IssuedCertificate(certificate, key, "", Instant.EPOCH);
    }

    private Connection database() throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + postgresPort + "/slapos",
                "slapos",
                log("data/postgres-password").strip());
    }

    @Test
    void aSecretIsFoundNowhere() throws Exception {
        secrets.put("password of the database", log("data/postgres-password").strip());
        secrets.put("key file", log("key").strip());
        var nobody = client(Optional.empty());
        var alice = client(Optional.of(
                redeemed(nobody, "person", log("data/first-person-token").strip(), "")));
        var token = json(alice, "post.v0.compute_node_token", "{}");
        assertStatus(token, 200);
        var node = client(Optional.of(redeemed(
                nobody, "computer", JSON.readTree(token.body()).path("token").asText(), "title=machine")));
        var computer = new ComputerId("COMP-1");
        assertStatus(
                slap(
                        node,
                        "loadComputerConfigurationFromXML",
                        Map.of(
                                "xml",
                                MarshalWriter.write(
                                        TestTrades.configuration(computer, 3).toValue()))),
                200);
        var supply = Map.of("computer_id", "COMP-1", "url", TestTrades.HELLO, "state", "available");
        assertStatus(slap(alice, "supplySupply", supply), 200);

        var parameter = planted("parameter");
        var placed = slap(alice, "requestComputerPartition", wanted("blog", parameter));
        assertStatus(placed, 200);
        var partition = InstanceInformation.ofRequestAnswer(MarshalReader.read(placed.body()))
                .partition()
                .text();
        var here = Map.of("computer_id", "COMP-1", "computer_partition_id", partition);
        var pair = MarshalReader.read(
                        slap(node, "getComputerPartitionCertificate", here).body())
                .asDictionary();
        var instance =
                client(Optional.of(identity("instance", pair.requiredText("certificate"), pair.requiredText("key"))));
        var published = with(
                here, "connection_xml", MarshalWriter.write(Value.texts(Map.of("password", planted("connection")))));
        assertStatus(slap(instance, "setComputerPartitionConnectionXml", published), 200);
        assertStatus(
                json(
                        alice,
                        "post.v0.software_instance",
                        "{\"title\": \"shop\", \"software_release_uri\": \"" + TestTrades.HELLO
                                + "\", \"software_type\": \"default\", \"parameters\": {\"password\": \""
                                + planted("parameter of JSON") + "\"}}"),
                200);
        assertStatus(slap(node, "softwareInstanceError", with(here, "error_log", "ordinary")), 200);

        malformed(alice, node, nobody, here);
        failing(alice, node, here);

        assertThat(log("err")).as("everything is logged").contains("DEBUG").contains("failed");
        assertThat(log("data/postgres.log")).as("PostgreSQL logged the failure").contains("ERROR");
        lookedForEverywhere();
    }

    private void lookedForEverywhere() throws Exception {
        for (var line : refusals) {
            assertHoldsNone(line, line);
        }
        assertHoldsNone("the Master's log", log("err") + log("out"));
        assertHoldsNone("PostgreSQL's log", log("data/postgres.log"));
        processes();
        try (var connection = database()) {
            dump(connection);
        }
    }

    private HttpResponse<String> account(HttpClient as, String path, Map<String, String> fields, String... headers)
            throws Exception {
        return send(as, "account/" + path, "application/json", JSON.writeValueAsString(fields), headers);
    }

    /// The token of the link in the latest mail, which is a secret.
    private String mailed(String what, int count) throws Exception {
        var spool = folder.resolve("data/mail");
        for (int i = 0; i < 200; i++) {
            if (Files.isDirectory(spool)) {
                try (var mails = Files.list(spool)) {
                    var all = mails.filter(it -> it.toString().endsWith(".eml"))
                            .sorted(Comparator.comparingLong(it -> it.toFile().lastModified()))
                            .toList();
                    if (all.size() == count) {
                        var token = Files.readString(all.getLast()).replaceAll("(?s).*token=([A-Za-z0-9_-]+).*", "$1");
                        secrets.put("link " + what, token);
                        return token;
                    }
                }
            }
            Thread.sleep(100); // a process of its own delivers it
        }
        throw new AssertionError("no mail came: " + log("err"));
    }

    private String cookie(String what, HttpResponse<String> answer) {
        assertStatus(answer, 200);
        var set = answer.headers().firstValue("set-cookie").orElseThrow();
        secrets.put("cookie " + what, set.replaceAll("^[^=]*=([^;]*);.*", "$1"));
        return set.substring(0, set.indexOf(';'));
    }

    /// Passwords, sessions and links of people; a mail server with a password, which fails; a passphrase.
    @Test
    void aSecretOfAPersonIsFoundNowhere() throws Exception {
        var browser = client(Optional.empty());
        var password = planted("password");
        var alice = Map.of(
                "login", "alice", "password", password, "first_name", "A", "last_name", "B", "email", "a@example.com");
        assertStatus(account(browser, "register", alice), 202);
        assertStatus(account(browser, "register", with(alice, "password", planted("password of a taken login"))), 409);
        for (int i = 0; !log("err").contains("did not take a mail to a@example.com"); i++) {
            assertThat(i).as(() -> log("err")).isLessThan(200);
            Thread.sleep(100); // a process of its own tries to deliver it
        }
        end();
        start("key-passphrase-file = " + folder.resolve("passphrase") + "\nself-registration = true\n");
        try (var connection = database();
                var statement = connection.createStatement()) {
            statement.execute("update mail set next_at = now() - interval '1 hour'");
            statement.execute("select pg_notify('mail_due', '')");
        }

        browser = client(Optional.empty());
        assertStatus(account(browser, "verify", Map.of("token", mailed("that verifies", 1))), 200);
        var right = Map.of("login", "alice", "password", password);
        assertStatus(account(browser, "sign-in", with(right, "password", planted("guess"))), 403);
        assertStatus(
                send(browser, "account/sign-in", "application/json", "{\"password\": \"" + planted("broken") + "\""),
                400);
        var session = cookie("by password", account(browser, "sign-in", right));
        assertStatus(account(browser, "sign-in", right, "Origin", "https://evil.example"), 403);
        assertStatus(
                account(browser, "end-session", Map.of("id", planted("number of a session")), "Cookie", session), 400);
        var next = planted("next password");
        var change = Map.of("old", planted("wrong old password"), "new", next);
        assertThat(account(browser, "password", change, "Cookie", session).statusCode())
                .isGreaterThanOrEqualTo(400);
        assertStatus(account(browser, "password", with(change, "old", password), "Cookie", session), 200);

        account(browser, "sign-in-link", Map.of("email", "a@example.com"));
        var link = Map.of("token", mailed("that signs in", 2));
        cookie("by link", account(browser, "sign-in-by-link", link));
        assertStatus(account(browser, "sign-in-by-link", link), 403);
        account(browser, "recovery", Map.of("email", "a@example.com"));
        var recovery = Map.of("token", mailed("that recovers", 3), "password", "short");
        assertStatus(account(browser, "recover", recovery), 400);
        assertStatus(account(browser, "recover", with(recovery, "password", planted("recovered password"))), 200);
        assertStatus(account(browser, "recover", with(recovery, "password", planted("password too late"))), 403);

        lookedForEverywhere();
    }

    private static Map<String, String> wanted(String title, String secret) {
        return TestTrades.wanted(title, RequestedState.STARTED, Map.of("password", secret))
                .toForm()
                .fields();
    }

    private static Map<String, String> with(Map<String, String> fields, String name, String text) {
        var more = new LinkedHashMap<>(fields);
        more.put(name, text);
        return more;
    }

    /// What cannot be read, or comes from nobody: the answer does not say it again.
    private void malformed(HttpClient alice, HttpClient node, HttpClient nobody, Map<String, String> here)
            throws Exception {
        var wanted = wanted("broken", "x");
        for (var broken : List.of(
                "<marshal><dictionary id='i2'><string>password</string><string>%s</dictionary></marshal>",
                "<marshal><dictionary id='i2'><string>password</string><int>%s</int></dictionary></marshal>",
                "<marshal>%s</marshal>",
                "%s")) {
            var xml = broken.formatted(planted("broken XML " + broken));
            assertStatus(slap(alice, "requestComputerPartition", with(wanted, "partition_parameter_xml", xml)), 400);
            assertStatus(slap(node, "setComputerPartitionConnectionXml", with(here, "connection_xml", xml)), 400);
        }
        for (var broken : List.of("{\"title\": %s}", "{\"title\": \"%s\"", "%s", "{\"parameters\": \"%s\"}")) {
            assertStatus(
                    json(alice, "post.v0.software_instance", broken.formatted(planted("broken JSON " + broken))), 400);
        }
        for (var broken : List.of("<journal>%s</journal>", "<journal><x>%s</journal>", "%s")) {
            var document = broken.formatted(planted("broken TioXML " + broken));
            assertStatus(slap(node, "useComputer", Map.of("computer_id", "COMP-1", "use_string", document)), 400);
        }
        send(alice, "slap/supplySupply", FORM, "url=%zz" + planted("broken form"));
        send(alice, "slap/getComputerStatus?computer_id=COMP-99&password=" + planted("query"), FORM, "");
        send(alice, "slap/getComputerStatus?a=%ff" + planted("broken query"), FORM, "");
        send(nobody, "nowhere?password=" + planted("query of nobody"), FORM, planted("body of nobody"));
        send(
                nobody,
                "slap/supplySupply",
                FORM,
                "",
                "Authorization",
                "Basic " + planted("authorization"),
                "Cookie",
                "session=" + planted("cookie"));
        var guess = send(nobody, "Person_getCertificate", FORM, "", "X-Access-Token", planted("wrong token"));
        assertStatus(guess, 403);
        var error = planted("error log");
        send(
                node,
                "slap/softwareInstanceError",
                FORM,
                "computer_id=COMP-1&computer_partition_id=none&error_log=" + error);
    }

    /// What PostgreSQL refuses is told in full only to whoever may see it: here, to nobody.
    private void failing(HttpClient alice, HttpClient node, Map<String, String> here) throws Exception {
        try (var connection = database();
                var statement = connection.createStatement()) {
            statement.execute("alter table instance add constraint forced check (title <> 'boom')");
            statement.execute("alter table usage_report add constraint forced check (title <> 'boom')");
        }
        assertStatus(slap(alice, "requestComputerPartition", wanted("boom", planted("parameter of a failure"))), 500);
        var usage = "<journal><transaction type='Sale Packing List'><title>boom</title>"
                + "<start_date>2031-04-01 00:00:00</start_date><stop_date>2031-04-01 23:59:59</stop_date><reference>"
                + planted("usage of a failure")
                + "</reference><currency/><payment_mode/><category/><arrow type='Destination'/><movement>"
                + "<resource>service_module/cpu_load_percent</resource><title/><reference>slapuser0</reference>"
                + "<quantity>1</quantity><price>0.0</price><VAT/><category/></movement></transaction></journal>";
        assertStatus(slap(node, "useComputer", Map.of("computer_id", "COMP-1", "use_string", usage)), 500);
        assertThat(here).isNotEmpty();
    }

    /// Of the Master and of all it started.
    private void processes() throws IOException {
        assertHoldsNone("the Master's command line", Files.readString(Path.of("/proc/" + master.pid() + "/cmdline")));
        var children = master.descendants().toList();
        assertThat(children).as("PostgreSQL runs").isNotEmpty();
        for (var child : children) {
            for (var file : List.of("cmdline", "environ")) {
                var shown = Files.readString(Path.of("/proc/" + child.pid() + "/" + file), StandardCharsets.ISO_8859_1);
                assertHoldsNone(file + " of process " + child.pid(), shown);
            }
        }
    }

    /// Every row of every table.
    private void dump(Connection connection) throws SQLException {
        try (var statement = connection.createStatement()) {
            var tables = new ArrayList<String>();
            try (var found = statement.executeQuery("select tablename from pg_tables where schemaname = 'public'")) {
                while (found.next()) {
                    tables.add(found.getString(1));
                }
            }
            assertThat(tables).contains("instance", "certificate", "token");
            for (var table : tables) {
                var rows = new StringBuilder();
                try (var found = statement.executeQuery("select t::text from \"" + table + "\" t")) {
                    while (found.next()) {
                        rows.append(found.getString(1)).append('\n');
                    }
                }
                secrets.forEach((what, secret) -> {
                    boolean isKept = table.equals("instance") && KEPT_FOR_THE_OWNER.contains(what);
                    assertThat(rows.indexOf(secret) >= 0)
                            .as("%s in table %s", what, table)
                            .isEqualTo(isKept);
                });
                assertThat(rows).as(table).doesNotContain("PRIVATE KEY");
            }
        }
    }

    private void assertHoldsNone(String where, String text) {
        secrets.forEach((what, secret) ->
                assertThat(text.contains(secret)).as("%s in %s", what, where).isFalse());
    }
}

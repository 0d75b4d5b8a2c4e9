package org.slapos.master;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slapos.master.db.Database;
import org.slapos.master.db.DatabaseAddress;
import org.slapos.master.db.TestDatabase;
import org.slapos.master.pki.CertificateAuthority;
import org.slapos.master.pki.Holder;
import org.slapos.master.pki.IssuedCertificate;
import org.slapos.master.pki.KeyFile;
import org.slapos.master.pki.OldMaster;

/// `slapos master certificate ...` as an operator types it, on the data of a real Master.
class CertificateCommandsTest {
    private static final InstantSource CLOCK = InstantSource.system();
    private static final Holder NODE = Holder.computer("COMP-1");
    private static final String PATH = "slap/getHateoasUrl";

    @TempDir
    private Path folder;

    /// @param status of its exit
    private record Said(int status, String out, String err) {}

    private static Said run(String... arguments) {
        var out = System.out;
        var err = System.err;
        var printed = new ByteArrayOutputStream();
        var complained = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(complained, true, StandardCharsets.UTF_8));
        try {
            int status = Main.run(arguments);
            return new Said(
                    status, printed.toString(StandardCharsets.UTF_8), complained.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }

    /// Of the Master with that data.
    private Said command(Path master, DatabaseAddress address, String... arguments) throws IOException {
        var all = new ArrayList<>(List.of("certificate"));
        all.addAll(List.of(arguments));
        all.addAll(List.of(
                "--data",
                master.resolve("data").toString(),
                "--key-file",
                master.resolve("data.key").toString(),
                "--config",
                TestMaster.fileNaming(folder, address).toString()));
        return run(all.toArray(String[]::new));
    }

    private Said command(TestMaster master, String... arguments) throws IOException {
        return command(
                folder.resolve("master"), master.configuration().database().orElseThrow(), arguments);
    }

    private static IssuedCertificate issued(TestMaster master, Holder holder) throws IOException {
        var random = new SecureRandom();
        try (var database = Database.open(master.configuration().database().orElseThrow(), 2)) {
            var key = KeyFile.read(master.configuration().keyFile(), random);
            var authority = CertificateAuthority.open(database, key, random, CLOCK.instant());
            return database.inTransaction(tx -> authority.issue(tx, holder, CLOCK.instant()));
        }
    }

    private static HttpResponse<String> ask(TestMaster master, IssuedCertificate shown) throws Exception {
        return ask(master, Files.readString(master.configuration().authorityFile()), shown);
    }

    private static HttpResponse<String> ask(TestMaster master, String trusted, IssuedCertificate shown)
            throws Exception {
        try (var client = java.net.http.HttpClient.newBuilder()
                .sslContext(TestMaster.context(trusted, Optional.of(shown)))
                .build()) {
            return client.send(
                    HttpRequest.newBuilder(master.url().resolve(PATH)).build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    /// The running Master hears of what a command did.
    private static void awaitStatus(TestMaster master, IssuedCertificate shown, int status) throws Exception {
        var deadline = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        while (ask(master, shown).statusCode() != status) {
            assertThat(System.nanoTime()).isLessThan(deadline);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"list", "revoke", "keys", "rotate", "retire-root", "recover"})
    void everyCommandHasAHelp(String name) {
        var said = run("certificate", name, "--help");
        assertThat(said.status()).isZero();
        assertThat(said.out())
                .startsWith("Usage: slapos master certificate " + name)
                .contains("--data=DIR");
    }

    @Test
    void aStolenKeyIsReplacedAndWhatItSignedEndsAtOnceOrAfterAWhile() throws Exception {
        try (var master = TestMaster.open(folder.resolve("master"), CLOCK)) {
            var node = issued(master, NODE);
            assertThat(ask(master, node).statusCode()).isEqualTo(200);

            var graceful = command(master, "rotate", "--stolen", "--grace-hours", "48");

            assertThat(graceful.status()).as(graceful.err()).isZero();
            assertThat(graceful.out())
                    .contains("A new issuing key signs")
                    .contains("that end at ")
                    .contains(": 1.");
            assertThat(ask(master, node).statusCode()).isEqualTo(200);
            var listed = new ObjectMapper()
                    .readTree(command(master, "list", "-o", "json").out());
            assertThat(listed)
                    .singleElement()
                    .matches(row -> row.path("state").asText().equals("ends (key stolen)"));
            var later = issued(master, Holder.computer("COMP-2"));

            var atOnce = command(master, "rotate", "--stolen");

            assertThat(atOnce.out()).contains("that end now: 1.").contains("slapos computer token");
            awaitStatus(master, later, 401);
            assertThat(ask(master, node).statusCode()).isEqualTo(200); // of the key before
            var keys = new ObjectMapper()
                    .readTree(command(master, "keys", "-o", "json").out());
            assertThat(keys.findValuesAsText("state"))
                    .anyMatch(state -> state.startsWith("stolen "))
                    .contains("signs");
            // Nobody has to be told of another root.
            assertThat(ask(master, issued(master, Holder.computer("COMP-3"))).statusCode())
                    .isEqualTo(200);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    rotate --grace-hours 4                | 1 | goes with --stolen
                    rotate --stolen --grace-hours 721     | 1 | from 0 to 720
                    rotate --stolen --grace-hours many    | 2 | --grace-hours
                    revoke COMP-99                        | 1 | No certificate of 'COMP-99' works: see
                    revoke                                | 2 | REFERENCE|SERIAL
                    list -o csv                           | 2 | table, json, yaml
                    recover                               | 2 | --key-file-lost
                    recover --key-file-lost               | 1 | is there: move it away first""", quoteCharacter = '"')
    void whatCannotBeDoneIsSaidAndNothingIsDone(String typed, int status, String why) throws Exception {
        try (var master = TestMaster.open(folder.resolve("master"), CLOCK)) {
            var trusted = Files.readString(master.configuration().authorityFile());
            var said = command(master, typed.strip().split(" +"));
            assertThat(said.status()).as(said.out() + said.err()).isEqualTo(status);
            assertThat(said.err()).contains(why.strip());
            assertThat(command(master, "keys").out().lines()).hasSize(3); // head, root, issuing key
            assertThat(Files.readString(master.configuration().authorityFile())).isEqualTo(trusted);
        }
    }

    @Test
    void aMasterThatBeganWithIssuingKeysHasNoRootToRetire() throws Exception {
        try (var master = TestMaster.open(folder.resolve("master"), CLOCK)) {
            var said = command(master, "retire-root");
            assertThat(said.status()).isZero();
            assertThat(said.out()).isEqualTo("There is no old root: this Master began with issuing keys.\n");
            assertThat(ask(master, issued(master, NODE)).statusCode()).isEqualTo(200);
        }
    }

    /// The server goes on showing what the old root vouches for until the operator retires it; what that root has
    /// signed works before and after.
    @Test
    void anOldRootIsRetiredWhileTheMasterRuns() throws Exception {
        var data = Files.createDirectories(folder.resolve("master"));
        var random = new SecureRandom();
        KeyFile.createIfMissing(data.resolve("data.key"), random);
        var address = TestDatabase.emptyAddress();
        var before = OldMaster.found(address, KeyFile.read(data.resolve("data.key"), random), NODE, Instant.now());
        try (var master = TestMaster.open(data, CLOCK, address)) {
            assertThat(ask(master, before.root(), before.shown()).statusCode()).isEqualTo(200);
            var both = Files.readString(master.configuration().authorityFile());
            assertThat(both.split("BEGIN CERTIFICATE", -1)).hasSize(3);

            var said = command(data, address, "retire-root");

            assertThat(said.out()).as(said.err()).isEqualTo("The old root has ended.\n");
            var deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
            while (Files.readString(master.configuration().authorityFile()).equals(both)) {
                assertThat(System.nanoTime()).isLessThan(deadline);
            }
            var now = Files.readString(master.configuration().authorityFile());
            assertThat(now.split("BEGIN CERTIFICATE", -1)).hasSize(2);
            assertThat(both).endsWith(now); // whoever had the file of before is ready
            assertThat(ask(master, now, before.shown()).statusCode()).isEqualTo(200);
            assertThat(command(data, address, "retire-root").out()).startsWith("There is no old root");
        }
    }

    @Test
    void aLostKeyFileIsRecoveredFromAndCertificatesGoOnWorking() throws Exception {
        var data = folder.resolve("master");
        IssuedCertificate node;
        String trusted;
        DatabaseAddress address;
        try (var master = TestMaster.open(data, CLOCK)) {
            address = master.configuration().database().orElseThrow();
            node = issued(master, NODE);
            trusted = Files.readString(master.configuration().authorityFile());
        }
        Files.delete(data.resolve("data.key"));
        assertThat(command(data, address, "keys").err()).contains("data.key");

        var said = command(data, address, "recover", "--key-file-lost");

        assertThat(said.status()).as(said.err()).isZero();
        assertThat(said.out()).contains("A new key file: " + data.resolve("data.key"));
        try (var master = TestMaster.open(data, CLOCK, address)) {
            var root = Files.readString(master.configuration().authorityFile());
            assertThat(root).isNotEqualTo(trusted);
            assertThat(ask(master, root, node).statusCode()).isEqualTo(200);
            assertThat(command(master, "keys").out()).contains("lost ");
        }
    }
}

package org.slapos.master.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EmbeddedPostgresTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private Path folder;

    @BeforeEach
    void makeFolder() throws IOException {
        folder = TestDatabase.folder();
    }

    @AfterEach
    void deleteFolder() throws IOException {
        PostgresBinaries.delete(folder);
    }

    private EmbeddedPostgres start() throws IOException {
        return EmbeddedPostgres.start(TestDatabase.settings(folder));
    }

    private static void write(Database database, int n) {
        database.inTransaction(tx -> tx.handle().execute("INSERT INTO kept VALUES (?)", n));
    }

    private static int sum(Database database) {
        return database.inTransaction(tx -> tx.handle()
                .select("SELECT sum(n) FROM kept")
                .mapTo(Integer.class)
                .one());
    }

    private static Database open(EmbeddedPostgres postgres) throws IOException {
        var database = Database.open(postgres.database("slapos"), 4);
        database.inTransaction(tx -> tx.handle().execute("CREATE TABLE IF NOT EXISTS kept (n INT)"));
        return database;
    }

    @Test
    void itStartsWhateverAKilledOneLeftAsItsNumber() throws Exception {
        try (var postgres = start();
                var database = open(postgres)) {
            write(database, 5);
        }
        var pidFile = folder.resolve("postgres-data/postmaster.pid");
        Files.writeString(pidFile, "");
        own(pidFile);
        start().close();

        var other = stranger();
        try {
            Files.writeString(pidFile, other.pid() + "\n" + folder.resolve("postgres-data") + "\n1\n1\n\n\n");
            own(pidFile);
            try (var postgres = start();
                    var database = open(postgres)) {
                assertThat(sum(database)).isEqualTo(5);
                assertThat(other.isAlive()).isTrue();
            }
        } finally {
            other.destroyForcibly();
        }
    }

    /// A process of PostgreSQL's own user that is no PostgreSQL.
    private static Process stranger() throws IOException {
        var command = new ArrayList<String>();
        TestDatabase.unprivilegedUser()
                .ifPresent(user -> command.addAll(List.of("setpriv", "--reuid=" + user, "--clear-groups", "--")));
        command.addAll(List.of("sleep", "600"));
        return new ProcessBuilder(command).start();
    }

    private static void own(Path file) throws IOException {
        var user = TestDatabase.unprivilegedUser();
        if (user.isPresent()) {
            Files.setOwner(
                    file, file.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(user.get()));
        }
    }

    @Test
    void dataAndPasswordOutliveARestart() throws IOException {
        try (var postgres = start();
                var database = open(postgres)) {
            write(database, 7);
        }
        try (var postgres = start();
                var database = open(postgres)) {
            assertThat(sum(database)).isEqualTo(7);
        }
    }

    @Test
    void theClusterIsForItsOwnerAndLoopbackOnly() throws IOException {
        try (var postgres = start();
                var database = open(postgres)) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("postgres-data"))))
                    .isEqualTo("rwx------");
            assertThat(PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(folder.resolve("postgres-password"))))
                    .isEqualTo("rw-------");
            String listens = database.inTransaction(tx -> tx.handle()
                    .select("SHOW listen_addresses")
                    .mapTo(String.class)
                    .one());
            assertThat(listens).isEqualTo("127.0.0.1");
            var wrong = new DatabaseAddress(postgres.address("slapos").jdbcUrl(), "slapos", "guess");
            assertThatThrownBy(() -> Database.open(wrong, 1)).hasStackTraceContaining("password authentication failed");
        }
    }

    @Test
    void aKilledPostgresIsStartedAgainAndThePoolRecovers() throws IOException {
        try (var postgres = start();
                var database = open(postgres)) {
            write(database, 1);
            var killed = postgres.pid();
            assertThat(ProcessHandle.of(killed).orElseThrow().destroyForcibly()).isTrue();

            awaitSuccess(() -> {
                if (postgres.pid() == killed) {
                    throw new IllegalStateException("not started again");
                }
                write(database, 2);
            });

            assertThat(sum(database)).isEqualTo(3);
        }
    }

    @Test
    void twoCannotUseOneFolder() throws IOException {
        try (var _ = start()) {
            assertThatThrownBy(this::start).isInstanceOf(IOException.class).hasMessageContaining("Another Master uses");
        }
    }

    @Test
    void aPortInUseIsNamed() throws IOException {
        try (var other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var settings = TestDatabase.settings(folder);
            var taken = new EmbeddedPostgres.Settings(
                    folder, settings.binaries(), other.getLocalPort(), settings.runAs(), false);
            assertThatThrownBy(() -> EmbeddedPostgres.start(taken))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("Port " + other.getLocalPort());
        }
    }

    @Test
    void thePostgresOfAKilledJvmIsStoppedAndItsDataUsed() throws Exception {
        var survivor = killAJvmThatRunsPostgres();
        assertThat(runs(survivor)).isTrue();

        try (var postgres = start();
                var database = open(postgres)) {
            assertThat(sum(database)).isEqualTo(41);
            assertThat(runs(survivor)).isFalse();
        }
    }

    @Test
    void aFolderWhosePostgresWasKilledWithItsJvmStartsAgain() throws Exception {
        var survivor = killAJvmThatRunsPostgres();
        survivor.destroyForcibly();

        try (var postgres = start();
                var database = open(postgres)) {
            assertThat(sum(database)).isEqualTo(41);
        }
    }

    /// An orphan that ended may stay a while as a number without a command, until it is reaped.
    private static boolean runs(ProcessHandle process) throws IOException {
        var commandLine = Path.of("/proc", Long.toString(process.pid()), "cmdline");
        return Files.exists(commandLine) && !Files.readString(commandLine).isEmpty();
    }

    /// A JVM that starts PostgreSQL on our folder, commits a row, and is killed by SIGKILL.
    private ProcessHandle killAJvmThatRunsPostgres() throws Exception {
        var settings = TestDatabase.settings(folder);
        var output = folder.resolve("jvm.log");
        var jvm = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Doomed.class.getName(),
                        folder.toString(),
                        settings.binaries().toString(),
                        settings.runAs().orElse(""))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        var deadline = System.nanoTime() + LIMIT.toNanos();
        while (!Files.readString(output).contains("committed") && System.nanoTime() < deadline && jvm.isAlive()) {
            Thread.sleep(20); // another process, whose clock is not ours
        }
        var said = Files.readString(output, StandardCharsets.UTF_8);
        assertThat(said).contains("committed");
        jvm.destroyForcibly();
        assertThat(jvm.waitFor(30, TimeUnit.SECONDS)).isTrue();
        var pid = Long.parseLong(said.lines()
                .filter(line -> line.startsWith("committed "))
                .findFirst()
                .orElseThrow()
                .substring("committed ".length()));
        return ProcessHandle.of(pid).orElseThrow();
    }

    /// What the doomed JVM does.
    static final class Doomed {
        private Doomed() {}

        public static void main(String[] arguments) throws Exception {
            var folder = Path.of(arguments[0]);
            var postgres = EmbeddedPostgres.start(new EmbeddedPostgres.Settings(
                    folder, Path.of(arguments[1]), 0, Optional.of(arguments[2]).filter(user -> !user.isEmpty()), true));
            var database = open(postgres);
            write(database, 41);
            System.out.println("committed " + postgres.pid());
            Thread.sleep(Duration.ofMinutes(5));
        }
    }

    private static void awaitSuccess(Runnable attempt) {
        var deadline = System.nanoTime() + LIMIT.toNanos();
        while (true) {
            try {
                attempt.run();
                return;
            } catch (RuntimeException e) {
                if (System.nanoTime() > deadline) {
                    throw e;
                }
            }
        }
    }
}

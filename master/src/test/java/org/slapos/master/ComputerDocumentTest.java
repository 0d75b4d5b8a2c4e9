package org.slapos.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.slapos.master.TestTrades.ALICE;
import static org.slapos.master.TestTrades.HELLO;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slapos.master.db.Database;
import org.slapos.master.http.Answer;
import org.slapos.master.party.Requester;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareState;

/// What a Computer polls: kept in memory, and never stale.
class ComputerDocumentTest {
    private static final String TABLES = """
            select string_agg(quote_ident(tablename), ', ') from pg_tables where schemaname = 'public'""";

    private final TestTrades cloud = new TestTrades();

    @AfterEach
    void close() {
        cloud.close();
    }

    private ComputerId supplied(int partitions) {
        var computer = cloud.computer(ALICE, "machine", partitions);
        cloud.supply(ALICE, computer, HELLO, SoftwareState.AVAILABLE);
        return computer;
    }

    private static Answer poll(TestTrades master, ComputerId computer, String known) {
        return master.call(
                new Requester.Computer(computer),
                "GET",
                "getFullComputerInformation",
                known.isEmpty() ? Map.of() : Map.of("if-none-match", known),
                ("computer_id=" + computer).getBytes(StandardCharsets.US_ASCII),
                new byte[0]);
    }

    private static Answer patient(TestTrades master, Requester who, ComputerId computer, String known, int seconds) {
        return master.call(
                who,
                "GET",
                "getFullComputerInformation",
                Map.of("if-none-match", known, "prefer", "respond-async, wait=" + seconds),
                ("computer_id=" + computer).getBytes(StandardCharsets.US_ASCII),
                new byte[0]);
    }

    @Test
    void aComputerThatWouldRatherWaitIsAnsweredAsSoonAsSomethingChanges() throws Exception {
        var computer = supplied(1);
        var known = listening(computer);
        var other = new TestTrades(cloud.database);
        for (var changing : List.of(cloud, other)) {
            var before = etag(poll(cloud, computer, ""));
            var answer = new FutureTask<>(() -> patient(cloud, new Requester.Computer(computer), computer, before, 60));
            var waiting = Thread.ofPlatform().start(answer);
            eventually(() -> waiting.getState() == Thread.State.TIMED_WAITING);
            assertThat(answer.isDone()).isFalse();

            changing.supply(ALICE, computer, HELLO + "?" + changing.hashCode(), SoftwareState.AVAILABLE);

            assertThat(answer.get(30, TimeUnit.SECONDS).status()).isEqualTo(200);
            assertThat(etag(answer.get())).isNotIn(known, before);
        }
        other.stop();
    }

    @Test
    void atTheEndOfAMasterWhoWaitsIsAnsweredAndNobodyWaitsAnyMore() throws Exception {
        var computer = supplied(1);
        var known = listening(computer);
        var answer = new FutureTask<>(() -> patient(cloud, new Requester.Computer(computer), computer, known, 3600));
        var waiting = Thread.ofPlatform().start(answer);
        eventually(() -> waiting.getState() == Thread.State.TIMED_WAITING);

        cloud.endWaiting();

        assertThat(answer.get(30, TimeUnit.SECONDS).status()).isEqualTo(304);
        assertThat(patient(cloud, new Requester.Computer(computer), computer, known, 3600)
                        .status())
                .isEqualTo(304);
    }

    @Test
    void whoWouldRatherWaitIsAnsweredAtOnceByWhatIsNewToThem() {
        var computer = supplied(1);
        assertThat(patient(cloud, new Requester.Computer(computer), computer, "\"old\"", 3600)
                        .status())
                .isEqualTo(200);
    }

    @Test
    void nobodyWaitsLongerThanTheyWouldAndOthersThanTheComputerNotAtAll() throws Exception {
        var computer = supplied(1);
        var known = etag(poll(cloud, computer, ""));
        assertThat(patient(cloud, new Requester.Computer(computer), computer, known, 1)
                        .status())
                .isEqualTo(304);
        var answer = new FutureTask<>(() -> patient(cloud, ALICE, computer, known, 3600));
        Thread.ofPlatform().start(answer);
        assertThat(answer.get(30, TimeUnit.SECONDS).status()).isEqualTo(304);
    }

    private static String etag(Answer answer) {
        return answer.headers().getOrDefault("ETag", "");
    }

    @Test
    void anUnchangedPollTouchesNoDatabase() throws SQLException {
        var computer = supplied(3);
        cloud.start(ALICE, "blog");
        var known = listening(computer);
        try (var connection = connect(cloud.database)) {
            // Whoever reads or writes any table now waits, longer than this test takes.
            connection.setAutoCommit(false);
            lockAllTables(connection);
            for (int i = 0; i < 1000; i++) {
                assertThat(poll(cloud, computer, known).status()).isEqualTo(304);
                assertThat(poll(cloud, computer, "").status()).isEqualTo(200);
            }
            connection.rollback();
        }
    }

    /// The version of the document, after this Master has heard of a change made by another: from then on it listens.
    private String listening(ComputerId computer) {
        var other = new TestTrades(cloud.database);
        try {
            var before = etag(poll(cloud, computer, ""));
            other.supply(ALICE, computer, "https://soft.example/announced.cfg", SoftwareState.AVAILABLE);
            eventually(() -> poll(cloud, computer, before).status() == 200);
            return etag(poll(cloud, computer, ""));
        } finally {
            other.stop();
        }
    }

    private static void lockAllTables(Connection connection) throws SQLException {
        try (var statement = connection.createStatement();
                var names = statement.executeQuery(TABLES)) {
            assertThat(names.next()).isTrue();
            var tables = names.getString(1);
            try (var lock = connection.createStatement()) {
                lock.execute("lock table " + tables + " in access exclusive mode");
            }
        }
    }

    private static Connection connect(Database database) throws SQLException {
        var address = database.address();
        return address.user().isEmpty()
                ? DriverManager.getConnection(address.jdbcUrl())
                : DriverManager.getConnection(address.jdbcUrl(), address.user(), address.password());
    }

    private static void eventually(Supplier<Boolean> attempt) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (System.nanoTime() < deadline) {
            if (attempt.get()) {
                return;
            }
            Thread.onSpinWait();
        }
        throw new AssertionError("not within 20 s");
    }

    @Test
    @Tag("row:22")
    void theVersionChangesWithTheDesireAndTheClassOfAStatusOnly() {
        var computer = supplied(3);
        var placed = cloud.start(ALICE, "blog");
        var first = etag(poll(cloud, computer, ""));
        cloud.start(ALICE, "blog");
        assertThat(poll(cloud, computer, first).status()).isEqualTo(304);
        cloud.report("startedComputerPartition", placed);
        var started = etag(poll(cloud, computer, first));
        assertThat(started).isNotEmpty().isNotEqualTo(first);
        cloud.clock.advance(Duration.ofMinutes(5));
        cloud.report("startedComputerPartition", placed);
        cloud.report("stoppedComputerPartition", placed);
        assertThat(poll(cloud, computer, started).status()).isEqualTo(304);
        var itself = new Requester.Computer(computer);
        cloud.report(itself, "softwareInstanceError", placed, Map.of("error_log", "no"));
        var failed = etag(poll(cloud, computer, started));
        assertThat(failed).isNotEqualTo(started);
        cloud.report(itself, "softwareInstanceError", placed, Map.of("error_log", "again no"));
        assertThat(poll(cloud, computer, failed).status()).isEqualTo(304);
        cloud.format(computer, 3);
        assertThat(poll(cloud, computer, failed).status()).isEqualTo(304);
        cloud.request(ALICE, "blog", RequestedState.STOPPED);
        assertThat(poll(cloud, computer, failed).status()).isEqualTo(200);
    }

    @Test
    @Tag("row:24")
    void aChangeOnOneComputerLeavesAnothersVersion() {
        var computer = supplied(1);
        var other = cloud.computer(ALICE, "other", 1);
        cloud.supply(ALICE, other, HELLO, SoftwareState.AVAILABLE);
        var before = etag(poll(cloud, other, ""));
        assertThat(cloud.start(ALICE, "blog").computer()).isEqualTo(computer);
        cloud.request(ALICE, "blog", RequestedState.STOPPED);
        assertThat(poll(cloud, other, before).status()).isEqualTo(304);
    }

    @Test
    void anotherMasterOnTheSameDatabaseShowsTheChange() {
        var computer = supplied(3);
        var other = new TestTrades(cloud.database);
        try {
            assertThat(other.information(computer).partitions().getFirst().instance())
                    .isEmpty();
            cloud.start(ALICE, "blog");
            eventually(() -> other.information(computer)
                    .partitions()
                    .getFirst()
                    .instance()
                    .isPresent());
            assertThat(etag(poll(other, computer, ""))).isEqualTo(etag(poll(cloud, computer, "")));
        } finally {
            other.stop();
        }
    }

    @Test
    void twoMastersShowTheSameOfARevisionWhateverWasReportedMeanwhile() {
        var computer = supplied(2);
        var placed = cloud.start(ALICE, "blog");
        cloud.report("startedComputerPartition", placed);
        var before = poll(cloud, computer, "");
        cloud.report("stoppedComputerPartition", placed); // another text, of the same class
        var other = new TestTrades(cloud.database);
        try {
            var after = poll(other, computer, "");
            assertThat(etag(after)).isEqualTo(etag(before));
            assertThat(TestTrades.text(after)).isEqualTo(TestTrades.text(before));
        } finally {
            other.stop();
        }
    }

    @Test
    void aChangeThatWasNotHeardIsFoundAfterTheConnectionCameBack() {
        var computer = supplied(3);
        var known = listening(computer);
        cloud.database.inTransaction(tx -> {
            tx.handle().execute("update software_installation set url = url || '?unheard'");
            return tx.handle().execute("update computer set revision = revision + 1");
        });
        assertThat(poll(cloud, computer, known).status())
                .as("nobody announced the change")
                .isEqualTo(304);
        cloud.database.inTransaction(
                tx -> tx.handle().createQuery("""
                        select pg_terminate_backend(pid) from pg_stat_activity
                        where datname = current_database() and application_name like '%listen computer%'""").mapTo(Boolean.class).list());
        eventually(() -> poll(cloud, computer, known).status() == 200);
        assertThat(cloud.information(computer).software().getFirst().url()).endsWith("?unheard");
    }

    @Test
    @Tag("row:24")
    void aRestartedMasterShowsTheSame() {
        var computer = supplied(2);
        var placed = cloud.start(ALICE, "blog");
        cloud.report("startedComputerPartition", placed);
        var before = poll(cloud, computer, "");
        var restarted = new TestTrades(cloud.database);
        try {
            assertThat(poll(restarted, computer, etag(before)).status()).isEqualTo(304);
            assertThat(restarted.start(ALICE, "blog").guid()).isEqualTo(placed.guid());
        } finally {
            restarted.stop();
        }
    }
}

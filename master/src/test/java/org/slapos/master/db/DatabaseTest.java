package org.slapos.master.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slapos.protocol.MalformedException;

class DatabaseTest {
    private Database database;

    @BeforeEach
    void open() {
        database = TestDatabase.fresh();
        database.inTransaction(tx -> tx.handle().execute("CREATE TABLE thing (name TEXT PRIMARY KEY, n INT NOT NULL)"));
    }

    @AfterEach
    void close() {
        database.close();
    }

    private int count() {
        return database.inTransaction(tx -> tx.handle()
                .select("SELECT count(*) FROM thing")
                .mapTo(Integer.class)
                .one());
    }

    @Test
    void aTextWithNulIsMalformedAndNoSecretIsInTheMessage() {
        assertThatThrownBy(() -> put("a\0b", 1)).isInstanceOf(MalformedException.class);
        put("secret", 1);
        assertThatThrownBy(() -> put("secret", 1)).satisfies(e -> {
            for (Throwable t = e; t != null; t = t.getCause()) {
                assertThat(String.valueOf(t.getMessage())).doesNotContain("secret");
            }
        });
    }

    private int put(String name, int n) {
        return database.inTransaction(tx -> tx.handle()
                .createUpdate("INSERT INTO thing VALUES (:name, :n)")
                .bind("name", name)
                .bind("n", n)
                .execute());
    }

    @Test
    void aFailedTransactionLeavesNothingAndTellsNobody() {
        var told = new AtomicInteger();
        assertThatThrownBy(() -> database.inTransaction(tx -> {
                    tx.handle().execute("INSERT INTO thing VALUES ('a', 1)");
                    tx.afterCommit(told::incrementAndGet);
                    throw new IllegalStateException("stop");
                }))
                .hasMessage("stop");
        assertThat(count()).isZero();
        assertThat(told).hasValue(0);
    }

    @Test
    void aTransactionInsideAnotherIsRefused() {
        assertThatThrownBy(() -> database.inTransaction(_ -> database.inTransaction(_ -> 1)))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aDeadlockIsTriedAgainUntilBothAreDone() throws Exception {
        database.inTransaction(tx -> tx.handle().execute("INSERT INTO thing VALUES ('a', 0), ('b', 0)"));
        var meet = new CyclicBarrier(2);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var one = threads.submit(() -> addToBoth("a", "b", meet));
            var two = threads.submit(() -> addToBoth("b", "a", meet));
            one.get(30, TimeUnit.SECONDS);
            two.get(30, TimeUnit.SECONDS);
        }
        List<Integer> both = database.inTransaction(tx ->
                tx.handle().select("SELECT n FROM thing").mapTo(Integer.class).list());
        assertThat(both).containsExactly(2, 2);
    }

    private int addToBoth(String first, String second, CyclicBarrier meet) {
        var attempts = new AtomicInteger();
        return database.inTransaction(tx -> {
            tx.handle().execute("UPDATE thing SET n = n + 1 WHERE name = ?", first);
            if (attempts.incrementAndGet() == 1) {
                await(meet);
            }
            return tx.handle().execute("UPDATE thing SET n = n + 1 WHERE name = ?", second);
        });
    }

    private static void await(CyclicBarrier meet) {
        try {
            meet.await(10, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aNotificationArrivesAfterTheCommitAndAfterALostConnection() throws Exception {
        var heard = new LinkedBlockingQueue<String>();
        try (var _ = database.listen("things", heard::add)) {
            assertThat(heard.poll(10, TimeUnit.SECONDS)).isEmpty();
            database.inTransaction(tx -> {
                tx.notify("things", "one");
                return 1;
            });
            assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo("one");

            database.inTransaction(tx -> tx.handle()
                    .select("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                            + " WHERE application_name LIKE '%listen things' AND datname = current_database()")
                    .mapTo(Boolean.class)
                    .list());
            assertThat(heard.poll(10, TimeUnit.SECONDS)).isEmpty();
        }
    }

    /// Not even when it fails with what a transaction is tried again for.
    @Test
    void whatFollowsACommitFailsWithoutTheWorkBeingDoneAgain() {
        assertThatThrownBy(() -> database.inTransaction(tx -> {
                    tx.afterCommit(() -> {
                        throw new IllegalStateException(new SQLException("deadlock elsewhere", "40P01"));
                    });
                    return tx.handle().execute("INSERT INTO thing SELECT 'thing ' || count(*), 1 FROM thing");
                }))
                .hasRootCauseMessage("deadlock elsewhere");
        assertThat(count()).isEqualTo(1);
    }

    @Test
    void afterCommitRunsOutsideTheTransaction() {
        var done = new CountDownLatch(1);
        database.inTransaction(tx -> {
            tx.afterCommit(() -> {
                database.inTransaction(_ -> 1);
                done.countDown();
            });
            return 1;
        });
        assertThat(done.getCount()).isZero();
    }
}

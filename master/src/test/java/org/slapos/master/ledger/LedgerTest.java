package org.slapos.master.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slapos.master.db.Database;
import org.slapos.master.db.TestDatabase;

class LedgerTest {
    private static final Instant START = Instant.parse("2031-04-01T08:00:00Z");
    private static final Transfer HOSTING = new Transfer("software_hosting", "s", "COMP-1", "PERSON-1", "SOFTINST-1");

    private final Ledger ledger = new Ledger();
    private Database database;

    @BeforeEach
    void open() {
        database = TestDatabase.fresh();
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void aMovementOpensOnceAndClosesWithItsSeconds() {
        boolean opened = database.inTransaction(tx -> ledger.open(tx, "start 1", HOSTING, START));
        boolean again = database.inTransaction(tx -> ledger.open(tx, "start 1", HOSTING, START.plusSeconds(9)));
        boolean closed = database.inTransaction(tx -> ledger.close(tx, "start 1", START.plus(Duration.ofMillis(1500))));
        boolean closedAgain = database.inTransaction(tx -> ledger.close(tx, "start 1", START.plusSeconds(60)));

        assertThat(opened).isTrue();
        assertThat(again).isFalse();
        assertThat(closed).isTrue();
        assertThat(closedAgain).isFalse();
        var movement = newest().getFirst();
        assertThat(movement.start()).isEqualTo(START);
        assertThat(movement.quantity().orElseThrow()).isEqualByComparingTo("1.5");
        assertThat((boolean) database.inTransaction(ledger::isBalanced)).isTrue();
    }

    @Test
    void hostingOverAClockSetBackIsStillPositive() {
        database.inTransaction(tx -> ledger.open(tx, "start 1", HOSTING, START));
        database.inTransaction(tx -> ledger.close(tx, "start 1", START.minusSeconds(5)));
        var movement = newest().getFirst();
        assertThat(movement.quantity().orElseThrow()).isPositive();
        assertThat(movement.stop()).contains(START);
    }

    @Test
    void postingTheSameCauseFromManyThreadsIsOneMovement() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Callable<Boolean> post = () -> database.inTransaction(
                    tx -> ledger.post(tx, "usage 1", HOSTING, START, START.plusSeconds(60), BigDecimal.TEN));
            var news = threads.invokeAll(Stream.generate(() -> post).limit(16).toList()).stream()
                    .map(future -> future.resultNow())
                    .collect(Collectors.partitioningBy(isNew -> isNew, Collectors.counting()));
            assertThat(news.get(true)).isEqualTo(1);
        }
        assertThat(newest()).hasSize(1);
        assertThat((boolean) database.inTransaction(ledger::isBalanced)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "0.0000004"})
    void aQuantityThatIsNotPositiveIsRefused(String quantity) {
        assertThatThrownBy(() -> database.inTransaction(
                        tx -> ledger.post(tx, "usage", HOSTING, START, START, new BigDecimal(quantity))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("positive");
        assertThat(newest()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE movement SET quantity = 99",
                "UPDATE movement SET source = 'COMP-2'",
                "DELETE FROM movement",
                "UPDATE posting SET quantity = quantity * 2",
                "DELETE FROM posting"
            })
    void whatIsPostedCannotBeEdited(String sql) {
        database.inTransaction(tx -> ledger.post(tx, "usage", HOSTING, START, START.plusSeconds(1), BigDecimal.ONE));
        assertThatThrownBy(() -> database.inTransaction(tx -> tx.handle().execute(sql)))
                .hasMessageContaining("append-only");
        assertThat((boolean) database.inTransaction(ledger::isBalanced)).isTrue();
    }

    @Test
    void aLedgerThatDoesNotBalanceIsSeen() {
        database.inTransaction(tx -> ledger.open(tx, "start 1", HOSTING, START));
        database.inTransaction(
                tx -> tx.handle().execute("UPDATE movement SET stop_at = start_at + interval '1 s', quantity = 1"));
        assertThat((boolean) database.inTransaction(ledger::isBalanced)).isFalse();
    }

    private List<Movement> newest() {
        return database.inTransaction(tx -> ledger.newest(tx, List.of("COMP-1"), 10, 0));
    }
}

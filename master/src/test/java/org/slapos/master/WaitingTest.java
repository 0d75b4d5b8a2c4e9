package org.slapos.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.slapos.master.TestTrades.ALICE;
import static org.slapos.master.TestTrades.BOB;
import static org.slapos.master.TestTrades.HELLO;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slapos.protocol.SoftwareState;

/// Whoever waits for a place is served when one can be had, the first before the last.
class WaitingTest extends MarketCase {
    @Test
    @Tag("row:52")
    void row52EverybodyWhoWaitsIsLookedAtHoweverManyThereAre() {
        var computer = offered("one", 0, Map.of("price", "5EUR/month"));
        waiting(1500, "price", "4EUR");
        assertThat(request(BOB, "patient", HELLO, Map.of()).status()).isEqualTo(408);
        trades.format(computer, 1);
        trades.placeAll();
        assertThat(on(request(BOB, "patient", HELLO, Map.of()))).isEqualTo("COMP-1");
    }

    @Test
    void whoWaitedLongestIsServedFirst() {
        var computer = offered("one", 0, Map.of());
        for (var title : List.of("first", "second", "third")) {
            assertThat(request(BOB, title, HELLO, Map.of()).status()).isEqualTo(408);
        }
        trades.format(computer, 2);
        assertThat(request(BOB, "third", HELLO, Map.of()).status()).isEqualTo(408);
        assertThat(on(request(BOB, "first", HELLO, Map.of()))).isEqualTo("COMP-1");
        assertThat(on(request(BOB, "second", HELLO, Map.of()))).isEqualTo("COMP-1");
    }

    @Test
    @Tag("row:52")
    void whatWaitsIsPlacedAsSoonAsAnythingMakesAComputerFit() {
        var computer = offered("one", 9, Map.of("price", "5EUR", "scope", "close/maintenance", "memory", "4GB"));
        assertThat(request(BOB, "open", HELLO, Map.of()).status()).isEqualTo(408);
        set(computer, Map.of("scope", "open"));
        assertThat(running()).isEqualTo(1);
        assertThat(request(BOB, "cheap", HELLO, Map.of("price", "4EUR")).status())
                .isEqualTo(408);
        set(computer, Map.of("price", "4EUR"));
        assertThat(running()).isEqualTo(2);
        assertThat(request(BOB, "big", HELLO, Map.of("memory", ">=8GB")).status())
                .isEqualTo(408);
        set(computer, Map.of("memory", "8GB"));
        assertThat(running()).isEqualTo(3);
        assertThat(request(BOB, "new", NEWER, Map.of()).status()).isEqualTo(408);
        trades.supply(ALICE, computer, NEWER, SoftwareState.AVAILABLE);
        assertThat(running()).isEqualTo(4);
    }

    @Test
    void aPriceThatBeginsLaterIsLookedAtThen() {
        var computer = offered("one", 1, Map.of("price", "5EUR"));
        assertThat(request(BOB, "blog", HELLO, Map.of("price", "4EUR")).status())
                .isEqualTo(408);
        var later = trades.clock.instant().plus(Duration.ofMinutes(5));
        set(computer, Map.of("price", "4EUR", "price_from", later.toString()));
        trades.placeAll();
        assertThat(running()).isZero();
        trades.clock.advance(Duration.ofMinutes(5));
        trades.placeAll();
        assertThat(running()).isEqualTo(1);
    }

    @Test
    @Tag("row:52")
    void theCrowdOfOneProjectKeepsNobodyOfAnotherWaiting() {
        waiting(1000, "price", "1EUR");
        var computer = offered("theirs", 1, Map.of("scope", "close/maintenance"));
        request(BOB, "blog", HELLO, Map.of());
        trades.database.inTransaction(tx -> {
            tx.handle().execute("""
                    insert into party (reference, kind, title, created_at)
                    values ('PROJ-2', 'PROJECT', 'another', now())""");
            tx.handle().execute("insert into project (reference, owner) values ('PROJ-2', 'PERSON-2')");
            tx.handle().execute("update instance_tree set project = 'PROJ-2' where owner = 'PERSON-2'");
            return tx.handle().execute("""
                    update computer set project = 'PROJ-2',
                        market_xid = pg_current_xact_id(), offer_xid = pg_current_xact_id()""");
        });
        set(computer, Map.of("scope", "open"));
        assertThat(running())
                .as("placed when the change is answered, after no look at the thousand")
                .isEqualTo(1);
    }
}

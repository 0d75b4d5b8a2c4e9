package org.slapos.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.slapos.master.TestTrades.ALICE;
import static org.slapos.master.TestTrades.BOB;
import static org.slapos.master.TestTrades.HELLO;
import static org.slapos.master.TestTrades.reason;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slapos.master.party.Requester;
import org.slapos.protocol.SoftwareState;

/// What a request may ask of its place, and what it costs: named by the rows of the feature table.
class ConditionsTest extends MarketCase {
    @Test
    @Tag("row:44")
    void row44AComputerThatIsNamedIsTheOnlyOne() {
        offered("one", 5, Map.of());
        offered("two", 1, Map.of());
        assertThat(on(request(BOB, "blog", HELLO, Map.of("computer_guid", "COMP-2"))))
                .isEqualTo("COMP-2");
        assertThat(reason(request(BOB, "site", HELLO, Map.of("computer_guid", "COMP-2"))))
                .contains("COMP-2 has 1 of 1 in use");
        assertThat(reason(request(BOB, "third", HELLO, Map.of("computer_guid", "COMP-77"))))
                .endsWith("computer_guid is COMP-77, which is no Computer. Name another one, such as COMP-1");
    }

    @Test
    @Tag("row:45")
    void row45ARegionIsMetByAPlaceBelowIt() {
        offered("one", 3, Map.of("region", "europe/west/france"));
        assertThat(on(request(BOB, "a", HELLO, Map.of("region", "europe")))).isEqualTo("COMP-1");
        assertThat(on(request(BOB, "b", HELLO, Map.of("region", "europe/west/france"))))
                .isEqualTo("COMP-1");
        assertThat(request(BOB, "c", HELLO, Map.of("region", "america")).status())
                .isEqualTo(408);
        assertThat(request(BOB, "d", HELLO, Map.of("region", "europe/west/fra")).status())
                .isEqualTo(408);
    }

    @Test
    @Tag("row:46")
    void row46MoreMemoryThanDemandedWillDoAndTheLeastExcessIsTaken() {
        offered("small", 5, Map.of("memory", "32GB"));
        offered("large", 5, Map.of("memory", "256GB"));
        offered("fitting", 1, Map.of("memory", "64GB"));
        assertThat(on(request(BOB, "a", HELLO, Map.of("memory", ">=64GB")))).isEqualTo("COMP-3");
        assertThat(on(request(BOB, "b", HELLO, Map.of("memory>", "0.064TB")))).isEqualTo("COMP-2");
        assertThat(on(request(BOB, "c", HELLO, Map.of("memory", "<=32GB")))).isEqualTo("COMP-1");
        assertThat(on(request(BOB, "d", HELLO, Map.of("memory", "256GB")))).isEqualTo("COMP-2");
        assertThat(reason(request(BOB, "e", HELLO, Map.of("memory", ">=1TB")))).contains("memory 1TB→256GB");
    }

    @Test
    @Tag("row:46")
    void row46LabelsOfOldMeanOnlyThemselves() {
        offered("one", 3, Map.of("memory_size", "128", "cpu_type", "x86"));
        assertThat(request(BOB, "a", HELLO, Map.of("memory_size", "64")).status())
                .isEqualTo(408);
        assertThat(request(BOB, "b", HELLO, Map.of("cpu_type", "x86/x86_32")).status())
                .isEqualTo(408);
        assertThat(on(request(BOB, "c", HELLO, Map.of("memory_size", "128")))).isEqualTo("COMP-1");
    }

    @Test
    @Tag("row:47")
    void row47TheCheapestWithinTheCeilingIsTaken() {
        offered("dear", 9, Map.of("price", "7EUR/month"));
        offered("cheap", 2, Map.of("price", "5EUR/month"));
        assertThat(on(request(BOB, "a", HELLO, Map.of("price", "6 EUR/month")))).isEqualTo("COMP-2");
        assertThat(on(request(BOB, "b", HELLO, Map.of()))).isEqualTo("COMP-2");
        assertThat(on(request(BOB, "c", HELLO, Map.of("price", "<=7EUR")))).isEqualTo("COMP-1");
        assertThat(reason(request(BOB, "d", HELLO, Map.of("price", "6EUR")))).contains("1 costs too much", "1 is full");
        assertThat(reason(request(BOB, "e", HELLO, Map.of("price", "9USD")))).contains("price 9.00 USD/month→7.00 EUR");
    }

    @Test
    @Tag("row:47")
    void row47AnHourAndAMonthAreCompared() {
        offered("by the hour", 2, Map.of("price", "0.0125EUR/hour"));
        assertThat(reason(request(BOB, "a", HELLO, Map.of("price", "9EUR/month"))))
                .contains("Cheapest change: +0.125 EUR/month (COMP-1)");
        assertThat(on(request(BOB, "b", HELLO, Map.of("price", "9.125EUR/month"))))
                .isEqualTo("COMP-1");
    }

    @Test
    void row78ACustomersOwnPriceCountsBeforeEverybodys() {
        var computer = offered("one", 3, Map.of("price", "7EUR/month"));
        put(
                "allocation_supply",
                supply(computer).put("customer", BOB.reference()).put("price", "3EUR/month"));
        assertThat(on(request(BOB, "a", HELLO, Map.of("price", "3EUR")))).isEqualTo("COMP-1");
        assertThat(request(ALICE, "a", HELLO, Map.of("price", "3EUR")).status()).isEqualTo(408);
    }

    @Test
    @Tag("row:48")
    void row48ASupplierIsChosen() {
        offered("one", 5, Map.of());
        offered("two", 1, Map.of("supplier", BOB.reference()));
        assertThat(on(request(BOB, "a", HELLO, Map.of("supplier", BOB.reference()))))
                .isEqualTo("COMP-2");
        assertThat(reason(request(BOB, "b", HELLO, Map.of("supplier", "PERSON-9"))))
                .contains("2 are another supplier's");
    }

    @Test
    @Tag("row:48")
    void row48AProjectIsChosen() {
        offered("one", 5, Map.of());
        assertThat(on(request(BOB, "a", HELLO, Map.of("project_guid", "PROJ-1"))))
                .isEqualTo("COMP-1");
        assertThat(reason(request(BOB, "b", HELLO, Map.of("project_guid", "PROJ-2"))))
                .contains("PROJ-2");
        assertThat(trades.count("instance")).as("it went nowhere else").isEqualTo(1);
    }

    @Test
    @Tag("row:49")
    void row49TwoChildrenGoToDifferentNetworks() {
        networks("NET-1", "NET-2");
        var first = offered("one", 5, Map.of("network", "NET-1"));
        offered("two", 4, Map.of("network", "NET-1"));
        offered("three", 3, Map.of("network", "NET-2"));
        offered("four", 9, Map.of());
        var root = trades.placed(request(BOB, "root", HELLO, Map.of("network_guid", "NET-1")));
        assertThat(root.computer()).isEqualTo(first);
        var child = new Requester.Instance(root.guid());
        assertThat(on(request(child, "a", HELLO, Map.of("mode", "unique_by_network"))))
                .isEqualTo("COMP-3");
        assertThat(reason(request(child, "b", HELLO, Map.of("mode", "unique_by_network"))))
                .contains("4 are ruled out by mode");
        assertThat(on(request(child, "c", HELLO, Map.of("mode", "same_computer"))))
                .isIn("COMP-1", "COMP-3");
        assertThat(on(request(child, "d", HELLO, Map.of("mode", "unique_by_computer"))))
                .isEqualTo("COMP-4");
    }

    @Test
    @Tag("row:50")
    void row50APartitionWithACapabilityIsNeverUsedWithoutTheKey() {
        var computer = trades.computer(ALICE, "one", 0);
        capable(computer, List.of(), List.of("gpu"));
        trades.supply(ALICE, computer, HELLO, SoftwareState.AVAILABLE);
        assertThat(trades.placed(request(BOB, "a", HELLO, Map.of("capability", "gpu")))
                        .partition()
                        .text())
                .isEqualTo("slappart1");
        assertThat(trades.placed(request(BOB, "b", HELLO, Map.of())).partition().text())
                .isEqualTo("slappart0");
        assertThat(reason(request(BOB, "c", HELLO, Map.of("capability", "gpu"))))
                .contains("capability 'gpu'");

        var other = trades.computer(ALICE, "two", 0);
        capable(other, List.of("gpu"), List.of("disk"));
        trades.supply(ALICE, other, HELLO, SoftwareState.AVAILABLE);
        assertThat(on(request(BOB, "c", HELLO, Map.of("capability", "gpu")))).isEqualTo("COMP-2");
        assertThat(request(BOB, "d", HELLO, Map.of()).status())
                .as("a free one with it is not for who did not ask")
                .isEqualTo(408);
    }

    @Test
    @Tag("row:51")
    void row51AnUnknownConditionIsAnErrorAtOnceThatNamesTheNearest() {
        offered("one", 1, Map.of());
        for (var wrong : Map.of(
                        "regoin", "did you mean 'region'?",
                        "price>", "is the most that it may cost",
                        "region>", "compare it by =",
                        "mode", "unique_by_network, unique_by_computer",
                        "memory", "no amount with a unit")
                .entrySet()) {
            var refused = request(BOB, "a", HELLO, Map.of(wrong.getKey(), "5EUR"));
            assertThat(refused.status()).as(wrong.getKey()).isEqualTo(400);
            assertThat(reason(refused)).contains(wrong.getValue());
        }
        assertThat(reason(request(BOB, "a", HELLO, Map.of("regoin", "europe", "memroy", ">=3GB", "price", "cheap"))))
                .as("all at once")
                .startsWith("Unknown SLA key 'memroy', did you mean 'memory'?; SLA key 'price': 'cheap' is no price")
                .endsWith("; Unknown SLA key 'regoin', did you mean 'region'?");
        assertThat(trades.count("instance")).isZero();
    }

    @Test
    void keysThatPlacementDoesNotLookAtAreAccepted() {
        offered("one", 1, Map.of());
        assertThat(on(request(BOB, "a", HELLO, Map.of("retention_delay", "7.0", "fw_restricted_access", "on"))))
                .isEqualTo("COMP-1");
    }
}

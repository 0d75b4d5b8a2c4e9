package org.slapos.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.slapos.master.TestTrades.ALICE;
import static org.slapos.master.TestTrades.BOB;
import static org.slapos.master.TestTrades.HELLO;
import static org.slapos.master.TestTrades.reason;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slapos.master.http.Answer;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareState;

/// What can be had, where, and why not, through the doors: named by the rows of the feature table.
class MarketTest extends MarketCase {
    @Test
    @Tag("row:40")
    void row40OnlyAReleaseThatIsSuppliedCanBeHad() {
        offered("one", 1, Map.of());
        assertThat(request(BOB, "blog", NEWER, Map.of()).status()).isEqualTo(408);
        assertThat(on(request(BOB, "site", HELLO, Map.of()))).isEqualTo("COMP-1");
    }

    @Test
    @Tag("row:40")
    void row40ATypeThatIsNotSuppliedIsNotPlaced() {
        var computer = trades.computer(ALICE, "one", 2);
        put("allocation_supply", supply(computer).put("software_type", "large"));
        assertThat(reason(request(BOB, "blog", HELLO, Map.of()))).contains("not offered there for type 'default'");
        assertThat(on(request(BOB, "site", HELLO, "large", Map.of()))).isEqualTo("COMP-1");
    }

    @Test
    @Tag("row:41")
    void row41AnAliasIsTheNewestEffectiveReleaseAndTheNodeReceivesItsAddress() {
        var computer = offered("one", 3, Map.of());
        trades.clock.advance(Duration.ofDays(1));
        trades.format(computer, 3); // it is heard of
        trades.supply(ALICE, computer, NEWER, SoftwareState.AVAILABLE);
        put("software_product", object().put("title", "hello").put("alias", "Hi"));
        var later = trades.clock.instant().plus(Duration.ofDays(1));
        put(
                "software_product",
                object().put("title", "hello")
                        .put("software_release_uri", NEWER)
                        .put("effective_date", later.toString()));
        var first = request(BOB, "blog", "hi", Map.of());
        assertThat(trades.placed(first).softwareRelease()).isEqualTo(HELLO);
        trades.clock.advance(Duration.ofDays(2));
        trades.format(computer, 3); // it is heard of
        assertThat(trades.placed(request(BOB, "site", "HI", Map.of())).softwareRelease())
                .isEqualTo(NEWER);
        assertThat(trades.placed(request(BOB, "blog", "hi", Map.of())).softwareRelease())
                .as("what runs is not changed by a newer release")
                .isEqualTo(HELLO);
        assertThat(reason(request(BOB, "other", "helo", Map.of()))).contains("did you mean 'hello'?");
    }

    @Test
    @Tag("row:42")
    void row42TakingBackASupplyStopsNewInstancesAndKeepsThoseThatRun() {
        var computer = offered("one", 2, Map.of());
        assertThat(on(request(BOB, "blog", HELLO, Map.of()))).isEqualTo("COMP-1");
        put("allocation_supply", supply(computer).put("state", "destroyed"));
        assertThat(request(BOB, "site", HELLO, Map.of()).status()).isEqualTo(408);
        assertThat(on(request(BOB, "blog", HELLO, Map.of()))).isEqualTo("COMP-1");
        assertThat(trades.information(computer).software()).hasSize(1);
    }

    @Test
    @Tag("row:43")
    void row43APrivateSupplyIsForItsCustomerOnlyWhoAloneSeesIt() {
        var computer = trades.computer(ALICE, "one", 2);
        put("allocation_supply", supply(computer).put("customer", BOB.reference()));
        var refused = request(ALICE, "blog", HELLO, Map.of());
        assertThat(reason(refused)).contains("is supplied on no Computer");
        var told = json(ALICE, "get.v0.instance_explanation", object().put("instance_guid", "SOFTINST-1"));
        assertThat(told.path("counts").toString()).isEqualTo("{\"software\":1}");
        assertThat(told.toString()).doesNotContain(BOB.reference());
        assertThat(on(request(BOB, "blog", HELLO, Map.of()))).isEqualTo("COMP-1");
    }

    @Test
    @Tag("row:53")
    void row53FiftyThreadsAndOneFreePartitionAreOneWinnerAndFortyNineToldWhy() throws Exception {
        offered("one", 1, Map.of());
        var answers = new ArrayList<Answer>();
        try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            var calls = IntStream.range(0, 50)
                    .<Callable<Answer>>mapToObj(i -> () -> request(BOB, "blog" + i, HELLO, Map.of()))
                    .toList();
            for (var answer : pool.invokeAll(calls)) {
                answers.add(answer.get());
            }
        }
        assertThat(answers).filteredOn(answer -> answer.status() == 200).hasSize(1);
        assertThat(answers)
                .filteredOn(answer -> answer.status() == 408)
                .hasSize(49)
                .allSatisfy(told -> assertThat(reason(told)).contains("COMP-1 has 1 of 1 in use"));
        assertThat(running()).isEqualTo(1);
    }

    @Test
    @Tag("row:54")
    void row54AComputerIsFullWhenTheWeightsReachItsCapacityAndOpenAgainAfterADestruction() {
        var computer = offered("one", 9, Map.of("capacity", "4"));
        put(
                "software_product",
                object().put("title", "hello").put("software_type", "large").put("weight", 3));
        var first = trades.placed(request(BOB, "a", HELLO, "large", Map.of()));
        assertThat(on(request(BOB, "b", HELLO, Map.of()))).isEqualTo("COMP-1");
        assertThat(reason(request(BOB, "c", HELLO, Map.of()))).contains("it carries 4 of 4");
        request(BOB, "a", HELLO, "large", RequestedState.DESTROYED, Map.of());
        trades.report("destroyedComputerPartition", first);
        assertThat(on(request(BOB, "c", HELLO, Map.of()))).isEqualTo("COMP-1");
        assertThat(computer.text()).isEqualTo("COMP-1");
    }

    @Test
    @Tag("row:55")
    void row55AComputerThatIsSilentFor601SecondsTakesNothingNewUntilItIsHeardAgain() {
        var computer = offered("one", 3, Map.of());
        trades.information(computer);
        trades.clock.advance(Duration.ofMinutes(10));
        assertThat(on(request(BOB, "a", HELLO, Map.of()))).isEqualTo("COMP-1");
        trades.clock.advance(Duration.ofSeconds(1));
        assertThat(reason(request(BOB, "b", HELLO, Map.of()))).contains("last heard of");
        trades.information(computer);
        trades.placeAll();
        assertThat(running()).isEqualTo(2);
    }

    @Test
    @Tag("row:55")
    void row55ARestartOfTheMasterIsNoSilenceOfItsComputers() {
        var computer = offered("one", 3, Map.of());
        trades.information(computer);
        trades.stop(); // writes the contact down
        try (var later = trades.restarted(Duration.ofHours(5))) {
            assertThat(later.placed(later.request(BOB, wanted("a", HELLO, "default", RequestedState.STARTED, Map.of())))
                            .computer())
                    .isEqualTo(computer);
            later.clock.advance(Duration.ofSeconds(601));
            assertThat(reason(later.request(BOB, wanted("b", HELLO, "default", RequestedState.STARTED, Map.of()))))
                    .contains("last heard of");
        }
        trades = new TestTrades();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"close/noallocation", "close/maintenance", "close/termination", "close/outdated", "close/forever"
            })
    @Tag("row:56")
    void row56OnlyAnOpenComputerTakesNewInstancesAndWhatRunsGoesOn(String scope) {
        var computer = offered("one", 3, Map.of());
        assertThat(on(request(BOB, "a", HELLO, Map.of()))).isEqualTo("COMP-1");
        set(computer, Map.of("scope", scope));
        assertThat(reason(request(BOB, "b", HELLO, Map.of()))).contains("its scope is " + scope);
        assertThat(on(request(BOB, "a", HELLO, Map.of()))).isEqualTo("COMP-1");
        set(computer, Map.of("scope", "open"));
        assertThat(on(request(BOB, "b", HELLO, Map.of()))).isEqualTo("COMP-1");
    }

    @Test
    @Tag("row:99")
    void row99EachComputerHasOneVerdictAndTheCountsAddUp() {
        offered("full", 0, Map.of());
        offered("dear", 3, Map.of("price", "9EUR"));
        offered("closed", 3, Map.of("scope", "close/maintenance"));
        offered("elsewhere", 3, Map.of("region", "america"));
        trades.computer(ALICE, "without the software", 3);
        assertThat(request(BOB, "blog", HELLO, Map.of("price", "8EUR", "region", "europe"))
                        .status())
                .isEqualTo(408);
        var answer = json(BOB, "get.v0.instance_explanation", object().put("instance_guid", "SOFTINST-1"));
        assertThat(answer.path("outcome").asText()).isEqualTo("wait");
        assertThat(answer.path("computers").asInt()).isEqualTo(5);
        int sum = 0;
        for (var count : answer.path("counts")) {
            sum += count.asInt();
        }
        assertThat(sum).isEqualTo(5);
        assertThat(answer.path("verdicts")).hasSize(5);
        assertThat(answer.path("verdicts").path(0).path("change").asText()).isEqualTo("region europe→america");
    }

    @Test
    void aPlanSaysWhereItWouldGoAndChangesNothing() {
        offered("dear", 3, Map.of("price", "7EUR"));
        offered("cheap", 3, Map.of("price", "5EUR"));
        var plan = json(BOB, "get.v0.instance_plan", planned("blog", Map.of()));
        assertThat(plan.path("outcome").asText()).isEqualTo("place");
        assertThat(plan.path("computer_guid").asText()).isEqualTo("COMP-2");
        assertThat(plan.path("price").asText()).isEqualTo("5.00 EUR/month");
        assertThat(plan.path("runner_up").path("price").asText()).isEqualTo("7.00 EUR/month");
        var wait = json(BOB, "get.v0.instance_plan", planned("blog", Map.of("price", "4EUR")));
        assertThat(wait.path("outcome").asText()).isEqualTo("wait");
        assertThat(wait.path("changes").path(0).path("change").asText()).isEqualTo("+1.00 EUR/month");
        var wrong = json(BOB, "get.v0.instance_plan", planned("blog", Map.of("prise", "4EUR")));
        assertThat(wrong.path("status").asInt()).isEqualTo(400);
        assertThat(trades.count("instance")).isZero();
        assertThat(trades.count("instance_tree")).isZero();
    }

    @Test
    void onlyWhoSeesAnInstanceIsToldWhy() {
        request(BOB, "blog", HELLO, Map.of());
        var refused = json(ALICE, "get.v0.instance_explanation", object().put("instance_guid", "SOFTINST-1"));
        assertThat(refused.path("status").asInt()).isEqualTo(403);
    }

    @Test
    void anotherMasterSeesWhatThisOneTook() {
        offered("one", 1, Map.of());
        var other = new TestTrades(trades.database);
        try {
            assertThat(on(request(BOB, "a", HELLO, Map.of()))).isEqualTo("COMP-1");
            assertThat(reason(other.request(BOB, wanted("b", HELLO, "default", RequestedState.STARTED, Map.of()))))
                    .contains("COMP-1 has 1 of 1 in use");
        } finally {
            other.stop();
        }
    }
}

package org.slapos.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.slapos.master.TestTrades.ALICE;
import static org.slapos.master.TestTrades.BOB;
import static org.slapos.master.TestTrades.HELLO;
import static org.slapos.master.TestTrades.reason;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slapos.master.http.Answer;
import org.slapos.master.party.Requester;
import org.slapos.protocol.ComputerConfiguration;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareState;
import org.slapos.protocol.marshal.MarshalWriter;

/// Where requests go, through the doors: named by the rows of the feature table.
class MarketTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String NEWER = "https://soft.example/2/hello/software.cfg";

    private TestTrades trades;

    @BeforeEach
    void open() {
        trades = new TestTrades();
    }

    @AfterEach
    void close() {
        trades.close();
    }

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
        assertThat(on(request(BOB, "blog", HELLO, Map.of()))).isEqualTo("COMP-1");
    }

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
                .contains("computer_guid is COMP-77");
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
        assertThat(request(BOB, "b", HELLO, Map.of("project_guid", "PROJ-2")).status())
                .isNotEqualTo(200);
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
        assertThat(trades.count("instance")).isZero();
    }

    @Test
    void keysThatPlacementDoesNotLookAtAreAccepted() {
        offered("one", 1, Map.of());
        assertThat(on(request(BOB, "a", HELLO, Map.of("retention_delay", "7.0", "fw_restricted_access", "on"))))
                .isEqualTo("COMP-1");
    }

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

    private ComputerId offered(String title, int partitions, Map<String, String> settings) {
        var computer = trades.computer(ALICE, title, partitions);
        trades.supply(ALICE, computer, HELLO, SoftwareState.AVAILABLE);
        if (!settings.isEmpty()) {
            set(computer, settings);
        }
        return computer;
    }

    private void set(ComputerId computer, Map<String, String> settings) {
        var call = object().put("computer_guid", computer.text());
        settings.forEach(call.putObject("settings")::put);
        put("compute_node_offer", call);
    }

    private void put(String what, ObjectNode call) {
        assertThat(json(ALICE, "put.v0." + what, call).path("type").asText())
                .as(call.toString())
                .isEqualTo("success");
    }

    private JsonNode json(Requester who, String method, ObjectNode call) {
        return trades.json(who, "slapos." + method, call.toString());
    }

    private static ObjectNode object() {
        return JSON.createObjectNode();
    }

    private static ObjectNode supply(ComputerId computer) {
        return object().put("computer_guid", computer.text()).put("software_release_uri", HELLO);
    }

    private static ObjectNode planned(String title, Map<String, String> conditions) {
        var call =
                object().put("title", title).put("software_release_uri", HELLO).put("software_type", "default");
        conditions.forEach(call.putObject("sla_parameters")::put);
        return call;
    }

    private void networks(String... references) {
        for (var reference : references) {
            trades.database.inTransaction(tx -> {
                tx.handle()
                        .execute(
                                "insert into party (reference, kind, title, created_at) "
                                        + "values (?, 'NETWORK', 'a network', now())",
                                reference);
                return tx.handle().execute("insert into network (reference, project) values (?, 'PROJ-1')", reference);
            });
        }
    }

    /// That many instances of Alice's that wait, under one condition.
    private void waiting(int number, String key, String value) {
        trades.database.inTransaction(tx -> {
            tx.handle()
                    .execute("select setval('instance_number', ?), setval('instance_tree_number', ?)", number, number);
            tx.handle().execute("""
                    insert into instance_tree (id, reference, owner, title, state, created_at)
                    select n, 'HOSTSUBS-' || n, 'PERSON-1', 'w' || n, 'started', now() from generate_series(1, ?) n""", number);
            return tx.handle().execute("""
                            insert into instance (id, reference, tree_id, title, release_url, software_type, parameters,
                                conditions, connection, state, created_at)
                            select n, 'SOFTINST-' || n, n, 'w' || n, ?, 'default', ?, ?, ?, 'started', now()
                            from generate_series(1, ?) n""", HELLO, xml(Map.of()), xml(Map.of(key, value)), xml(Map.of()), number);
        });
    }

    private static String xml(Map<String, String> texts) {
        return org.slapos.protocol.InstanceXml.write(texts);
    }

    private void capable(ComputerId computer, List<String> first, List<String> second) {
        var plain = TestTrades.configuration(computer, 2);
        var partitions = IntStream.range(0, 2)
                .mapToObj(i -> {
                    var it = plain.partitions().get(i);
                    return new ComputerConfiguration.Partition(
                            it.reference(), it.path(), it.user(), it.addresses(), it.tap(), i == 0 ? first : second);
                })
                .toList();
        var document = new ComputerConfiguration(computer, plain.address(), plain.netmask(), plain.facts(), partitions);
        assertThat(trades.post(
                                new Requester.Computer(computer),
                                "loadComputerConfigurationFromXML",
                                Map.of("xml", MarshalWriter.write(document.toValue())))
                        .status())
                .isEqualTo(200);
    }

    private long running() {
        return trades.count("instance where partition_id is not null");
    }

    private Answer request(Requester who, String title, String release, Map<String, String> conditions) {
        return request(who, title, release, "default", conditions);
    }

    private Answer request(Requester who, String title, String release, String type, Map<String, String> conditions) {
        return request(who, title, release, type, RequestedState.STARTED, conditions);
    }

    private Answer request(
            Requester who,
            String title,
            String release,
            String type,
            RequestedState state,
            Map<String, String> conditions) {
        return trades.request(who, wanted(title, release, type, state, conditions));
    }

    private static InstanceRequest wanted(
            String title, String release, String type, RequestedState state, Map<String, String> conditions) {
        return new InstanceRequest(
                release,
                type,
                title,
                false,
                Map.of(),
                conditions,
                Optional.of(state),
                Optional.empty(),
                Optional.empty());
    }

    private String on(Answer answer) {
        return trades.placed(answer).computer().text();
    }
}

package org.slapos.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.slapos.master.TestTrades.ALICE;
import static org.slapos.master.TestTrades.BOB;
import static org.slapos.master.TestTrades.HELLO;
import static org.slapos.master.TestTrades.reason;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
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
import org.slapos.master.http.Answer;
import org.slapos.master.ledger.Ledger;
import org.slapos.master.party.Requester;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareState;
import org.slapos.protocol.UsageReport;

/// Pools of instances that run before they are asked for, and the brake: row 57 of the feature table.
@Tag("row:57")
class ReadinessTest {
    private static final Requester.Person CHIEF = new Requester.Person("PERSON-3");

    private final TestTrades cloud = new TestTrades();
    private ComputerId computer = new ComputerId("COMP-1");

    @BeforeEach
    void supply() {
        cloud.welcome(CHIEF, "Chief", "production/manager");
        computer = cloud.computer(ALICE, "machine", 4);
        cloud.supply(ALICE, computer, HELLO, SoftwareState.AVAILABLE);
    }

    @AfterEach
    void close() {
        cloud.close();
    }

    @Test
    void row57ASpareThatRunsIsHandedOverWithTitleParametersAndCertificateAndGoesOnRunning() {
        pool(2);
        assertThat(busy()).isEqualTo(2);
        var before = certificate();
        cloud.clock.advance(Duration.ofMinutes(1));
        var mine = cloud.placed(request(BOB, "blog", Map.of("colour", "red"), Map.of()));
        assertThat(mine.title()).isEqualTo("blog");
        assertThat(mine.parameters()).containsEntry("colour", "red");
        assertThat(mine.guid()).as("the oldest that runs").isEqualTo("SOFTINST-1");
        assertThat(certificate()).isNotEqualTo(before);
        var shown = cloud.json(BOB, "slapos.get.v0.instance_tree", "{\"title\": \"blog\"}");
        assertThat(shown.path("instance_guid").asText()).isEqualTo("SOFTINST-1");
        assertThat(shown.path("access_status_message").asText())
                .as("it runs already")
                .contains("correctly started");
        assertThat(cloud.placed(request(BOB, "blog", Map.of("colour", "red"), Map.of())))
                .as("asked again, it is the same instance and nothing moves")
                .isEqualTo(mine);
        cloud.work();
        assertThat(shown().path("placed").asInt())
                .as("another spare takes its place")
                .isEqualTo(2);
        assertThat(shown().path("handed_over").asInt()).isEqualTo(1);
        assertThat(actions()).contains("pool.set", "pool.make", "instance.handover");
    }

    @Test
    void row57ASpareIsNeverItsFutureOwnersToPay() {
        pool(1);
        cloud.clock.advance(Duration.ofHours(2));
        cloud.format(computer, 4); // it is heard of
        var mine = cloud.placed(request(BOB, "blog", Map.of(), Map.of()));
        cloud.clock.advance(Duration.ofHours(1));
        use(mine, "2031-04-01 08:00:00", "2031-04-01 11:00:00");
        use(mine, "2031-04-01 10:30:00", "2031-04-01 11:00:00");
        cloud.report("stoppedComputerPartition", mine);
        assertThat(movements())
                .containsExactlyInAnyOrder(
                        "software_hosting PROJ-1 7200.000000",
                        "software_hosting PERSON-2 3600.000000",
                        "cpu PROJ-1 1.000000",
                        "cpu PERSON-2 1.000000");
        assertThat(cloud.database.<Boolean>inTransaction(tx -> new Ledger().isBalanced(tx)))
                .isTrue();
    }

    @Test
    void row57AFreePlaceThatIsCheaperComesBeforeASpare() {
        price(computer, "7EUR/month");
        pool(1);
        var cheap = cloud.computer(ALICE, "cheap", 1);
        cloud.supply(ALICE, cheap, HELLO, SoftwareState.AVAILABLE);
        price(cheap, "5EUR/month");
        var planned = plan(BOB, "blog", "{}");
        assertThat(planned.path("computer_guid").asText()).isEqualTo("COMP-2");
        assertThat(planned.has("spare")).isFalse();
        assertThat(cloud.placed(request(BOB, "blog", Map.of(), Map.of())).computer())
                .isEqualTo(cheap);
        assertThat(plan(BOB, "site", "{}").path("spare").asBoolean()).isTrue();
        assertThat(request(BOB, "site", Map.of(), Map.of("price", "6EUR")).status())
                .as("a spare that costs more than the ceiling is not for this one")
                .isEqualTo(408);
        assertThat(cloud.placed(request(BOB, "third", Map.of(), Map.of())).computer())
                .isEqualTo(computer);
    }

    @Test
    void row57OfManyThatAskAtOnceEachGetsASpareOfItsOwn() throws Exception {
        cloud.format(computer, 20);
        pool(10);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var asked = threads.invokeAll(IntStream.range(0, 10)
                    .<Callable<InstanceInformation>>mapToObj(
                            i -> () -> cloud.placed(request(BOB, "site" + i, Map.of(), Map.of())))
                    .toList());
            var guids = asked.stream().map(it -> it.resultNow().guid()).distinct();
            assertThat(guids).hasSize(10);
        }
        assertThat(shown().path("handed_over").asInt()).isEqualTo(10);
    }

    @Test
    void row57ThePoolTakesNoPlaceFromWhoWaitsAndGivesOneBack() {
        price(computer, "5EUR/month");
        pool(4);
        assertThat(busy()).isEqualTo(4);
        assertThat(request(BOB, "blog", Map.of(), Map.of("price", "4EUR")).status())
                .isEqualTo(408);
        price(computer, "4EUR/month");
        cloud.work();
        var doomed = cloud.information(computer).partitions().stream()
                .flatMap(partition -> partition.instance().stream())
                .filter(instance -> instance.state() == RequestedState.DESTROYED)
                .toList();
        assertThat(doomed).as("one spare is given back").hasSize(1);
        cloud.report("destroyedComputerPartition", doomed.getFirst());
        cloud.placeAll();
        assertThat(request(BOB, "blog", Map.of(), Map.of("price", "4EUR")).status())
                .isEqualTo(200);
        cloud.work();
        assertThat(shown().path("placed").asInt()).as("nothing is free").isEqualTo(3);
        pool(0);
        assertThat(shown().path("placed").asInt()).isZero();
    }

    @Test
    void row57AClosedComputersSpareIsReplacedElsewhereAtOnceThenGivenBack() {
        pool(1);
        var other = other("other");
        settings(computer, "\"scope\": \"close/maintenance\"");
        cloud.work(); // no time passes
        assertThat(spares(other)).containsExactly("POOL-1-2");
        assertThat(spares(computer)).isEmpty();
        assertThat(shown().path("placed").asInt()).isEqualTo(1);
        assertThat(cloud.placed(request(BOB, "blog", Map.of(), Map.of())).computer())
                .isEqualTo(other);
    }

    @Test
    void row57ASpareIsKeptOnAClosedComputerWhileThereIsNoOtherPlace() {
        pool(1);
        settings(computer, "\"scope\": \"close/maintenance\"");
        cloud.work();
        assertThat(spares(computer)).containsExactly("POOL-1-1");
        settings(computer, "\"scope\": \"open\"");
        cloud.work();
        assertThat(spares(computer)).containsExactly("POOL-1-1");
        assertThat(shown().path("placed").asInt()).isEqualTo(1);
    }

    @Test
    void row57SoftwareThatIsNotSuppliedAnyMoreHasItsSpareReplacedAtOnce() {
        pool(1);
        var other = other("other");
        var before = cloud.clock.instant();
        cloud.supply(ALICE, computer, HELLO, SoftwareState.DESTROYED);
        cloud.work();
        assertThat(spares(other)).containsExactly("POOL-1-2");
        assertThat(cloud.clock.instant()).isEqualTo(before);
    }

    @Test
    void row57ASilentComputersSpareIsReplacedAtTheNextLook() {
        pool(1);
        var other = other("other");
        cloud.clock.advance(Duration.ofSeconds(601));
        cloud.format(other, 2); // it alone is heard of
        cloud.work();
        assertThat(spares(other)).containsExactly("POOL-1-2");
    }

    @Test
    void row57ASpareThatWasGivenBackMakesRoomForAnotherAsSoonAsItIsGone() {
        pool(4);
        var mine = cloud.placed(request(BOB, "blog", Map.of(), Map.of()));
        cloud.work();
        assertThat(shown().path("placed").asInt()).as("nothing is free").isEqualTo(3);
        cloud.request(BOB, "blog", RequestedState.DESTROYED);
        cloud.report("destroyedComputerPartition", mine);
        cloud.work(); // no time passes
        assertThat(shown().path("placed").asInt()).isEqualTo(4);
    }

    @Test
    void row57ASpareThatFailsIsHandedOverLast() {
        pool(2);
        var broken = cloud.information(computer).partitions().stream()
                .flatMap(partition -> partition.instance().stream())
                .filter(instance -> instance.guid().equals("SOFTINST-1"))
                .findFirst()
                .orElseThrow();
        cloud.report(new Requester.Computer(computer), "softwareInstanceError", broken, Map.of("error_log", "no disk"));
        assertThat(shown().path("running").asInt()).isEqualTo(1);
        cloud.format(computer, 2); // nothing is free
        assertThat(cloud.placed(request(BOB, "blog", Map.of(), Map.of())).guid())
                .isEqualTo("SOFTINST-2");
        assertThat(cloud.placed(request(BOB, "site", Map.of(), Map.of())).guid())
                .as("rather than none")
                .isEqualTo("SOFTINST-1");
    }

    /// Somebody whose conditions nothing meets does not keep a pool empty.
    @Test
    void row57WhoWaitsForWhatIsNowhereDoesNotKeepThePoolFromItsSpares() {
        price(computer, "5EUR/month");
        assertThat(request(BOB, "blog", Map.of(), Map.of("price", "1EUR")).status())
                .isEqualTo(408);
        pool(2);
        assertThat(shown().path("placed").asInt()).isEqualTo(2);
    }

    @Test
    void row57TheForecastIsTheBusiestHourOfAWeek() {
        for (int i = 0; i < 3; i++) {
            cloud.start(BOB, "blog" + i);
            cloud.clock.advance(Duration.ofMinutes(i == 1 ? 70 : 1));
            cloud.format(computer, 8); // it is heard of
        }
        setPool("\"most\": 5");
        assertThat(shown().path("wanted").asInt()).isEqualTo(2);
        setPool("\"most\": 1");
        assertThat(shown().path("wanted").asInt()).isEqualTo(1);
        cloud.clock.advance(Duration.ofDays(8));
        setPool("\"most\": 5");
        assertThat(shown().path("wanted").asInt()).as("the past is over").isZero();
    }

    @Test
    void row57TheBrakeRefusesTheRequestOverTheLimitWithTheRetryTime() {
        brake(2, "hour");
        cloud.start(BOB, "one");
        cloud.clock.advance(Duration.ofMinutes(20));
        assertThat(cloud.request(BOB, "two", RequestedState.STARTED).status()).isIn(200, 408);
        var refused = cloud.request(BOB, "three", RequestedState.STARTED);
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.headers()).containsEntry("Retry-After", "2400");
        assertThat(reason(refused))
                .contains("PERSON-2 has requested 2 new instances within 1 h, which is the most in PROJ-1")
                .contains("ask again at 2031-04-01T09:00:00Z, in 40 min");
        var json = cloud.json(
                BOB,
                "slapos.post.v0.software_instance",
                "{\"title\": \"three\", \"software_release_uri\": \"" + HELLO + "\", \"software_type\": \"default\"}");
        assertThat(json.path("status").asInt()).isEqualTo(429);
        assertThat(plan(BOB, "three", "{}").path("status").asInt()).isEqualTo(429);
        assertThat(cloud.request(BOB, "one", RequestedState.STOPPED).status())
                .as("what is there can be changed")
                .isIn(200, 408);
        assertThat(cloud.request(ALICE, "one", RequestedState.STARTED).status())
                .as("others are not concerned")
                .isIn(200, 408);
        cloud.request(BOB, "one", RequestedState.DESTROYED);
        assertThat(cloud.request(BOB, "four", RequestedState.STARTED).status())
                .as("destroying gives nothing back")
                .isEqualTo(429);
        cloud.clock.advance(Duration.ofMinutes(40));
        assertThat(cloud.request(BOB, "three", RequestedState.STARTED).status()).isIn(200, 408);
        brake(0, "hour");
        assertThat(cloud.request(BOB, "four", RequestedState.STARTED).status()).isIn(200, 408);
        assertThat(actions()).contains("brake.set");
    }

    @Test
    void row57TheBrakeCountsRequestsThatComeAtOnce() throws Exception {
        brake(3, "day");
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var asked = threads.invokeAll(IntStream.range(0, 20)
                    .<Callable<Answer>>mapToObj(i -> () -> cloud.request(BOB, "site" + i, RequestedState.STARTED))
                    .toList());
            assertThat(asked.stream()
                            .filter(it -> it.resultNow().status() != 429)
                            .count())
                    .isEqualTo(3);
        }
    }

    @Test
    void whoDoesNotOperateTheProjectSetsNothing() {
        for (var call : List.of(
                "slapos.put.v0.instance_pool {\"software_release_uri\": \"" + HELLO + "\", \"size\": 1}",
                "slapos.put.v0.request_brake {\"requests\": 1}",
                "slapos.allDocs.v0.instance_pool_list {}")) {
            var words = call.split(" ", 2);
            assertThat(cloud.json(BOB, words[0], words[1]).path("status").asInt())
                    .as(call)
                    .isEqualTo(401);
        }
        assertThat(cloud.count("pool") + cloud.count("brake")).isZero();
    }

    /// Sets the size of the pool, and has its spares run.
    private void pool(int size) {
        setPool("\"size\": " + size);
        cloud.work();
        for (var partition : cloud.information(computer).partitions()) {
            partition
                    .instance()
                    .filter(instance ->
                            instance.title().startsWith("POOL-") && instance.state() == RequestedState.STARTED)
                    .ifPresent(instance -> cloud.report("startedComputerPartition", instance));
        }
    }

    private void setPool(String how) {
        var answer = cloud.json(
                CHIEF, "slapos.put.v0.instance_pool", "{\"software_release_uri\": \"" + HELLO + "\", " + how + "}");
        assertThat(answer.path("reference").asText()).as(answer.toString()).isEqualTo("POOL-1");
    }

    private JsonNode shown() {
        return cloud.json(CHIEF, "slapos.allDocs.v0.instance_pool_list", "{}")
                .path("result_list")
                .path(0);
    }

    private void brake(int requests, String per) {
        var answer = cloud.json(
                CHIEF, "slapos.put.v0.request_brake", "{\"requests\": " + requests + ", \"per\": \"" + per + "\"}");
        assertThat(answer.path("requests").asInt(-1)).as(answer.toString()).isEqualTo(requests);
    }

    private ComputerId other(String title) {
        var other = cloud.computer(ALICE, title, 2);
        cloud.supply(ALICE, other, HELLO, SoftwareState.AVAILABLE);
        return other;
    }

    /// The titles of those that are to run there.
    private List<String> spares(ComputerId where) {
        return cloud.information(where).partitions().stream()
                .flatMap(partition -> partition.instance().stream())
                .filter(instance -> instance.state() == RequestedState.STARTED)
                .map(InstanceInformation::title)
                .toList();
    }

    private void settings(ComputerId of, String settings) {
        cloud.json(
                ALICE,
                "slapos.put.v0.compute_node_offer",
                "{\"computer_guid\": \"" + of + "\", \"settings\": {" + settings + "}}");
    }

    private void price(ComputerId of, String price) {
        cloud.json(
                ALICE,
                "slapos.put.v0.compute_node_offer",
                "{\"computer_guid\": \"" + of + "\", \"settings\": {\"price\": \"" + price + "\"}}");
    }

    private JsonNode plan(Requester who, String title, String conditions) {
        return cloud.json(
                who,
                "slapos.get.v0.instance_plan",
                "{\"title\": \"" + title + "\", \"software_release_uri\": \"" + HELLO
                        + "\", \"software_type\": \"default\", \"sla_parameters\": " + conditions + "}");
    }

    private Answer request(
            Requester who, String title, Map<String, String> parameters, Map<String, String> conditions) {
        return cloud.request(
                who,
                new InstanceRequest(
                        HELLO,
                        "default",
                        title,
                        false,
                        parameters,
                        conditions,
                        Optional.of(RequestedState.STARTED),
                        Optional.empty(),
                        Optional.empty()));
    }

    private void use(InstanceInformation of, String start, String stop) {
        var document = new UsageReport(
                "use",
                start,
                stop,
                "report of " + start,
                List.of(new UsageReport.Movement("cpu", "", of.partition().text(), 1)));
        var answer = cloud.post(
                new Requester.Computer(computer),
                "useComputer",
                Map.of(
                        "computer_id",
                        computer.text(),
                        "use_string",
                        new String(document.write(), StandardCharsets.UTF_8)));
        assertThat(answer.status()).isEqualTo(200);
    }

    private List<String> movements() {
        return cloud.database.inTransaction(tx -> tx.handle()
                .createQuery("select resource || ' ' || destination || ' ' || quantity from movement")
                .mapTo(String.class)
                .list());
    }

    private List<String> actions() {
        return cloud.database.inTransaction(tx -> tx.handle()
                .createQuery("select action from event")
                .mapTo(String.class)
                .list());
    }

    private long busy() {
        return cloud.count("computer_partition where state = 'busy'");
    }

    private String certificate() {
        return cloud.json(
                        new Requester.Computer(computer),
                        "slapos.get.v0.software_instance_certificate",
                        "{\"instance_guid\": \"SOFTINST-1\"}")
                .path("certificate")
                .asText();
    }
}

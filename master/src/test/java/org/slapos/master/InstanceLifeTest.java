package org.slapos.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.slapos.master.TestTrades.ALICE;
import static org.slapos.master.TestTrades.BOB;
import static org.slapos.master.TestTrades.HELLO;
import static org.slapos.master.TestTrades.reason;
import static org.slapos.master.TestTrades.text;
import static org.slapos.master.TestTrades.wanted;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slapos.master.db.Transaction;
import org.slapos.master.http.Answer;
import org.slapos.master.party.Requester;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareState;
import org.slapos.protocol.marshal.MarshalWriter;
import org.slapos.protocol.marshal.Value;

/// The life of instances on a real database, through the SLAP door.
class InstanceLifeTest {
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

    /// Runs the SQL in a transaction that is committed only when `other` waits for it, or is done.
    private Answer meanwhile(String sql, Callable<Answer> other) throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Answer> answer = cloud.database.inTransaction(tx -> {
                tx.handle().createScript(sql).execute();
                var running = threads.submit(other);
                while (!running.isDone() && !somebodyWaits(tx)) {
                    Thread.onSpinWait();
                }
                return running;
            });
            return answer.get();
        }
    }

    private static boolean somebodyWaits(Transaction tx) {
        tx.handle().execute("select pg_stat_clear_snapshot()");
        return tx.handle()
                .select("select exists (select from pg_stat_activity"
                        + " where datname = current_database() and wait_event_type = 'Lock')")
                .mapTo(Boolean.class)
                .one();
    }

    /// What the arrival of capacity does, as far as the instance `blog` is concerned.
    private static final String PLACE = """
            select id from instance where title = 'blog' for update;
            update computer_partition set state = 'busy', desired_at = 1 where reference = 'slappart0';
            update instance set partition_id = (select id from computer_partition where reference = 'slappart0'),
                waiting_reason = '' where title = 'blog';
            """;

    private void waitingBesideTwoFreePartitions() {
        supplied(2);
        cloud.database.inTransaction(tx -> tx.handle().execute("update computer_partition set state = 'inactive'"));
        assertThat(cloud.request(ALICE, "blog", RequestedState.STARTED).status())
                .isEqualTo(408);
        cloud.database.inTransaction(tx -> tx.handle().execute("update computer_partition set state = 'free'"));
    }

    @Test
    void aRequestThatMeetsThePlacingOfItsInstanceTakesNoSecondPartition() throws Exception {
        waitingBesideTwoFreePartitions();
        var answer = meanwhile(PLACE, () -> cloud.request(ALICE, "blog", RequestedState.STARTED));
        assertThat(cloud.placed(answer).partition()).isEqualTo(new PartitionId("slappart0"));
        assertThat(cloud.count("computer_partition where state = 'busy'")).isEqualTo(1);
    }

    @Test
    void aDestructionThatMeetsThePlacingWaitsForTheNode() throws Exception {
        waitingBesideTwoFreePartitions();
        meanwhile(PLACE, () -> cloud.request(ALICE, "blog", RequestedState.DESTROYED));
        assertThat(cloud.count("computer_partition where state = 'busy'")).isEqualTo(1);
        assertThat(cloud.count("instance where partition_id is not null and state = 'destroyed'"))
                .isEqualTo(1);
    }

    @Test
    void aBangThatMeetsAReportForgetsNothingOfIt() throws Exception {
        supplied(1);
        var blog = cloud.start(ALICE, "blog");
        meanwhile(
                "update instance set running_since = '2030-01-01'",
                () -> cloud.report(ALICE, "softwareInstanceBang", blog, Map.of("message", "broken")));
        assertThat(cloud.count("instance where running_since is not null")).isEqualTo(1);
    }

    @Test
    @Tag("row:26")
    @Tag("row:4.3.5")
    @Tag("row:4.4.9")
    void aRequestIsPlacedInItsFirstAnswer() {
        var computer = supplied(2);
        var odd = Map.of("size", "3 < 4 & \"é€𝄞\" &amp; &lt;", "_", "{\"a\": [1]}", "empty", "");
        var placed = cloud.placed(cloud.request(ALICE, wanted("blog", RequestedState.STARTED, odd)));
        assertThat(placed.guid()).isEqualTo("SOFTINST-1");
        assertThat(placed.computer()).isEqualTo(computer);
        assertThat(placed.partition()).isEqualTo(new PartitionId("slappart0"));
        assertThat(placed.parameters()).isEqualTo(odd);
        assertThat(placed.rootTitle()).isEqualTo("blog");
        assertThat(placed.addresses()).contains(List.of("slaptap0", "2001:db8::2"));
        var seen = cloud.information(computer);
        assertThat(seen.partitions()).hasSize(2);
        assertThat(seen.partitions().getFirst().instance().orElseThrow().parameters())
                .isEqualTo(odd);
        assertThat(seen.partitions().getLast().instance()).isEmpty();
        assertThat(seen.software()).extracting("url").containsExactly(HELLO);
    }

    @Test
    @Tag("row:27")
    void theSameRequestAgainChangesNothing() {
        var computer = supplied(2);
        var first = cloud.start(ALICE, "blog");
        var document = cloud.information(computer);
        for (int i = 0; i < 200; i++) {
            cloud.clock.advance(Duration.ofSeconds(1));
            assertThat(cloud.start(ALICE, "blog")).isEqualTo(first);
        }
        assertThat(cloud.information(computer)).isEqualTo(document);
        assertThat(cloud.count("instance")).isEqualTo(1);
        assertThat(cloud.count("instance_tree")).isEqualTo(1);
        assertThat(cloud.count("certificate")).isEqualTo(1);
    }

    @Test
    @Tag("row:22")
    void theTimestampMovesWithWhatIsWantedOnly() {
        supplied(1);
        var placed = cloud.start(ALICE, "blog");
        cloud.report("startedComputerPartition", placed);
        cloud.report(
                new Requester.Computer(placed.computer()),
                "softwareInstanceError",
                placed,
                Map.of("error_log", "boom"));
        cloud.report("startedComputerPartition", placed);
        assertThat(cloud.start(ALICE, "blog").timestamp()).isEqualTo(placed.timestamp());
        var changed = cloud.placed(cloud.request(ALICE, wanted("blog", RequestedState.STARTED, Map.of("a", "1"))));
        assertThat(micros(changed)).isGreaterThan(micros(placed));
        var stopped = cloud.placed(cloud.request(ALICE, wanted("blog", RequestedState.STOPPED, Map.of("a", "1"))));
        assertThat(micros(stopped)).isGreaterThan(micros(changed));
        assertThat(stopped.state()).isEqualTo(RequestedState.STOPPED);
    }

    @Test
    void aRefusalNamesTheRuleAndTheComputer() {
        assertThat(reason(cloud.request(ALICE, "blog", RequestedState.STARTED)))
                .isEqualTo(
                        "No ComputerPartition for 'blog': SoftwareRelease " + HELLO
                                + " is supplied on no Computer: there is none yet. Register one: slapos computer token says how");
        cloud.computer(BOB, "without software", 1);
        var unsupplied = cloud.request(ALICE, "blog", RequestedState.STARTED);
        assertThat(unsupplied.status()).isEqualTo(408);
        assertThat(reason(unsupplied))
                .isEqualTo("No ComputerPartition for 'blog': SoftwareRelease " + HELLO
                        + " is supplied on no Computer. Supply it: slapos supply " + HELLO + " COMP-n");
        supplied(1);
        cloud.start(ALICE, "blog");
        var full = cloud.request(ALICE, "shop", RequestedState.STARTED);
        assertThat(full.status()).isEqualTo(408);
        assertThat(reason(full)).contains("COMP-2 has 1 of 1 in use");
        var unknown = cloud.request(ALICE, filtered("third", "computer_gid", "COMP-1"));
        assertThat(unknown.status()).isEqualTo(400);
        assertThat(reason(unknown)).contains("'computer_gid'").contains("'computer_guid'");
        var unmet = cloud.request(ALICE, filtered("third", "region", "europe"));
        assertThat(unmet.status()).isEqualTo(408);
        assertThat(reason(unmet)).contains("its region is not known, region=europe is demanded");
        var elsewhere = cloud.request(ALICE, filtered("third", "computer_guid", "COMP-9"));
        assertThat(elsewhere.status()).isEqualTo(408);
        assertThat(reason(elsewhere)).contains("computer_guid is COMP-9");
    }

    private static InstanceRequest filtered(String title, String key, String value) {
        return new InstanceRequest(
                HELLO,
                "default",
                title,
                false,
                Map.of(),
                Map.of(key, value),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    @Test
    @Tag("row:26")
    void whatWaitsIsPlacedWhenCapacityComes() {
        assertThat(cloud.request(ALICE, "blog", RequestedState.STARTED).status())
                .isEqualTo(408);
        var computer = cloud.computer(ALICE, "machine", 1);
        cloud.supply(ALICE, computer, HELLO, SoftwareState.AVAILABLE);
        assertThat(cloud.information(computer).partitions().getFirst().instance())
                .hasValueSatisfying(instance -> assertThat(instance.title()).isEqualTo("blog"));
        assertThat(cloud.request(ALICE, "shop", RequestedState.STARTED).status())
                .isEqualTo(408);
        cloud.format(computer, 2);
        assertThat(cloud.information(computer).partitions().getLast().instance())
                .hasValueSatisfying(instance -> assertThat(instance.title()).isEqualTo("shop"));
    }

    @Test
    void ofTwoThatRaceForTheLastPartitionOneWinsAndTheOtherIsToldWhy() throws Exception {
        supplied(1);
        var answers = atOnce(List.of(
                () -> cloud.request(ALICE, "one", RequestedState.STARTED),
                () -> cloud.request(BOB, "two", RequestedState.STARTED)));
        assertThat(answers).extracting(Answer::status).containsExactlyInAnyOrder(200, 408);
        var loser = answers.stream()
                .filter(answer -> answer.status() == 408)
                .findFirst()
                .orElseThrow();
        assertThat(reason(loser)).contains("COMP-1 has 1 of 1 in use");
    }

    @Test
    @Tag("row:28")
    void manyRequestsForOneTitleAtOnceAreOneInstance() throws Exception {
        supplied(5);
        Callable<Answer> request = () -> cloud.request(ALICE, "blog", RequestedState.STARTED);
        var answers = atOnce(Collections.nCopies(6, request));
        assertThat(answers).extracting(Answer::status).containsOnly(200);
        assertThat(answers).extracting(answer -> cloud.placed(answer).guid()).containsOnly("SOFTINST-1");
        assertThat(cloud.count("instance")).isEqualTo(1);
    }

    @Test
    void requestsAtOnceFillAComputerWithoutDoubleBooking() throws Exception {
        supplied(12);
        var requests = IntStream.range(0, 12)
                .mapToObj(i -> (Callable<Answer>) () -> cloud.request(ALICE, "app" + i, RequestedState.STARTED))
                .toList();
        var answers = atOnce(requests);
        assertThat(answers).extracting(Answer::status).containsOnly(200);
        assertThat(answers)
                .extracting(answer -> cloud.placed(answer).partition().text())
                .doesNotHaveDuplicates();
    }

    private static List<Answer> atOnce(List<Callable<Answer>> calls) throws InterruptedException, ExecutionException {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var futures = threads.invokeAll(calls);
            var answers = new ArrayList<Answer>();
            for (Future<Answer> future : futures) {
                answers.add(future.get());
            }
            return answers;
        }
    }

    @Test
    @Tag("row:35")
    @Tag("row:4.8.1")
    @Tag("row:4.8.2")
    @Tag("row:4.8.3")
    void destructionHasTwoPhasesAndFreesTitleAndPartition() {
        var computer = supplied(1);
        var placed = cloud.start(ALICE, "blog");
        cloud.report("startedComputerPartition", placed);
        cloud.report("destroyedComputerPartition", placed);
        assertThat(cloud.information(computer).partitions().getFirst().instance())
                .as("a report of what nobody wants is ignored")
                .isPresent();
        var destroyed = cloud.request(ALICE, "blog", RequestedState.DESTROYED);
        assertThat(destroyed.status()).isEqualTo(408);
        assertThat(reason(destroyed)).isEqualTo("'blog' is to be destroyed");
        var pending =
                cloud.information(computer).partitions().getFirst().instance().orElseThrow();
        assertThat(pending.state()).isEqualTo(RequestedState.DESTROYED);
        assertThat(pending.softwareRelease()).isEqualTo(HELLO);
        assertThat(micros(pending)).isGreaterThan(micros(placed));
        cloud.report("stoppedComputerPartition", placed);
        assertThat(cloud.report("destroyedComputerPartition", placed).status()).isEqualTo(200);
        assertThat(cloud.information(computer).partitions().getFirst().instance())
                .isEmpty();
        assertThat(cloud.report("destroyedComputerPartition", placed).status()).isEqualTo(404);
        cloud.clock.advance(Duration.ofMillis(1));
        var again = cloud.start(ALICE, "blog");
        assertThat(again.guid()).isNotEqualTo(placed.guid());
        assertThat(again.partition()).isEqualTo(placed.partition());
        assertThat(micros(again)).isGreaterThan(micros(pending));
    }

    @Test
    @Tag("row:34")
    @Tag("row:4.3.3")
    @Tag("row:4.4.6")
    @Tag("row:4.8.5")
    void aStoppedTreeKeepsItsChildrenStopped() {
        supplied(3);
        var root = cloud.start(ALICE, "blog");
        var asRoot = new Requester.Instance(root.guid());
        var child = cloud.placed(cloud.request(asRoot, "db", RequestedState.STARTED));
        assertThat(child.rootTitle()).isEqualTo("blog");
        assertThat(cloud.placed(cloud.request(ALICE, "blog", RequestedState.STOPPED))
                        .state())
                .isEqualTo(RequestedState.STOPPED);
        assertThat(cloud.information(child.computer()).partitions().stream()
                        .flatMap(partition -> partition.instance().stream())
                        .map(InstanceInformation::state))
                .as("its node is told at once, whoever asks for it or not")
                .containsExactly(RequestedState.STOPPED, RequestedState.STOPPED);
        assertThat(cloud.placed(cloud.request(asRoot, "db", RequestedState.STARTED))
                        .state())
                .isEqualTo(RequestedState.STOPPED);
        assertThat(cloud.start(ALICE, "blog").state()).isEqualTo(RequestedState.STARTED);
        assertThat(cloud.placed(cloud.request(asRoot, "db", RequestedState.STARTED))
                        .state())
                .isEqualTo(RequestedState.STARTED);
    }

    @Test
    @Tag("row:30")
    @Tag("row:31")
    @Tag("row:4.3.2")
    void aChildIsRequestedByItsPartitionOrTheHostingComputerOnly() {
        var computer = supplied(3);
        var root = cloud.start(ALICE, "blog");
        var from = Optional.of(new InstanceRequest.From(computer, root.partition()));
        var wanted = new InstanceRequest(
                HELLO, "db", "db", false, Map.of(), Map.of(), Optional.empty(), from, Optional.empty());
        var child = cloud.placed(cloud.request(new Requester.Computer(computer), wanted));
        assertThat(cloud.placed(cloud.request(new Requester.Instance(root.guid()), wanted)))
                .isEqualTo(child);
        assertThat(cloud.placed(cloud.request(ALICE, wanted))).isEqualTo(child);
        assertThat(cloud.request(BOB, wanted).status()).isEqualTo(404);
        assertThat(cloud.request(new Requester.Computer(new ComputerId("COMP-99")), wanted)
                        .status())
                .isEqualTo(404);
        assertThat(cloud.request(new Requester.Instance(child.guid()), wanted).status())
                .isEqualTo(403);
        assertThat(reason(cloud.request(new Requester.Instance(root.guid()), "blog", RequestedState.STARTED)))
                .contains("root");
        assertThat(reason(cloud.request(new Requester.Instance(child.guid()), "db", RequestedState.STARTED)))
                .contains("cannot be requested by it in turn");
    }

    @Test
    @Tag("row:31")
    void aChildCannotDestroyWhoRequestedIt() {
        supplied(3);
        var root = cloud.start(ALICE, "blog");
        var child = cloud.placed(cloud.request(new Requester.Instance(root.guid()), "db", RequestedState.STARTED));
        var grandchild =
                cloud.placed(cloud.request(new Requester.Instance(child.guid()), "log", RequestedState.STARTED));
        assertThat(reason(cloud.request(new Requester.Instance(grandchild.guid()), "db", RequestedState.DESTROYED)))
                .contains("cannot be requested by it in turn");
        assertThat(cloud.placed(cloud.request(new Requester.Instance(root.guid()), "db", RequestedState.STARTED)))
                .isEqualTo(child);
    }

    @Test
    @Tag("row:4.3.2")
    void aComputerRequestsInstancesOfItsOwn() {
        var computer = supplied(3);
        var itself = new Requester.Computer(computer);
        var placed = cloud.start(itself, "monitor");
        assertThat(cloud.start(itself, "monitor"))
                .as("the same request is one instance")
                .isEqualTo(placed);
        assertThat(cloud.start(ALICE, "monitor").guid())
                .as("a person's title is another one")
                .isNotEqualTo(placed.guid());
        assertThat(cloud.json(itself, "slapos.allDocs.v0.instance_tree_list", "{}")
                        .toString())
                .isEqualTo("{\"result_list\":[{\"title\":\"monitor\"}]}");
        cloud.report("startedComputerPartition", placed);
        assertThat(cloud.count("movement where destination = '" + computer + "' and item = '" + placed.guid() + "'"))
                .isEqualTo(1);
        assertThat(cloud.report(ALICE, "softwareInstanceBang", placed, Map.of()).status())
                .as("whoever owns the Computer")
                .isEqualTo(200);
        assertThat(cloud.report(BOB, "softwareInstanceBang", placed, Map.of()).status())
                .isEqualTo(404);
        assertThat(cloud.request(itself, "monitor", RequestedState.DESTROYED).status())
                .isEqualTo(408);
        cloud.report("destroyedComputerPartition", placed);
        assertThat(cloud.count("instance where ended_at is not null")).isEqualTo(1);
    }

    @Test
    @Tag("row:31")
    void aLeafHasNoSayOverItsSiblings() {
        supplied(5);
        var root = cloud.start(ALICE, "blog");
        var asRoot = new Requester.Instance(root.guid());
        var database = cloud.placed(cloud.request(asRoot, "db", RequestedState.STARTED));
        var leaf = cloud.placed(cloud.request(asRoot, "leaf", RequestedState.STARTED));
        var asLeaf = new Requester.Instance(leaf.guid());
        for (var state : RequestedState.values()) {
            var answer = cloud.request(asLeaf, "db", state);
            assertThat(answer.status()).as("%s", state).isEqualTo(403);
            assertThat(reason(answer)).contains("'leaf' may not change 'db'");
        }
        assertThat(cloud.placed(cloud.request(asRoot, "db", RequestedState.STARTED)))
                .as("nothing of it changed")
                .isEqualTo(database);
        var squatted = cloud.placed(cloud.request(asLeaf, "cache", RequestedState.STARTED));
        assertThat(cloud.placed(cloud.request(asRoot, "cache", RequestedState.STARTED))
                        .guid())
                .as("whoever is above takes what those below requested")
                .isEqualTo(squatted.guid());
        assertThat(cloud.request(asLeaf, "cache", RequestedState.DESTROYED).status())
                .isEqualTo(403);
    }

    @Test
    @Tag("row:4.8.1")
    void whatHasNoPlaceEndsAtOnceAndItsTitleIsFree() {
        assertThat(cloud.request(ALICE, "blog", RequestedState.STARTED).status())
                .isEqualTo(408);
        assertThat(cloud.request(ALICE, "blog", RequestedState.DESTROYED).status())
                .isEqualTo(408);
        assertThat(cloud.count("instance where ended_at is not null")).isEqualTo(1);
        assertThat(cloud.count("certificate where revoked_at is null and holder like 'SOFTINST-%'"))
                .isZero();
        var computer = supplied(1);
        assertThat(cloud.information(computer).partitions().getFirst().instance())
                .as("nobody waits any more")
                .isEmpty();
        assertThat(cloud.start(ALICE, "blog").guid()).isEqualTo("SOFTINST-2");
    }

    @Test
    @Tag("row:4.8.4")
    void destroyingAChildDestroysWhatItRequestedAndNothingElse() {
        var computer = supplied(4);
        var root = cloud.start(ALICE, "blog");
        var child = cloud.placed(cloud.request(new Requester.Instance(root.guid()), "db", RequestedState.STARTED));
        cloud.placed(cloud.request(new Requester.Instance(child.guid()), "log", RequestedState.STARTED));
        cloud.placed(cloud.request(new Requester.Instance(root.guid()), "cache", RequestedState.STARTED));
        cloud.request(new Requester.Instance(root.guid()), "db", RequestedState.DESTROYED);
        assertThat(cloud.information(computer).partitions())
                .filteredOn(partition -> partition.instance().isPresent())
                .extracting(partition -> partition.instance().orElseThrow())
                .filteredOn(instance -> instance.state() == RequestedState.DESTROYED)
                .extracting(instance -> instance.title())
                .containsExactlyInAnyOrder("db", "log");
    }

    @Test
    @Tag("row:34")
    @Tag("row:4.8.4")
    void destroyingATreeDestroysItsChildrenToo() {
        var computer = supplied(3);
        var root = cloud.start(ALICE, "blog");
        cloud.placed(cloud.request(new Requester.Instance(root.guid()), "db", RequestedState.STARTED));
        cloud.request(ALICE, "blog", RequestedState.DESTROYED);
        assertThat(cloud.information(computer).partitions())
                .filteredOn(partition -> partition.instance().isPresent())
                .extracting(partition -> partition.instance().orElseThrow().state())
                .containsExactly(RequestedState.DESTROYED, RequestedState.DESTROYED);
    }

    @Test
    void theConnectionOfAChildBangsItsRequester() {
        supplied(3);
        var root = cloud.start(ALICE, "blog");
        var child = cloud.placed(cloud.request(new Requester.Instance(root.guid()), "db", RequestedState.STARTED));
        cloud.clock.advance(Duration.ofSeconds(1));
        publish(child, Map.of("url", "http://[2001:db8::2]/?a=1&b=<é>"));
        var after = cloud.start(ALICE, "blog");
        assertThat(micros(after)).isGreaterThan(micros(root));
        var seen = cloud.placed(cloud.request(new Requester.Instance(root.guid()), "db", RequestedState.STARTED));
        assertThat(seen.connection()).containsEntry("url", "http://[2001:db8::2]/?a=1&b=<é>");
        assertThat(seen.timestamp()).isEqualTo(child.timestamp());
        publish(child, Map.of("url", "http://[2001:db8::2]/?a=1&b=<é>"));
        assertThat(cloud.start(ALICE, "blog").timestamp()).isEqualTo(after.timestamp());
    }

    private void publish(InstanceInformation where, Map<String, String> published) {
        var answer = cloud.report(
                new Requester.Instance(where.guid()),
                "setComputerPartitionConnectionXml",
                where,
                Map.of("connection_xml", MarshalWriter.write(Value.texts(published)), "slave_reference", "None"));
        assertThat(text(answer)).isEqualTo("None");
    }

    @Test
    void aBangGoesUpToTheRoot() {
        supplied(3);
        var root = cloud.start(ALICE, "blog");
        var child = cloud.placed(cloud.request(new Requester.Instance(root.guid()), "db", RequestedState.STARTED));
        cloud.clock.advance(Duration.ofSeconds(1));
        var answer = cloud.report(
                new Requester.Computer(child.computer()), "softwareInstanceBang", child, Map.of("message", "disk"));
        assertThat(text(answer)).isEqualTo("OK");
        var banged = cloud.start(ALICE, "blog");
        assertThat(micros(banged)).isGreaterThan(micros(root));
        assertThat(micros(
                        cloud.placed(cloud.request(new Requester.Instance(root.guid()), "db", RequestedState.STARTED))))
                .isGreaterThan(micros(child));
    }

    @Test
    @Tag("row:29")
    void aPersonCannotChangeTheReleaseOfARoot() {
        var computer = supplied(2);
        cloud.start(ALICE, "blog");
        cloud.supply(ALICE, computer, "https://soft.example/other.cfg", SoftwareState.AVAILABLE);
        var other = InstanceRequest.started("blog", "https://soft.example/other.cfg", Map.of());
        var refused = cloud.request(ALICE, other);
        assertThat(refused.status()).isEqualTo(409);
        assertThat(reason(refused)).contains(HELLO).contains("cannot change");
    }

    private static long micros(InstanceInformation instance) {
        return Long.parseLong(instance.timestamp());
    }
}

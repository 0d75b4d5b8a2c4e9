package org.slapos.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.slapos.master.TestTrades.ALICE;
import static org.slapos.master.TestTrades.BOB;
import static org.slapos.master.TestTrades.HELLO;
import static org.slapos.master.TestTrades.reason;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slapos.master.party.Requester;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareState;

/// What follows later from what was done, and what comes again and again: the clock is moved, the work that is due is
/// done.
class FollowUpTest {
    private final TestTrades cloud = new TestTrades();

    @AfterEach
    void close() {
        cloud.close();
    }

    private ComputerId supplied(String title, int partitions) {
        var computer = cloud.computer(ALICE, title, partitions);
        cloud.supply(ALICE, computer, HELLO, SoftwareState.AVAILABLE);
        return computer;
    }

    private void later(Duration time) {
        cloud.clock.advance(time);
        cloud.work();
    }

    private static Requester as(InstanceInformation instance) {
        return new Requester.Instance(instance.guid());
    }

    private InstanceInformation child(InstanceInformation parent, String title) {
        return cloud.placed(cloud.request(as(parent), title, RequestedState.STARTED));
    }

    /// What a node does in one pass: it reports the destruction of all that is to be destroyed.
    private int cycle(ComputerId computer) {
        int destroyed = 0;
        for (var partition : cloud.information(computer).partitions()) {
            var doomed = partition.instance().filter(it -> it.state() == RequestedState.DESTROYED);
            if (doomed.isPresent()) {
                cloud.report("destroyedComputerPartition", doomed.get());
                destroyed++;
            }
        }
        return destroyed;
    }

    @Test
    @Tag("row:60")
    @Tag("row:4.8.4")
    void aDestroyedTreeOfFourGenerationsIsGoneAfterItsNodesNextReports() {
        var here = supplied("here", 3);
        var there = supplied("there", 2);
        var root = cloud.start(ALICE, "blog");
        var second = child(root, "second");
        var third = child(second, "third");
        var fourth = child(third, "fourth");
        var shared = cloud.request(
                as(fourth),
                new InstanceRequest(
                        HELLO,
                        "default",
                        "shared",
                        true,
                        Map.of(),
                        Map.of(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()));
        assertThat(shared.status()).isEqualTo(200);
        cloud.request(ALICE, "blog", RequestedState.DESTROYED);
        assertThat(cycle(here) + cycle(there)).isEqualTo(4);
        assertThat(cloud.count("instance where ended_at is null")).isZero();
        assertThat(cloud.count("computer_partition where state <> 'free'")).isZero();
        assertThat(cloud.count("certificate where holder like 'SOFTINST-%' and revoked_at is null"))
                .isZero();
    }

    @Test
    @Tag("row:60")
    @Tag("row:4.8.1")
    @Tag("row:4.8.5")
    void whatWasLeftOverByHandIsEndedByTheSweep() {
        var computer = supplied("machine", 6);
        var root = cloud.start(ALICE, "blog");
        var child = child(root, "db");
        var grandchild = child(child, "log");
        var stopped = cloud.start(BOB, "shop");
        var waiting = cloud.placed(cloud.request(as(stopped), "cache", RequestedState.STARTED));
        sql("update instance set state = 'destroyed' where reference = '" + child.guid() + "'");
        sql("update instance_tree set state = 'stopped' where title = 'shop'");
        sql("update computer_partition set state = 'busy' where reference = 'slappart5'");
        later(Duration.ofHours(1));
        assertThat(shown(computer))
                .contains("log DESTROYED", "db DESTROYED", "blog STARTED")
                .contains("shop STOPPED", "cache STOPPED");
        assertThat(cloud.count("computer_partition where state = 'free'")).isEqualTo(1);
        assertThat(cycle(computer)).isEqualTo(2);
        assertThat(grandchild.guid()).isNotEqualTo(waiting.guid());
        sql("update instance_tree set archived_at = now(), state = 'destroyed' where title = 'shop'");
        sql("update instance set partition_id = null, state = 'destroyed' where title = 'cache'");
        later(Duration.ofHours(1));
        assertThat(shown(computer)).containsExactly("blog STARTED", "shop DESTROYED");
        assertThat(cloud.count("instance where title = 'cache' and ended_at is not null"))
                .isEqualTo(1);
    }

    private List<String> shown(ComputerId computer) {
        return cloud.information(computer).partitions().stream()
                .flatMap(partition -> partition.instance().stream())
                .map(it -> it.title() + " " + it.state())
                .toList();
    }

    private void sql(String statement) {
        assertThat(cloud.database.<Integer>inTransaction(tx -> tx.handle().execute(statement)))
                .as(statement)
                .isPositive();
    }

    @Test
    @Tag("row:61")
    @Tag("row:4.8.7")
    void aTreeThatFindsNoPlaceForThreeDaysIsGivenUpAndWarnsBefore() {
        var computer = supplied("machine", 1);
        cloud.start(ALICE, "blog");
        assertThat(cloud.request(ALICE, "shop", RequestedState.STARTED).status())
                .isEqualTo(408);
        later(Duration.ofHours(47));
        assertThat(reason(cloud.request(ALICE, "shop", RequestedState.STARTED))).doesNotContain("given up");
        later(Duration.ofHours(2));
        assertThat(reason(cloud.request(ALICE, "shop", RequestedState.STARTED)))
                .contains("It is given up at 2031-04-04T08:00:00Z unless it finds a place before");
        later(Duration.ofHours(23));
        assertThat(cloud.count("instance_tree where title = 'shop' and archived_at is not null"))
                .isEqualTo(1);
        assertThat(cloud.count("instance where title = 'shop' and ended_at is not null"))
                .isEqualTo(1);
        assertThat(cloud.count("event where action = 'tree.give-up' and who = 'master'"))
                .isEqualTo(1);
        assertThat(cloud.request(ALICE, "shop", RequestedState.STARTED).status())
                .as("whoever still asks waits anew")
                .isEqualTo(408);
        assertThat(cloud.count("instance where title = 'shop' and ended_at is null"))
                .isEqualTo(1);
        assertThat(shown(computer)).containsExactly("blog STARTED");
    }

    @Test
    @Tag("row:61")
    void aTreeThatHadAPlaceIsNeverGivenUp() {
        var computer = supplied("machine", 0);
        assertThat(cloud.request(ALICE, "late", RequestedState.STARTED).status())
                .isEqualTo(408);
        cloud.format(computer, 1);
        var late = cloud.start(ALICE, "late");
        later(Duration.ofDays(4));
        assertThat(cloud.start(ALICE, "late").guid()).isEqualTo(late.guid());
    }

    @Test
    @Tag("row:93")
    void softwareThatIsOfNoUseForADayIsRemoved() {
        var computer = supplied("machine", 2);
        var blog = cloud.start(ALICE, "blog");
        forbid(computer);
        later(Duration.ofDays(2));
        assertThat(software(computer)).as("an instance uses it").containsExactly("AVAILABLE");
        cloud.request(ALICE, "blog", RequestedState.DESTROYED);
        cloud.report("destroyedComputerPartition", blog);
        later(Duration.ofHours(23));
        assertThat(software(computer)).as("not yet a day").containsExactly("AVAILABLE");
        later(Duration.ofHours(1));
        assertThat(software(computer)).containsExactly("DESTROYED");
    }

    @Test
    @Tag("row:93")
    void softwareThatIsOfferedAgainWithinTheDayStays() {
        var computer = supplied("machine", 2);
        forbid(computer);
        later(Duration.ofHours(12));
        cloud.supply(ALICE, computer, HELLO, SoftwareState.AVAILABLE);
        later(Duration.ofHours(13));
        assertThat(software(computer)).containsExactly("AVAILABLE");
        forbid(computer);
        later(Duration.ofHours(12));
        assertThat(software(computer)).as("the day begins anew").containsExactly("AVAILABLE");
        later(Duration.ofHours(12));
        assertThat(software(computer)).containsExactly("DESTROYED");
    }

    private void forbid(ComputerId computer) {
        assertThat(json(
                                "put.v0.allocation_supply",
                                "{\"computer_guid\": \"" + computer + "\", \"software_release_uri\": \"" + HELLO
                                        + "\", \"state\": \"destroyed\"}")
                        .path("type")
                        .asText())
                .isEqualTo("success");
    }

    private List<String> software(ComputerId computer) {
        return cloud.information(computer).software().stream()
                .map(it -> it.state().name())
                .toList();
    }

    private JsonNode json(String method, String body) {
        return cloud.json(ALICE, "slapos." + method, body);
    }

    private JsonNode lose(ComputerId computer) {
        return json("remove.v0.compute_node", "{\"computer_guid\": \"" + computer + "\"}");
    }

    private void scope(ComputerId computer, String scope) {
        assertThat(json(
                                "put.v0.compute_node_offer",
                                "{\"computer_guid\": \"" + computer + "\", \"settings\": {\"scope\": \"" + scope
                                        + "\"}}")
                        .path("type")
                        .asText())
                .isEqualTo("success");
    }

    @Test
    @Tag("row:62")
    @Tag("row:4.8.8")
    void aClosedComputerIsEmptiedByConfirmationAfterADayOfSilence() {
        var lost = supplied("lost", 3);
        var doomed = cloud.start(ALICE, "doomed");
        var blog = cloud.start(ALICE, "blog");
        publish(blog);
        cloud.report("startedComputerPartition", blog);
        cloud.information(lost);
        assertThat(lose(lost).path("title").asText()).contains("is open: close it first");
        scope(lost, "close/maintenance");
        cloud.request(ALICE, "doomed", RequestedState.DESTROYED);
        cloud.clock.advance(Duration.ofHours(23));
        assertThat(lose(lost).path("title").asText()).contains("counts as gone after a day of silence");
        assertThat(cloud.count("instance where partition_id is not null")).isEqualTo(2);
        cloud.clock.advance(Duration.ofHours(1));
        cloud.clock.advance(Duration.ofSeconds(1));
        var other = supplied("other", 3);
        var old = certificates(blog);
        assertThat(lose(lost).path("type").asText()).isEqualTo("success");
        assertThat(lose(lost).path("type").asText()).as("twice is once").isEqualTo("success");

        assertThat(cloud.count("instance where reference = '" + doomed.guid() + "' and ended_at is not null"))
                .isEqualTo(1);
        assertThat(shown(lost)).isEmpty();
        assertThat(cloud.information(lost).partitions()).isEmpty();
        assertThat(cloud.information(lost).software()).isEmpty();
        var moved = cloud.start(ALICE, "blog");
        assertThat(moved.guid()).isEqualTo(blog.guid());
        assertThat(moved.computer()).isEqualTo(other);
        assertThat(moved.connection()).as("that of the lost place").isEmpty();
        assertThat(certificates(blog)).hasSize(1).doesNotContainAnyElementsOf(old);
        assertThat(cloud.count("movement where item = '" + blog.guid() + "' and stop_at is null"))
                .as("hosting ended")
                .isZero();
    }

    private void publish(InstanceInformation instance) {
        assertThat(cloud.report(
                                as(instance),
                                "setComputerPartitionConnectionXml",
                                instance,
                                Map.of(
                                        "connection_xml",
                                        "<marshal><dictionary><string>url</string><string>x</string></dictionary></marshal>"))
                        .status())
                .isEqualTo(200);
    }

    private List<String> certificates(InstanceInformation of) {
        return cloud.database.inTransaction(tx -> tx.handle()
                .createQuery("select serial from certificate where holder = :guid and revoked_at is null")
                .bind("guid", of.guid())
                .mapTo(String.class)
                .list());
    }

    @Test
    @Tag("row:62")
    @Tag("row:4.8.8")
    void aComputerThatIsClosedForEverRetiresWhenNothingIsLeft() {
        var computer = supplied("machine", 2);
        var blog = cloud.start(ALICE, "blog");
        scope(computer, "close/forever");
        later(Duration.ofDays(2));
        assertThat(software(computer)).containsExactly("AVAILABLE");
        cloud.request(ALICE, "blog", RequestedState.DESTROYED);
        cloud.report("destroyedComputerPartition", blog);
        later(Duration.ofDays(1));
        assertThat(software(computer)).containsExactly("DESTROYED");
        assertThat(retired()).isZero();
        cloud.post(
                new Requester.Computer(computer),
                "destroyedSoftwareRelease",
                Map.of("computer_id", computer.text(), "url", HELLO));
        cloud.work();
        assertThat(retired()).isEqualTo(1);
        assertThat(json("allDocs.WIP.compute_node_list", "{}").path("result_list"))
                .isEmpty();
        assertThat(cloud.count("allocation_supply where ended_at is null")).isZero();
        assertThat(cloud.computer(ALICE, "machine", 2))
                .as("registered again it is the same")
                .isEqualTo(computer);
        assertThat(retired()).isZero();
        cloud.supply(ALICE, computer, HELLO, SoftwareState.AVAILABLE);
        assertThat(cloud.start(ALICE, "blog").computer()).isEqualTo(computer);
    }

    private long retired() {
        return cloud.count("computer where retired_at is not null");
    }

    @Test
    void aPrivateSupplyEndsWithItsCustomersAssignment() {
        var computer = cloud.computer(ALICE, "machine", 1);
        for (var customer : List.of(ALICE, BOB)) {
            assertThat(json(
                                    "put.v0.allocation_supply",
                                    "{\"computer_guid\": \"" + computer + "\", \"software_release_uri\": \"" + HELLO
                                            + "\", \"customer\": \"" + customer.reference() + "\"}")
                            .path("type")
                            .asText())
                    .isEqualTo("success");
        }
        sql("update assignment set closed_at = now() where person = 'PERSON-2'");
        later(Duration.ofHours(1));
        assertThat(cloud.count("allocation_supply where ended_at is null and customer = 'PERSON-1'"))
                .isEqualTo(1);
        assertThat(cloud.count("allocation_supply where ended_at is null")).isEqualTo(1);
    }

    @Test
    void ofTwoMastersOneDoesEachPieceOfWork() throws Exception {
        supplied("machine", 0);
        for (int i = 0; i < 30; i++) {
            assertThat(cloud.request(ALICE, "app" + i, RequestedState.STARTED).status())
                    .isEqualTo(408);
        }
        var other = new TestTrades(cloud.database);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            cloud.work();
            long before = cloud.database.inTransaction(tx -> tx.handle()
                    .select("select sum(runs) from work")
                    .mapTo(Long.class)
                    .one());
            cloud.clock.advance(Duration.ofDays(3));
            other.clock.advance(Duration.ofDays(3));
            List<Callable<Boolean>> both = List.of(
                    () -> {
                        cloud.work();
                        return true;
                    },
                    () -> {
                        other.work();
                        return true;
                    });
            for (var done : threads.invokeAll(both)) {
                assertThat(done.get()).isTrue();
            }
            assertThat(cloud.count("event where action = 'tree.give-up'")).isEqualTo(30);
            assertThat(cloud.count("instance where ended_at is null")).isZero();
            assertThat(cloud.count("work where kind = 'tree.never-placed'")).isZero();
            long after = cloud.database.inTransaction(tx -> tx.handle()
                    .select("select sum(runs) from work")
                    .mapTo(Long.class)
                    .one());
            assertThat(after - before)
                    .as("each of what comes again and again, once")
                    .isEqualTo(cloud.count("work"));
        } finally {
            other.stop();
        }
    }

    @Test
    @Tag("row:64")
    void whereAnInstanceKeepsItsBackupIsGivenBackToWhateverIsBuiltInItsPlace() {
        var computer = supplied("machine", 1);
        var blog = cloud.start(ALICE, "blog");
        assertThat(backUp(as(blog), blog, "https://backup.example/7/")).isEqualTo("Backup URL kept");
        assertThat(shownParameters(computer)).containsEntry("backup_url", "https://backup.example/7/");
        var asked = cloud.start(ALICE, "blog");
        assertThat(asked.parameters())
                .as("the requester's own are as they were")
                .isEmpty();
        assertThat(asked.timestamp()).as("nobody has anything to do").isEqualTo(blog.timestamp());
        cloud.format(computer, 0);
        cloud.format(computer, 1);
        assertThat(shownParameters(computer)).containsEntry("backup_url", "https://backup.example/7/");
        assertThat(backUp(ALICE, blog, "nowhere"))
                .contains("backup_url is no absolute URL")
                .as("it may hold a password")
                .doesNotContain("nowhere");
        assertThat(backUp(BOB, blog, "https://evil.example/")).doesNotContain("kept");
        assertThat(backUp(ALICE, blog, "")).isEqualTo("Backup URL kept");
        assertThat(shownParameters(computer)).doesNotContainKey("backup_url");
    }

    private String backUp(Requester who, InstanceInformation instance, String url) {
        return cloud.json(
                        who,
                        "slapos.put.v0.software_instance_backup_url",
                        "{\"instance_guid\": \"" + instance.guid() + "\", \"backup_url\": \"" + url + "\"}")
                .path("title")
                .asText();
    }

    private Map<String, String> shownParameters(ComputerId computer) {
        return cloud.information(computer)
                .partitions()
                .getFirst()
                .instance()
                .orElseThrow()
                .parameters();
    }
}

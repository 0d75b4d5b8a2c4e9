package org.slapos.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.slapos.master.TestTrades.ALICE;
import static org.slapos.master.TestTrades.BOB;
import static org.slapos.master.TestTrades.HELLO;
import static org.slapos.master.TestTrades.reason;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slapos.master.http.Answer;
import org.slapos.master.party.Requester;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareState;

/// What may be requested by whom, under which title, and what becomes of what was there.
class TreeRulesTest {
    private static final String OTHER = "https://soft.example/other/software.cfg";

    private final TestTrades cloud = new TestTrades();
    private final ComputerId computer;

    TreeRulesTest() {
        computer = cloud.computer(ALICE, "machine", 8);
        cloud.supply(ALICE, computer, HELLO, SoftwareState.AVAILABLE);
        cloud.supply(ALICE, computer, OTHER, SoftwareState.AVAILABLE);
    }

    @AfterEach
    void close() {
        cloud.close();
    }

    private static InstanceRequest wanted(
            String release, String type, String title, boolean shared, RequestedState state) {
        return new InstanceRequest(
                release,
                type,
                title,
                shared,
                Map.of(),
                Map.of(),
                Optional.of(state),
                Optional.empty(),
                Optional.empty());
    }

    private InstanceInformation child(InstanceInformation parent, String title) {
        return cloud.placed(cloud.request(as(parent), title, RequestedState.STARTED));
    }

    private static Requester as(InstanceInformation instance) {
        return new Requester.Instance(instance.guid());
    }

    private String treeOf(InstanceInformation instance) {
        return one("select t.reference || ' ' || t.project from instance_tree t join instance i on i.tree_id = t.id"
                + " where i.reference = '" + instance.guid() + "'");
    }

    private String parentOf(InstanceInformation instance) {
        return one("select p.reference from instance p join instance i on i.parent_id = p.id where i.reference = '"
                + instance.guid() + "'");
    }

    private String one(String query) {
        return cloud.database.inTransaction(
                tx -> tx.handle().select(query).mapTo(String.class).one());
    }

    @Test
    @Tag("row:4.3.1")
    void aBackupKeepsItsPartitionForAWeekUnlessItSaysOtherwise() {
        var backup = cloud.placed(
                cloud.request(ALICE, wanted(HELLO, "pull-backup", "backup", false, RequestedState.STARTED)));
        assertThat(backup.filter()).isEqualTo(Map.of("retention_delay", "7.0"));
        assertThat(cloud.start(ALICE, "blog").filter()).isEmpty();
    }

    @Test
    @Tag("row:4.4.3")
    void aTitleStaysInItsProject() {
        cloud.start(ALICE, "blog");
        cloud.database.inTransaction(tx -> {
            tx.handle()
                    .execute("insert into party (reference, kind, title, created_at)"
                            + " values ('PROJ-2', 'PROJECT', 'second', now())");
            tx.handle().execute("insert into project (reference) values ('PROJ-2')");
            tx.notify("functions_changed", ALICE.reference());
            return tx.handle()
                    .execute("insert into assignment (person, function, project, opened_at)"
                            + " values ('PERSON-1', 'customer', 'PROJ-2', now())");
        });
        var elsewhere = new InstanceRequest(
                HELLO,
                "default",
                "blog",
                false,
                Map.of(),
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.of("PROJ-2"));
        var refused = cloud.request(ALICE, elsewhere);
        assertThat(refused.status()).isEqualTo(409);
        assertThat(reason(refused)).contains("'blog' is in PROJ-1, which a request for PROJ-2 cannot change");
        assertThat(cloud.count("instance_tree")).isEqualTo(1);
    }

    @Test
    @Tag("row:4.4.4")
    @Tag("row:4.5.3")
    void whatIsNotThereIsDestroyedByMakingNothing() {
        assertThat(cloud.request(ALICE, "blog", RequestedState.DESTROYED).status())
                .isEqualTo(408);
        assertThat(cloud.count("instance_tree")).isZero();
        var root = cloud.start(ALICE, "blog");
        assertThat(cloud.request(as(root), "db", RequestedState.DESTROYED).status())
                .isEqualTo(408);
        assertThat(cloud.count("instance")).isEqualTo(1);
    }

    @Test
    @Tag("row:29")
    @Tag("row:4.4.5")
    void aTreeKeepsReleaseTypeAndKindAndTakesParametersConditionsAndState() {
        var first = cloud.start(ALICE, "blog");
        for (var other : new InstanceRequest[] {
            wanted(OTHER, "default", "blog", false, RequestedState.STARTED),
            wanted(HELLO, "other", "blog", false, RequestedState.STARTED),
            wanted(HELLO, "default", "blog", true, RequestedState.STARTED)
        }) {
            var refused = cloud.request(ALICE, other);
            assertThat(refused.status()).as(other.toString()).isEqualTo(409);
            assertThat(reason(refused)).contains("request another title");
        }
        assertThat(cloud.start(ALICE, "blog")).as("nothing of it changed").isEqualTo(first);
        var changed = cloud.placed(cloud.request(
                ALICE,
                new InstanceRequest(
                        HELLO,
                        "default",
                        "blog",
                        false,
                        Map.of("size", "2"),
                        Map.of("retention_delay", "1"),
                        Optional.of(RequestedState.STOPPED),
                        Optional.empty(),
                        Optional.empty())));
        assertThat(changed.guid()).isEqualTo(first.guid());
        assertThat(changed.parameters()).isEqualTo(Map.of("size", "2"));
        assertThat(changed.filter()).isEqualTo(Map.of("retention_delay", "1"));
        assertThat(changed.state()).isEqualTo(RequestedState.STOPPED);
    }

    @Test
    @Tag("row:34")
    @Tag("row:4.4.7")
    void aDestroyedTreeIsArchivedAtOnceAndItsTitleIsFree() {
        var first = cloud.start(ALICE, "blog");
        cloud.request(ALICE, "blog", RequestedState.DESTROYED);
        assertThat(cloud.count("instance_tree where archived_at is not null and state = 'destroyed'"))
                .isEqualTo(1);
        var second = cloud.start(ALICE, "blog");
        assertThat(second.guid()).isNotEqualTo(first.guid());
        assertThat(second.partition())
                .as("the first one's node has not answered yet")
                .isNotEqualTo(first.partition());
        assertThat(treeOf(second)).isNotEqualTo(treeOf(first));
    }

    @Test
    @Tag("row:28")
    void aTitleIsItsOwners() {
        assertThat(cloud.start(BOB, "blog").guid())
                .isNotEqualTo(cloud.start(ALICE, "blog").guid());
    }

    @Test
    @Tag("row:28")
    @Tag("row:4.4.2")
    @Tag("row:4.5.8")
    void ofManyThatRequestOneTitleAtOnceAllGetTheSame() throws Exception {
        var root = cloud.start(ALICE, "blog");
        assertThat(atOnce(() -> cloud.request(ALICE, "shop", RequestedState.STARTED)))
                .isEqualTo(1);
        assertThat(atOnce(() -> cloud.request(as(root), "db", RequestedState.STARTED)))
                .isEqualTo(1);
        assertThat(cloud.count("instance")).isEqualTo(3);
        assertThat(cloud.count("instance_tree")).isEqualTo(2);
    }

    /// How many different instances twelve such requests are answered with.
    private long atOnce(Callable<Answer> request) throws InterruptedException {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            return threads.invokeAll(Collections.nCopies(12, request)).stream()
                    .map(answer -> cloud.placed(answer.resultNow()).guid())
                    .distinct()
                    .count();
        }
    }

    @Test
    @Tag("row:30")
    @Tag("row:4.5.3")
    void aChildIsInItsRequestersTreeAndProjectWithACertificateOfItsOwn() {
        var root = cloud.start(ALICE, "blog");
        var child = child(root, "db");
        assertThat(treeOf(child)).isEqualTo(treeOf(root)).endsWith("PROJ-1");
        assertThat(child.rootTitle()).isEqualTo("blog");
        assertThat(cloud.count("certificate where holder = '" + child.guid() + "'"))
                .isEqualTo(1);
    }

    @Test
    @Tag("row:4.5.1")
    void whatIsBeingDestroyedRequestsNothing() {
        var root = cloud.start(ALICE, "blog");
        cloud.request(ALICE, "blog", RequestedState.DESTROYED);
        var refused = cloud.request(as(root), "db", RequestedState.STARTED);
        assertThat(refused.status()).isEqualTo(409);
        assertThat(reason(refused)).contains("SOFTINST-1 is being destroyed and cannot request anything");
    }

    @Test
    @Tag("row:31")
    @Tag("row:4.5.4")
    void aChildMovesToWhoeverAboveItRequestsIt() {
        var root = cloud.start(ALICE, "blog");
        var middle = child(root, "middle");
        var leaf = child(middle, "leaf");
        assertThat(parentOf(leaf)).isEqualTo(middle.guid());
        assertThat(child(root, "leaf")).as("the same instance").isEqualTo(leaf);
        assertThat(parentOf(leaf)).isEqualTo(root.guid());
        cloud.request(as(root), "middle", RequestedState.DESTROYED);
        assertThat(cloud.count("instance where title = 'leaf' and state = 'started'"))
                .as("it is the root's now")
                .isEqualTo(1);
    }

    @Test
    @Tag("row:4.5.4")
    void anOrphanIsAdoptedByWhoRequestsIt() {
        var root = cloud.start(ALICE, "blog");
        var middle = child(root, "middle");
        var leaf = child(middle, "leaf");
        cloud.database.inTransaction(tx -> tx.handle()
                .execute("update instance set ended_at = now(), partition_id = null where title = 'middle'"));
        assertThat(child(root, "leaf").guid()).isEqualTo(leaf.guid());
        assertThat(parentOf(leaf)).isEqualTo(root.guid());
    }

    @Test
    @Tag("row:4.5.5")
    void aChildsReleaseAndTypeAreItsRequestersToChange() {
        var root = cloud.start(ALICE, "blog");
        var first = child(root, "db");
        var second = cloud.placed(cloud.request(as(root), wanted(OTHER, "large", "db", false, RequestedState.STARTED)));
        assertThat(second.guid()).isEqualTo(first.guid());
        assertThat(second.partition()).isEqualTo(first.partition());
        assertThat(second.softwareRelease()).isEqualTo(OTHER);
        assertThat(second.softwareType()).isEqualTo("large");
        assertThat(Long.parseLong(second.timestamp())).isGreaterThan(Long.parseLong(first.timestamp()));
        assertThat(cloud.start(ALICE, "blog").timestamp()).isEqualTo(root.timestamp());
    }

    @Test
    @Tag("row:31")
    @Tag("row:4.5.6")
    void nobodyRequestsWhoIsAboveNorMoreThanAHundred() {
        var root = cloud.start(ALICE, "blog");
        var child = child(root, "child");
        var grandchild = child(child, "grandchild");
        for (var above : new String[] {"child", "blog"}) {
            assertThat(cloud.request(as(grandchild), above, RequestedState.STARTED)
                            .status())
                    .isEqualTo(409);
        }
        for (int i = 0; i < 100; i++) {
            var answer =
                    cloud.request(as(child), wanted(OTHER, "none hosts it", "s" + i, true, RequestedState.STARTED));
            assertThat(answer.status()).isEqualTo(i == 99 ? 409 : 408);
        }
        assertThat(cloud.request(as(child), "grandchild", RequestedState.STARTED)
                        .status())
                .as("those there are can be requested as before")
                .isEqualTo(200);
    }

    @Test
    @Tag("row:4.5.7")
    void theTitleOfADestroyedChildIsFreeWhenItsNodeHasConfirmed() {
        var root = cloud.start(ALICE, "blog");
        var child = child(root, "db");
        cloud.request(as(root), "db", RequestedState.DESTROYED);
        var refused = cloud.request(as(root), "db", RequestedState.STARTED);
        assertThat(refused.status()).isEqualTo(408);
        assertThat(reason(refused)).contains("as soon as its Computer has confirmed that");
        cloud.report("destroyedComputerPartition", child);
        assertThat(child(root, "db").guid()).isNotEqualTo(child.guid());
    }
}

package org.slapos.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.slapos.master.TestTrades.ALICE;
import static org.slapos.master.TestTrades.BOB;
import static org.slapos.master.TestTrades.HELLO;
import static org.slapos.master.TestTrades.reason;
import static org.slapos.master.TestTrades.text;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slapos.master.http.Answer;
import org.slapos.master.party.Requester;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareState;

/// New titles for old instances, through the SLAP door.
class RenameTest {
    private final TestTrades cloud = new TestTrades();
    private ComputerId computer = new ComputerId("COMP-0");

    @BeforeEach
    void supply() {
        computer = cloud.computer(ALICE, "machine", 4);
        cloud.supply(ALICE, computer, HELLO, SoftwareState.AVAILABLE);
    }

    @AfterEach
    void close() {
        cloud.close();
    }

    private Answer rename(Requester who, InstanceInformation which, String title) {
        return cloud.report(who, "softwareInstanceRename", which, Map.of("new_name", title));
    }

    private InstanceInformation child(InstanceInformation root, String title) {
        return cloud.placed(cloud.request(new Requester.Instance(root.guid()), title, RequestedState.STARTED));
    }

    private Map<String, InstanceInformation> shown() {
        var shown = new TreeMap<String, InstanceInformation>();
        cloud.information(computer)
                .partitions()
                .forEach(partition -> partition.instance().ifPresent(found -> shown.put(found.guid(), found)));
        return shown;
    }

    private static long micros(InstanceInformation instance) {
        return Long.parseLong(instance.timestamp());
    }

    @Test
    @Tag("row:33")
    @Tag("row:4.5.9")
    void aRenamedChildEscapesItsRequester() {
        var root = cloud.start(ALICE, "blog");
        var child = child(root, "db");
        assertThat(text(rename(new Requester.Instance(root.guid()), child, "db-old")))
                .isEqualTo("None");
        var seen = shown();
        assertThat(seen.get(child.guid())).satisfies(renamed -> {
            assertThat(renamed.title()).isEqualTo("db-old");
            assertThat(micros(renamed)).isGreaterThan(micros(child));
        });
        assertThat(seen.get(root.guid()))
                .satisfies(unchanged -> assertThat(micros(unchanged)).isEqualTo(micros(root)));
        assertThat(child(root, "db").guid()).isNotEqualTo(child.guid());
        assertThat(child(root, "db-old").guid()).isEqualTo(child.guid());
    }

    @Test
    @Tag("row:4.5.9")
    void renamingTheRootRenamesTheTree() {
        var root = cloud.start(ALICE, "blog");
        var child = child(root, "db");
        assertThat(rename(ALICE, root, "journal é").status()).isEqualTo(200);
        var seen = shown();
        assertThat(seen.values())
                .allSatisfy(instance -> assertThat(instance.rootTitle()).isEqualTo("journal é"));
        assertThat(micros(seen.getOrDefault(child.guid(), child)))
                .as("a parameter of the child changed")
                .isGreaterThan(micros(child));
        assertThat(cloud.start(ALICE, "journal é").guid()).isEqualTo(root.guid());
        assertThat(cloud.start(ALICE, "blog").guid()).isNotEqualTo(root.guid());
    }

    @Test
    void theSameTitleAgainChangesNothing() {
        var root = cloud.start(ALICE, "blog");
        rename(ALICE, root, "journal");
        var before = shown();
        assertThat(rename(ALICE, root, "journal").status()).isEqualTo(200);
        assertThat(shown()).isEqualTo(before);
    }

    @Test
    @Tag("row:33")
    @Tag("row:4.5.9")
    void aTakenTitleAMalformedOneAndADestroyedInstanceAreRefused() {
        var root = cloud.start(ALICE, "blog");
        var child = child(root, "db");
        cloud.start(ALICE, "shop");
        assertThat(reason(rename(ALICE, child, "blog"))).contains("has an instance 'blog' already");
        assertThat(rename(ALICE, child, "blog").status()).isEqualTo(409);
        assertThat(rename(ALICE, root, "db").status()).isEqualTo(409);
        assertThat(reason(rename(ALICE, root, "shop"))).contains("has an instance tree 'shop' already");
        for (var title : List.of(" ", "x".repeat(201), "a\tb")) {
            assertThat(rename(ALICE, child, title).status()).isEqualTo(400);
        }
        assertThat(cloud.report(ALICE, "softwareInstanceRename", child, Map.of())
                        .status())
                .isEqualTo(400);
        cloud.request(ALICE, "blog", RequestedState.DESTROYED);
        assertThat(reason(rename(ALICE, child, "db2"))).contains("is being destroyed");
        cloud.report("destroyedComputerPartition", child);
        assertThat(rename(ALICE, child, "db2").status()).isEqualTo(404);
    }

    @Test
    void onlyTheOwnerTheInstanceAndWhoRequestsItRename() {
        var root = cloud.start(ALICE, "blog");
        var child = child(root, "db");
        var other = cloud.start(ALICE, "shop");
        assertThat(rename(new Requester.Computer(computer), child, "mine").status())
                .isEqualTo(403);
        for (var stranger : List.of(BOB, new Requester.Instance(other.guid()))) {
            assertThat(rename(stranger, child, "mine").status()).isEqualTo(404);
        }
        assertThat(rename(new Requester.Instance(child.guid()), child, "db1").status())
                .isEqualTo(200);
        assertThat(rename(new Requester.Instance(root.guid()), child, "db2").status())
                .isEqualTo(200);
        assertThat(rename(ALICE, child, "db3").status()).isEqualTo(200);
    }

    @Test
    @Tag("row:33")
    void ofManyThatWantOneTitleAtOnceOneGetsIt() throws Exception {
        var roots = IntStream.range(0, 4)
                .mapToObj(i -> cloud.start(ALICE, "app" + i))
                .toList();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var statuses = threads
                    .invokeAll(roots.stream()
                            .<Callable<Integer>>map(
                                    root -> () -> rename(ALICE, root, "one").status())
                            .toList())
                    .stream()
                    .map(answer -> answer.resultNow())
                    .toList();
            assertThat(statuses).containsExactlyInAnyOrder(200, 409, 409, 409);
        }
    }
}

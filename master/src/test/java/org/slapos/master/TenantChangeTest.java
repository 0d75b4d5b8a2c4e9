package org.slapos.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.slapos.master.TestTrades.ALICE;
import static org.slapos.master.TestTrades.BOB;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slapos.master.access.Access;
import org.slapos.master.access.Right;
import org.slapos.master.access.Subject;
import org.slapos.master.computer.Contacts;
import org.slapos.master.computer.FindComputers;
import org.slapos.master.http.Answer;
import org.slapos.master.instance.FetchInstanceCertificate;
import org.slapos.master.instance.FindKinship;
import org.slapos.master.instance.RequestInstance;
import org.slapos.master.instance.WhichInstance;
import org.slapos.master.party.Requester;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareState;

/// A partition gets another tenant between the look at a right and the action.
class TenantChangeTest {
    private final TestTrades cloud = new TestTrades();
    private Contacts contacts;
    private Access access;
    private InstanceInformation before;

    @BeforeEach
    void oneOfAlice() {
        contacts = new Contacts(cloud.database);
        access = new Access(
                new FindComputers(cloud.database, contacts), new FindKinship(cloud.database), cloud.assignments);
        var computer = cloud.computer(BOB, "machine", 1);
        cloud.supply(BOB, computer, TestTrades.HELLO, SoftwareState.AVAILABLE);
        before = cloud.start(ALICE, "before");
    }

    @AfterEach
    void close() {
        contacts.close();
        cloud.close();
    }

    /// The partition is BOB's from now on.
    private InstanceInformation replaced() {
        cloud.request(ALICE, "before", RequestedState.DESTROYED);
        cloud.report("destroyedComputerPartition", before);
        var after = cloud.start(BOB, "after");
        assertThat(after.partition()).isEqualTo(before.partition());
        return after;
    }

    private Subject partition() {
        return Subject.of(before.computer(), new WhichInstance.InPartition(before.computer(), before.partition()));
    }

    private Access.Admission admitted(Requester who, String method) {
        return access.admit(who, Right.of(method).orElseThrow(), method, partition());
    }

    @Test
    void aRightIsForTheInstanceThatWasThere() {
        for (var method : new String[] {"getComputerPartitionCertificate", "setComputerPartitionConnectionXml"}) {
            assertThat(admitted(new Requester.Instance(before.guid()), method))
                    .isEqualTo(new Access.Admission.Admitted(Optional.of(before.guid())));
        }
        var fetch = new FetchInstanceCertificate(cloud.database, cloud.clock, cloud.authority());
        assertThat(fetch.fetch(new WhichInstance.Named(before.guid()))).isPresent();

        var after = replaced();

        // What was admitted above gets nothing of who lives there now, whose key the partition alone would give away.
        assertThat(fetch.fetch(new WhichInstance.Named(before.guid()))).isEmpty();
        assertThat(fetch.fetch(new WhichInstance.InPartition(after.computer(), after.partition())))
                .isPresent();
    }

    @Test
    void aNodesRightIsForWhoeverLivesThere() {
        assertThat(admitted(new Requester.Computer(before.computer()), "getComputerPartitionCertificate"))
                .isEqualTo(new Access.Admission.Admitted(Optional.empty()));
        replaced();
        assertThat(cloud.get(
                                new Requester.Computer(before.computer()),
                                "getComputerPartitionCertificate",
                                Map.of(
                                        "computer_id",
                                        before.computer().text(),
                                        "computer_partition_id",
                                        before.partition().text()))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void whoLivedThereBeforeHasNoRightAnyMore() {
        replaced();
        for (var method : new String[] {
            "getComputerPartitionCertificate", "setComputerPartitionConnectionXml", "softwareInstanceBang"
        }) {
            assertThat(admitted(new Requester.Instance(before.guid()), method))
                    .isInstanceOf(Access.Admission.Refused.class);
        }
    }

    /// Calls through the door, and lets another one move in when the right was looked at and the request begins.
    private Answer requestWhileReplaced(Requester who) {
        var fields = new HashMap<>(TestTrades.wanted("child", RequestedState.STARTED, Map.of())
                .toForm()
                .fields());
        fields.put("computer_id", before.computer().text());
        fields.put("computer_partition_id", before.partition().text());
        var asker = Thread.currentThread();
        var once = new AtomicBoolean();
        cloud.database.beforeEachStatement(_ -> {
            boolean isRequest = Thread.currentThread() == asker
                    && StackWalker.getInstance()
                            .walk(frames -> frames.anyMatch(
                                    frame -> frame.getClassName().equals(RequestInstance.class.getName())));
            if (isRequest && once.compareAndSet(false, true)) {
                try (var other = Executors.newSingleThreadExecutor()) {
                    other.submit(this::replaced).get();
                } catch (ExecutionException | InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        });
        var answer = cloud.post(who, "requestComputerPartition", fields);
        assertThat(once).isTrue();
        return answer;
    }

    @Test
    void aRequestIsInTheNameOfTheInstanceThatWasThere() {
        for (var who : List.of(new Requester.Instance(before.guid()), ALICE)) {
            assertThat(requestWhileReplaced(who).status()).isEqualTo(404);
            assertThat(cloud.json(BOB, "slapos.allDocs.v0.instance_tree_list", "{}")
                            .findValuesAsText("title"))
                    .containsExactly("after");
            assertThat(cloud.count("instance where title = 'child'")).isZero();
            cloud.database.beforeEachStatement(_ -> {});
            cloud.request(BOB, "after", RequestedState.DESTROYED);
            cloud.report("destroyedComputerPartition", before);
            before = cloud.start(ALICE, "before");
        }
    }
}

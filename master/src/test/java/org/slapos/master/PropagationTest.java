package org.slapos.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.slapos.master.TestTrades.ALICE;
import static org.slapos.master.TestTrades.HELLO;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slapos.master.party.Requester;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareState;
import org.slapos.protocol.marshal.MarshalReader;
import org.slapos.protocol.marshal.MarshalWriter;
import org.slapos.protocol.marshal.Value;

/// Who in a tree has something to do when something changes in it, on two Computers.
class PropagationTest {
    private TestTrades cloud = new TestTrades();
    private final ComputerId here;
    private final ComputerId there;
    private final InstanceInformation root;
    private final InstanceInformation middle;
    private final InstanceInformation leaf;

    PropagationTest() {
        here = cloud.computer(ALICE, "here", 4);
        there = cloud.computer(ALICE, "there", 1);
        cloud.supply(ALICE, here, HELLO, SoftwareState.AVAILABLE);
        cloud.supply(ALICE, there, HELLO, SoftwareState.AVAILABLE);
        root = request(ALICE, "blog", here);
        middle = request(new Requester.Instance(root.guid()), "middle", here);
        leaf = request(new Requester.Instance(middle.guid()), "leaf", there);
        request(new Requester.Instance(root.guid()), "sibling", here);
        cloud.clock.advance(Duration.ofSeconds(1));
    }

    @AfterEach
    void close() {
        cloud.close();
    }

    private InstanceInformation request(Requester who, String title, ComputerId where) {
        return cloud.placed(cloud.request(
                who,
                new InstanceRequest(
                        HELLO,
                        "default",
                        title,
                        false,
                        Map.of(),
                        Map.of("computer_guid", where.text()),
                        Optional.of(RequestedState.STARTED),
                        Optional.empty(),
                        Optional.empty())));
    }

    /// The timestamps, by title.
    private Map<String, Long> stamps() {
        var stamps = new TreeMap<String, Long>();
        for (var computer : new ComputerId[] {here, there}) {
            cloud.information(computer)
                    .partitions()
                    .forEach(partition ->
                            partition.instance().ifPresent(it -> stamps.put(it.title(), Long.valueOf(it.timestamp()))));
        }
        return stamps;
    }

    /// Which titles have a later timestamp than before.
    private Set<String> moved(Map<String, Long> before) {
        var moved = new TreeSet<String>();
        stamps().forEach((title, stamp) -> {
            assertThat(stamp).as(title).isGreaterThanOrEqualTo(before.get(title));
            if (stamp > before.getOrDefault(title, 0L)) {
                moved.add(title);
            }
        });
        return moved;
    }

    @Test
    @Tag("row:22")
    @Tag("row:36")
    @Tag("row:4.6.1")
    @Tag("row:4.6.4")
    void aBangOfALeafReachesTheRootAndNobodyElse() {
        var before = stamps();
        var answer = cloud.report(
                new Requester.Instance(leaf.guid()), "softwareInstanceBang", leaf, Map.of("message", "disk full"));
        assertThat(TestTrades.text(answer)).isEqualTo("OK");
        assertThat(moved(before)).containsExactly("blog", "leaf", "middle");
        assertThat(status(leaf)).isEqualTo("#error bang called: disk full");
        var after = stamps();
        for (int i = 0; i < 20; i++) {
            cloud.clock.advance(Duration.ofSeconds(1));
            assertThat(moved(after)).as("polls move nothing").isEmpty();
        }
        cloud.report(new Requester.Instance(leaf.guid()), "softwareInstanceBang", leaf, Map.of("message", "again"));
        cloud.report(new Requester.Instance(leaf.guid()), "softwareInstanceBang", leaf, Map.of("message", "again"));
        assertThat(moved(after)).contains("blog");
    }

    @Test
    @Tag("row:36")
    @Tag("row:4.6.4")
    void aBangOfAComputerReachesAllOnItAndThoseAboveThem() {
        var before = stamps();
        cloud.post(
                new Requester.Computer(there), "computerBang", Map.of("computer_id", there.text(), "message", "fire"));
        assertThat(moved(before)).containsExactly("blog", "leaf", "middle");
        before = stamps();
        cloud.post(new Requester.Computer(here), "computerBang", Map.of("computer_id", here.text(), "message", "fire"));
        assertThat(moved(before)).containsExactly("blog", "middle", "sibling");
    }

    @Test
    @Tag("row:4.6.5")
    void theOwnerHasARootProcessedAgain() {
        var before = stamps();
        assertThat(cloud.report(ALICE, "softwareInstanceBang", root, Map.of("message", "again"))
                        .status())
                .isEqualTo(200);
        assertThat(moved(before)).containsExactly("blog");
    }

    @Test
    @Tag("row:4.6.2")
    void aChangeIsForTheInstanceItself() {
        var before = stamps();
        cloud.placed(cloud.request(
                new Requester.Instance(middle.guid()),
                new InstanceRequest(
                        HELLO,
                        "default",
                        "leaf",
                        false,
                        Map.of("a", "1"),
                        Map.of("computer_guid", there.text()),
                        Optional.of(RequestedState.STARTED),
                        Optional.empty(),
                        Optional.empty())));
        assertThat(moved(before)).containsExactly("leaf");
        before = stamps();
        cloud.placed(cloud.request(
                new Requester.Instance(middle.guid()),
                new InstanceRequest(
                        HELLO,
                        "default",
                        "leaf",
                        false,
                        Map.of("a", "1"),
                        Map.of("computer_guid", there.text()),
                        Optional.of(RequestedState.STOPPED),
                        Optional.empty(),
                        Optional.empty())));
        assertThat(moved(before)).containsExactly("leaf");
    }

    @Test
    @Tag("row:37")
    @Tag("row:4.6.3")
    void whatIsPublishedIsForTheRequesterAlone() {
        var before = stamps();
        publish(leaf, Map.of("url", "http://leaf/"));
        assertThat(moved(before)).containsExactly("middle");
        before = stamps();
        publish(leaf, Map.of("url", "http://leaf/"));
        assertThat(moved(before)).as("the same again").isEmpty();
        publish(root, Map.of("url", "http://root/"));
        assertThat(moved(before)).as("nobody in the tree requested the root").isEmpty();
    }

    private void publish(InstanceInformation where, Map<String, String> published) {
        assertThat(cloud.report(
                                new Requester.Instance(where.guid()),
                                "setComputerPartitionConnectionXml",
                                where,
                                Map.of("connection_xml", MarshalWriter.write(Value.texts(published))))
                        .status())
                .isEqualTo(200);
    }

    @Test
    @Tag("row:39")
    void statusesAreKeptWithTheTimeOfTheirFirstReportOverARestart() {
        var node = new Requester.Computer(there);
        var software = Map.of("computer_id", there.text(), "url", HELLO);
        cloud.report("startedComputerPartition", leaf);
        var first = statusOf(leaf, "since");
        cloud.clock.advance(Duration.ofMinutes(5));
        cloud.report("stoppedComputerPartition", leaf);
        assertThat(status(leaf)).isEqualTo("#access Instance correctly stopped");
        assertThat(statusOf(leaf, "since")).as("of the same class").isEqualTo(first);
        cloud.clock.advance(Duration.ofMinutes(5));
        cloud.report(node, "softwareInstanceError", leaf, Map.of("error_log", "no"));
        assertThat(status(leaf)).isEqualTo("#error while instanciating: no");
        assertThat(statusOf(leaf, "since")).isNotEqualTo(first);
        assertThat(statusOf(leaf, "state")).as("an error names none").isEqualTo("stopped");
        cloud.post(node, "buildingSoftwareRelease", software);
        var building = softwareStatus();
        assertThat(building).startsWith("#building software release " + HELLO);
        cloud.information(there);
        var shown = status(leaf) + statusOf(leaf, "since") + statusOf(leaf, "state") + softwareStatus();
        var contact = contact();
        assertThat(contact).startsWith("#access COMP-2");
        cloud.stop();
        cloud = cloud.restarted(Duration.ofSeconds(601));
        assertThat(status(leaf) + statusOf(leaf, "since") + statusOf(leaf, "state") + softwareStatus())
                .isEqualTo(shown);
        assertThat(contact()).isEqualTo(contact);
    }

    private String contact() {
        var answer = cloud.get(ALICE, "getComputerStatus", Map.of("computer_id", there.text()));
        var status = MarshalReader.read(answer.body()).asDictionary();
        return status.requiredText("text") + status.requiredText("since");
    }

    private String softwareStatus() {
        var answer =
                cloud.get(ALICE, "getSoftwareInstallationStatus", Map.of("computer_id", there.text(), "url", HELLO));
        return MarshalReader.read(answer.body()).asDictionary().requiredText("text");
    }

    private String status(InstanceInformation instance) {
        return statusOf(instance, "text");
    }

    private String statusOf(InstanceInformation instance, String member) {
        var answer = cloud.get(
                ALICE,
                "getComputerPartitionStatus",
                Map.of(
                        "computer_id", instance.computer().text(),
                        "computer_partition_id", instance.partition().text()));
        return MarshalReader.read(answer.body()).asDictionary().requiredText(member);
    }
}

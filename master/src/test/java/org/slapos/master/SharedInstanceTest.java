package org.slapos.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.slapos.master.TestTrades.ALICE;
import static org.slapos.master.TestTrades.BOB;
import static org.slapos.master.TestTrades.HELLO;
import static org.slapos.master.TestTrades.reason;
import static org.slapos.master.TestTrades.text;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slapos.master.http.Answer;
import org.slapos.master.party.Requester;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareState;
import org.slapos.protocol.marshal.MarshalReader;
import org.slapos.protocol.marshal.MarshalWriter;
import org.slapos.protocol.marshal.Value;

/// The life of shared instances on a real database, through the SLAP door.
class SharedInstanceTest {
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

    private static InstanceRequest wanted(
            String title, RequestedState state, Map<String, String> parameters, Map<String, String> filter) {
        return new InstanceRequest(
                HELLO,
                "default",
                title,
                true,
                parameters,
                filter,
                Optional.of(state),
                Optional.empty(),
                Optional.empty());
    }

    private Answer request(Requester who, String title, RequestedState state) {
        return cloud.request(who, wanted(title, state, Map.of(), Map.of()));
    }

    private InstanceInformation share(Requester who, String title, Map<String, String> parameters) {
        return cloud.placed(cloud.request(who, wanted(title, RequestedState.STARTED, parameters, Map.of())));
    }

    /// A root `blog` of a type that hosts nothing of the others here.
    private InstanceInformation client(RequestedState state) {
        return cloud.placed(cloud.request(
                ALICE,
                new InstanceRequest(
                        HELLO,
                        "client",
                        "blog",
                        false,
                        Map.of(),
                        Map.of(),
                        Optional.of(state),
                        Optional.empty(),
                        Optional.empty())));
    }

    private InstanceInformation shown(InstanceInformation instance) {
        return cloud.information(instance.computer()).partitions().stream()
                .flatMap(partition -> partition.instance().stream())
                .filter(found -> found.guid().equals(instance.guid()))
                .findFirst()
                .orElseThrow();
    }

    private Answer publish(InstanceInformation host, String shared, Map<String, String> published) {
        return cloud.report(
                new Requester.Instance(host.guid()),
                "setComputerPartitionConnectionXml",
                host,
                Map.of("connection_xml", MarshalWriter.write(Value.texts(published)), "slave_reference", shared));
    }

    private static Requester as(InstanceInformation instance) {
        return new Requester.Instance(instance.guid());
    }

    private static long micros(InstanceInformation instance) {
        return Long.parseLong(instance.timestamp());
    }

    @Test
    @Tag("row:32")
    void aSharedInstanceIsWhereItsHostIs() {
        var host = cloud.start(ALICE, "frontend");
        var shared = share(ALICE, "shop", Map.of("domain", "shop.example", "slave_title", "not mine"));
        assertThat(shared.guid()).isEqualTo("SOFTINST-2");
        assertThat(shared.partition()).isEqualTo(host.partition());
        assertThat(shared.computer()).isEqualTo(host.computer());
        assertThat(shared.addresses()).isEqualTo(host.addresses());
        assertThat(shared.title()).isEqualTo("shop");
        assertThat(shared.rootTitle()).isEqualTo("shop");
        assertThat(shared.state()).isEqualTo(RequestedState.STARTED);
        assertThat(shared.parameters()).containsEntry("domain", "shop.example");
        assertThat(shared.connection()).isEmpty();
        assertThat(cloud.count("computer_partition where state = 'busy'")).isEqualTo(1);
        assertThat(cloud.count("certificate where holder = 'SOFTINST-2'")).isZero();
        var seen = shown(host);
        assertThat(micros(seen)).isGreaterThan(micros(host));
        assertThat(seen.sharedInstances())
                .containsExactly(Map.of(
                        "slave_reference", "SOFTINST-2",
                        "slave_title", "shop",
                        "slap_software_type", "default",
                        "timestamp", shared.timestamp(),
                        "domain", "shop.example"));
        assertThat(share(ALICE, "shop", Map.of("domain", "shop.example", "slave_title", "not mine")))
                .as("the same request changes nothing")
                .isEqualTo(shared);
        assertThat(shown(host)).isEqualTo(seen);
    }

    @Test
    void theRequesterOfTheHostReadsTheDocumentsOfWhatItHosts() {
        cloud.start(ALICE, "frontend");
        share(ALICE, "shop", Map.of("domain", "shop.example"));
        var answer = cloud.request(ALICE, "frontend", RequestedState.STARTED);
        assertThat(text(answer)).contains("<string>timestamp</string><int>");
        var entry = cloud.placed(answer).sharedInstances().getFirst();
        assertThat(entry)
                .containsOnlyKeys(
                        "slave_reference", "slave_title", "slap_software_type", "timestamp", "xml", "connection_xml");
        assertThat(entry.get("xml")).contains("<parameter id=\"domain\">shop.example</parameter>");
        assertThat(entry.get("connection_xml")).contains("<instance/>");
    }

    @Test
    @Tag("row:32")
    void whatTheHostPublishesReachesTheRequesterAndTheHostsOwnList() {
        var host = cloud.start(ALICE, "frontend");
        var root = client(RequestedState.STARTED);
        var shared = share(as(root), "site", Map.of("domain", "mine.example"));
        var before = shown(host);
        cloud.clock.advance(Duration.ofSeconds(1));
        assertThat(text(publish(host, shared.guid(), Map.of("url", "https://é/?a&b", "domain", "published"))))
                .isEqualTo("None");
        assertThat(share(as(root), "site", Map.of("domain", "mine.example")).connection())
                .containsEntry("url", "https://é/?a&b");
        assertThat(micros(shown(root))).isGreaterThan(micros(root));
        var after = shown(host);
        assertThat(after.timestamp()).as("its own report gives it no work").isEqualTo(before.timestamp());
        assertThat(after.sharedInstances().getFirst())
                .containsEntry("url", "https://é/?a&b")
                .as("a parameter wins over what is published")
                .containsEntry("domain", "mine.example");
        assertThat(host.connection()).isEmpty();
        var banged = shown(root);
        publish(host, shared.guid(), Map.of("url", "https://é/?a&b", "domain", "published"));
        assertThat(shown(root)).isEqualTo(banged);
    }

    @Test
    void theAddressesOfATreeHoldThoseOfTheHostsOfWhatItShares() {
        var host = cloud.start(ALICE, "frontend");
        var root = client(RequestedState.STARTED);
        share(as(root), "site", Map.of());
        share(as(root), "other", Map.of());
        var answer = cloud.get(
                as(root),
                "getHostingSubscriptionIpList",
                Map.of(
                        "computer_id", root.computer().text(),
                        "computer_partition_id", root.partition().text()));
        assertThat(MarshalReader.read(answer.body()).asItems().stream()
                        .map(tuple ->
                                tuple.asItems().stream().map(Value::asText).toList()))
                .containsExactlyInAnyOrderElementsOf(Stream.concat(root.addresses().stream(), host.addresses().stream())
                        .toList());
    }

    @Test
    void aHostSpeaksForWhatItHostsOnly() {
        var host = cloud.start(ALICE, "frontend");
        var shared = share(ALICE, "shop", Map.of());
        var other = cloud.placed(cloud.request(
                ALICE,
                new InstanceRequest(
                        HELLO,
                        "other",
                        "second",
                        false,
                        Map.of(),
                        Map.of(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty())));
        for (var wrong : List.of("SOFTINST-99", other.guid(), host.guid())) {
            var refused = publish(host, wrong, Map.of("url", "x"));
            assertThat(refused.status()).isEqualTo(404);
            assertThat(reason(refused)).contains("No shared instance '" + wrong + "'");
        }
        assertThat(publish(other, shared.guid(), Map.of("url", "x")).status()).isEqualTo(404);
        for (var nobody : List.of("None", "none", "NONE", "")) {
            assertThat(publish(host, nobody, Map.of("own", nobody)).status()).isEqualTo(200);
            assertThat(cloud.start(ALICE, "frontend").connection()).containsEntry("own", nobody);
        }
        var failed = cloud.report(
                new Requester.Computer(computer),
                "softwareInstanceError",
                host,
                Map.of("error_log", "no certificate", "slave_reference", shared.guid()));
        assertThat(text(failed)).isEqualTo("None");
        assertThat(cloud.json(ALICE, "slapos.get.v0.software_instance", "{\"instance_guid\": \"SOFTINST-2\"}")
                        .path("access_status_message")
                        .asText())
                .isEqualTo("#error while instanciating: no certificate");
        assertThat(shown(host).accessStatus()).isEmpty();
    }

    @Test
    @Tag("row:32")
    @Tag("row:4.6.2")
    @Tag("row:4.8.1")
    void theHostHearsOfEachChangeOfWhatItHosts() {
        var host = cloud.start(ALICE, "frontend");
        share(ALICE, "shop", Map.of());
        long last = micros(shown(host));
        share(ALICE, "shop", Map.of("a", "1"));
        assertThat(micros(shown(host))).isGreaterThan(last);
        last = micros(shown(host));
        assertThat(cloud.placed(request(ALICE, "shop", RequestedState.STOPPED)).state())
                .isEqualTo(RequestedState.STOPPED);
        var stopped = shown(host);
        assertThat(micros(stopped)).isGreaterThan(last);
        assertThat(stopped.sharedInstances()).isEmpty();
        share(ALICE, "shop", Map.of());
        var started = shown(host);
        assertThat(micros(started)).isGreaterThan(micros(stopped));
        assertThat(started.sharedInstances()).hasSize(1);
        assertThat(request(ALICE, "shop", RequestedState.DESTROYED).status()).isEqualTo(408);
        var destroyed = shown(host);
        assertThat(micros(destroyed)).isGreaterThan(micros(started));
        assertThat(destroyed.sharedInstances()).isEmpty();
        assertThat(cloud.count("instance where reference = 'SOFTINST-2' and ended_at is not null"))
                .isEqualTo(1);
        assertThat(share(ALICE, "shop", Map.of()).guid()).isEqualTo("SOFTINST-3");
    }

    @Test
    void withoutAHostItWaitsAndMovesInAsSoonAsThereIsOne() {
        var waiting = request(ALICE, "shop", RequestedState.STARTED);
        assertThat(waiting.status()).isEqualTo(408);
        assertThat(reason(waiting))
                .isEqualTo("No host for the shared instance 'shop': PERSON-1 has no instance of SoftwareRelease "
                        + HELLO + " with type 'default' in a ComputerPartition. Request one that is not shared");
        assertThat(request(ALICE, "shop", RequestedState.STARTED).status()).isEqualTo(408);
        assertThat(cloud.count("instance")).isEqualTo(1);
        cloud.format(computer, 5);
        assertThat(cloud.count("computer_partition where state = 'busy'")).isZero();
        cloud.start(BOB, "frontend");
        assertThat(request(ALICE, "shop", RequestedState.STARTED).status())
                .as("strangers do not host")
                .isEqualTo(408);
        var host = cloud.start(ALICE, "frontend");
        assertThat(host.sharedInstances()).hasSize(1);
        assertThat(shown(host).sharedInstances().getFirst()).containsEntry("slave_title", "shop");
    }

    @Test
    void itMovesInWhenAWaitingHostGetsItsPlace() {
        cloud.supply(ALICE, computer, HELLO, SoftwareState.DESTROYED);
        assertThat(cloud.request(ALICE, "frontend", RequestedState.STARTED).status())
                .isEqualTo(408);
        assertThat(request(ALICE, "shop", RequestedState.STARTED).status()).isEqualTo(408);
        cloud.supply(ALICE, computer, HELLO, SoftwareState.AVAILABLE);
        assertThat(shown(cloud.start(ALICE, "frontend")).sharedInstances()).hasSize(1);
    }

    @Test
    void whenItsHostIsDestroyedItMovesOrWaitsAgain() {
        var first = cloud.start(ALICE, "first");
        var root = cloud.start(ALICE, "blog");
        var shared = share(as(root), "site", Map.of());
        // Its own tree before others: the root hosts it.
        assertThat(shared.partition()).isEqualTo(root.partition());
        var other = share(ALICE, "shop", Map.of());
        assertThat(other.partition()).as("the one that hosts least").isEqualTo(first.partition());
        publish(first, other.guid(), Map.of("url", "gone"));
        long before = micros(shown(root));
        cloud.request(ALICE, "first", RequestedState.DESTROYED);
        assertThat(shown(first).sharedInstances()).isEmpty();
        var moved = share(ALICE, "shop", Map.of());
        assertThat(moved.guid()).isEqualTo(other.guid());
        assertThat(moved.partition()).isEqualTo(root.partition());
        assertThat(moved.connection()).as("the former host's").isEmpty();
        assertThat(micros(shown(root))).isGreaterThan(before);
        assertThat(shown(root).sharedInstances()).hasSize(2);
        cloud.report("destroyedComputerPartition", first);
        cloud.request(ALICE, "blog", RequestedState.DESTROYED);
        var waiting = request(ALICE, "shop", RequestedState.STARTED);
        assertThat(waiting.status()).isEqualTo(408);
        assertThat(reason(waiting)).contains("PERSON-1 has no instance");
        assertThat(cloud.count("instance where title = 'site' and ended_at is null"))
                .isZero();
        cloud.report("destroyedComputerPartition", root);
        var last = cloud.start(ALICE, "last");
        assertThat(share(ALICE, "shop", Map.of())).satisfies(found -> {
            assertThat(found.guid()).isEqualTo(other.guid());
            assertThat(found.partition()).isEqualTo(last.partition());
        });
    }

    @Test
    void conditionsChooseTheHost() {
        var second = cloud.computer(ALICE, "second", 1);
        var here = cloud.start(ALICE, "here");
        cloud.supply(ALICE, second, HELLO, SoftwareState.AVAILABLE);
        var there = cloud.placed(cloud.request(
                ALICE,
                new InstanceRequest(
                        HELLO,
                        "default",
                        "there",
                        false,
                        Map.of(),
                        Map.of("computer_guid", second.text()),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty())));
        assertThat(filtered("a", "computer_guid", second.text()).partition()).isEqualTo(there.partition());
        assertThat(filtered("b", "instance_guid", there.guid()).computer()).isEqualTo(second);
        assertThat(filtered("c", "instance_guid", here.guid()).computer()).isEqualTo(computer);
        var foreign = cloud.start(BOB, "bobs");
        assertThat(waits("d", "instance_guid", foreign.guid()))
                .contains("instance_guid is " + foreign.guid() + ", which is no instance of");
        assertThat(waits("d", "computer_guid", "COMP-77")).contains("computer_guid is COMP-77, where");
        var refused = cloud.request(
                ALICE,
                new InstanceRequest(
                        HELLO,
                        "default",
                        "plain",
                        false,
                        Map.of(),
                        Map.of("instance_guid", here.guid()),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()));
        assertThat(refused.status()).isEqualTo(400);
        assertThat(reason(refused)).contains("'instance_guid' names the host of a shared instance");
    }

    private InstanceInformation filtered(String title, String key, String value) {
        return cloud.placed(cloud.request(ALICE, wanted(title, RequestedState.STARTED, Map.of(), Map.of(key, value))));
    }

    private String waits(String title, String key, String value) {
        var answer = cloud.request(ALICE, wanted(title, RequestedState.STARTED, Map.of(), Map.of(key, value)));
        assertThat(answer.status()).isEqualTo(408);
        return reason(answer);
    }

    @Test
    @Tag("row:4.5.2")
    void plainAndSharedDoNotBecomeEachOther() {
        var host = cloud.start(ALICE, "frontend");
        share(ALICE, "shop", Map.of());
        share(as(host), "child", Map.of());
        assertThat(request(ALICE, "frontend", RequestedState.STARTED).status()).isEqualTo(409);
        assertThat(cloud.request(ALICE, "shop", RequestedState.STARTED).status())
                .isEqualTo(409);
        var refused = cloud.request(as(host), "child", RequestedState.STARTED);
        assertThat(refused.status()).isEqualTo(409);
        assertThat(reason(refused)).contains("'child' is a shared instance, which a request cannot change");
    }

    @Test
    @Tag("row:4.8.5")
    void stoppingATreeStopsWhatItShares() {
        var host = cloud.start(ALICE, "frontend");
        var root = client(RequestedState.STARTED);
        share(as(root), "site", Map.of());
        assertThat(shown(host).sharedInstances()).hasSize(1);
        client(RequestedState.STOPPED);
        assertThat(shown(host).sharedInstances()).isEmpty();
        assertThat(cloud.placed(request(as(root), "site", RequestedState.STARTED))
                        .state())
                .isEqualTo(RequestedState.STOPPED);
    }

    @Test
    void aSharedInstanceIsRenamedByItsOwnTree() {
        var host = cloud.start(ALICE, "frontend");
        var root = client(RequestedState.STARTED);
        var shared = share(as(root), "site", Map.of());
        var fields = new TreeMap<>(Map.of("new_name", "old-site", "slave_reference", shared.guid()));
        assertThat(cloud.report(as(host), "softwareInstanceRename", shared, fields)
                        .status())
                .as("of another tree")
                .isEqualTo(403);
        long before = micros(shown(host));
        assertThat(text(cloud.report(as(root), "softwareInstanceRename", shared, fields)))
                .isEqualTo("None");
        var seen = shown(host);
        assertThat(seen.title()).isEqualTo("frontend");
        assertThat(seen.sharedInstances().getFirst()).containsEntry("slave_title", "old-site");
        assertThat(micros(seen)).isGreaterThan(before);
        assertThat(share(as(root), "site", Map.of()).guid()).isNotEqualTo(shared.guid());
        fields.put("slave_reference", "SOFTINST-99");
        assertThat(cloud.report(ALICE, "softwareInstanceRename", shared, fields).status())
                .isEqualTo(404);
    }

    @Test
    void onlyRunningPlainInstancesAreBilled() {
        var host = cloud.start(ALICE, "frontend");
        share(ALICE, "shop", Map.of());
        cloud.report("startedComputerPartition", host);
        request(ALICE, "shop", RequestedState.DESTROYED);
        assertThat(cloud.count("movement")).isEqualTo(1);
        assertThat(cloud.count("movement where item = '" + host.guid() + "'")).isEqualTo(1);
    }

    @Test
    void registeringAPartitionShowsWhatItHosts() {
        var host = cloud.start(ALICE, "frontend");
        share(ALICE, "shop", Map.of("a", "1"));
        var answer = cloud.get(
                as(host),
                "registerComputerPartition",
                Map.of(
                        "computer_reference", host.computer().text(),
                        "computer_partition_reference", host.partition().text()));
        assertThat(InstanceInformation.ofComputerPartition(MarshalReader.read(answer.body()))
                        .sharedInstances())
                .isEqualTo(shown(host).sharedInstances())
                .hasSize(1);
        var sibling = cloud.placed(cloud.request(as(host), "cache", RequestedState.STARTED));
        var seen = cloud.get(
                as(sibling),
                "registerComputerPartition",
                Map.of(
                        "computer_reference", host.computer().text(),
                        "computer_partition_reference", host.partition().text()));
        assertThat(InstanceInformation.ofComputerPartition(MarshalReader.read(seen.body()))
                        .sharedInstances())
                .as("what others put there is nothing for the rest of the tree")
                .isEmpty();
    }

    @Test
    void noneIsLostToAHostThatIsDestroyedMeanwhile() throws Exception {
        for (int round = 0; round < 5; round++) {
            var host = "host" + round;
            cloud.start(ALICE, host);
            var calls = new ArrayList<Callable<Answer>>();
            for (int i = 0; i < 6; i++) {
                var title = "shop" + round + i;
                calls.add(() -> request(ALICE, title, RequestedState.STARTED));
            }
            calls.add(3, () -> cloud.request(ALICE, host, RequestedState.DESTROYED));
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                assertThat(threads.invokeAll(calls))
                        .allSatisfy(answer ->
                                assertThat(answer.resultNow().status()).isIn(200, 408));
            }
            assertThat(cloud.count("instance s join instance h on h.id = s.host_id where h.state = 'destroyed'"))
                    .isZero();
            cloud.information(computer).partitions().stream()
                    .flatMap(partition -> partition.instance().stream())
                    .forEach(destroyed -> cloud.report("destroyedComputerPartition", destroyed));
        }
        assertThat(shown(cloud.start(ALICE, "last")).sharedInstances()).hasSize(30);
    }
}

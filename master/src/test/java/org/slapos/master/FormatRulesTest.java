package org.slapos.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.slapos.master.TestTrades.ALICE;
import static org.slapos.master.TestTrades.HELLO;
import static org.slapos.master.TestTrades.reason;
import static org.slapos.master.TestTrades.text;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slapos.master.http.Answer;
import org.slapos.master.party.Requester;
import org.slapos.protocol.ComputerConfiguration;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareState;
import org.slapos.protocol.marshal.MarshalWriter;

/// What a node says of its partitions, and what it is told of them.
class FormatRulesTest {
    private static final String SECOND = "https://soft.example/second/software.cfg";

    private final TestTrades cloud = new TestTrades();
    private final ComputerId computer;

    FormatRulesTest() {
        computer = cloud.computer(ALICE, "machine", 3);
        cloud.supply(ALICE, computer, HELLO, SoftwareState.AVAILABLE);
    }

    @AfterEach
    void close() {
        cloud.close();
    }

    private Answer format(List<ComputerConfiguration.Partition> partitions) {
        var document = new ComputerConfiguration(computer, "10.0.0.1", "255.255.255.0", Map.of(), partitions);
        return cloud.post(
                new Requester.Computer(computer),
                "loadComputerConfigurationFromXML",
                Map.of("xml", MarshalWriter.write(document.toValue())));
    }

    private static List<ComputerConfiguration.Partition> partitions(int number, String... addresses) {
        return IntStream.range(0, number)
                .mapToObj(i -> new ComputerConfiguration.Partition(
                        new PartitionId("slappart" + i),
                        "/srv/slappart" + i,
                        "slapuser" + i,
                        List.of(addresses).stream()
                                .map(address -> new ComputerConfiguration.Address(
                                        address.formatted(i + 2),
                                        address.contains(":") ? "ffff:ffff::" : "255.255.255.0"))
                                .toList(),
                        ComputerConfiguration.Tap.named("tap" + i),
                        List.of()))
                .toList();
    }

    private List<String> states() {
        return cloud.database.inTransaction(tx -> tx.handle()
                .select("select reference || ' ' || state || ' ' || desired_at from computer_partition order by id")
                .mapTo(String.class)
                .list());
    }

    @Test
    @Tag("row:18")
    @Tag("row:4.7.1")
    void theSameFormatAgainChangesNothingAndWhatIsLeftOutGoesUnlessItIsBusy() {
        var placed = cloud.start(ALICE, "blog");
        var before = states();
        var document = text(document());
        cloud.clock.advance(Duration.ofHours(24));
        cloud.format(computer, 3);
        assertThat(states()).isEqualTo(before);
        assertThat(text(document())).isEqualTo(document);
        assertThat(format(List.of()).status()).isEqualTo(200);
        assertThat(states())
                .extracting(row -> row.split(" ", -1)[1])
                .as("the busy one is held by what lives there")
                .containsExactly("busy", "inactive", "inactive");
        assertThat(cloud.information(computer).partitions())
                .singleElement()
                .satisfies(
                        left -> assertThat(left.instance().orElseThrow().guid()).isEqualTo(placed.guid()));
        cloud.format(computer, 2);
        assertThat(states()).extracting(row -> row.split(" ", -1)[1]).containsExactly("busy", "free", "inactive");
        assertThat(cloud.start(ALICE, "blog").timestamp()).isEqualTo(placed.timestamp());
    }

    private Answer document() {
        return cloud.get(
                new Requester.Computer(computer), "getFullComputerInformation", Map.of("computer_id", computer.text()));
    }

    @Test
    @Tag("row:4.7.1")
    void otherAddressesAreNewsForWhatLivesThereAlone() {
        var blog = cloud.start(ALICE, "blog");
        var shop = cloud.start(ALICE, "shop");
        var other = TestTrades.configuration(computer, 3).partitions().stream()
                .map(it -> it.reference().text().equals("slappart0")
                        ? new ComputerConfiguration.Partition(
                                it.reference(),
                                it.path(),
                                it.user(),
                                List.of(new ComputerConfiguration.Address("10.9.9.9", "255.255.255.255")),
                                it.tap(),
                                it.capabilities())
                        : it)
                .toList();
        assertThat(format(other).status()).isEqualTo(200);
        assertThat(cloud.start(ALICE, "blog").addresses()).containsExactly(List.of("slaptap0", "10.9.9.9"));
        assertThat(Long.parseLong(cloud.start(ALICE, "blog").timestamp()))
                .isGreaterThan(Long.parseLong(blog.timestamp()));
        assertThat(cloud.start(ALICE, "shop")).isEqualTo(shop);
    }

    @Test
    @Tag("row:20")
    void aFreePartitionIsListedAsDestroyedWithNothingToDo() {
        cloud.start(ALICE, "blog");
        var shown = text(document());
        assertThat(shown.split("<string>_requested_state</string><string>destroyed</string>", -1))
                .hasSize(3);
        assertThat(shown.split("<string>_need_modification</string><int>0</int>", -1))
                .hasSize(3);
        assertThat(shown.split("<string>_need_modification</string><int>1</int>", -1))
                .hasSize(2);
    }

    @Test
    @Tag("row:19")
    @Tag("row:4.7.2")
    @Tag("row:4.7.3")
    void theSoftwareListHoldsWhatIsWantedAndWhatIsNotConfirmedGone() {
        cloud.supply(ALICE, computer, SECOND, SoftwareState.AVAILABLE);
        assertThat(software()).containsExactly(HELLO + " AVAILABLE", SECOND + " AVAILABLE");
        cloud.supply(ALICE, computer, HELLO, SoftwareState.DESTROYED);
        cloud.supply(ALICE, computer, HELLO, SoftwareState.DESTROYED);
        cloud.supply(ALICE, computer, "https://soft.example/never.cfg", SoftwareState.DESTROYED);
        assertThat(software()).containsExactly(HELLO + " DESTROYED", SECOND + " AVAILABLE");
        var gone = Map.of("computer_id", computer.text(), "url", HELLO);
        assertThat(cloud.post(new Requester.Computer(computer), "destroyedSoftwareRelease", gone)
                        .status())
                .isEqualTo(200);
        assertThat(software()).containsExactly(SECOND + " AVAILABLE");
        assertThat(cloud.count("software_installation")).isEqualTo(2);
    }

    private List<String> software() {
        return cloud.information(computer).software().stream()
                .map(it -> it.url() + " " + it.state())
                .toList();
    }

    @Test
    @Tag("row:4.7.4")
    void theNodesOwnLookIsAContactAndNobodyElses() {
        document();
        cloud.clock.advance(Duration.ofSeconds(7));
        cloud.get(ALICE, "getFullComputerInformation", Map.of("computer_id", computer.text()));
        var status = cloud.get(ALICE, "getComputerStatus", Map.of("computer_id", computer.text()));
        assertThat(text(status)).contains("#access COMP-1").contains("08:00:00").doesNotContain("08:00:07");
    }

    @Test
    @Tag("row:66")
    void addressesAreGivenBackAsTheyWereFormatted() {
        var routed = new ComputerConfiguration.Tap("tap7", "10.1.0.2", "255.255.0.0", "10.1.0.1", "10.1.0.0");
        var partition = new ComputerConfiguration.Partition(
                new PartitionId("slappart0"),
                "/srv/slappart0",
                "slapuser0",
                List.of(
                        new ComputerConfiguration.Address("2001:db8::7", "ffff:ffff:ffff:ffff::"),
                        new ComputerConfiguration.Address("10.0.0.7", "255.255.255.255")),
                routed,
                List.of());
        assertThat(format(List.of(partition)).status()).isEqualTo(200);
        var seen = cloud.start(ALICE, "blog");
        assertThat(seen.addresses()).containsExactly(List.of("tap7", "2001:db8::7"), List.of("tap7", "10.0.0.7"));
        assertThat(seen.routedAddresses())
                .containsExactly(List.of("route_tap7", "10.1.0.2", "10.1.0.1", "255.255.0.0", "10.1.0.0"));
    }

    @Test
    @Tag("row:66")
    void theMachinesOwnLoopbackAddressMayBeThatOfAllPartitions() {
        assertThat(format(partitions(2, "127.0.0.1", "::1")).status()).isEqualTo(200);
        assertThat(format(partitions(2, "127.0.0.2", "::1")).status()).isEqualTo(400);
    }

    @Test
    @Tag("row:66")
    void twoPartitionsWithOneAddressAreRefusedAsAWhole() {
        var before = states();
        var refused = format(partitions(2, "10.0.0.%d", "2001:db8::9"));
        assertThat(refused.status()).isEqualTo(400);
        assertThat(reason(refused))
                .contains("2001:db8::9")
                .contains("slappart0")
                .contains("slappart1");
        assertThat(states()).isEqualTo(before);
        var written = format(partitions(2, "2001:db8:0::%d", "2001:DB8::0:3"));
        assertThat(written.status()).as("the same address in other letters").isEqualTo(400);
    }

    @Test
    @Tag("row:68")
    void aWholeLifeWithIpv4Alone() {
        assertThat(format(partitions(1, "10.0.0.%d")).status()).isEqualTo(200);
        var placed = cloud.start(ALICE, "blog");
        assertThat(placed.addresses()).containsExactly(List.of("tap0", "10.0.0.2"));
        assertThat(cloud.information(computer).partitions().getFirst().instance())
                .hasValueSatisfying(it -> assertThat(it.addresses()).containsExactly(List.of("tap0", "10.0.0.2")));
        cloud.report("startedComputerPartition", placed);
        cloud.request(ALICE, "blog", RequestedState.DESTROYED);
        cloud.report("destroyedComputerPartition", placed);
        assertThat(states()).first().asString().startsWith("slappart0 free");
    }
}

package org.slapos.node.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slapos.node.host.FileFacts;
import org.slapos.node.host.NetworkChange;
import org.slapos.node.host.NetworkInterface;
import org.slapos.node.host.Route;
import org.slapos.node.host.SourceAddress;
import org.slapos.node.host.UnixUser;
import org.slapos.protocol.ComputerConfiguration.Address;
import org.slapos.protocol.IniFile;

/// Every form of network that a node may have, planned on a made-up machine.
class NetworkFormsTest {
    private final Machine machine = new Machine();

    @Test
    @Tag("checklist:FM-05")
    void aTapHasTheLastAddressOfItsOwnNetworkAndItsGuestIsTheGateway() {
        machine.settings = "tap_ipv6 = true";

        var plan = machine.steps(1);

        var link = plan.computer().partitions().getFirst().more().tapIpv6().orElseThrow();
        assertThat(link.address()).isEqualTo("fd00:5::8001:ffff:ffff:ffff");
        assertThat(link.netmask()).isEqualTo("ffff:ffff:ffff:ffff:ffff::");
        assertThat(link.gateway()).isEqualTo("fd00:5::8001:0:0:1");
        assertThat(link.network()).isEqualTo("fd00:5:0:0:8001::/80");
        var guest = InetAddress.ofLiteral("fd00:5::8001:0:0:1");
        assertThat(machine.changes(plan))
                .containsSubsequence(
                        new NetworkChange.AddTap("slaptap0", "slapuser0"),
                        new NetworkChange.BringUp("slaptap0"),
                        new NetworkChange.AddAddress(
                                "slaptap0", InetAddress.ofLiteral("fd00:5:0:0:8001:ffff:ffff:ffff"), 80, false),
                        new NetworkChange.AddRoute(Route.on("slaptap0", "fd00:5::8001:0:0:1/128")),
                        new NetworkChange.AddRoute(
                                new Route(false, "fd00:5:0:0:8001::/80", "slaptap0", Optional.of(guest))));
        machine.settles(1);
    }

    @Test
    @Tag("checklist:FM-07")
    void onALongerPrefixTapsHaveLongerOnes() {
        machine.loopback("fd00:5:0:0:1::1/80");

        var link = machine.steps(1)
                .computer()
                .partitions()
                .getFirst()
                .more()
                .tapIpv6()
                .orElseThrow();

        assertThat(link.network()).isEqualTo("fd00:5::1:8001:0:0/96");
    }

    @Test
    @Tag("checklist:FM-06")
    void behindAGatewayEachTapHasTheNextFreeIpv4OfItsNetwork() {
        machine.settings = "tap_gateway_interface = br0";
        machine.interfaces.add(Machine.networkInterface("br0", "192.168.7.2/29"));

        var plan = machine.steps(3);

        var taps = plan.computer().partitions().stream().map(p -> p.tap()).toList();
        assertThat(taps)
                .extracting(tap -> tap.address())
                .as("not the gateway's own")
                .containsExactly("192.168.7.1", "192.168.7.3", "192.168.7.4");
        assertThat(taps.getFirst().netmask()).isEqualTo("255.255.255.248");
        assertThat(taps.getFirst().gateway()).isEqualTo("192.168.7.2");
        assertThat(taps.getFirst().network()).isEqualTo("192.168.7.0/29");
        assertThat(machine.changes(plan)).contains(new NetworkChange.AddRoute(Route.on("slaptap1", "192.168.7.3/32")));
        machine.settles(3);

        assertThat(machine.refusal(6))
                .as("the broadcast address is nobody's")
                .singleElement()
                .asString()
                .contains("192.168.7.2/29")
                .contains("fewer free addresses");
    }

    @Test
    void tunInterfacesShareTheirNetworkInEqualParts() {
        machine.settings = "create_tun = true";

        var plan = machine.steps(3);

        var tun = plan.computer().partitions().get(2).more().tun().orElseThrow();
        assertThat(tun.name()).isEqualTo("slaptun2");
        assertThat(tun.ipv4().orElseThrow().network()).isEqualTo("172.24.0.0/14");
        assertThat(tun.ipv4().orElseThrow().address()).isEqualTo("172.24.0.1");
        assertThat(tun.ipv6().orElseThrow().address()).isEqualTo("fd00:5::c003:0:0:1");
        machine.settles(3);
        var grown = machine.steps(4).computer().partitions();
        assertThat(grown.subList(0, 3)).isEqualTo(plan.computer().partitions());
    }

    @Test
    void eachPartitionHasARangeAndKeepsIt() {
        machine.settles(2);

        var more = machine.steps(3).computer().partitions();

        assertThat(more)
                .extracting(p -> p.more().ipv6Range().orElseThrow().network())
                .containsExactly("fd00:5:0:0:4001::/80", "fd00:5:0:0:4002::/80", "fd00:5:0:0:4003::/80");
    }

    @Test
    void aNetworkWithoutRoomGivesAddressesAndNoRanges() {
        machine.loopback("fd00:5::1/112");

        var plan = machine.steps(2);

        assertThat(plan.warnings()).singleElement().asString().contains("fd00:5::1/112");
        assertThat(plan.computer().partitions())
                .allSatisfy(p -> assertThat(p.more().ipv6Range()).isEmpty());
        assertThat(plan.computer().partitions().get(1).addresses().get(1).address())
                .isEqualTo("fd00:5::3");
    }

    @Test
    void withoutIpv6PartitionsHaveIpv4Alone() {
        machine.loopback("127.0.0.1/8");
        machine.settings = "computer_ipv6 = none";

        var plan = machine.steps(2);

        assertThat(plan.computer().address()).isEmpty();
        assertThat(plan.computer().partitions().get(1).addresses())
                .containsExactly(new Address("10.0.0.3", "255.255.255.255"));
        machine.settles(2);
    }

    @Test
    void aPrivateNetworkIsThisComputersOwnForEver() {
        machine.loopback("127.0.0.1/8");
        machine.settings = "computer_ipv6 = ula";

        var first = machine.steps(1).computer();

        assertThat(first.address()).matches("fd[0-9a-f:]+::1");
        assertThat(first.partitions().getFirst().addresses().get(1).netmask()).isEqualTo("ffff:ffff:ffff:ffff::");
        var rebuilt = new Machine();
        rebuilt.loopback("127.0.0.1/8");
        rebuilt.settings = machine.settings;
        assertThat(rebuilt.steps(1).computer().address()).isEqualTo(first.address());
        rebuilt.computer = "COMP-2";
        assertThat(rebuilt.steps(1).computer().address()).isNotEqualTo(first.address());
        rebuilt.persisted = Optional.of(first);
        assertThat(rebuilt.steps(1).computer().address()).as("given before").isEqualTo(first.address());
    }

    @Test
    void whatAPartitionSendsLeavesWithItsOwnAddress() {
        var plan = machine.steps(2);
        assertThat(plan.steps().stream().flatMap(step -> step.describe().stream()))
                .contains("let slapuser1 send as fd00:5::3");
        machine.settles(2);

        assertThat(machine.sources)
                .extracting(SourceAddress::address)
                .containsExactlyInAnyOrder(InetAddress.ofLiteral("fd00:5::2"), InetAddress.ofLiteral("fd00:5::3"));
        assertThat(machine.sources)
                .allSatisfy(one -> assertThat(one.local()).containsExactly("fd00:5::/64"))
                .anySatisfy(one -> assertThat(one.may())
                        .containsExactlyInAnyOrder("fd00:5::2/128", "fd00:5:0:0:4001::/80", "fd00:5:0:0:8001::/80"));
        machine.settings = "own_source_address = false";
        assertThat(machine.steps(2).steps()).isEmpty();
    }

    @Test
    void onANetworkWithOtherMachinesOnlyWhatIsGivenIsTakenForThisMachines() {
        machine.settings = "ipv6_interface = eth0";
        machine.interfaces.add(Machine.networkInterface("eth0", "fd00:9::1/64"));
        machine.settles(2);

        assertThat(machine.sources)
                .allSatisfy(one -> assertThat(one.local())
                        .containsExactlyInAnyOrder(
                                "fd00:9::1/128", "fd00:9::2/127", "fd00:9:0:0:4001::/80", "fd00:9:0:0:4002::/80"));
    }

    @Test
    void devicesOfVirtualMachinesAreForPartitionsToo() {
        machine.files.put(Observed.TUN, new FileFacts(FileFacts.Kind.OTHER, 0, 0, 0600));
        machine.files.put(Observed.KVM, new FileFacts(FileFacts.Kind.OTHER, 0, 0, 0600));
        machine.kvmGroup = Optional.of(108);

        var plan = machine.steps(1);

        assertThat(plan.steps())
                .contains(
                        new Step.AllowDevice(Observed.TUN, 0, 0666),
                        new Step.AllowDevice(Observed.KVM, 108, 0660),
                        new Step.MakeUser("slapuser0", Path.of("/srv/slapgrid/slappart0"), List.of("slapsoft", "kvm")));
        machine.settles(1);
    }

    @Test
    void partitionsHaveAFolderOnEachFurtherDisk() {
        machine.disks.add(Path.of("/disks/data1"));
        machine.files.put(Path.of("/disks/data1"), new FileFacts(FileFacts.Kind.DIRECTORY, 0, 0, 0755));

        var plan = machine.steps(1);

        assertThat(plan.steps())
                .contains(
                        new Step.MakeDirectory(Path.of("/disks/data1/slappart0"), 0750),
                        new Step.SetOwner(Path.of("/disks/data1/slappart0"), "slapuser0"));
        assertThat(plan.computer().partitions().getFirst().more().externalStorage())
                .containsExactly("/disks/data1/slappart0");
        machine.settles(1);
    }

    @Test
    @Tag("checklist:FM-01")
    @Tag("checklist:FM-02")
    void aDefinitionIsTakenWithoutAnInterfaceWhenTheNetworkIsNotOurs() {
        machine.interfaces.clear();
        machine.settings = "alter_network = false";
        machine.definition = Optional.of(Definition.of(IniFile.parse("definition.cfg", """
                [computer]
                address = fd00:3::1/64
                [partition_0]
                pathname = first
                user = ann
                network_interface = ann0
                address = 10.9.0.2/32 fd00:3::2/64
                """), 1));

        var computer = machine.steps(1).computer();

        assertThat(computer.address()).isEqualTo("fd00:3::1");
        var partition = computer.partitions().getFirst();
        assertThat(partition.reference().text()).isEqualTo("first");
        assertThat(partition.user()).isEqualTo("ann");
        assertThat(partition.tap().name()).isEqualTo("ann0");
        assertThat(partition.addresses())
                .containsExactly(
                        new Address("10.9.0.2", "255.255.255.255"), new Address("fd00:3::2", "ffff:ffff:ffff:ffff::"));
        machine.settles(1);
        assertThat(machine.routes).isEmpty();
    }

    @Test
    void whatWasPlannedIsADefinitionThatPlansTheSame() {
        var computer = machine.steps(2).computer();
        var text = Definition.write(computer, "slapsoft");

        machine.definition = Optional.of(Definition.of(IniFile.parse("definition.cfg", text), 2));

        assertThat(machine.steps(2).computer().partitions()).zipSatisfy(computer.partitions(), (one, other) -> {
            assertThat(one.addresses()).isEqualTo(other.addresses());
            assertThat(one.reference()).isEqualTo(other.reference());
            assertThat(one.user()).isEqualTo(other.user());
            assertThat(one.more().ipv6Range()).isEqualTo(other.more().ipv6Range());
        });
    }

    @Test
    @Tag("checklist:FM-11")
    void aUserOfOursThatIsThereJoinsItsGroupsAndLosesItsPassword() {
        machine.settles(1);
        machine.users.put(
                "slapuser0", new UnixUser("slapuser0", 990, 990, List.of(990), Path.of("/srv/slapgrid/slappart0")));
        machine.withPassword.add("slapuser0");

        assertThat(machine.steps(1).steps())
                .contains(new Step.JoinGroup("slapuser0", "slapsoft"), new Step.LockPassword("slapuser0"))
                .noneMatch(Step.MakeUser.class::isInstance);
    }

    @Test
    void theNamesOfPartitionsThatAreThereStay() {
        machine.settles(2);
        machine.settings = "partition_base_name = other\nuser_base_name = ann\ntap_base_name = net";

        var computer = machine.steps(3).computer();

        assertThat(computer.partitions())
                .extracting(p ->
                        p.reference().text() + " " + p.user() + " " + p.tap().name())
                .containsExactly("slappart0 slapuser0 slaptap0", "slappart1 slapuser1 slaptap1", "other2 ann2 net2");
    }

    @Test
    void anInterfaceOfAnotherKindIsNotTakenForATap() {
        machine.interfaces.add(
                new NetworkInterface("slaptap0", true, NetworkInterface.Kind.TUN, Optional.of("slapuser0"), List.of()));

        assertThat(machine.refusal(1))
                .singleElement()
                .asString()
                .contains("slaptap0")
                .contains("is no tap");
    }
}

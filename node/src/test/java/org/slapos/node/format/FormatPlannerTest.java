package org.slapos.node.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slapos.node.host.NetworkChange;
import org.slapos.node.host.NetworkInterface;
import org.slapos.node.host.UnixUser;
import org.slapos.protocol.ComputerConfiguration.Address;

class FormatPlannerTest {
    private final Machine machine = new Machine();

    @Test
    void aFreshMachineGetsEverythingAndASecondPassDoesNothing() {
        var first = machine.steps(3);
        assertThat(first.steps()).isNotEmpty();
        machine.act(first);

        var second = machine.steps(3);

        assertThat(second.steps()).isEmpty();
        assertThat(second.computer()).isEqualTo(first.computer());
        assertThat(first.computer().address()).isEqualTo("fd00:5::1");
        var partition = first.computer().partitions().get(2);
        assertThat(partition.user()).isEqualTo("slapuser2");
        assertThat(partition.path()).isEqualTo("/srv/slapgrid/slappart2");
        assertThat(partition.tap().name()).isEqualTo("slaptap2");
        assertThat(partition.addresses())
                .containsExactly(
                        new Address("10.0.0.4", "255.255.255.255"), new Address("fd00:5::4", "ffff:ffff:ffff:ffff::"));
    }

    @Test
    void morePartitionsAreAddedAndTheOldOnesKeepWhatTheyHave() {
        machine.act(machine.steps(2));

        var more = machine.steps(4);

        assertThat(more.computer().partitions().subList(0, 2))
                .isEqualTo(machine.persisted.orElseThrow().partitions());
        assertThat(more.steps().stream().flatMap(s -> s.describe().stream()))
                .noneMatch(line -> line.contains("slappart1"))
                .anyMatch(line -> line.contains("slappart3"));
    }

    @Test
    void fewerPartitionsAreRefused() {
        machine.act(machine.steps(3));

        assertThat(machine.refusal(2)).singleElement().asString().contains("partition_amount = 2 is less than the 3");
    }

    @Test
    void aUserSomebodyElseMadeIsNotTakenOver() {
        machine.madeByUs = Optional.of(Set.of("slapuser0"));
        machine.users.put(
                "slapuser0", new UnixUser("slapuser0", 900, 900, List.of(900), Path.of("/srv/slapgrid/slappart0")));
        machine.users.put(
                "slapuser1", new UnixUser("slapuser1", 901, 901, List.of(901), Path.of("/srv/slapgrid/slappart1")));

        assertThat(machine.refusal(2))
                .singleElement()
                .asString()
                .contains("slapuser1")
                .contains("not made by this node");
    }

    @Test
    void aUserWithAnotherHomeIsNotTakenOver() {
        machine.users.put("slapuser1", new UnixUser("slapuser1", 901, 901, List.of(901), Path.of("/home/ann")));

        assertThat(machine.refusal(2))
                .singleElement()
                .asString()
                .contains("slapuser1")
                .contains("/home/ann");
    }

    @Test
    void anAddressInUseElsewhereIsLeftAlone() {
        machine.interfaces.add(Machine.networkInterface("eth0", "10.0.0.2/24", "fd00:5::3/64"));

        var computer = machine.steps(2).computer();

        assertThat(computer.partitions().get(0).addresses().get(0).address()).isEqualTo("10.0.0.4");
        assertThat(computer.partitions().get(1).addresses().get(0).address()).isEqualTo("10.0.0.3");
        assertThat(computer.partitions().get(0).addresses().get(1).address()).isEqualTo("fd00:5::2");
        assertThat(computer.partitions().get(1).addresses().get(1).address()).isEqualTo("fd00:5::4");
    }

    @Test
    void theComputersOwnAddressIsNeverGivenAway() {
        machine.loopback("fd00:5::2/64");

        assertThat(machine.steps(1)
                        .computer()
                        .partitions()
                        .getFirst()
                        .addresses()
                        .get(1)
                        .address())
                .isEqualTo("fd00:5::3");
    }

    @Test
    void anAddressThatWasLostIsPutBack() {
        machine.act(machine.steps(2));
        machine.loopback("fd00:5::1/64", "10.0.0.2/32", "fd00:5::2/64");

        assertThat(machine.steps(2).steps())
                .containsExactly(new Step.Network(List.of(
                        new NetworkChange.AddAddress("lo", InetAddress.ofLiteral("10.0.0.3"), 32, true),
                        new NetworkChange.AddAddress("lo", InetAddress.ofLiteral("fd00:5::3"), 64, true))));
    }

    @Test
    void theComputersAddressIsMadeWhenTheConfigurationNamesIt() {
        machine.loopback("127.0.0.1/8");
        machine.settings = "computer_ipv6 = fd00:7::1/64";

        var plan = machine.steps(1);

        assertThat(plan.computer().address()).isEqualTo("fd00:7::1");
        assertThat(plan.steps())
                .filteredOn(Step.Network.class::isInstance)
                .flatExtracting(Step::describe)
                .first()
                .isEqualTo("add the address fd00:7::1/64 to lo");
    }

    @Test
    void withoutAGlobalAddressTheReasonIsSaid() {
        machine.loopback("127.0.0.1/8", "::1/128", "fe80::1/64");

        assertThat(machine.refusal(1)).singleElement().asString().contains("no global IPv6 address on lo");
    }

    @Test
    @Tag("checklist:FM-14")
    void theLargestNetworkIsTakenAndTiesGoToTheLowest() {
        for (var addresses : List.of(
                new String[] {"fd00:6::1/128", "fd00:8::1/64", "fd00:7::1/64"},
                new String[] {"fd00:7::1/64", "fd00:8::1/64", "fd00:6::1/128"},
                new String[] {"fd00:8::1/64", "fd00:6::1/128", "fd00:7::1/64"})) {
            machine.loopback(addresses);

            assertThat(machine.steps(1).computer().address())
                    .as(String.join(" ", addresses))
                    .isEqualTo("fd00:7::1");
        }
    }

    @Test
    void aTapOfSomebodyElseIsLeftAloneWithAWarning() {
        machine.interfaces.add(
                new NetworkInterface("slaptap0", true, NetworkInterface.Kind.TAP, Optional.of("ann"), List.of()));

        assertThat(machine.steps(1).warnings())
                .singleElement()
                .asString()
                .contains("slaptap0")
                .contains("ann");
    }

    @Test
    @Tag("checklist:FM-03")
    void inSingleUserModePartitionsShareLoopbackAndTheUser() {
        machine.self = new UnixUser("ann", 1000, 1000, List.of(1000), Path.of("/home/ann"));
        machine.loopback("127.0.0.1/8", "::1/128");
        machine.settings = "alter_user = false\nalter_network = false\ncreate_tap = false";

        var plan = machine.steps(2);

        assertThat(plan.computer().partitions()).allSatisfy(partition -> {
            assertThat(partition.user()).isEqualTo("ann");
            assertThat(partition.tap().name()).isEmpty();
            assertThat(partition.addresses()).extracting(Address::address).containsExactly("127.0.0.1", "::1");
        });
        assertThat(plan.steps())
                .isNotEmpty()
                .allMatch(step -> step instanceof Step.MakeDirectory || step instanceof Step.WriteResource);
    }

    @Test
    void rootNeedsUsersAndOthersCannotMakeThem() {
        machine.settings = "alter_user = false\nalter_network = false";
        assertThat(machine.refusal(1)).singleElement().asString().contains("alter_user = true");

        machine.settings = "";
        machine.self = new UnixUser("ann", 1000, 1000, List.of(1000), Path.of("/home/ann"));
        assertThat(machine.refusal(1)).singleElement().asString().contains("needs root");
    }

    @Test
    @Tag("checklist:FM-15")
    void theAddressItHadSelectsItsNetworkAmongEqualsAndIsKept() {
        machine.loopback("fd00:8::1/64");
        machine.act(machine.steps(1));
        machine.loopback("fd00:7::1/64", "fd00:8::1/64", "fd00:8::2/64");

        var computer = machine.steps(1).computer();

        assertThat(computer.address()).isEqualTo("fd00:8::1");
        assertThat(computer.partitions().getFirst().addresses().get(1).address())
                .isEqualTo("fd00:8::2");
    }

    @Test
    void anAddressOfAPartitionIsNeverGivenToAnother() {
        machine.interfaces.add(Machine.networkInterface("eth0", "fd00:5::2/64"));
        machine.act(machine.steps(1));
        assertThat(machine.persisted
                        .orElseThrow()
                        .partitions()
                        .getFirst()
                        .addresses()
                        .get(1)
                        .address())
                .as("what its index would have is in use")
                .isEqualTo("fd00:5::3");

        var grown = machine.steps(3).computer().partitions();

        assertThat(grown)
                .extracting(partition -> partition.addresses().get(1).address())
                .startsWith("fd00:5::3")
                .doesNotHaveDuplicates();
    }
}

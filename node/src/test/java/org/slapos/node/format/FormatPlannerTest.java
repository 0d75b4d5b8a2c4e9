package org.slapos.node.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.slapos.node.ConfigurationReader;
import org.slapos.node.NodeConfiguration;
import org.slapos.node.host.FileFacts;
import org.slapos.node.host.NetworkChange;
import org.slapos.node.host.NetworkInterface;
import org.slapos.node.host.UnixUser;
import org.slapos.protocol.ComputerConfiguration;
import org.slapos.protocol.ComputerConfiguration.Address;
import org.slapos.protocol.IniFile;

class FormatPlannerTest {
    private static final UnixUser ROOT = new UnixUser("root", 0, 0, List.of(0), Path.of("/root"));

    private final Map<String, UnixUser> users = new HashMap<>();
    private final Map<Path, FileFacts> files = new HashMap<>();
    private final Map<Path, String> resources = new HashMap<>();
    private final List<NetworkInterface> interfaces = new ArrayList<>();
    private Optional<Set<String>> madeByUs = Optional.empty();
    private Optional<ComputerConfiguration> persisted = Optional.empty();
    private UnixUser self = ROOT;
    private String settings = "";

    FormatPlannerTest() {
        loopback("fd00:5::1/64");
        for (var path : List.of("/", "/opt", "/srv", "/etc")) {
            files.put(Path.of(path), new FileFacts(FileFacts.Kind.DIRECTORY, 0, 0, 0755));
        }
    }

    private NodeConfiguration configuration(int partitions) {
        return ConfigurationReader.of(IniFile.parse("slapos.cfg", """
                [slapos]
                computer_id = COMP-1
                master_url = http://127.0.0.1:5000
                software_root = /opt/slapgrid
                instance_root = /srv/slapgrid
                [slapformat]
                partition_amount = %d
                computer_xml = /etc/slapos.xml
                interface_name = lo
                ipv4_local_network = 10.0.0.0/16
                %s
                """.formatted(partitions, settings)), Map.of());
    }

    private Plan plan(int partitions) {
        var configuration = configuration(partitions);
        var observed = new Observed(
                self, users, madeByUs, interfaces, Set.of(), files, resources, true, Optional.of("0"), persisted);
        return new FormatPlanner(configuration, configuration.format().orElseThrow(), observed, Map.of()).plan();
    }

    private Plan.Steps steps(int partitions) {
        return switch (plan(partitions)) {
            case Plan.Steps steps -> steps;
            case Plan.Refused(var reasons) -> throw new AssertionError(reasons);
        };
    }

    private List<String> refusal(int partitions) {
        return switch (plan(partitions)) {
            case Plan.Steps steps -> throw new AssertionError(steps);
            case Plan.Refused(var reasons) -> reasons;
        };
    }

    private void loopback(String... addresses) {
        interfaces.removeIf(i -> i.name().equals("lo"));
        interfaces.add(networkInterface("lo", addresses));
    }

    private static NetworkInterface networkInterface(String name, String... addresses) {
        var list = new ArrayList<NetworkInterface.Address>();
        for (var text : addresses) {
            var network = IpNetwork.parse(text);
            list.add(new NetworkInterface.Address(network.address(), network.bits(), true));
        }
        return new NetworkInterface(name, true, false, Optional.empty(), list);
    }

    /// The machine as it is after the steps were done.
    private void act(Plan.Steps plan) {
        for (var step : plan.steps()) {
            switch (step) {
                case Step.MakeDirectory(var path, var mode) ->
                    files.put(path, new FileFacts(FileFacts.Kind.DIRECTORY, 0, 0, mode));
                case Step.SetMode(var path, var mode) ->
                    files.computeIfPresent(path, (_, f) -> new FileFacts(f.kind(), f.uid(), f.gid(), mode));
                case Step.SetOwner(var path, var name) ->
                    files.computeIfPresent(path, (_, f) -> {
                        var user = Objects.requireNonNull(users.get(name));
                        return new FileFacts(f.kind(), user.uid(), user.gid(), f.mode());
                    });
                case Step.MakeUser(var name, var home, var groups) -> {
                    int id = 900 + users.size();
                    var all = new ArrayList<>(List.of(id));
                    groups.forEach(group ->
                            all.add(Objects.requireNonNull(users.get(group)).gid()));
                    users.put(name, new UnixUser(name, id, id, all, home));
                }
                case Step.JoinGroup _, Step.SetKernel _ -> throw new AssertionError(step);
                case Step.Network(var changes) -> changes.forEach(this::act);
                case Step.WriteResource resource -> resources.put(resource.directory(), resource.json());
            }
        }
        persisted = Optional.of(plan.computer());
    }

    private void act(NetworkChange change) {
        switch (change) {
            case NetworkChange.AddAddress(var name, var address, var bits) ->
                interfaces.replaceAll(i -> {
                    if (!i.name().equals(name)) {
                        return i;
                    }
                    var more = new ArrayList<>(i.addresses());
                    more.add(new NetworkInterface.Address(address, bits, true));
                    return new NetworkInterface(name, i.up(), i.tap(), i.tapOwner(), more);
                });
            case NetworkChange.AddTap(var name, var owner) ->
                interfaces.add(new NetworkInterface(name, false, true, Optional.of(owner), List.of()));
            case NetworkChange.BringUp(var name) ->
                interfaces.replaceAll(i -> i.name().equals(name)
                        ? new NetworkInterface(name, true, i.tap(), i.tapOwner(), i.addresses())
                        : i);
            case NetworkChange.AddLocalRoute _ -> throw new AssertionError(change);
        }
    }

    @Test
    void aFreshMachineGetsEverythingAndASecondPassDoesNothing() {
        var first = steps(3);
        assertThat(first.steps()).isNotEmpty();
        act(first);

        var second = steps(3);

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
        act(steps(2));

        var more = steps(4);

        assertThat(more.computer().partitions().subList(0, 2))
                .isEqualTo(persisted.orElseThrow().partitions());
        assertThat(more.steps().stream().flatMap(s -> s.describe().stream()))
                .noneMatch(line -> line.contains("slappart1"))
                .anyMatch(line -> line.contains("slappart3"));
    }

    @Test
    void fewerPartitionsAreRefused() {
        act(steps(3));

        assertThat(refusal(2)).singleElement().asString().contains("partition_amount = 2 is less than the 3");
    }

    @Test
    void aUserSomebodyElseMadeIsNotTakenOver() {
        madeByUs = Optional.of(Set.of("slapuser0"));
        users.put("slapuser0", new UnixUser("slapuser0", 900, 900, List.of(900), Path.of("/srv/slapgrid/slappart0")));
        users.put("slapuser1", new UnixUser("slapuser1", 901, 901, List.of(901), Path.of("/srv/slapgrid/slappart1")));

        assertThat(refusal(2)).singleElement().asString().contains("slapuser1").contains("not made by this node");
    }

    @Test
    void aUserWithAnotherHomeIsNotTakenOver() {
        users.put("slapuser1", new UnixUser("slapuser1", 901, 901, List.of(901), Path.of("/home/ann")));

        assertThat(refusal(2)).singleElement().asString().contains("slapuser1").contains("/home/ann");
    }

    @Test
    void anAddressInUseElsewhereIsLeftAlone() {
        interfaces.add(networkInterface("eth0", "10.0.0.2/24", "fd00:5::3/64"));

        var computer = steps(2).computer();

        assertThat(computer.partitions().get(0).addresses().get(0).address()).isEqualTo("10.0.0.4");
        assertThat(computer.partitions().get(1).addresses().get(0).address()).isEqualTo("10.0.0.3");
        assertThat(computer.partitions().get(0).addresses().get(1).address()).isEqualTo("fd00:5::2");
        assertThat(computer.partitions().get(1).addresses().get(1).address()).isEqualTo("fd00:5::4");
    }

    @Test
    void theComputersOwnAddressIsNeverGivenAway() {
        loopback("fd00:5::2/64");

        assertThat(steps(1).computer()
                        .partitions()
                        .getFirst()
                        .addresses()
                        .get(1)
                        .address())
                .isEqualTo("fd00:5::3");
    }

    @Test
    void anAddressThatWasLostIsPutBack() {
        act(steps(2));
        loopback("fd00:5::1/64", "10.0.0.2/32", "fd00:5::2/64");

        assertThat(steps(2).steps())
                .containsExactly(new Step.Network(List.of(
                        new NetworkChange.AddAddress("lo", InetAddress.ofLiteral("10.0.0.3"), 32),
                        new NetworkChange.AddAddress("lo", InetAddress.ofLiteral("fd00:5::3"), 64))));
    }

    @Test
    void theComputersAddressIsMadeWhenTheConfigurationNamesIt() {
        loopback("127.0.0.1/8");
        settings = "computer_ipv6 = fd00:7::1/64";

        var plan = steps(1);

        assertThat(plan.computer().address()).isEqualTo("fd00:7::1");
        assertThat(plan.steps())
                .filteredOn(Step.Network.class::isInstance)
                .flatExtracting(Step::describe)
                .first()
                .isEqualTo("add the address fd00:7::1/64 to lo");
    }

    @Test
    void withoutAGlobalAddressTheReasonIsSaid() {
        loopback("127.0.0.1/8", "::1/128", "fe80::1/64");

        assertThat(refusal(1)).singleElement().asString().contains("no global IPv6 address on lo");
    }

    @Test
    void theLargestNetworkIsTakenAndTiesGoToTheLowest() {
        loopback("fd00:9::1/128", "fd00:8::1/64", "fd00:7::1/64");

        assertThat(steps(1).computer().address()).isEqualTo("fd00:7::1");
    }

    @Test
    void aTapOfSomebodyElseIsLeftAloneWithAWarning() {
        interfaces.add(new NetworkInterface("slaptap0", true, true, Optional.of("ann"), List.of()));

        assertThat(steps(1).warnings())
                .singleElement()
                .asString()
                .contains("slaptap0")
                .contains("ann");
    }

    @Test
    void inSingleUserModePartitionsShareLoopbackAndTheUser() {
        self = new UnixUser("ann", 1000, 1000, List.of(1000), Path.of("/home/ann"));
        loopback("127.0.0.1/8", "::1/128");
        settings = "alter_user = false\nalter_network = false\ncreate_tap = false";

        var plan = steps(2);

        assertThat(plan.computer().partitions()).allSatisfy(partition -> {
            assertThat(partition.user()).isEqualTo("ann");
            assertThat(partition.tap().name()).isEmpty();
            assertThat(partition.addresses()).extracting(Address::address).containsExactly("127.0.0.1", "::1");
        });
        assertThat(plan.steps()).noneMatch(Step.SetOwner.class::isInstance);
    }

    @Test
    void rootNeedsUsersAndOthersCannotMakeThem() {
        settings = "alter_user = false\nalter_network = false";
        assertThat(refusal(1)).singleElement().asString().contains("alter_user = true");

        settings = "";
        self = new UnixUser("ann", 1000, 1000, List.of(1000), Path.of("/home/ann"));
        assertThat(refusal(1)).singleElement().asString().contains("needs root");
    }
}

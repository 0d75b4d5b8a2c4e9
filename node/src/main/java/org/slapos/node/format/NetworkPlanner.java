package org.slapos.node.format;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.slapos.node.NodeConfiguration.ComputerIpv6;
import org.slapos.node.NodeConfiguration.Format;
import org.slapos.node.host.AddressText;
import org.slapos.node.host.NetworkChange;
import org.slapos.node.host.Route;
import org.slapos.protocol.ComputerConfiguration;
import org.slapos.protocol.ComputerConfiguration.Address;
import org.slapos.protocol.ComputerConfiguration.Extras;
import org.slapos.protocol.ComputerConfiguration.Range;
import org.slapos.protocol.ComputerConfiguration.Tap;

/// Plans the addresses and interfaces of the Computer and of each partition. Used once, by one thread.
///
/// An address once given is kept while it lies in the networks of the configuration. A new one follows the formula of
/// its partition's index; when that is in use elsewhere, the next one that is free.
final class NetworkPlanner {
    private static final InetAddress LOOPBACK6 = InetAddress.ofLiteral("::1");
    private static final InetAddress LOOPBACK4 = InetAddress.ofLiteral("127.0.0.1");
    private static final int HOST6 = 128;

    private final Format format;
    private final Observed observed;
    private final String computerId;
    private final String masterUrl;
    private final NetworkDraft draft;

    /// @param masterUrl of the Master that named the Computer
    NetworkPlanner(Format format, String computerId, String masterUrl, Observed observed) {
        this.format = format;
        this.observed = observed;
        this.computerId = computerId;
        this.masterUrl = masterUrl;
        this.draft = new NetworkDraft(observed);
    }

    /// What one partition gets.
    ///
    /// @param own the address its processes leave with; none = any of the machine's
    /// @param may networks whose addresses they may use as well
    record PartitionNetwork(
            List<Address> addresses, Tap tap, Extras extras, Optional<InetAddress> own, Set<String> may) {}

    /// @param computer   the Computer's own address; none where there is no IPv6
    /// @param local      networks that are this machine's
    record Result(
            Optional<IpNetwork> computer,
            List<PartitionNetwork> partitions,
            Set<String> local,
            boolean bindsRanges,
            List<NetworkChange> changes,
            List<String> problems,
            List<String> warnings) {}

    Result plan(List<Slot> slots) {
        if (observed.definition().isPresent()) {
            return defined(observed.definition().get(), slots);
        }
        if (!format.alterNetwork()) {
            return loopback(slots.size());
        }
        var base6 = computerAddress();
        var base4 =
                draft.network("ipv4_local_network", format.ipv4LocalNetwork().orElse(""));
        var name4 = format.interfaceName().orElse("");
        draft.requireInterface(name4, "interface_name");
        if (base4.isEmpty() || draft.hasProblems()) {
            return result(base6, List.of());
        }
        base6.ifPresent(base -> draft.take(base.address()));
        var all4 = draft.addresses(slots, base4.get(), 32, name4);
        var all6 = base6.map(base -> draft.addresses(
                        slots, base, base.bits(), format.ipv6Interface().orElse("")))
                .orElse(List.of());
        if (draft.hasProblems()) {
            return result(base6, List.of());
        }
        boolean hasRanges = base6.isPresent() && hasRanges(base6.get());
        var interfaces = new InterfacePlanner(format, observed, draft, base6.filter(_ -> hasRanges));
        var partitions = new ArrayList<PartitionNetwork>();
        for (int i = 0; i < slots.size(); i++) {
            var addresses = new ArrayList<>(List.of(new Address(AddressText.of(all4.get(i)), "255.255.255.255")));
            var own = base6.isPresent() ? Optional.of(all6.get(i)) : Optional.<InetAddress>empty();
            own.ifPresent(a -> addresses.add(
                    new Address(AddressText.of(a), base6.orElseThrow().netmask())));
            var range = hasRanges && format.partitionHasIpv6Range()
                    ? Optional.of(draft.range(slots.get(i), base6.orElseThrow(), i, format.ipv6PrefixShift()))
                    : Optional.<IpNetwork>empty();
            partitions.add(partition(slots.get(i), i, addresses, own, range, interfaces));
        }
        return result(base6, partitions);
    }

    private PartitionNetwork partition(
            Slot slot,
            int index,
            List<Address> addresses,
            Optional<InetAddress> own,
            Optional<IpNetwork> range,
            InterfacePlanner interfaces) {
        range.map(network -> Route.local(network.toString()))
                .filter(route -> !observed.routes().contains(route))
                .ifPresent(route -> draft.change(new NetworkChange.AddRoute(route)));
        var tap = interfaces.tap(index, slot);
        var tun = interfaces.tun(index, slot);
        var may = new TreeSet<String>();
        own.ifPresent(a -> may.add(new IpNetwork(a, HOST6).toString()));
        range.ifPresent(network -> may.add(network.toString()));
        tap.ipv6().ifPresent(link -> may.add(link.network()));
        tun.flatMap(t -> t.ipv6()).ifPresent(link -> may.add(link.network()));
        var extras = new Extras(range.map(NetworkPlanner::range), tap.ipv6(), tun, List.of());
        return new PartitionNetwork(List.copyOf(addresses), tap.tap(), extras, own, may);
    }

    private static Range range(IpNetwork network) {
        return new Range(AddressText.of(network.address()), network.netmask(), network.toString(), network.bits());
    }

    /// Whether ranges, taps and tuns have IPv6 networks of their own.
    private boolean hasRanges(IpNetwork base) {
        boolean wanted = format.partitionHasIpv6Range()
                || (format.createTap() && format.tapIpv6())
                || (format.createTun() && format.tunIpv6());
        if (wanted && !base.hasRoomForRanges(format.ipv6PrefixShift())) {
            draft.warn("partitions and interfaces get no IPv6 networks of their own: " + base + " has no room for "
                    + format.ipv6PrefixShift() + " more bits (ipv6_prefixshift)");
            return false;
        }
        return wanted;
    }

    private Result result(Optional<IpNetwork> computer, List<PartitionNetwork> partitions) {
        var local = new HashSet<String>();
        if (format.ipv6Interface().equals(Optional.of("lo"))) {
            computer.ifPresent(base -> local.add(base.network().toString()));
        } else {
            var own = new ArrayList<IpNetwork>();
            computer.ifPresent(base -> own.add(new IpNetwork(base.address(), HOST6)));
            for (var partition : partitions) {
                partition.own().ifPresent(a -> own.add(new IpNetwork(a, HOST6)));
                partition.extras().ipv6Range().ifPresent(range -> own.add(IpNetwork.parse(range.network())));
            }
            Cover.of(own).forEach(network -> local.add(network.toString()));
        }
        boolean bindsRanges =
                partitions.stream().anyMatch(p -> p.extras().ipv6Range().isPresent());
        return new Result(
                computer, partitions, local, bindsRanges, draft.changes(), draft.problems(), draft.warnings());
    }

    /// Where the network is not ours to change, all partitions share the loopback addresses.
    private Result loopback(int amount) {
        boolean hasIpv6 = observed.interfaces().stream()
                .flatMap(i -> i.addresses().stream())
                .anyMatch(a -> a.address().equals(LOOPBACK6));
        var each = new ArrayList<>(List.of(new Address("127.0.0.1", "255.255.255.255")));
        if (hasIpv6) {
            each.add(new Address("::1", new IpNetwork(LOOPBACK6, HOST6).netmask()));
        }
        var partition = new PartitionNetwork(List.copyOf(each), Tap.named(""), Extras.NONE, Optional.empty(), Set.of());
        return result(
                Optional.of(hasIpv6 ? new IpNetwork(LOOPBACK6, HOST6) : new IpNetwork(LOOPBACK4, 32)),
                IntStream.range(0, amount).mapToObj(_ -> partition).toList());
    }

    /// What the definition file says, put on the machine when the network is ours to change.
    private Result defined(Definition definition, List<Slot> slots) {
        var name4 = format.interfaceName().orElse("");
        var name6 = format.ipv6Interface().orElse(name4);
        var interfaces = new InterfacePlanner(format, observed, draft, Optional.empty());
        if (format.alterNetwork()) {
            draft.requireInterface(name4, "interface_name");
            draft.requireInterface(name6, "ipv6_interface");
            definition.computer().ifPresent(network -> draft.ensure(name6, network));
        }
        var partitions = new ArrayList<PartitionNetwork>();
        for (int i = 0; i < slots.size(); i++) {
            var part = slots.get(i).defined().orElseThrow();
            var addresses = part.addresses().stream()
                    .map(n -> new Address(AddressText.of(n.address()), n.netmask()))
                    .toList();
            if (!format.alterNetwork()) {
                var extras = new Extras(
                        part.range().map(NetworkPlanner::range), Optional.empty(), Optional.empty(), List.of());
                partitions.add(
                        new PartitionNetwork(addresses, Tap.named(part.tap()), extras, Optional.empty(), Set.of()));
                continue;
            }
            part.addresses().forEach(n -> draft.ensure(n.address() instanceof Inet6Address ? name6 : name4, n));
            var own = part.addresses().stream()
                    .map(IpNetwork::address)
                    .filter(Inet6Address.class::isInstance)
                    .findFirst();
            partitions.add(partition(slots.get(i), i, addresses, own, part.range(), interfaces));
        }
        return result(definition.computer(), partitions);
    }

    private Optional<IpNetwork> computerAddress() {
        var name = format.ipv6Interface().orElse("");
        return switch (format.computerIpv6()) {
            case ComputerIpv6.None _ -> Optional.empty();
            case ComputerIpv6.Given(var address) ->
                draft.requireInterface(name, "ipv6_interface")
                        ? draft.network("computer_ipv6", address).map(network -> draft.ensure(name, network))
                        : Optional.empty();
            case ComputerIpv6.UniqueLocal _ ->
                draft.requireInterface(name, "ipv6_interface")
                        ? Optional.of(draft.ensure(name, uniqueLocal()))
                        : Optional.empty();
            case ComputerIpv6.Found _ ->
                draft.requireInterface(name, "ipv6_interface") ? found(name) : Optional.empty();
        };
    }

    private Optional<IpNetwork> found(String name) {
        var best = draft.bestAddress(name);
        if (best.isEmpty()) {
            draft.problem("there is no global IPv6 address on " + name
                    + ": add one, name another ipv6_interface, or set computer_ipv6 to one such as fd00:1:2:3::1/64, "
                    + "to 'ula' for a private network of this machine's own, or to 'none' for IPv4 alone");
        }
        return best;
    }

    /// A /64 of RFC 4193 that is this Computer's for ever, on a rebuilt machine too, and another for each other
    /// Computer and Master. One that was given before stays.
    private IpNetwork uniqueLocal() {
        return given().orElseGet(() -> {
            var bytes = new byte[16];
            bytes[0] = (byte) 0xfd;
            System.arraycopy(sha256(masterUrl + " " + computerId), 0, bytes, 1, 5);
            bytes[15] = 1;
            try {
                return new IpNetwork(InetAddress.getByAddress(bytes), 64);
            } catch (UnknownHostException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private Optional<IpNetwork> given() {
        return observed.persisted()
                .map(ComputerConfiguration::address)
                .filter(address -> address.matches("fd[0-9a-f]{2}:[0-9a-f:]+::1"))
                .map(address -> new IpNetwork(InetAddress.ofLiteral(address), 64));
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}

package org.slapos.node.format;

import java.math.BigInteger;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.slapos.node.NodeConfiguration.Format;
import org.slapos.node.host.AddressText;
import org.slapos.node.host.NetworkChange;
import org.slapos.node.host.NetworkInterface;
import org.slapos.protocol.ComputerConfiguration;
import org.slapos.protocol.ComputerConfiguration.Address;
import org.slapos.protocol.ComputerConfiguration.Tap;

/// Plans the addresses and interfaces of the Computer and of each partition. Used once, by one thread.
///
/// An address once given is kept while it lies in the networks of the configuration. A new one follows the formula of
/// its partition's index; when that is in use elsewhere, the next one that is free.
final class NetworkPlanner {
    private static final int TRIES = 1000;
    private static final InetAddress LOOPBACK6 = InetAddress.ofLiteral("::1");
    private static final InetAddress LOOPBACK4 = InetAddress.ofLiteral("127.0.0.1");

    private final Format format;
    private final Observed observed;
    private final Set<InetAddress> taken = new HashSet<>();
    private final List<NetworkChange> changes = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    NetworkPlanner(Format format, Observed observed) {
        this.format = format;
        this.observed = observed;
    }

    /// @param computer   the Computer's own address
    /// @param partitions two addresses each, or one where there is no IPv6
    /// @param ranges     of each partition; empty when there are none
    record Result(
            IpNetwork computer,
            List<List<Address>> partitions,
            List<Tap> taps,
            List<IpNetwork> ranges,
            List<NetworkChange> changes,
            List<String> problems,
            List<String> warnings) {}

    /// @param users who owns each partition's tap
    Result plan(List<String> users) {
        if (!format.alterNetwork()) {
            return loopback(users.size());
        }
        var base6 = computerAddress();
        var base4 = network("ipv4_local_network", format.ipv4LocalNetwork().orElse(""));
        requireInterface(format.interfaceName().orElse(""));
        if (base6.isEmpty() || base4.isEmpty() || !problems.isEmpty()) {
            return new Result(
                    new IpNetwork(LOOPBACK4, 32), List.of(), List.of(), List.of(), changes, problems, warnings);
        }
        taken.add(base6.get().address());
        var host4 = new IpNetwork(base4.get().address(), 32);
        var all4 = addresses(
                users.size(), base4.get(), host4.bits(), format.interfaceName().orElse(""));
        var all6 = addresses(
                users.size(),
                base6.get(),
                base6.get().bits(),
                format.ipv6Interface().orElse(""));
        var partitions = new ArrayList<List<Address>>();
        for (int i = 0; i < Math.min(all4.size(), all6.size()); i++) {
            partitions.add(List.of(
                    new Address(AddressText.of(all4.get(i)), host4.netmask()),
                    new Address(AddressText.of(all6.get(i)), base6.get().netmask())));
        }
        var ranges = ranges(users.size(), base6.get());
        var taps = IntStream.range(0, users.size())
                .mapToObj(i -> tap(i, users.get(i)))
                .toList();
        return new Result(base6.get(), partitions, taps, ranges, changes, problems, warnings);
    }

    /// Where the network is not ours to change, all partitions share the loopback addresses.
    private Result loopback(int amount) {
        boolean hasIpv6 = observed.interfaces().stream()
                .flatMap(i -> i.addresses().stream())
                .anyMatch(a -> a.address().equals(LOOPBACK6));
        var each = new ArrayList<>(List.of(new Address("127.0.0.1", "255.255.255.255")));
        if (hasIpv6) {
            each.add(new Address("::1", new IpNetwork(LOOPBACK6, 128).netmask()));
        }
        return new Result(
                hasIpv6 ? new IpNetwork(LOOPBACK6, 128) : new IpNetwork(LOOPBACK4, 32),
                IntStream.range(0, amount)
                        .<List<Address>>mapToObj(_ -> List.copyOf(each))
                        .toList(),
                IntStream.range(0, amount).mapToObj(_ -> Tap.named("")).toList(),
                List.of(),
                changes,
                problems,
                warnings);
    }

    private Optional<IpNetwork> computerAddress() {
        var name = format.ipv6Interface().orElse("");
        if (!requireInterface(name)) {
            return Optional.empty();
        }
        if (format.computerIpv6().isPresent()) {
            var wanted = network("computer_ipv6", format.computerIpv6().get());
            wanted.ifPresent(network -> {
                var holder = holder(network.address());
                if (holder.isEmpty()) {
                    changes.add(new NetworkChange.AddAddress(name, network.address(), network.bits()));
                } else if (!holder.get().equals(name)) {
                    problems.add("computer_ipv6 " + network + " is on " + holder.get() + " and not on " + name
                            + ": correct computer_ipv6 or ipv6_interface");
                }
            });
            return wanted;
        }
        var best = bestAddress(name);
        if (best.isEmpty()) {
            problems.add("there is no global IPv6 address on " + name
                    + ": add one, name another ipv6_interface, or set computer_ipv6, such as fd00:1:2:3::1/64");
        }
        return best;
    }

    /// The address this Computer had before, else the one in the largest network, else the lowest.
    private Optional<IpNetwork> bestAddress(String name) {
        var before = observed.persisted().map(ComputerConfiguration::address).orElse("");
        var ofPartitions = new HashSet<String>();
        persistedAddresses().forEach(a -> ofPartitions.add(a.address()));
        return observed.networkInterface(name).stream()
                .flatMap(i -> i.addresses().stream())
                .filter(NetworkPlanner::isGlobal)
                .filter(a -> !ofPartitions.contains(AddressText.of(a.address())))
                .map(a -> new IpNetwork(a.address(), a.prefixLength()))
                .min(Comparator.comparing(
                                (IpNetwork n) -> !AddressText.of(n.address()).equals(before))
                        .thenComparingInt(IpNetwork::bits)
                        .thenComparing(n -> new BigInteger(1, n.address().getAddress())));
    }

    /// Global unicast (2000::/3) and unique local (fc00::/7) addresses.
    private static boolean isGlobal(NetworkInterface.Address address) {
        int first = address.address().getAddress()[0] & 0xff;
        return address.usable()
                && address.address() instanceof Inet6Address
                && ((first & 0xe0) == 0x20 || (first & 0xfe) == 0xfc);
    }

    private List<InetAddress> addresses(int amount, IpNetwork network, int bits, String name) {
        var given = new ArrayList<Optional<InetAddress>>();
        for (int i = 0; i < amount; i++) {
            var kept = kept(i, network).filter(address -> isFree(address, bits, name));
            kept.ifPresent(taken::add);
            given.add(kept);
        }
        var all = new ArrayList<InetAddress>();
        for (int i = 0; i < amount; i++) {
            int index = i;
            var address = given.get(i).or(() -> fresh(index, amount, network, bits, name));
            if (address.isEmpty()) {
                problems.add("no free address for partition " + i + " in " + network + ": choose a larger network");
                return List.of();
            }
            taken.add(address.get());
            if (holder(address.get()).isEmpty()) {
                changes.add(new NetworkChange.AddAddress(name, address.get(), bits));
            }
            all.add(address.get());
        }
        return all;
    }

    private Optional<InetAddress> fresh(int index, int amount, IpNetwork network, int bits, String name) {
        return IntStream.concat(IntStream.of(index), IntStream.range(amount, amount + TRIES))
                .mapToObj(network::partitionAddress)
                .filter(address -> !isBroadcast(address, network))
                .filter(address -> isFree(address, bits, name))
                .findFirst();
    }

    private static boolean isBroadcast(InetAddress address, IpNetwork network) {
        return address instanceof Inet4Address
                && network.count().bitLength() > 2
                && new BigInteger(1, address.getAddress())
                                .add(BigInteger.ONE)
                                .mod(network.count())
                                .signum()
                        == 0;
    }

    /// Given to nobody, and either nowhere on this machine or where we would put it.
    private boolean isFree(InetAddress address, int bits, String name) {
        if (taken.contains(address)) {
            return false;
        }
        return observed.interfaces().stream()
                .allMatch(i -> i.addresses().stream()
                        .filter(a -> a.address().equals(address))
                        .allMatch(a -> i.name().equals(name) && a.prefixLength() == bits && a.usable()));
    }

    private Optional<InetAddress> kept(int index, IpNetwork network) {
        return observed.persisted().stream()
                .filter(computer -> index < computer.partitions().size())
                .flatMap(computer -> computer.partitions().get(index).addresses().stream())
                .map(address -> InetAddress.ofLiteral(address.address()))
                .filter(network::contains)
                .findFirst();
    }

    private List<Address> persistedAddresses() {
        return observed.persisted().stream()
                .flatMap(computer -> computer.partitions().stream())
                .flatMap(partition -> partition.addresses().stream())
                .toList();
    }

    private List<IpNetwork> ranges(int amount, IpNetwork base) {
        if (!format.partitionHasIpv6Range()) {
            return List.of();
        }
        try {
            var all = IntStream.range(0, amount)
                    .mapToObj(i -> base.partitionRange(i, format.ipv6PrefixShift()))
                    .toList();
            all.stream()
                    .filter(range -> !observed.localRoutes().contains(range.toString()))
                    .forEach(range -> changes.add(new NetworkChange.AddLocalRoute(range.address(), range.bits())));
            return all;
        } catch (IllegalArgumentException e) {
            problems.add(e.getMessage() + ": correct ipv6_prefixshift, or set partition_has_ipv6_range = false");
            return List.of();
        }
    }

    private Tap tap(int index, String user) {
        var name = format.tapBaseName() + index;
        var existing = observed.networkInterface(name);
        if (!format.createTap()) {
            return Tap.named("");
        }
        if (existing.isEmpty() && !observed.tunDevice()) {
            if (index == 0) {
                warnings.add("no tap interfaces are made: this machine has no /dev/net/tun");
            }
            return Tap.named("");
        }
        if (existing.isEmpty()) {
            changes.add(new NetworkChange.AddTap(name, user));
            changes.add(new NetworkChange.BringUp(name));
        } else if (!existing.get().tap()) {
            problems.add("the interface " + name + " is there and is no tap: choose another tap_base_name");
        } else if (!existing.get().tapOwner().equals(Optional.of(user))) {
            warnings.add("the tap interface " + name + " belongs to "
                    + existing.get().tapOwner().orElse("nobody") + " and not to " + user + ": left as it is");
        } else if (!existing.get().up()) {
            changes.add(new NetworkChange.BringUp(name));
        }
        return Tap.named(name);
    }

    private Optional<String> holder(InetAddress address) {
        return observed.interfaces().stream()
                .filter(i -> i.addresses().stream().anyMatch(a -> a.address().equals(address)))
                .map(NetworkInterface::name)
                .findFirst();
    }

    private boolean requireInterface(String name) {
        if (observed.networkInterface(name).isEmpty()) {
            problems.add("there is no interface '" + name + "' on this machine: correct interface_name or "
                    + "ipv6_interface; there are "
                    + observed.interfaces().stream().map(NetworkInterface::name).toList());
            return false;
        }
        return true;
    }

    private Optional<IpNetwork> network(String key, String text) {
        try {
            return Optional.of(IpNetwork.parse(text));
        } catch (IllegalArgumentException e) {
            problems.add(key + ": " + e.getMessage());
            return Optional.empty();
        }
    }
}

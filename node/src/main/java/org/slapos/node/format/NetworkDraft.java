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
import org.slapos.node.format.IpNetwork.RangeKind;
import org.slapos.node.host.AddressText;
import org.slapos.node.host.NetworkChange;
import org.slapos.node.host.NetworkInterface;
import org.slapos.protocol.ComputerConfiguration;

/// A plan of the network while it grows: what is given to whom, what has to change, what is wrong. One thread.
final class NetworkDraft {
    private static final int TRIES = 1000;

    private final Observed observed;
    private final Set<InetAddress> taken = new HashSet<>();
    private final Set<IpNetwork> takenRanges = new HashSet<>();
    private final List<NetworkChange> changes = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    NetworkDraft(Observed observed) {
        this.observed = observed;
        // What a partition has is nobody else's, whatever is planned first.
        observed.persisted().stream()
                .flatMap(computer -> computer.partitions().stream())
                .flatMap(partition -> partition.more().ipv6Range().stream())
                .forEach(range -> takenRanges.add(IpNetwork.parse(range.network())));
    }

    List<NetworkChange> changes() {
        return List.copyOf(changes);
    }

    List<String> problems() {
        return List.copyOf(problems);
    }

    List<String> warnings() {
        return List.copyOf(warnings);
    }

    boolean hasProblems() {
        return !problems.isEmpty();
    }

    void change(NetworkChange change) {
        changes.add(change);
    }

    void problem(String text) {
        if (!problems.contains(text)) {
            problems.add(text);
        }
    }

    void warn(String text) {
        warnings.add(text);
    }

    void take(InetAddress address) {
        taken.add(address);
    }

    /// An address for each partition, put on that interface.
    List<InetAddress> addresses(List<Slot> slots, IpNetwork network, int bits, String name) {
        var given = new ArrayList<Optional<InetAddress>>();
        for (var slot : slots) {
            var kept = kept(slot, network).filter(address -> isFree(address, bits, name));
            kept.ifPresent(taken::add);
            given.add(kept);
        }
        var all = new ArrayList<InetAddress>();
        for (int i = 0; i < slots.size(); i++) {
            int index = i;
            var address = given.get(i).or(() -> fresh(index, slots.size(), network, bits, name));
            if (address.isEmpty()) {
                problem("no free address for partition " + i + " in " + network + ": choose a larger network");
                return List.of();
            }
            taken.add(address.get());
            if (holder(address.get()).isEmpty()) {
                change(new NetworkChange.AddAddress(name, address.get(), bits, true));
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
        return address instanceof Inet4Address && network.count().bitLength() > 2 && address.equals(network.last());
    }

    /// Given to nobody, and either nowhere on this machine or where we would put it.
    private boolean isFree(InetAddress address, int bits, String name) {
        return !taken.contains(address)
                && observed.interfaces().stream()
                        .allMatch(i -> i.addresses().stream()
                                .filter(a -> a.address().equals(address))
                                .allMatch(a -> i.name().equals(name) && a.prefixLength() == bits && a.usable()));
    }

    private static Optional<InetAddress> kept(Slot slot, IpNetwork network) {
        return slot.known().stream()
                .flatMap(partition -> partition.addresses().stream())
                .map(address -> InetAddress.ofLiteral(address.address()))
                .filter(network::contains)
                .findFirst();
    }

    /// The IPv6 range of a partition: the one it has, else that of its index, else the next that nobody uses.
    IpNetwork range(Slot slot, IpNetwork base, int index, int shift) {
        var kept = slot.known()
                .flatMap(partition -> partition.more().ipv6Range())
                .map(range -> IpNetwork.parse(range.network()))
                .filter(range -> range.bits() == base.bits() + shift && base.contains(range.address()));
        var range = kept.or(() -> IntStream.concat(IntStream.of(index), IntStream.range(index + 1, index + TRIES))
                        .mapToObj(i -> base.range(RangeKind.PARTITION, i, shift))
                        .filter(this::isFree)
                        .findFirst())
                .orElseThrow();
        takenRanges.add(range);
        return range;
    }

    private boolean isFree(IpNetwork range) {
        return !takenRanges.contains(range)
                && observed.interfaces().stream()
                        .flatMap(i -> i.addresses().stream())
                        .noneMatch(a -> range.contains(a.address()));
    }

    /// An address that is on that interface, or is put there.
    IpNetwork ensure(String name, IpNetwork network) {
        var holder = holder(network.address());
        if (holder.isEmpty()) {
            change(new NetworkChange.AddAddress(name, network.address(), network.bits(), true));
        } else if (!holder.get().equals(name)) {
            problem("the address " + network + " is on " + holder.get() + " and not on " + name
                    + ": correct computer_ipv6, ipv6_interface or the definition file");
        }
        return network;
    }

    /// The address this Computer had before, else the one in the largest network, else the lowest.
    Optional<IpNetwork> bestAddress(String name) {
        var before = observed.persisted().map(ComputerConfiguration::address).orElse("");
        var ofPartitions = new HashSet<String>();
        observed.persisted().stream()
                .flatMap(computer -> computer.partitions().stream())
                .flatMap(partition -> partition.addresses().stream())
                .forEach(a -> ofPartitions.add(a.address()));
        return observed.networkInterface(name).stream()
                .flatMap(i -> i.addresses().stream())
                .filter(NetworkDraft::isGlobal)
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

    Optional<String> holder(InetAddress address) {
        return observed.interfaces().stream()
                .filter(i -> i.addresses().stream().anyMatch(a -> a.address().equals(address)))
                .map(NetworkInterface::name)
                .findFirst();
    }

    boolean requireInterface(String name, String key) {
        if (observed.networkInterface(name).isEmpty()) {
            problem("there is no interface '" + name + "' on this machine: correct " + key + "; there are "
                    + observed.interfaces().stream().map(NetworkInterface::name).toList());
            return false;
        }
        return true;
    }

    Optional<IpNetwork> network(String key, String text) {
        try {
            return Optional.of(IpNetwork.parse(text));
        } catch (IllegalArgumentException e) {
            problem(key + ": " + e.getMessage());
            return Optional.empty();
        }
    }
}

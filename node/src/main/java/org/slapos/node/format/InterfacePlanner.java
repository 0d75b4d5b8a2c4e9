package org.slapos.node.format;

import java.math.BigInteger;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slapos.node.NodeConfiguration.Format;
import org.slapos.node.format.IpNetwork.RangeKind;
import org.slapos.node.host.AddressText;
import org.slapos.node.host.NetworkChange;
import org.slapos.node.host.NetworkInterface;
import org.slapos.node.host.Route;
import org.slapos.protocol.ComputerConfiguration.Link;
import org.slapos.protocol.ComputerConfiguration.Tap;
import org.slapos.protocol.ComputerConfiguration.Tun;

/// Plans the tap and tun interfaces of partitions, with their addresses and routes. Used once, by one thread.
final class InterfacePlanner {
    /// Out of which each tun interface gets an equal part.
    private static final IpNetwork TUN_NETWORK = IpNetwork.parse("172.16.0.0/12");

    private final Format format;
    private final Observed observed;
    private final NetworkDraft draft;
    private final Optional<IpNetwork> base;
    private final Optional<IpNetwork> gateway;
    private final Set<String> ofOthers = new HashSet<>();
    private final Set<InetAddress> takenByTaps = new HashSet<>();
    private final List<IpNetwork> takenByTuns = new ArrayList<>();
    private BigInteger nextOfPool = BigInteger.ONE;

    /// @param base the node's network that taps and tuns get IPv6 networks out of; none = they get none
    InterfacePlanner(Format format, Observed observed, NetworkDraft draft, Optional<IpNetwork> base) {
        this.format = format;
        this.observed = observed;
        this.draft = draft;
        this.base = base;
        this.gateway = format.createTap() && format.alterNetwork()
                ? format.tapGatewayInterface().flatMap(this::gatewayNetwork)
                : Optional.empty();
        observed.persisted().stream()
                .flatMap(computer -> computer.partitions().stream())
                .forEach(partition -> {
                    if (!partition.tap().address().isEmpty()) {
                        takenByTaps.add(InetAddress.ofLiteral(partition.tap().address()));
                    }
                    partition
                            .more()
                            .tun()
                            .flatMap(Tun::ipv4)
                            .ifPresent(link -> takenByTuns.add(IpNetwork.parse(link.network())));
                });
    }

    /// A tap with its two parts.
    record PlannedTap(Tap tap, Optional<Link> ipv6) {
        static final PlannedTap NONE = new PlannedTap(Tap.named(""), Optional.empty());
    }

    PlannedTap tap(int index, Slot slot) {
        if (!format.createTap() || !isThere(slot.tap(), slot.user(), NetworkInterface.Kind.TAP, index)) {
            return PlannedTap.NONE;
        }
        if (ofOthers.contains(slot.tap())) {
            return new PlannedTap(Tap.named(slot.tap()), Optional.empty());
        }
        var tap = gateway.flatMap(network -> tapIpv4(slot, network)).orElse(Tap.named(slot.tap()));
        var ipv6 = format.tapIpv6() ? base.map(network -> tapIpv6(slot.tap(), network, index)) : Optional.<Link>empty();
        return new PlannedTap(tap, ipv6);
    }

    /// The node has the last address of the tap's network, who lives behind the tap is its gateway with the first.
    private Link tapIpv6(String name, IpNetwork node, int index) {
        var network = node.range(RangeKind.TAP, index, format.ipv6PrefixShift());
        var guest = network.first();
        ensureAddress(name, new IpNetwork(network.last(), network.bits()), false);
        ensureRoute(Route.on(name, new IpNetwork(guest, 128).toString()));
        ensureRoute(new Route(false, network.toString(), name, Optional.of(guest)));
        return new Link(AddressText.of(network.last()), network.netmask(), AddressText.of(guest), network.toString());
    }

    private Optional<Tap> tapIpv4(Slot slot, IpNetwork network) {
        var kept = slot.known()
                .map(partition -> partition.tap().address())
                .filter(text -> !text.isEmpty())
                .map(InetAddress::ofLiteral)
                .filter(network::contains);
        var address = kept.or(() -> nextOf(network));
        if (address.isEmpty()) {
            draft.problem(
                    "the network " + network + " of tap_gateway_interface has fewer free addresses than there are "
                            + "partitions: give the interface a larger network");
            return Optional.empty();
        }
        takenByTaps.add(address.get());
        ensureRoute(Route.on(slot.tap(), new IpNetwork(address.get(), 32).toString()));
        return Optional.of(new Tap(
                slot.tap(),
                AddressText.of(address.get()),
                network.netmask(),
                AddressText.of(network.address()),
                network.network().toString()));
    }

    /// The next free one in order, without the network's own, the broadcast and the gateway's.
    private Optional<InetAddress> nextOf(IpNetwork network) {
        for (;
                nextOfPool.add(BigInteger.ONE).compareTo(network.count()) < 0;
                nextOfPool = nextOfPool.add(BigInteger.ONE)) {
            var address = network.at(nextOfPool);
            if (!address.equals(network.address())
                    && !takenByTaps.contains(address)
                    && draft.holder(address).isEmpty()) {
                return Optional.of(address);
            }
        }
        return Optional.empty();
    }

    private Optional<IpNetwork> gatewayNetwork(String name) {
        if (!draft.requireInterface(name, "tap_gateway_interface")) {
            return Optional.empty();
        }
        var found = observed.networkInterface(name).stream()
                .flatMap(i -> i.addresses().stream())
                .filter(a -> a.address() instanceof Inet4Address)
                .map(a -> new IpNetwork(a.address(), a.prefixLength()))
                .findFirst();
        if (found.isEmpty()) {
            draft.problem("tap_gateway_interface " + name + " has no IPv4 address: give it one, or leave the key out");
        }
        return found;
    }

    Optional<Tun> tun(int index, Slot slot) {
        var name = "slaptun" + index;
        if (!format.createTun()
                || !format.alterNetwork()
                || !isThere(name, slot.user(), NetworkInterface.Kind.TUN, index)) {
            return Optional.empty();
        }
        if (ofOthers.contains(name)) {
            return Optional.of(new Tun(name, Optional.empty(), Optional.empty()));
        }
        var known = slot.known().flatMap(partition -> partition.more().tun());
        var network4 = known.flatMap(Tun::ipv4)
                .map(link -> IpNetwork.parse(link.network()))
                .or(() -> freshTun(index));
        if (network4.isEmpty()) {
            draft.problem("no part of " + TUN_NETWORK + " is left for " + name
                    + ": the other tun interfaces keep theirs, which are for fewer partitions");
            return Optional.empty();
        }
        takenByTuns.add(network4.get());
        var ipv4 = network4.map(network -> onTun(name, network));
        var ipv6 = format.tunIpv6()
                ? base.map(node -> onTun(name, node.range(RangeKind.TUN, index, format.ipv6PrefixShift())))
                : Optional.<Link>empty();
        return Optional.of(new Tun(name, ipv4, ipv6));
    }

    private Link onTun(String name, IpNetwork network) {
        ensureAddress(name, new IpNetwork(network.first(), network.bits()), true);
        return new Link(AddressText.of(network.first()), network.netmask(), "", network.toString());
    }

    /// The part of its index, else any that overlaps none that was given.
    private Optional<IpNetwork> freshTun(int index) {
        int parts = Integer.highestOneBit(Math.max(1, 2 * format.partitionAmount() - 1));
        int bits = TUN_NETWORK.bits() + Integer.numberOfTrailingZeros(parts);
        var size = BigInteger.ONE.shiftLeft(32 - bits);
        for (int i = 0; i < parts; i++) {
            var address = TUN_NETWORK.at(size.multiply(BigInteger.valueOf((index + i) % parts)));
            var network = new IpNetwork(address, bits);
            if (takenByTuns.stream().noneMatch(network::overlaps)) {
                return Optional.of(network);
            }
        }
        return Optional.empty();
    }

    /// Whether the interface is there or planned; one of somebody else is left alone.
    private boolean isThere(String name, String user, NetworkInterface.Kind kind, int index) {
        if (!format.alterNetwork()) {
            return false;
        }
        var existing = observed.networkInterface(name);
        var word = kind == NetworkInterface.Kind.TAP ? "tap" : "tun";
        if (existing.isEmpty()) {
            if (!observed.hasTunDevice()) {
                if (index == 0) {
                    draft.warn("no " + word + " interfaces are made: this machine has no /dev/net/tun");
                }
                return false;
            }
            draft.change(
                    kind == NetworkInterface.Kind.TAP
                            ? new NetworkChange.AddTap(name, user)
                            : new NetworkChange.AddTun(name, user));
            draft.change(new NetworkChange.BringUp(name));
        } else if (existing.get().kind() != kind) {
            draft.problem("the interface " + name + " is there and is no " + word
                    + ": choose another tap_base_name, or " + "remove it");
        } else if (!existing.get().owner().equals(Optional.of(user))) {
            draft.warn("the " + word + " interface " + name + " belongs to "
                    + existing.get().owner().orElse("nobody") + " and not to " + user + ": left as it is");
            ofOthers.add(name);
        } else if (!existing.get().up()) {
            draft.change(new NetworkChange.BringUp(name));
        }
        return true;
    }

    private void ensureAddress(String name, IpNetwork network, boolean prefixRoute) {
        boolean there = observed.networkInterface(name).stream()
                .flatMap(i -> i.addresses().stream())
                .anyMatch(a -> a.address().equals(network.address()));
        if (!there) {
            draft.change(new NetworkChange.AddAddress(name, network.address(), network.bits(), prefixRoute));
        }
    }

    private void ensureRoute(Route route) {
        if (!observed.routes().contains(route)) {
            draft.change(new NetworkChange.AddRoute(route));
        }
    }
}

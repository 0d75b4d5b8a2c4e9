package org.slapos.node.doctor;

import java.io.IOException;
import java.math.BigInteger;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slapos.node.NodeConfiguration;
import org.slapos.node.NodeConfiguration.Format;
import org.slapos.node.host.AddressText;
import org.slapos.node.host.NetworkChange;
import org.slapos.node.host.NetworkInterface;
import org.slapos.node.host.SourceAddress;
import org.slapos.protocol.ComputerConfiguration;

/// Addresses of partitions, tried from end to end: one is put on its interface, a program of a user connects from it.
final class NetworkChecks {
    private static final int WAIT_MILLIS = 5000;
    private static final String CONNECT = """
            import socket, sys
            to, port, source = sys.argv[1:]
            s = socket.socket(socket.AF_INET6 if ":" in to else socket.AF_INET)
            s.settimeout(5)
            if source:
                s.bind((source, 0))
            s.connect((to, int(port)))
            print(s.getsockname()[0])
            """;

    private final Format format;
    private final Optional<ComputerConfiguration> made;

    /// @param made what format made
    NetworkChecks(Format format, Optional<ComputerConfiguration> made) {
        this.format = format;
        this.made = made;
    }

    Finding ipv4(Trial trial) {
        var network = format.ipv4LocalNetwork().orElse("");
        var name = format.interfaceName().orElse("");
        if (!format.alterNetwork()) {
            return Finding.skipped(
                    "ipv4", "the network is not the node's to change (alter_network): partitions share 127.0.0.1");
        }
        var address = unused(trial, network, Inet4Address.class);
        if (address.isEmpty()) {
            return Finding.failed(
                    "ipv4",
                    "no address is free in ipv4_local_network = " + network,
                    "set it to a network that nothing else uses, such as 10.0.0.0/16");
        }
        trial.host().changeNetwork(List.of(new NetworkChange.AddAddress(name, address.get(), 32, true)));
        var answer = connect(trial, address.get(), "");
        return answer.works()
                ? Finding.well("ipv4", AddressText.of(address.get()) + " was put on " + name + " and answered")
                : Finding.failed(
                        "ipv4",
                        AddressText.of(address.get()) + " was put on " + name + " and does not answer: "
                                + answer.said(),
                        "look for a firewall that refuses connections within this machine");
    }

    Finding ipv6(Trial trial) {
        if (!format.alterNetwork()) {
            return Finding.skipped("ipv6", "the network is not the node's to change (alter_network)");
        }
        if (format.computerIpv6() instanceof NodeConfiguration.ComputerIpv6.None) {
            return Finding.skipped("ipv6", "this node has IPv4 alone (computer_ipv6 = none)");
        }
        var computer = made.filter(known -> !known.address().isEmpty());
        if (computer.isEmpty()) {
            return Finding.failed("ipv6", "this node was not formatted yet", "run 'slapos node format'");
        }
        var own = InetAddress.ofLiteral(computer.get().address());
        var name = format.ipv6Interface().orElse("");
        var holder = trial.host().networkInterfaces().stream()
                .filter(i -> i.addresses().stream().anyMatch(a -> a.address().equals(own)))
                .map(NetworkInterface::name)
                .findFirst();
        if (holder.isEmpty()) {
            return Finding.failed(
                    "ipv6",
                    "the address of this Computer, " + AddressText.of(own) + ", is on no interface",
                    "bring " + name + " up with it, then run 'slapos node format'; when the provider gave another "
                            + "network, format alone");
        }
        var address = unused(trial, AddressText.of(own) + "/64", Inet6Address.class);
        if (address.isEmpty()) {
            return Finding.failed("ipv6", "no address is free beside " + AddressText.of(own), "look what uses them");
        }
        trial.host().changeNetwork(List.of(new NetworkChange.AddAddress(name, address.get(), 128, true)));
        var answer = connect(trial, own, AddressText.of(address.get()));
        return answer.works()
                ? Finding.well(
                        "ipv6",
                        AddressText.of(address.get()) + " was put on " + name + " and reached " + AddressText.of(own))
                : Finding.failed(
                        "ipv6",
                        AddressText.of(address.get()) + " was put on " + name + " and does not reach "
                                + AddressText.of(own) + ": " + answer.said(),
                        "look for a firewall that refuses IPv6 within this machine");
    }

    /// The user's program leaves with the address that is given to it, and with no other.
    Finding ownAddress(Trial trial) {
        if (!format.ownSourceAddress() || !trial.host().isRoot()) {
            return Finding.skipped(
                    "own-address", "partitions have no source address of their own (own_source_address)");
        }
        var own = made.map(ComputerConfiguration::address)
                .filter(text -> !text.isEmpty())
                .map(InetAddress::ofLiteral);
        if (own.isEmpty()) {
            return Finding.skipped("own-address", "this node has no IPv6 address yet");
        }
        var address = unused(trial, AddressText.of(own.get()) + "/64", Inet6Address.class)
                .orElseThrow();
        var text = AddressText.of(address);
        trial.host()
                .changeNetwork(List.of(
                        new NetworkChange.AddAddress(format.ipv6Interface().orElse(""), address, 128, true)));
        trial.host()
                .setSourceAddresses(
                        "slapos_doctor_" + ProcessHandle.current().pid(),
                        List.of(new SourceAddress(
                                trial.user().uid(),
                                address,
                                Set.of(text + "/128"),
                                Set.of(AddressText.of(own.get()) + "/128"))));
        var freely = connect(trial, own.get(), "");
        var asAnother = connect(trial, own.get(), AddressText.of(own.get()));
        if (freely.works() && freely.said().equals(text) && !asAnother.works()) {
            return Finding.well(
                    "own-address", "a user's program left with " + text + ", and was refused another address");
        }
        return Finding.failed(
                "own-address",
                freely.works() && freely.said().equals(text)
                        ? "a user's program could use the address of another"
                        : "a user's program left with " + freely.said() + " instead of " + text,
                "the kernel needs policy routing by user (CONFIG_IPV6_MULTIPLE_TABLES) and nftables with nat "
                        + "(nf_tables, nft_chain_nat); or set own_source_address = false");
    }

    /// @param said the address that the server saw, or why there was no connection
    private record Answer(boolean works, String said) {}

    private static Answer connect(Trial trial, InetAddress to, String source) {
        try (var server = new ServerSocket()) {
            server.bind(new InetSocketAddress(to, 0));
            server.setSoTimeout(WAIT_MILLIS);
            var result = trial.python(CONNECT, AddressText.of(to), Integer.toString(server.getLocalPort()), source);
            if (!result.ok()) {
                return new Answer(false, MachineChecks.lastLine(result.output()));
            }
            try (var connection = server.accept()) {
                return new Answer(true, AddressText.of(connection.getInetAddress()));
            }
        } catch (IOException e) {
            return new Answer(false, String.valueOf(e.getMessage()));
        }
    }

    /// Far behind what partitions get, and on no interface.
    private static Optional<InetAddress> unused(Trial trial, String network, Class<? extends InetAddress> kind) {
        int slash = network.indexOf('/');
        var base = InetAddress.ofLiteral(network.substring(0, slash));
        int bits = base.getAddress().length * 8 - Integer.parseInt(network.substring(slash + 1));
        var used = trial.host().networkInterfaces().stream()
                .flatMap(i -> i.addresses().stream())
                .map(NetworkInterface.Address::address)
                .toList();
        var count = BigInteger.ONE.shiftLeft(Math.min(bits, 16));
        var start = new BigInteger(1, base.getAddress()).shiftRight(bits).shiftLeft(bits);
        for (int back = 2; back < 200 && BigInteger.valueOf(back).compareTo(count) < 0; back++) {
            var address = address(start.add(count).subtract(BigInteger.valueOf(back)), base.getAddress().length);
            if (kind.isInstance(address) && !used.contains(address)) {
                return Optional.of(address);
            }
        }
        return Optional.empty();
    }

    private static InetAddress address(BigInteger number, int length) {
        var digits = number.toByteArray();
        var bytes = new byte[length];
        int size = Math.min(digits.length, length);
        System.arraycopy(digits, digits.length - size, bytes, length - size, size);
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of " + Arrays.toString(bytes), e);
        }
    }
}

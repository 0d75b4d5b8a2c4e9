package org.slapos.cli.demo;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// This machine as the demo has to know it: who it is, which users there are, who listens where.
final class Machine {
    private static final Path IPV6_OFF = Path.of("/proc/sys/net/ipv6/conf/lo/disable_ipv6");
    private static final int LISTENING = 0x0A;
    private static final String MAPPED = "0000000000000000FFFF0000";

    private Machine() {}

    static boolean isRoot() throws IOException {
        return uid() == 0;
    }

    static int uid() throws IOException {
        return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    }

    /// Runs a system tool; nothing of a user's text goes through a shell.
    ///
    /// @throws IOException with its output when it fails
    static String run(String... line) throws IOException {
        var process = new ProcessBuilder(line).redirectErrorStream(true).start();
        process.getOutputStream().close();
        var output = new String(process.getInputStream().readNBytes(1024 * 1024), StandardCharsets.UTF_8);
        try {
            int status = process.waitFor();
            if (status != 0) {
                throw new IOException(String.join(" ", line) + " ended with status " + status + ": " + output.strip());
            }
            return output;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted").initCause(e);
        }
    }

    /// The entry of a user, by name or number, as the system's user database gives it.
    static Optional<String[]> user(String nameOrUid) {
        try {
            return Optional.of(run("getent", "passwd", nameOrUid).strip().split(":", -1));
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    static boolean isFree(int port) {
        try (var socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    /// The kernel has IPv6, and it is switched off on loopback.
    static boolean isIpv6Off() throws IOException {
        return Files.exists(IPV6_OFF) && !Files.readString(IPV6_OFF).strip().equals("0");
    }

    static boolean hasIpv6() {
        return Files.exists(IPV6_OFF);
    }

    static boolean hasTun() {
        return Files.exists(Path.of("/dev/net/tun"));
    }

    /// The uid of the process that listens on that address, as the kernel's table says (`/proc/net/tcp`, `tcp6`).
    static OptionalInt listener(InetAddress address, int port) throws IOException {
        boolean isIpv4 = address.getAddress().length == 4;
        var wanted = kernelHex(address.getAddress());
        var found = isIpv4 ? listener("tcp", wanted, port) : OptionalInt.empty();
        // A socket of both kinds holds its IPv4 address as ::ffff:a.b.c.d.
        return found.isPresent() ? found : listener("tcp6", isIpv4 ? MAPPED + wanted : wanted, port);
    }

    private static OptionalInt listener(String table, String address, int port) throws IOException {
        var file = Path.of("/proc/net", table);
        if (!Files.exists(file)) {
            return OptionalInt.empty();
        }
        var wanted = address + ":" + String.format("%04X", port);
        for (var line : Files.readAllLines(file)) {
            var words = line.strip().split("\\s+", -1);
            if (words.length > 7
                    && words[1].equals(wanted)
                    && words[3].length() == 2
                    && HexFormat.fromHexDigits(words[3]) == LISTENING) {
                return OptionalInt.of(Integer.parseInt(words[7]));
            }
        }
        return OptionalInt.empty();
    }

    /// Words of four bytes, each with its last byte first.
    static String kernelHex(byte[] address) {
        var out = new StringBuilder();
        for (int word = 0; word < address.length; word += 4) {
            for (int i = 3; i >= 0; i--) {
                out.append(String.format("%02X", address[word + i]));
            }
        }
        return out.toString();
    }

    /// A /16 below 10.0.0.0/8 that neither an address nor a route of this machine touches.
    static String unusedNetwork() throws IOException {
        var used = run("ip", "-4", "addr") + run("ip", "-4", "route", "show", "table", "all");
        return List.of(214, 215, 216, 217, 218, 219).stream()
                .filter(second -> !used.contains("10." + second + "."))
                .findFirst()
                .map(second -> "10." + second + ".0.0/16")
                .orElseThrow(() -> new IOException("all of 10.214.0.0/16 to 10.219.0.0/16 are in use on this machine"));
    }
}

package org.slapos.master.party;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;

/// The front ends that end TLS before the Master and say by a header who has called them.
///
/// @param networks from where they connect; none = no header is believed
/// @param header   such as `Remote-User`
public record TrustedFrontends(List<Network> networks, String header) {
    public static final String DEFAULT_HEADER = "Remote-User";
    public static final TrustedFrontends NONE = new TrustedFrontends(List.of(), DEFAULT_HEADER);

    public TrustedFrontends {
        networks = List.copyOf(networks);
        if (!header.matches("[A-Za-z0-9-]{1,100}")) {
            throw new IllegalArgumentException("a header's name is letters, digits and dashes, not '" + header + "'");
        }
    }

    public boolean trusts(String address) {
        if (networks.isEmpty()) {
            return false;
        }
        var bytes =
                InetAddress.ofLiteral(address.replaceAll("[\\[\\]]|%.*", "")).getAddress();
        return networks.stream().anyMatch(network -> network.holds(bytes));
    }

    /// Addresses that begin alike.
    ///
    /// @param bits how many of the first bits count
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Network(byte[] address, int bits) {
        /// Reads `192.0.2.1`, `192.0.2.0/24`, `2001:db8::/32`.
        ///
        /// @throws IllegalArgumentException when it is neither an address nor a network
        public static Network parse(String text) {
            int slash = text.indexOf('/');
            var literal = slash < 0 ? text : text.substring(0, slash);
            var length = slash < 0 ? "" : text.substring(slash + 1);
            byte[] address;
            if (literal.indexOf(':') < 0 && !literal.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}")) {
                throw new IllegalArgumentException("'" + text + "' is no IP address, nor a network such as 10.0.0.0/8");
            }
            try {
                address = InetAddress.ofLiteral(literal).getAddress();
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "'" + text + "' is no IP address, nor a network such as 10.0.0.0/8", e);
            }
            int most = address.length * 8;
            if (slash >= 0 && (!length.matches("[0-9]{1,3}") || Integer.parseInt(length) > most)) {
                throw new IllegalArgumentException("'" + text + "' ends in a number from 0 to " + most);
            }
            return new Network(address, slash < 0 ? most : Integer.parseInt(length));
        }

        boolean holds(byte[] other) {
            if (other.length != address.length) {
                return false;
            }
            int whole = bits / 8;
            if (!Arrays.equals(address, 0, whole, other, 0, whole)) {
                return false;
            }
            int mask = 0xff00 >> (bits % 8) & 0xff;
            return bits % 8 == 0 || (address[whole] & mask) == (other[whole] & mask);
        }
    }
}

package org.slapos.node.format;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import org.slapos.node.host.AddressText;

/// An address with the length of its network's prefix: `fd00:1::1/64`. Also the arithmetic of partitions' addresses.
///
/// @param bits length of the prefix
public record IpNetwork(InetAddress address, int bits) {
    /// @throws IllegalArgumentException when the prefix is longer than the address
    public IpNetwork {
        if (bits < 0 || bits > address.getAddress().length * 8) {
            throw new IllegalArgumentException("no prefix of " + bits + " bits in " + AddressText.of(address));
        }
    }

    /// @throws IllegalArgumentException when it is no literal address, `/` and a length
    public static IpNetwork parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0 || !text.substring(slash + 1).matches("\\d{1,3}")) {
            throw new IllegalArgumentException("'" + text + "' is no network: write ADDRESS/LENGTH");
        }
        return new IpNetwork(
                InetAddress.ofLiteral(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)));
    }

    public boolean contains(InetAddress other) {
        return other.getClass() == address.getClass() && base(other).equals(base(address));
    }

    /// The mask as an address: `255.255.0.0`, `ffff:ffff::`.
    public String netmask() {
        return AddressText.of(address(mask(), size()));
    }

    /// How many addresses the network has.
    public BigInteger count() {
        return BigInteger.ONE.shiftLeft(size() - bits);
    }

    /// The address of partition `index` (node contract, address allocation): two beyond the network's own; when that
    /// does not fit it begins again, leaving out the first two where there are more.
    public InetAddress partitionAddress(int index) {
        var host = BigInteger.valueOf(index + 2L);
        if (host.compareTo(count()) >= 0) {
            var usable = count().subtract(BigInteger.TWO);
            host = usable.signum() > 0 ? BigInteger.valueOf(index).mod(usable).add(BigInteger.TWO) : host.mod(count());
        }
        return address(base(address).or(host), size());
    }

    /// The IPv6 range of partition `index`, `shift` bits beyond this network's prefix.
    ///
    /// @throws IllegalArgumentException when there is no room for it
    public IpNetwork partitionRange(int index, int shift) {
        int longer = bits + shift;
        var number = BigInteger.ONE.shiftLeft(shift - 2).add(BigInteger.valueOf(index + 1L));
        if (longer >= size() || number.bitLength() > shift) {
            throw new IllegalArgumentException(
                    this + " has no room for ranges of " + shift + " more bits for partition " + index);
        }
        return new IpNetwork(address(base(address).or(number.shiftLeft(size() - longer)), size()), longer);
    }

    private BigInteger base(InetAddress of) {
        return new BigInteger(1, of.getAddress()).and(mask());
    }

    private BigInteger mask() {
        return BigInteger.ONE.shiftLeft(bits).subtract(BigInteger.ONE).shiftLeft(size() - bits);
    }

    private int size() {
        return address.getAddress().length * 8;
    }

    private static InetAddress address(BigInteger number, int size) {
        var bytes = new byte[size / 8];
        var digits = number.toByteArray();
        int length = Math.min(digits.length, bytes.length);
        System.arraycopy(digits, digits.length - length, bytes, bytes.length - length, length);
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of " + Arrays.toString(bytes), e);
        }
    }

    @Override
    public String toString() {
        return AddressText.of(address) + "/" + bits;
    }
}

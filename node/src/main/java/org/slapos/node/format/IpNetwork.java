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

    /// What an IPv6 range is for; each kind has a quarter of the room behind the node's prefix.
    enum RangeKind {
        PARTITION(1),
        TAP(2),
        TUN(3);

        private final int quarter;

        RangeKind(int quarter) {
            this.quarter = quarter;
        }
    }

    /// Whether there is room for ranges of `shift` more bits than this network's prefix has.
    boolean hasRoomForRanges(int shift) {
        return bits + shift < size();
    }

    /// The IPv6 range of partition `index`, `shift` bits beyond this network's prefix (node contract, address
    /// allocation).
    ///
    /// @throws IllegalArgumentException when there is no room for it
    public IpNetwork range(RangeKind kind, int index, int shift) {
        int longer = bits + shift;
        var number = BigInteger.ONE
                .shiftLeft(shift - 2)
                .multiply(BigInteger.valueOf(kind.quarter))
                .add(BigInteger.valueOf(index + 1L));
        if (!hasRoomForRanges(shift) || number.bitLength() > shift) {
            throw new IllegalArgumentException(
                    this + " has no room for ranges of " + shift + " more bits for partition " + index);
        }
        return new IpNetwork(address(base(address).or(number.shiftLeft(size() - longer)), size()), longer);
    }

    /// The first address behind the network's own, and its last one.
    InetAddress first() {
        return address(base(address).add(BigInteger.ONE), size());
    }

    InetAddress last() {
        return address(base(address).add(count()).subtract(BigInteger.ONE), size());
    }

    /// The address that far behind the network's own.
    InetAddress at(BigInteger offset) {
        return address(base(address).add(offset), size());
    }

    /// The network itself, without bits behind its prefix.
    IpNetwork network() {
        return new IpNetwork(address(base(address), size()), bits);
    }

    /// The other half of the network of one bit less.
    IpNetwork sibling() {
        return new IpNetwork(address(base(address).xor(BigInteger.ONE.shiftLeft(size() - bits)), size()), bits);
    }

    IpNetwork wider() {
        return new IpNetwork(address, bits - 1).network();
    }

    boolean overlaps(IpNetwork other) {
        return bits <= other.bits ? contains(other.address) : other.contains(address);
    }

    /// The length of a prefix from its mask, `255.255.0.0` or `ffff::`.
    ///
    /// @throws IllegalArgumentException when it is no mask
    static int lengthOf(String netmask) {
        var bytes = InetAddress.ofLiteral(netmask).getAddress();
        int length = new BigInteger(1, bytes).bitCount();
        if (!new IpNetwork(InetAddress.ofLiteral(netmask), length)
                .netmask()
                .equals(AddressText.of(InetAddress.ofLiteral(netmask)))) {
            throw new IllegalArgumentException("'" + netmask + "' is no mask of a network");
        }
        return length;
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

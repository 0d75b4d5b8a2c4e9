package org.slapos.node.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slapos.node.host.AddressText;

class IpNetworkTest {
    @ParameterizedTest
    @CsvSource({
        "2001:db8:aaaa:bbbb::/64, 0, 2001:db8:aaaa:bbbb::2",
        "2001:db8:aaaa:bbbb::1/64, 9, 2001:db8:aaaa:bbbb::b",
        "fd00::1/126, 0, fd00::2",
        "fd00::1/126, 1, fd00::3",
        "fd00::1/126, 2, fd00::2",
        "fd00::1/127, 0, fd00::",
        "fd00::1/127, 1, fd00::1",
        "fd00::1/128, 5, fd00::1",
        "10.0.0.0/16, 0, 10.0.0.2",
        "10.0.0.0/16, 300, 10.0.1.46"
    })
    void partitionAddressesFollowTheirIndex(String network, int index, String address) {
        assertThat(AddressText.of(IpNetwork.parse(network).partitionAddress(index)))
                .isEqualTo(address);
    }

    @Test
    void rangesStandBehindAQuarterOfTheRoom() {
        var base = IpNetwork.parse("2001:db8:aaaa:bbbb::1/64");

        assertThat(base.partitionRange(0, 16)).hasToString("2001:db8:aaaa:bbbb:4001::/80");
        assertThat(base.partitionRange(41, 16)).hasToString("2001:db8:aaaa:bbbb:402a::/80");
        assertThatThrownBy(() -> IpNetwork.parse("fd00::/112").partitionRange(0, 16))
                .hasMessageContaining("no room");
    }

    @Test
    void aNetworkKnowsItsMaskAndItsAddresses() {
        assertThat(IpNetwork.parse("fd00::1/64").netmask()).isEqualTo("ffff:ffff:ffff:ffff::");
        assertThat(IpNetwork.parse("10.0.0.1/32").netmask()).isEqualTo("255.255.255.255");
        assertThat(IpNetwork.parse("10.0.0.0/16").netmask()).isEqualTo("255.255.0.0");
        assertThat(IpNetwork.parse("10.0.0.0/16").contains(InetAddress.ofLiteral("10.0.255.1")))
                .isTrue();
        assertThat(IpNetwork.parse("10.0.0.0/16").contains(InetAddress.ofLiteral("10.1.0.1")))
                .isFalse();
        assertThat(IpNetwork.parse("10.0.0.0/16").contains(InetAddress.ofLiteral("fd00::1")))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({"10.0.0.0", "10.0.0.0/33", "fd00::/129", "host/64", "/", "10.0.0.0/-1"})
    void whatIsNoNetworkIsRefused(String text) {
        assertThatThrownBy(() -> IpNetwork.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}

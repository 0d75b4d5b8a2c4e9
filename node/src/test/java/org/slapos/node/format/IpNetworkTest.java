package org.slapos.node.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slapos.node.format.IpNetwork.RangeKind;
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
    @Tag("checklist:FM-05")
    @Tag("checklist:FM-07")
    void eachKindOfRangeStandsInAQuarterOfTheRoom() {
        var base = IpNetwork.parse("2001:db8:aaaa:bbbb::1/64");

        assertThat(base.range(RangeKind.PARTITION, 0, 16)).hasToString("2001:db8:aaaa:bbbb:4001::/80");
        assertThat(base.range(RangeKind.PARTITION, 41, 16)).hasToString("2001:db8:aaaa:bbbb:402a::/80");
        assertThat(base.range(RangeKind.TAP, 0, 16)).hasToString("2001:db8:aaaa:bbbb:8001::/80");
        assertThat(base.range(RangeKind.TUN, 0, 16)).hasToString("2001:db8:aaaa:bbbb:c001::/80");
        assertThat(base.range(RangeKind.TAP, 3, 8)).hasToString("2001:db8:aaaa:bbbb:8400::/72");
        assertThat(IpNetwork.parse("2001:db8:aaaa:bbbb:1::1/80").range(RangeKind.TAP, 0, 16))
                .hasToString("2001:db8:aaaa:bbbb:1:8001::/96");
        assertThatThrownBy(() -> IpNetwork.parse("fd00::/112").range(RangeKind.PARTITION, 0, 16))
                .hasMessageContaining("no room");
    }

    @Test
    void theCoverOfAddressesHoldsThemAndNoOther() {
        var addresses = IntStream.rangeClosed(2, 101)
                .mapToObj(i -> IpNetwork.parse("fd00::" + Integer.toHexString(i) + "/128"))
                .toList();

        var cover = Cover.of(addresses);

        assertThat(cover).hasSizeLessThan(12);
        for (int i = 0; i < 300; i++) {
            var address = InetAddress.ofLiteral("fd00::" + Integer.toHexString(i));
            assertThat(cover.stream().anyMatch(network -> network.contains(address)))
                    .as(address.toString())
                    .isEqualTo(i >= 2 && i <= 101);
        }
    }

    @Test
    void aMaskTellsItsLength() {
        assertThat(IpNetwork.lengthOf("255.255.0.0")).isEqualTo(16);
        assertThat(IpNetwork.lengthOf("ffff:ffff:ffff:ffff::")).isEqualTo(64);
        assertThatThrownBy(() -> IpNetwork.lengthOf("255.0.255.0")).hasMessageContaining("no mask");
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

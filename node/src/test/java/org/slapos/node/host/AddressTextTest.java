package org.slapos.node.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressTextTest {
    @ParameterizedTest
    @CsvSource({
        "10.0.0.2, 10.0.0.2",
        "::, ::",
        "::1, ::1",
        "fd00:0:0:0:0:0:0:2, fd00::2",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
        "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "ffff:ffff:ffff:ffff:0:0:0:0, ffff:ffff:ffff:ffff::"
    })
    void addressesAreWrittenInTheirShortestForm(String literal, String text) {
        assertThat(AddressText.of(InetAddress.ofLiteral(literal))).isEqualTo(text);
    }
}

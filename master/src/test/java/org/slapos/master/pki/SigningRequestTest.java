package org.slapos.master.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slapos.protocol.MalformedException;

class SigningRequestTest {
    @ParameterizedTest
    @ValueSource(strings = {"secp256r1", "secp384r1", "secp521r1"})
    void aKeyOnAKnownCurveIsTaken(String curve) {
        var pair = TestKeys.ec(curve);
        assertThat(SigningRequest.read(TestKeys.request(pair)).key().getEncoded())
                .isEqualTo(pair.getPublic().getEncoded());
    }

    @Test
    void anRsaKeyOfGoodSizeIsTaken() {
        var pair = TestKeys.rsa(2048);
        assertThat(SigningRequest.read(TestKeys.request(pair)).key()).isEqualTo(pair.getPublic());
    }

    @Test
    void whoHasNotTheKeyIsRefused() {
        var request = TestKeys.request(TestKeys.ec(), TestKeys.ec(), "CN=thief");
        assertThatThrownBy(() -> SigningRequest.read(request))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("has not proven to hold that key");
    }

    @Test
    void weakOrHugeKeysAreRefused() {
        assertThatThrownBy(() -> SigningRequest.read(TestKeys.request(TestKeys.rsa(1024))))
                .hasMessageContaining("2048 to 4096 bits, not 1024");
        assertThatThrownBy(() -> SigningRequest.read(TestKeys.request(TestKeys.rsa(5120))))
                .hasMessageContaining("not 5120");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "hello",
                "-----BEGIN CERTIFICATE REQUEST-----\n-----END CERTIFICATE REQUEST-----",
                "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----",
                "-----BEGIN CERTIFICATE REQUEST-----\nAAAA=AAA\n-----END CERTIFICATE REQUEST-----",
                "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"
            })
    void whatIsNoRequestIsRefusedInWords(String text) {
        assertThatThrownBy(() -> SigningRequest.read(text))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("certificate signing request");
    }

    @Test
    void anEndlessTextIsNotEvenRead() {
        assertThatThrownBy(() -> SigningRequest.read("-".repeat(1 << 20)))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("more than");
    }
}

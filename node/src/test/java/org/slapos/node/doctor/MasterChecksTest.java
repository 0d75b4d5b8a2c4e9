package org.slapos.node.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slapos.node.ConfigurationReader;
import org.slapos.node.NodeConfiguration;
import org.slapos.node.TestIdentity;
import org.slapos.protocol.IniFile;

/// What the doctor says of this machine's clock and certificate. The Master's time is the real one, the machine's the
/// test's.
class MasterChecksTest {
    @TempDir
    Path folder;

    private HttpServer master;
    private TestIdentity identity;

    @BeforeEach
    void open() throws Exception {
        master = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
        master.createContext("/", exchange -> {
            exchange.sendResponseHeaders(404, -1);
            exchange.close();
        });
        master.start();
        identity = TestIdentity.make(folder, "COMP-1", "-validity", "100");
    }

    @AfterEach
    void close() {
        master.stop(0);
    }

    private NodeConfiguration configuration(Path certificate, Path key) {
        return ConfigurationReader.of(
                IniFile.parse(
                        "slapos.cfg", """
                        [slapos]
                        computer_id = COMP-1
                        master_url = http://127.0.0.1:%d
                        software_root = %s
                        instance_root = %s
                        cert_file = %s
                        key_file = %s
                        """.formatted(master.getAddress().getPort(), folder, folder, certificate, key)),
                Map.of());
    }

    private Finding finding(String check, Instant now) {
        return finding(check, now, identity.certificateFile(), identity.keyFile());
    }

    private Finding finding(String check, Instant now, Path certificate, Path key) {
        return new MasterChecks(configuration(certificate, key), InstantSource.fixed(now))
                .all().stream()
                        .filter(one -> one.check().equals(check))
                        .findFirst()
                        .orElseThrow();
    }

    @Test
    void aClockIsComparedWithTheMasters() {
        var now = Instant.now();

        assertThat(finding("clock", now).verdict()).isEqualTo(Finding.Verdict.WELL);
        var behind = finding("clock", now.minus(Duration.ofMinutes(5)));
        assertThat(behind.verdict()).isEqualTo(Finding.Verdict.FAILED);
        assertThat(behind.said()).contains(" s behind the Master").containsPattern("\\b(29\\d|30\\d)\\b");
        assertThat(behind.mend().orElseThrow()).contains("chrony");
        var before = finding("clock", now.plus(Duration.ofMinutes(5)));
        assertThat(before.verdict()).isEqualTo(Finding.Verdict.FAILED);
        assertThat(before.said()).contains(" s before the Master");

        master.stop(0);
        assertThat(finding("clock", now).verdict()).isEqualTo(Finding.Verdict.SKIPPED);
    }

    @Test
    void aCertificateIsLookedAtBeforeItEnds() {
        var until = identity.certificate().getNotAfter().toInstant();

        assertThat(finding("certificate", until.minus(Duration.ofDays(31))).verdict())
                .isEqualTo(Finding.Verdict.WELL);
        var soon = finding("certificate", until.minus(Duration.ofDays(29)));
        assertThat(soon.verdict()).isEqualTo(Finding.Verdict.WARNING);
        assertThat(soon.said()).contains("for 29 more days");
        var ended = finding("certificate", until.plusSeconds(1));
        assertThat(ended.verdict()).isEqualTo(Finding.Verdict.FAILED);
        assertThat(ended.said()).contains("ended on " + until);
        assertThat(ended.mend().orElseThrow()).contains("register");
        var early = finding(
                "certificate", identity.certificate().getNotBefore().toInstant().minusSeconds(60));
        assertThat(early.verdict()).isEqualTo(Finding.Verdict.FAILED);
        assertThat(early.mend()).contains("set the clock");
    }

    @Test
    void aKeyOfAnotherCertificateAndWhatIsNoneAreFound() throws Exception {
        var other = TestIdentity.make(folder, "COMP-2", "-validity", "100");
        var now = Instant.now().plusSeconds(60);

        var mixed = finding("certificate", now, identity.certificateFile(), other.keyFile());
        assertThat(mixed.verdict()).isEqualTo(Finding.Verdict.FAILED);
        assertThat(mixed.said()).contains("COMP-2.key is not the key of ").contains("COMP-1.crt");

        Files.writeString(other.certificateFile(), "nonsense");
        var broken = finding("certificate", now, other.certificateFile(), other.keyFile());
        assertThat(broken.verdict()).isEqualTo(Finding.Verdict.FAILED);
        assertThat(broken.said()).contains("no certificate in it");
    }
}

package org.slapos.master.party;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slapos.master.db.Database;
import org.slapos.master.db.TestDatabase;
import org.slapos.master.pki.CertificateAuthority;
import org.slapos.master.pki.Holder;
import org.slapos.master.pki.IssuedCertificate;
import org.slapos.master.pki.KeyFile;
import org.slapos.protocol.ComputerId;

class FrontendIdentitiesTest {
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private static final String FRONTEND = "192.0.2.7";
    private static final Holder NODE = Holder.computer("COMP-1");
    private static final Requester COMPUTER = new Requester.Computer(new ComputerId("COMP-1"));

    @TempDir
    private Path folder;

    private Database database;
    private CertificateAuthority authority;
    private Assignments assignments;
    private Identities identities;
    private FrontendIdentities frontends;

    @BeforeEach
    void open() throws Exception {
        database = TestDatabase.fresh();
        var random = new SecureRandom();
        KeyFile.createIfMissing(folder.resolve("key"), random);
        authority = CertificateAuthority.open(database, KeyFile.read(folder.resolve("key"), random), random, NOW);
        assignments = new Assignments(database);
        identities = new Identities(database, () -> NOW, authority, assignments);
        frontends = new FrontendIdentities(
                identities,
                new TrustedFrontends(
                        List.of(
                                TrustedFrontends.Network.parse("192.0.2.0/29"),
                                TrustedFrontends.Network.parse("2001:db8::1")),
                        "Remote-User"));
    }

    @AfterEach
    void close() {
        identities.close();
        assignments.close();
        database.close();
    }

    private IssuedCertificate issue() {
        return database.inTransaction(tx -> authority.issue(tx, NODE, NOW));
    }

    private static X509Certificate certificate(IssuedCertificate issued) throws Exception {
        var pem = issued.certificatePem();
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(
                        pem.substring(pem.indexOf("-----BEGIN")).getBytes(StandardCharsets.US_ASCII)));
    }

    private Requester asked(String from, String... named) {
        return frontends.of(new Shown(Optional.empty(), from, List.of(named)));
    }

    @Test
    @Tag("row:14")
    void aNameFromATrustedFrontEndIsBelieved() {
        issue();
        assertThat(asked(FRONTEND, "COMP-1")).isEqualTo(COMPUTER);
        assertThat(asked("2001:db8:0:0:0:0:0:1", "COMP-1")).isEqualTo(COMPUTER);
    }

    @Test
    @Tag("row:14")
    void aNameFromElsewhereIsNothing() {
        issue();
        for (var elsewhere : List.of("192.0.2.8", "127.0.0.1", "2001:db8::2")) {
            assertThat(asked(elsewhere, "COMP-1"))
                    .isEqualTo(new Requester.Anonymous("No client certificate was shown."));
        }
    }

    @Test
    void whoDoesNotExistOrHasNoCertificateThatWorksCannotBeNamed() {
        issue();
        assertThat(asked(FRONTEND, "COMP-2")).isInstanceOf(Requester.Anonymous.class);
        assertThat(asked(FRONTEND, "root")).isInstanceOf(Requester.Anonymous.class);
        assertThat(asked(FRONTEND, "")).isInstanceOf(Requester.Anonymous.class);
        assertThat(asked(FRONTEND, "COMP-1\0")).isInstanceOf(Requester.Anonymous.class);

        database.inTransaction(tx -> authority.revoke(tx, NODE, NOW));

        assertThat(asked(FRONTEND, "COMP-1")).asString().contains("holds a certificate that works");
    }

    @Test
    void twoNamesAreNone() {
        issue();
        assertThat(asked(FRONTEND, "COMP-1", "COMP-1")).asString().contains("twice");
    }

    @Test
    void theClientsCertificateInTheHeaderIsLookedUpAsIfItWereShownHere() throws Exception {
        var issued = issue();
        var der = Base64.getEncoder().encodeToString(certificate(issued).getEncoded());
        var pem = issued.certificatePem().substring(issued.certificatePem().indexOf("-----BEGIN"));
        var escaped = URLEncoder.encode(pem, StandardCharsets.US_ASCII).replace("+", "%20");
        assertThat(asked(FRONTEND, ":" + der + ":")).isEqualTo(COMPUTER);
        assertThat(asked(FRONTEND, escaped.replace("%20", " "))).isEqualTo(COMPUTER);
        assertThat(asked(FRONTEND, ":AAAA:")).asString().contains("cannot be read");

        database.inTransaction(tx -> authority.revoke(tx, NODE, NOW));
        issue(); // the holder has another one now: the revoked one still stands for nobody

        assertThat(asked(FRONTEND, ":" + der + ":")).asString().contains("was revoked");
    }

    @Test
    void aNetworkThatIsNoneIsRefused() {
        for (var wrong : List.of("front.example", "10.0.0.0/33", "10.0.0/8", "10.0.0.0/", "/8", "::/129")) {
            assertThatThrownBy(() -> TrustedFrontends.Network.parse(wrong))
                    .as(wrong)
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}

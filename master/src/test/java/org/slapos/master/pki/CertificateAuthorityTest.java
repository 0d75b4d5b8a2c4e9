package org.slapos.master.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slapos.master.db.Database;
import org.slapos.master.db.TestDatabase;

class CertificateAuthorityTest {
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private static final Holder NODE = Holder.computer("COMP-12");
    private static final Holder INSTANCE = Holder.instance("SOFTINST-3");

    private final SecureRandom random = new SecureRandom();

    @TempDir
    private Path folder;

    private Database database;
    private KeyFile keyFile;
    private CertificateAuthority authority;

    @BeforeEach
    void open() throws Exception {
        database = TestDatabase.fresh();
        keyFile = newKeyFile("master.key");
        authority = CertificateAuthority.open(database, keyFile, random, NOW);
    }

    private KeyFile newKeyFile(String name) throws Exception {
        KeyFile.createIfMissing(folder.resolve(name), random);
        return KeyFile.read(folder.resolve(name), random);
    }

    @AfterEach
    void close() {
        database.close();
    }

    private IssuedCertificate issue(Holder holder) {
        return database.inTransaction(tx -> authority.issue(tx, holder, NOW));
    }

    private Optional<IssuedCertificate> kept() {
        return database.inTransaction(tx -> authority.kept(tx, INSTANCE));
    }

    @Test
    void aCertificateIsSignedByTheAuthorityAndFitsItsKey() throws Exception {
        var issued = issue(INSTANCE);

        var certificate = Pem.readCertificate(issued.certificatePem());
        certificate.verify(authority.keys().issuing().certificate().getPublicKey());
        assertThat(certificate.getSubjectX500Principal().getName()).isEqualTo("CN=SOFTINST-3");
        assertThat(Pem.fingerprint(certificate.getEncoded())).isEqualTo(issued.fingerprint());

        var signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(Pem.readKey(issued.keyPem()));
        signature.update(new byte[] {1, 2, 3});
        var signed = signature.sign();
        signature.initVerify(certificate);
        signature.update(new byte[] {1, 2, 3});
        assertThat(signature.verify(signed)).isTrue();
    }

    @Test
    void aComputersCertificateTextTellsItsReference() {
        var text = issue(NODE).certificatePem();
        assertThat(text.substring(text.indexOf("COMP-"), text.indexOf("/email")))
                .isEqualTo("COMP-12");
    }

    @Test
    void aHolderHasOneCertificateThatWorks() {
        var first = issue(NODE);
        assertThatThrownBy(() -> issue(NODE)).hasMessageContaining("Certificate still active");

        var told = new ArrayList<String>();
        authority.whenRevoked(told::add);
        boolean revoked = database.inTransaction(tx -> authority.revoke(tx, NODE, NOW));
        boolean revokedAgain = database.inTransaction(tx -> authority.revoke(tx, NODE, NOW));
        var second = issue(NODE);

        assertThat(revoked).isTrue();
        assertThat(revokedAgain).isFalse();
        assertThat(told).containsExactly(first.fingerprint());
        assertThat(second.fingerprint()).isNotEqualTo(first.fingerprint());
        Optional<KnownCertificate> known = database.inTransaction(tx -> authority.known(tx, first.fingerprint()));
        assertThat(known).get().matches(it -> it.isRevoked(NOW));
    }

    @Test
    void theTrailTellsOfEachCertificateAndOfTheKeysThatSign() {
        issue(NODE);
        database.inTransaction(tx -> authority.renew(tx, NODE, Optional.empty(), NOW));
        database.inTransaction(tx -> authority.revoke(tx, NODE, NOW));
        database.inTransaction(tx -> authority.revoke(tx, NODE, NOW)); // nothing is left to end
        database.inTransaction(tx -> authority.rotate(tx, Optional.of(Duration.ofDays(1)), NOW));

        var trail = database.inTransaction(tx -> tx.handle()
                .createQuery("select action || ' ' || object from event order by id")
                .mapTo(String.class)
                .list());
        assertThat(trail)
                .containsExactly(
                        "authority.create authority",
                        "certificate.issue COMP-12",
                        "certificate.issue COMP-12",
                        "certificate.revoke COMP-12",
                        "authority.rotate authority");
    }

    @Test
    void anExpiredCertificateMakesRoomForAnother() {
        issue(NODE);
        var later = NOW.plus(Duration.ofDays(4000));
        var second = database.inTransaction(tx -> authority.issue(tx, NODE, later));
        assertThat(second.notAfter()).isAfter(later);
    }

    @Test
    void aKeptKeyComesBackUntilItIsRevokedAndIsNeverReadableAtRest() {
        var issued = issue(INSTANCE);
        database.inTransaction(tx -> {
            authority.keep(tx, INSTANCE, issued);
            return 1;
        });

        var kept = kept();
        String atRest = database.inTransaction(tx -> tx.handle()
                .select("SELECT encode(sealed_key, 'escape') FROM certificate WHERE sealed_key IS NOT NULL")
                .mapTo(String.class)
                .one());
        database.inTransaction(tx -> authority.revoke(tx, INSTANCE, NOW));

        assertThat(kept).contains(issued);
        assertThat(atRest).doesNotContain("PRIVATE KEY");
        assertThat(kept()).isEmpty();
    }

    @Test
    void aSecondMasterOnTheDatabaseIsTheSameAuthority() {
        var again = CertificateAuthority.open(database, keyFile, random, NOW);
        assertThat(again.certificatePem()).isEqualTo(authority.certificatePem());
    }

    @Test
    void anotherKeyFileIsRefusedWithASentence() throws Exception {
        var other = newKeyFile("other.key");
        assertThatThrownBy(() -> CertificateAuthority.open(database, other, random, NOW))
                .hasMessageContaining("other.key")
                .hasMessageContaining("belongs to another Master");
    }

    @Test
    void aKeyFileThatOthersCanReadIsRefused() throws Exception {
        var file = folder.resolve("master.key");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertThatThrownBy(() -> KeyFile.read(file, random)).hasMessageContaining("chmod 600");
        assertThatThrownBy(() -> KeyFile.read(folder.resolve("none"), random)).hasMessageContaining("is missing");
    }

    @Test
    void theServersCertificateHoldsItsNamesAndAddresses() throws Exception {
        var identity = authority.server(List.of("localhost", "127.0.0.1", "::1", "master.example"), NOW);
        var names = identity.chain().getFirst().getSubjectAlternativeNames().stream()
                .map(name -> String.valueOf(name.get(1)))
                .toList();
        assertThat(names).containsExactly("localhost", "127.0.0.1", "0:0:0:0:0:0:0:1", "master.example");
    }

    @Test
    void noKeyIsEverPrinted() {
        var issued = issue(NODE);
        assertThat(issued.toString()).doesNotContain("PRIVATE").doesNotContain(issued.keyPem());
        assertThat(keyFile.toString()).contains("*****");
        assertThat(authority.server(List.of("localhost"), NOW).toString()).contains("*****");
    }
}

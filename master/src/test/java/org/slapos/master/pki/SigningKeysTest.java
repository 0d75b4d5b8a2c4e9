package org.slapos.master.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slapos.master.db.Database;
import org.slapos.master.db.TestDatabase;

class SigningKeysTest {
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private static final List<String> NAMES = List.of("localhost");
    private static final Holder NODE = Holder.computer("COMP-12");
    private static final Holder INSTANCE = Holder.instance("SOFTINST-3");

    private final SecureRandom random = new SecureRandom();

    @TempDir
    private Path folder;

    private Database database;
    private KeyFile keyFile;

    @BeforeEach
    void open() throws Exception {
        database = TestDatabase.fresh();
        keyFile = keyFile("key");
    }

    private KeyFile keyFile(String name) throws IOException {
        KeyFile.createIfMissing(folder.resolve(name), random);
        return KeyFile.read(folder.resolve(name), random);
    }

    @AfterEach
    void close() {
        database.close();
    }

    private CertificateAuthority authority() {
        return CertificateAuthority.open(database, keyFile, random, NOW);
    }

    private IssuedCertificate issue(CertificateAuthority authority, Holder holder) {
        return database.inTransaction(tx -> authority.issue(tx, holder, NOW));
    }

    private boolean works(CertificateAuthority authority, IssuedCertificate issued, Instant now) {
        return database.inTransaction(tx -> authority.known(tx, issued.fingerprint()))
                .orElseThrow()
                .works(now);
    }

    /// As a node does: it trusts the first certificate of `ca.crt` and nothing else.
    private static void verify(String trusted, List<X509Certificate> chain) throws GeneralSecurityException {
        var parameters = new PKIXParameters(Set.of(new TrustAnchor(Pem.readCertificate(trusted), null)));
        parameters.setRevocationEnabled(false);
        parameters.setDate(Date.from(NOW));
        var path = CertificateFactory.getInstance("X.509").generateCertPath(chain);
        CertPathValidator.getInstance("PKIX").validate(path, parameters);
    }

    @Test
    void theRootSignsIssuingKeysAndNothingElse() throws Exception {
        var authority = authority();
        var root = Pem.readCertificate(authority.certificatePem());
        var server = authority.server(NAMES, NOW);
        var client = TestKeys.certificate(issue(authority, NODE));

        verify(authority.certificatePem(), server.chain());
        assertThat(server.chain()).hasSize(2).doesNotContain(root);
        assertThat(client.getIssuerX500Principal())
                .isEqualTo(server.chain().get(1).getSubjectX500Principal());
        assertThatThrownBy(() -> client.verify(root.getPublicKey())).isInstanceOf(GeneralSecurityException.class);
        assertThat(root.getBasicConstraints()).isEqualTo(1);
        assertThat(server.chain().get(1).getBasicConstraints()).isZero();
    }

    @Test
    void noSigningKeyIsReadableAtRest() {
        authority();
        List<String> atRest = database.inTransaction(tx -> tx.handle()
                .select("SELECT encode(sealed_key, 'escape') FROM signing_key")
                .mapTo(String.class)
                .list());
        assertThat(atRest).hasSize(2).noneMatch(text -> text.contains("PRIVATE KEY"));
    }

    @Test
    void aRotatedIssuingKeySignsNothingMoreAndWhatItSignedGoesOnWorking() throws Exception {
        var authority = authority();
        var other = authority(); // of another Master on the database
        var trustedBefore = authority.certificatePem();
        var before = issue(authority, NODE);

        database.inTransaction(tx -> authority.rotate(tx, Optional.empty(), NOW));
        var after = issue(authority, Holder.computer("COMP-13"));
        // The other Master has not heard of it yet: its signature is not taken, it reads the keys and signs again.
        var elsewhere = issue(other, Holder.computer("COMP-14"));

        assertThat(works(authority, before, NOW)).isTrue();
        var issuers = List.of(before, after, elsewhere).stream()
                .map(issued -> TestKeys.certificate(issued).getIssuerX500Principal())
                .toList();
        assertThat(issuers.get(1)).isNotEqualTo(issuers.get(0)).isEqualTo(issuers.get(2));
        assertThat(authority.certificatePem()).isEqualTo(trustedBefore);
        verify(trustedBefore, authority.server(NAMES, NOW).chain());
    }

    @Test
    void whatAStolenIssuingKeySignedEndsAndIsRenewedInTheTimeOfGrace() {
        var authority = authority();
        var node = issue(authority, NODE);
        var instance = issue(authority, INSTANCE);
        database.inTransaction(tx -> {
            authority.keep(tx, INSTANCE, instance);
            return 1;
        });
        var told = new ArrayList<String>();
        authority.whenRevoked(told::add);

        int ended = database.inTransaction(tx -> authority.rotate(tx, Optional.of(Duration.ofDays(2)), NOW));

        assertThat(ended).isEqualTo(2);
        assertThat(told).containsExactly("");
        assertThat(works(authority, node, NOW.plus(Duration.ofHours(47)))).isTrue();
        var later = NOW.plusSeconds(60);
        var renewed = database.inTransaction(tx -> authority.renew(tx, NODE, Optional.empty(), later));
        Optional<IssuedCertificate> kept = database.inTransaction(tx -> authority.keptAndFresh(tx, INSTANCE, later));
        var over = NOW.plus(Duration.ofDays(2));
        assertThat(works(authority, node, over)).isFalse();
        assertThat(works(authority, instance, over)).isFalse();
        assertThat(works(authority, renewed, over)).isTrue();
        assertThat(kept).isEmpty(); // so the next fetch makes another
    }

    @Test
    void withoutGraceWhatAStolenKeySignedEndsAtOnce() {
        var authority = authority();
        var node = issue(authority, NODE);

        database.inTransaction(tx -> authority.rotate(tx, Optional.of(Duration.ZERO), NOW));

        assertThat(works(authority, node, NOW)).isFalse();
        var again = issue(authority, NODE); // by registering anew
        assertThat(works(authority, again, NOW)).isTrue();
    }

    @Test
    void aThiefsCertificateStandsForNobody() throws Exception {
        var authority = authority();
        var stolen = authority.keys().issuing().signer();

        var forged = stolen.signClient(
                NODE, TestKeys.ec().getPublic(), Signer.newSerial(random), NOW, NOW.plus(Duration.ofDays(1)));

        var fingerprint = Pem.fingerprint(forged);
        Optional<KnownCertificate> known = database.inTransaction(tx -> authority.known(tx, fingerprint));
        assertThat(known).isEmpty();
        assertThat(authority.stranger(Pem.readCertificate(Pem.certificate(forged))))
                .contains("which has no record of it");
    }

    @Test
    void whenTheKeyFileIsLostCertificatesGoOnAndANewRootIsMade() throws Exception {
        var authority = authority();
        var trustedBefore = authority.certificatePem();
        var node = issue(authority, NODE);
        var instance = issue(authority, INSTANCE);
        database.inTransaction(tx -> {
            authority.keep(tx, INSTANCE, instance);
            return 1;
        });
        Files.delete(folder.resolve("key"));

        var found = CertificateAuthority.afterLoss(database, keyFile("new-key"), random, NOW, Optional.empty());

        assertThat(works(found, node, NOW)).isTrue();
        assertThat(found.certificatePem()).isNotEqualTo(trustedBefore);
        verify(found.certificatePem(), found.server(NAMES, NOW).chain());
        Optional<IssuedCertificate> kept = database.inTransaction(tx -> found.kept(tx, INSTANCE));
        assertThat(kept).isEmpty();
        var again = database.inTransaction(tx -> found.renew(tx, INSTANCE, Optional.empty(), NOW));
        assertThat(works(found, again, NOW)).isTrue();
        // And the next start opens it.
        var reopened = CertificateAuthority.open(database, keyFile("new-key"), random, NOW);
        assertThat(reopened.certificatePem()).isEqualTo(found.certificatePem());
    }

    private ImportedAuthority imported(Signer signer, KeyPair pair) throws Exception {
        var certificate = Files.writeString(folder.resolve("own-ca.crt"), Pem.certificate(signer.certificate()));
        var key = Files.writeString(folder.resolve("own-ca.key"), TestKeys.pem(pair));
        return ImportedAuthority.read(certificate, key, NOW);
    }

    @Test
    void anAuthorityThatWasThereBeforeBecomesTheRoot() throws Exception {
        for (var pair : List.of(TestKeys.ec("secp384r1"), TestKeys.rsa(2048))) {
            try (var empty = TestDatabase.fresh()) {
                var own = TestKeys.authority(pair, 1, NOW, Duration.ofDays(2000));

                var authority =
                        CertificateAuthority.open(empty, keyFile, random, NOW, Optional.of(imported(own, pair)));

                assertThat(authority.certificatePem()).isEqualTo(Pem.certificate(own.certificate()));
                verify(authority.certificatePem(), authority.server(NAMES, NOW).chain());
                var issued = empty.inTransaction(tx -> authority.issue(tx, NODE, NOW));
                assertThat(issued.notAfter())
                        .isBeforeOrEqualTo(own.certificate().getNotAfter().toInstant());
                assertThatThrownBy(() -> CertificateAuthority.open(
                                empty, keyFile, random, NOW, Optional.of(imported(own, pair))))
                        .hasMessageContaining("has an authority already");
            }
        }
    }

    @Test
    void anAuthorityThatCannotServeIsRefusedInWords() {
        var pair = TestKeys.ec();
        var life = Duration.ofDays(2000);
        assertThatThrownBy(() -> imported(TestKeys.authority(pair, -1, NOW, life), pair))
                .hasMessageContaining("not the certificate of an authority");
        assertThatThrownBy(() -> imported(TestKeys.authority(pair, 0, NOW, life), pair))
                .hasMessageContaining("path length");
        assertThatThrownBy(() -> imported(TestKeys.authority(pair, 1, NOW, Duration.ofDays(10)), pair))
                .hasMessageContaining("lasts at least");
        assertThatThrownBy(() -> imported(TestKeys.authority(pair, 1, NOW.plus(Duration.ofDays(5)), life), pair))
                .hasMessageContaining("not valid before");
        assertThatThrownBy(() -> imported(TestKeys.authority(pair, 1, NOW, life), TestKeys.ec()))
                .hasMessageContaining("does not belong to the certificate");
        assertThatThrownBy(() -> ImportedAuthority.read(folder.resolve("none"), folder.resolve("none"), NOW))
                .hasMessageContaining("cannot be read");
    }

    @Test
    void theDataOfAMasterWithOneRootGoesOnWorking() throws Exception {
        var address = TestDatabase.emptyAddress();
        var before = OldMaster.found(address, keyFile, NODE, NOW);

        try (var migrated = Database.open(address, 4)) {
            var authority = CertificateAuthority.open(migrated, keyFile, random, NOW);

            // Its nodes trust the old root and nothing else, and show what it signed.
            verify(before.root(), authority.server(NAMES, NOW).chain());
            assertThat(Pem.readCertificate(authority.certificatePem())).isEqualTo(Pem.readCertificate(before.root()));
            Optional<KnownCertificate> known = migrated.inTransaction(
                    tx -> authority.known(tx, before.shown().fingerprint()));
            assertThat(known).get().matches(it -> it.works(NOW));
            // What is signed from now on is signed by an issuing key, and may be rotated.
            var renewed = migrated.inTransaction(tx -> authority.renew(tx, NODE, Optional.empty(), NOW));
            assertThat(TestKeys.certificate(renewed).getIssuerX500Principal())
                    .isNotEqualTo(Pem.readCertificate(before.root()).getSubjectX500Principal());
            migrated.inTransaction(tx -> authority.rotate(tx, Optional.empty(), NOW));
            verify(before.root(), authority.server(NAMES, NOW).chain());
            // When all nodes have the new file, which names both, the old root may go.
            var roots = Pem.readCertificates(authority.certificatePem());
            boolean was = migrated.inTransaction(tx -> authority.endOldRoot(tx, NOW));
            assertThat(was).isTrue();
            verify(certificatePem(roots.get(1)), authority.server(NAMES, NOW).chain());
            assertThat(Pem.readCertificates(authority.certificatePem())).containsExactly(roots.get(1));
        }
    }

    private static String certificatePem(X509Certificate certificate) {
        try {
            return Pem.certificate(certificate);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aKeyFileWithAPassphraseNeedsIt() throws Exception {
        var file = folder.resolve("locked");
        KeyFile.createIfMissing(file, Optional.of("correct horse"), random);
        var sealed = KeyFile.read(file, Optional.of("correct horse"), random).seal("test", "secret");

        assertThat(KeyFile.read(file, Optional.of("correct horse"), random).open("test", sealed))
                .isEqualTo("secret");
        assertThatThrownBy(() -> KeyFile.read(file, Optional.of("wrong"), random))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("does not open");
        assertThatThrownBy(() -> KeyFile.read(file, random)).hasMessageContaining("needs its passphrase");
        assertThatThrownBy(() -> KeyFile.read(folder.resolve("key"), Optional.of("x"), random))
                .hasMessageContaining("has no passphrase");
    }
}

package org.slapos.master.pki;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slapos.master.db.Database;
import org.slapos.master.db.TestDatabase;

class RenewalTest {
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private static final Instant LATER = NOW.plus(Duration.ofDays(250));
    private static final Holder NODE = Holder.computer("COMP-12");

    private final SecureRandom random = new SecureRandom();

    @TempDir
    private Path folder;

    private Database database;
    private CertificateAuthority authority;

    @BeforeEach
    void open() throws Exception {
        database = TestDatabase.fresh();
        KeyFile.createIfMissing(folder.resolve("key"), random);
        authority = CertificateAuthority.open(database, KeyFile.read(folder.resolve("key"), random), random, NOW);
    }

    @AfterEach
    void close() {
        database.close();
    }

    private static Optional<SigningRequest> request() {
        return Optional.of(SigningRequest.read(TestKeys.request(TestKeys.ec())));
    }

    private IssuedCertificate issue() {
        return database.inTransaction(tx -> authority.issue(tx, NODE, request(), NOW));
    }

    private IssuedCertificate renew(Optional<SigningRequest> request, Instant now) {
        return database.inTransaction(tx -> authority.renew(tx, NODE, request, now));
    }

    private boolean works(IssuedCertificate certificate, Instant now) {
        return database.inTransaction(tx -> authority.known(tx, certificate.fingerprint()))
                .orElseThrow()
                .works(now);
    }

    private List<ListedCertificate> living(Instant now) {
        return database.inTransaction(tx -> authority.list(tx, Optional.empty(), false, now, 100, 0));
    }

    @Test
    @Tag("row:11")
    void aRequestedCertificateNamesItsHolderWhateverTheRequestSays() {
        var pair = TestKeys.ec();
        var asked = SigningRequest.read(TestKeys.request(pair, pair, "CN=COMP-1,O=Somebody else"));

        var issued = database.inTransaction(tx -> authority.issue(tx, NODE, Optional.of(asked), NOW));

        var certificate = TestKeys.certificate(issued);
        assertThat(certificate.getSubjectX500Principal().getName("RFC1779"))
                .contains("CN=COMP-12")
                .doesNotContain("Somebody");
        assertThat(certificate.getPublicKey()).isEqualTo(pair.getPublic());
        assertThat(issued.keyPem()).isEmpty();
    }

    @Test
    void oldAndNewWorkUntilTheOverlapIsOver() {
        var old = issue();

        var renewed = renew(request(), LATER);

        var almost = LATER.plus(CertificateAuthority.OVERLAP).minusSeconds(1);
        assertThat(works(old, almost)).isTrue();
        assertThat(works(renewed, almost)).isTrue();
        var over = LATER.plus(CertificateAuthority.OVERLAP);
        assertThat(works(old, over)).isFalse();
        assertThat(works(renewed, over)).isTrue();
        assertThat(renewed.notAfter()).isEqualTo(LATER.plus(Duration.ofDays(365)));
    }

    @Test
    void itIsTimeAtTwoThirdsOfTheLife() {
        issue();
        var active = database.inTransaction(tx -> authority.active(tx, NODE)).orElseThrow();
        assertThat(active.renewFrom())
                .isEqualTo(NOW.plus(Duration.ofDays(365).multipliedBy(2).dividedBy(3)));
    }

    @Test
    void anAnswerThatWasLostIsGivenAgain() {
        issue();
        var request = request();

        var first = renew(request, LATER);
        var second = renew(request, LATER.plusSeconds(60));

        assertThat(second.fingerprint()).isEqualTo(first.fingerprint());
        assertThat(living(LATER)).hasSize(2);
    }

    @Test
    void whoRenewsAgainAndAgainHasTwo() {
        var told = new ArrayList<String>();
        authority.whenRevoked(told::add);
        var first = issue();
        var second = renew(request(), LATER);
        var third = renew(request(), LATER.plusSeconds(60));

        assertThat(works(first, LATER.plusSeconds(61))).isFalse();
        assertThat(told).containsExactly(first.fingerprint());
        assertThat(living(LATER.plusSeconds(61)))
                .extracting(ListedCertificate::fingerprint)
                .containsExactly(second.fingerprint(), third.fingerprint());
    }

    @Test
    void twoAtOnceAreTwoAndBothWork() throws Exception {
        issue();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Callable<IssuedCertificate> once = () -> renew(request(), LATER);
            var both = threads.invokeAll(Stream.generate(() -> once).limit(2).toList());
            for (var one : both) {
                assertThat(works(one.get(), LATER)).isTrue();
            }
        }
    }

    @Test
    void revokingTheHolderEndsBoth() {
        var old = issue();
        var renewed = renew(request(), LATER);

        database.inTransaction(tx -> authority.revoke(tx, NODE, LATER.plusSeconds(1)));

        assertThat(works(old, LATER.plusSeconds(1))).isFalse();
        assertThat(works(renewed, LATER.plusSeconds(1))).isFalse();
    }

    @Test
    void oneSerialNumberIsOneCertificate() {
        var old = issue();
        var renewed = renew(request(), LATER);
        var serial = TestKeys.certificate(old).getSerialNumber().toString(16);

        boolean revoked = database.inTransaction(tx -> authority.revoke(tx, serial, LATER));
        boolean again = database.inTransaction(tx -> authority.revoke(tx, serial, LATER.plusSeconds(1)));

        assertThat(revoked).isTrue();
        assertThat(again).isFalse();
        assertThat(works(old, LATER.plusSeconds(1))).isFalse();
        assertThat(works(renewed, LATER.plusSeconds(1))).isTrue();
    }

    @Test
    void aWatchTellsOfAnEndThatNobodyNotifiedAndOfOneThatTimeBrings() {
        var clock = new java.util.concurrent.atomic.AtomicReference<>(NOW);
        var first = issue();
        var other = Holder.computer("COMP-13");
        var silent = database.inTransaction(tx -> authority.issue(tx, other, request(), NOW));
        try (var watch = new CertificateWatch(database, clock::get, authority)) {
            renew(request(), NOW);
            watch.ask();
            var told = new ArrayList<String>();
            authority.whenRevoked(told::add);

            // As if the notification were lost.
            database.inTransaction(tx -> tx.handle()
                    .execute(
                            "UPDATE certificate SET revoked_at = ?::timestamptz, changed_in = pg_current_xact_id()"
                                    + " WHERE fingerprint = ?",
                            NOW.toString(),
                            silent.fingerprint()));
            watch.ask();
            assertThat(told).contains(silent.fingerprint()).doesNotContain(first.fingerprint());

            clock.set(NOW.plus(CertificateAuthority.OVERLAP));
            watch.ask();
            assertThat(told).contains(first.fingerprint());
        }
    }

    @Test
    void theLastUseIsWrittenInOneGo() {
        var issued = issue();
        var use = new CertificateUse(database);
        use.seen(issued.fingerprint(), NOW);
        use.seen(issued.fingerprint(), NOW.plusSeconds(1)); // no write for it within ten minutes
        use.close();

        assertThat(living(NOW)).extracting(ListedCertificate::usedAt).containsExactly(Optional.of(NOW));
    }
}

package org.slapos.master.party;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
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
import org.slapos.master.party.FetchPersonCertificate.Fetched;
import org.slapos.master.pki.CertificateAuthority;
import org.slapos.master.pki.Holder;
import org.slapos.master.pki.IssuedCertificate;
import org.slapos.master.pki.KeyFile;

class PartyTest {
    private final SecureRandom random = new SecureRandom();
    private Instant now = Instant.parse("2026-11-22T12:00:00Z");

    @TempDir
    private Path folder;

    private Database database;
    private CertificateAuthority authority;
    private InviteFirstPerson invite;
    private FetchPersonCertificate fetch;
    private Assignments assignments;
    private Identities identities;

    @BeforeEach
    void open() throws Exception {
        database = TestDatabase.fresh();
        KeyFile.createIfMissing(folder.resolve("key"), random);
        authority = CertificateAuthority.open(database, KeyFile.read(folder.resolve("key"), random), random, now);
        invite = new InviteFirstPerson(database, () -> now, random, authority);
        fetch = new FetchPersonCertificate(database, () -> now, authority);
        assignments = new Assignments(database);
        identities = new Identities(database, () -> now, authority, assignments);
    }

    @AfterEach
    void close() {
        identities.close();
        assignments.close();
        database.close();
    }

    private IssuedCertificate issued(Fetched fetched) {
        assertThat(fetched).isInstanceOf(Fetched.Issued.class);
        return ((Fetched.Issued) fetched).certificate();
    }

    private static String why(Fetched fetched) {
        assertThat(fetched).isInstanceOf(Fetched.Refused.class);
        return ((Fetched.Refused) fetched).problem().message();
    }

    private static Optional<X509Certificate> shown(IssuedCertificate issued) throws Exception {
        var pem = issued.certificatePem();
        var block = pem.substring(pem.indexOf("-----BEGIN"));
        return Optional.of((X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(block.getBytes(StandardCharsets.US_ASCII))));
    }

    @Test
    @Tag("row:7")
    void theFirstPersonGetsOneCertificateByToken() throws Exception {
        var token = invite.invite(false).orElseThrow();
        var certificate = issued(fetch.fetch(token.text()));

        assertThat(identities.of(shown(certificate))).isEqualTo(new Requester.Person("PERSON-1"));
        assertThat(invite.invite(false)).isEmpty();
        assertThat(why(fetch.fetch(token.text()))).contains("used already");
    }

    @Test
    void ofManyWhoShowATokenAtOnceOneGetsTheCertificate() throws Exception {
        var token = invite.invite(false).orElseThrow();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Callable<Fetched> once = () -> fetch.fetch(token.text());
            long issued = threads.invokeAll(Stream.generate(() -> once).limit(8).toList()).stream()
                    .filter(future -> future.resultNow() instanceof Fetched.Issued)
                    .count();
            assertThat(issued).isEqualTo(1);
        }
    }

    @Test
    void aLostCertificateIsRevokedByInvitingAgain() throws Exception {
        var lost = issued(fetch.fetch(invite.invite(false).orElseThrow().text()));
        assertThat(identities.of(shown(lost))).isInstanceOf(Requester.Person.class);

        var found = issued(fetch.fetch(invite.invite(true).orElseThrow().text()));

        assertThat(identities.of(shown(lost)))
                .isEqualTo(new Requester.Anonymous("The certificate of PERSON-1 was revoked."));
        assertThat(identities.of(shown(found))).isEqualTo(new Requester.Person("PERSON-1"));
    }

    @Test
    void aTokenWorksForItsPurposeAndItsTimeOnly() {
        invite.invite(false);
        var computers = new CreateToken(database, () -> now, random, assignments);
        var token = done(computers.forComputer("PERSON-1", Optional.empty()));

        assertThat(why(fetch.fetch(token.text()))).contains("registering a Computer, not for getting a person's");
        assertThat(why(fetch.fetch("none"))).contains("not known");
        assertThat(why(fetch.fetch("x".repeat(100_000)))).contains("not known");
        assertThat(look(token)).isEqualTo(new RedeemToken.Worth.Valid("PERSON-1", Token.Bound.to("PROJ-1")));
        now = now.plus(Duration.ofDays(2));
        assertThat(look(token))
                .isInstanceOfSatisfying(
                        RedeemToken.Worth.Refused.class,
                        refused -> assertThat(refused.problem().message()).contains("expired"));
    }

    private static <T> T done(Outcome<T> outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Done.class);
        return ((Outcome.Done<T>) outcome).value();
    }

    private RedeemToken.Worth look(Token token) {
        return database.inTransaction(
                tx -> new RedeemToken().look(tx, token.text(), Token.Scope.COMPUTER_REGISTRATION, now));
    }

    @Test
    void aTokenIsNeverTakenForAnOptionOfTheCommandItIsTypedBehind() {
        for (int i = 0; i < 2000; i++) {
            assertThat(Token.make(Token.Scope.INVITATION, now, random).text()).doesNotStartWith("-");
        }
    }

    @Test
    void aTokenIsStoredHashedAndPrintedAsStars() {
        var token = invite.invite(false).orElseThrow();
        String stored = database.inTransaction(tx ->
                tx.handle().select("SELECT hash FROM token").mapTo(String.class).one());
        assertThat(stored).isNotEqualTo(token.text()).hasSize(64);
        assertThat(token.toString()).doesNotContain(token.text());
    }

    @Test
    void aCertificateNotOursOrExpiredIsNobody() throws Exception {
        var issued = database.inTransaction(tx -> authority.issue(tx, Holder.computer("COMP-1"), now));
        var stranger =
                authority.server(java.util.List.of("localhost"), now).chain().getFirst();

        assertThat(identities.of(Optional.empty())).isInstanceOf(Requester.Anonymous.class);
        assertThat(identities.of(Optional.of(stranger)))
                .isEqualTo(new Requester.Anonymous("The certificate shown is for servers: it stands for no client."));
        now = now.plus(Duration.ofDays(5000));
        assertThat(identities.of(shown(issued))).asString().contains("expired");
    }

    @Test
    void anotherMastersRevocationIsHeard() throws Exception {
        var holder = Holder.computer("COMP-1");
        var issued = database.inTransaction(tx -> authority.issue(tx, holder, now));
        assertThat(identities.of(shown(issued))).isInstanceOf(Requester.Computer.class);

        var elsewhere = CertificateAuthority.open(database, KeyFile.read(folder.resolve("key"), random), random, now);
        database.inTransaction(tx -> elsewhere.revoke(tx, holder, now));

        var deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (identities.of(shown(issued)) instanceof Requester.Computer && System.nanoTime() < deadline) {
            Thread.sleep(5); // the notification comes from the database
        }
        assertThat(identities.of(shown(issued))).isInstanceOf(Requester.Anonymous.class);
    }
}

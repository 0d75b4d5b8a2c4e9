package org.slapos.master.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slapos.master.TestMaster;
import org.slapos.master.db.Database;
import org.slapos.master.db.TestDatabase;
import org.slapos.master.party.Assignments;
import org.slapos.master.party.Identities;
import org.slapos.master.pki.CertificateAuthority;
import org.slapos.master.pki.Holder;
import org.slapos.master.pki.IssuedCertificate;
import org.slapos.master.pki.KeyFile;

class IdentityTest {
    private static final InstantSource CLOCK = InstantSource.system();
    private static final Holder HOLDER = Holder.computer("COMP-1");

    @TempDir
    private Path folder;

    private Database database;
    private CertificateAuthority authority;
    private Assignments assignments;
    private Identities identities;
    private HttpServer server;

    @BeforeEach
    void open() throws IOException {
        database = TestDatabase.fresh();
        authority = newAuthority(database, "key");
        assignments = new Assignments(database);
        identities = new Identities(database, CLOCK, authority, assignments);
        server = open(new HttpServer.Settings("127.0.0.1", 0));
    }

    private HttpServer open(HttpServer.Settings settings) throws IOException {
        var identity = authority.server(List.of("localhost", "127.0.0.1"), CLOCK.instant());
        return HttpServer.open(
                settings,
                Optional.of(new HttpServer.ServerKey(identity.chain(), identity.key())),
                identities::of,
                List.of(new Mount("/who", call -> Answer.text(200, String.valueOf(call.requester())))));
    }

    private CertificateAuthority newAuthority(Database of, String keyName) throws IOException {
        var random = new SecureRandom();
        KeyFile.createIfMissing(folder.resolve(keyName), random);
        return CertificateAuthority.open(of, KeyFile.read(folder.resolve(keyName), random), random, CLOCK.instant());
    }

    @AfterEach
    void close() {
        server.close();
        identities.close();
        assignments.close();
        database.close();
    }

    private Socket connect(String version, Optional<IssuedCertificate> identity) throws IOException {
        var socket = (SSLSocket) TestMaster.context(authority.certificatePem(), identity)
                .getSocketFactory()
                .createSocket("127.0.0.1", server.address().getPort());
        socket.setEnabledProtocols(new String[] {version});
        return socket;
    }

    /// Asks on a connection that stays open.
    private static String who(Socket socket) throws IOException {
        socket.getOutputStream().write("GET /who HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        var head = new StringBuilder();
        var in = socket.getInputStream();
        while (!head.toString().endsWith("\r\n\r\n")) {
            head.append((char) in.read());
        }
        var length = head.toString()
                .lines()
                .filter(line -> line.startsWith("Content-Length: "))
                .findFirst();
        var body = in.readNBytes(Integer.parseInt(length.orElseThrow().substring("Content-Length: ".length())));
        return new String(body, StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aRevokedCertificateIsRefusedOnAConnectionThatIsOpen(String version) throws IOException {
        var issued = database.inTransaction(tx -> authority.issue(tx, HOLDER, CLOCK.instant()));
        try (var socket = connect(version, Optional.of(issued))) {
            assertThat(who(socket)).isEqualTo("Computer[id=COMP-1]\n");

            database.inTransaction(tx -> authority.revoke(tx, HOLDER, CLOCK.instant()));

            assertThat(who(socket)).contains("Anonymous").contains("was revoked");
        }
        try (var again = connect(version, Optional.of(issued))) {
            assertThat(who(again)).contains("was revoked");
        }
    }

    /// The server looks at its connections eight times a second; many of these meet such a look in the middle of their
    /// handshake.
    @Test
    void aHandshakeHasItsTimeWhenTheServerLooksAtItsConnections() throws IOException {
        server.close();
        server = open(new HttpServer.Settings("127.0.0.1", 0, 1000, Duration.ofSeconds(2), Optional.empty()));
        var tls =
                TestMaster.context(authority.certificatePem(), Optional.empty()).getSocketFactory();
        int port = server.address().getPort();
        for (int i = 0; i < 60; i++) {
            try (var begun = new Socket(InetAddress.getLoopbackAddress(), port);
                    var meanwhile = connect("TLSv1.3", Optional.empty())) {
                assertThat(who(meanwhile)).contains("Anonymous");
                try (var socket = tls.createSocket(begun, "127.0.0.1", port, false)) {
                    assertThat(who(socket)).contains("Anonymous");
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aCertificateOfAnotherAuthorityIsNobodyWithAReason(String version) throws IOException {
        try (var elsewhere = TestDatabase.fresh()) {
            var other = newAuthority(elsewhere, "other");
            var rogue = elsewhere.inTransaction(tx -> other.issue(tx, HOLDER, CLOCK.instant()));
            try (var socket = connect(version, Optional.of(rogue))) {
                assertThat(who(socket)).contains("Anonymous").contains("not issued by this Master");
            }
        }
    }

    @Test
    void anIdentityIsLookedUpAgainAsLongAsNothingCanBeHeard() throws Exception {
        var issued = database.inTransaction(tx -> authority.issue(tx, HOLDER, CLOCK.instant()));
        try (var socket = connect("TLSv1.3", Optional.of(issued))) {
            assertThat(who(socket)).isEqualTo("Computer[id=COMP-1]\n");
            database.inTransaction(tx -> tx.handle()
                    .execute("update pg_database set datallowconn = false where datname = current_database()"));
            database.inTransaction(tx -> tx.handle()
                    .select("select pg_terminate_backend(pid, 5000) from pg_stat_activity"
                            + " where application_name like '%listen%' and datname = current_database()")
                    .mapTo(Boolean.class)
                    .list());
            // As another Master does: this one is not told.
            database.inTransaction(tx -> tx.handle().execute("update certificate set revoked_at = now()"));
            var deadline = System.nanoTime() + 5_000_000_000L;
            while (!who(socket).contains("was revoked")) {
                assertThat(System.nanoTime()).isLessThan(deadline);
            }
        }
    }

    @Test
    void whoShowsNoCertificateIsNobody() throws IOException {
        try (var socket = connect("TLSv1.3", Optional.empty())) {
            assertThat(who(socket)).contains("Anonymous").contains("No client certificate");
        }
    }
}

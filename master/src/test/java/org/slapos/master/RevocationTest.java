package org.slapos.master;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slapos.master.db.Database;
import org.slapos.master.db.DatabaseAddress;
import org.slapos.master.db.TestDatabase;
import org.slapos.master.pki.CertificateAuthority;
import org.slapos.master.pki.Holder;
import org.slapos.master.pki.IssuedCertificate;
import org.slapos.master.pki.KeyFile;

/// A certificate that ends while it is shown on open connections, to Masters that share one database.
class RevocationTest {
    private static final InstantSource CLOCK = InstantSource.system();
    private static final Holder NODE = Holder.computer("COMP-1");
    private static final Duration LIMIT = Duration.ofSeconds(2);

    @TempDir
    private Path folder;

    /// The authority of a Master, as an operator's command has it.
    private record Authority(Database database, CertificateAuthority authority) implements AutoCloseable {
        static Authority of(DatabaseAddress address, Path keyFile) throws IOException {
            var random = new SecureRandom();
            var database = Database.open(address, 2);
            return new Authority(
                    database,
                    CertificateAuthority.open(database, KeyFile.read(keyFile, random), random, CLOCK.instant()));
        }

        IssuedCertificate issue(Holder holder) {
            return database.inTransaction(tx -> authority.issue(tx, holder, CLOCK.instant()));
        }

        void revoke(Holder holder) {
            database.inTransaction(tx -> authority.revoke(tx, holder, CLOCK.instant()));
        }

        /// As if every notification were lost.
        void revokeSilently(IssuedCertificate certificate) {
            database.inTransaction(tx -> tx.handle()
                    .execute(
                            "UPDATE certificate SET revoked_at = now(), reason = 'REVOKED',"
                                    + " changed_in = pg_current_xact_id() WHERE fingerprint = ?",
                            certificate.fingerprint()));
        }

        @Override
        public void close() {
            database.close();
        }
    }

    private static Socket connect(URI master, String authority, IssuedCertificate identity) throws IOException {
        var socket = (SSLSocket) TestMaster.context(authority, Optional.of(identity))
                .getSocketFactory()
                .createSocket("127.0.0.1", master.getPort());
        socket.setSoTimeout(5000);
        socket.startHandshake();
        return socket;
    }

    /// The status of one request on a connection that stays open.
    private static int ask(Socket socket) throws IOException {
        socket.getOutputStream()
                .write("GET /slap/getHateoasUrl HTTP/1.1\r\nHost: localhost\r\n\r\n"
                        .getBytes(StandardCharsets.US_ASCII));
        return status(socket.getInputStream());
    }

    private static int status(InputStream in) throws IOException {
        var head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("closed");
            }
            head.append((char) next);
        }
        var length = head.toString()
                .lines()
                .filter(line -> line.toLowerCase(java.util.Locale.ROOT).startsWith("content-length:"))
                .findFirst()
                .orElseThrow();
        in.readNBytes(Integer.parseInt(length.substring(length.indexOf(':') + 1).strip()));
        return Integer.parseInt(head.substring(9, 12));
    }

    /// How long it takes until the peer has closed it, without a word from here.
    private static Duration untilClosed(Socket socket, long began) throws IOException {
        try {
            while (socket.getInputStream().read() >= 0) {
                // what is left of an answer
            }
        } catch (SocketTimeoutException e) {
            throw e;
        } catch (IOException _) {
            // closed the hard way
        }
        return Duration.ofNanos(System.nanoTime() - began);
    }

    private static void refusedAndClosed(
            String what, List<URI> masters, String trusted, Authority operator, IssuedCertificate node, Runnable revoke)
            throws IOException {
        var open = new ArrayList<Socket>();
        for (var master : masters) {
            for (int i = 0; i < 3; i++) {
                open.add(connect(master, trusted, node));
            }
            ask(open.getLast()); // one is in use, the others have only begun
            assertThat(ask(open.getLast())).isEqualTo(200);
        }
        long began = System.nanoTime();

        revoke.run();

        for (var socket : open) {
            var took = untilClosed(socket, began);
            System.out.printf("%s: closed after %d ms%n", what, took.toMillis());
            assertThat(took).isLessThan(LIMIT);
            socket.close();
        }
        for (var master : masters) {
            try (var again = connect(master, trusted, node)) {
                assertThat(ask(again)).isEqualTo(401);
            }
        }
        assertThat(operator.database()).isNotNull();
    }

    @Test
    void aRevokedCertificateIsRefusedAndItsConnectionsAreClosedOnTwoMasters() throws Exception {
        try (var one = TestMaster.open(folder.resolve("one"), CLOCK);
                var two = one.beside(folder.resolve("two"));
                var operator = Authority.of(
                        one.configuration().database().orElseThrow(),
                        one.configuration().keyFile())) {
            var trusted = operator.authority().certificatePem();
            var masters = List.of(one.url(), two.url());
            var node = operator.issue(NODE);
            refusedAndClosed("notified", masters, trusted, operator, node, () -> operator.revoke(NODE));

            var other = operator.issue(NODE);
            refusedAndClosed("not notified", masters, trusted, operator, other, () -> operator.revokeSilently(other));
        }
    }

    @Test
    void whoRevokesTheirOwnGetsTheAnswer() throws Exception {
        try (var master = TestMaster.open(folder.resolve("one"), CLOCK);
                var operator = Authority.of(
                        master.configuration().database().orElseThrow(),
                        master.configuration().keyFile())) {
            operator.database()
                    .inTransaction(tx -> tx.handle()
                            .execute("insert into computer (id, reference, title, owner, created_at)"
                                    + " values (1, 'COMP-1', 'one', 'PERSON-1', now())"));
            var node = operator.issue(NODE);
            try (var socket = connect(master.url(), operator.authority().certificatePem(), node)) {
                var body = "computer_id=COMP-1";
                var head = List.of(
                        "POST /slap/revokeComputerCertificate HTTP/1.1",
                        "Host: localhost",
                        "Content-Type: application/x-www-form-urlencoded",
                        "Content-Length: " + body.length(),
                        "",
                        body);
                socket.getOutputStream().write(String.join("\r\n", head).getBytes(StandardCharsets.US_ASCII));
                long began = System.nanoTime();
                assertThat(status(socket.getInputStream())).isEqualTo(200);
                assertThat(untilClosed(socket, began)).isLessThan(LIMIT);
            }
        }
    }

    @Test
    void twoMasterProcessesCloseTheConnectionsToo() throws Exception {
        try (var first = TestMaster.open(folder.resolve("first"), CLOCK);
                var operator = Authority.of(
                        first.configuration().database().orElseThrow(),
                        first.configuration().keyFile());
                var one = MasterProcess.start(folder.resolve("one"), first.configuration());
                var two = MasterProcess.start(folder.resolve("two"), first.configuration())) {
            var trusted = operator.authority().certificatePem();
            var node = operator.issue(NODE);
            refusedAndClosed(
                    "two processes",
                    List.of(one.url(), two.url()),
                    trusted,
                    operator,
                    node,
                    () -> operator.revoke(NODE));
        }
    }

    /// `slapos master start` as a process of its own.
    private record MasterProcess(Process process, URI url) implements AutoCloseable {
        static MasterProcess start(Path folder, MasterConfiguration shared) throws Exception {
            Files.createDirectories(folder);
            var address = shared.database().orElseThrow();
            var configuration = TestMaster.fileNaming(folder, address);
            var log = folder.resolve("log");
            var command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin/java").toString(),
                    "-Xmx256m",
                    "-XX:+UseSerialGC",
                    "-cp",
                    System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                    "org.slapos.master.Main",
                    "start",
                    "--data",
                    folder.resolve("data").toString(),
                    "--key-file",
                    shared.keyFile().toString(),
                    "--host",
                    "127.0.0.1",
                    "--port",
                    "0",
                    "--min-free-mb",
                    "0",
                    "--config",
                    configuration.toString()));
            TestDatabase.unprivilegedUser().ifPresent(user -> command.addAll(List.of("--postgres-user", user)));
            var process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            var deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            while (true) {
                var ready = Files.readAllLines(log).stream()
                        .filter(line -> line.startsWith("Master ready at "))
                        .findFirst();
                if (ready.isPresent()) {
                    return new MasterProcess(process, URI.create(ready.get().split(" ", -1)[3]));
                }
                assertThat(process.isAlive()).as(Files.readString(log)).isTrue();
                assertThat(System.nanoTime()).isLessThan(deadline);
                process.waitFor(50, TimeUnit.MILLISECONDS);
            }
        }

        @Override
        public void close() {
            process.destroy();
            try {
                if (!process.waitFor(15, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
    }
}

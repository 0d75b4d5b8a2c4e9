package org.slapos.master.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MailTest {
    private static final Message HELLO = new Message("alice@example.com", "Grüße", "A link:\nhttps://m/?token=secret");

    /// A server that takes one mail, or refuses its recipient (RFC 5321), and keeps what it was told.
    private static final class Server implements AutoCloseable {
        private final ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        private final StringBuilder told = new StringBuilder();
        private final Thread thread;

        Server(boolean refuses) throws IOException {
            this.thread = Thread.ofVirtual().start(() -> serve(refuses));
        }

        private void serve(boolean refuses) {
            try (var open = socket.accept();
                    var in = new BufferedReader(new InputStreamReader(open.getInputStream(), StandardCharsets.UTF_8));
                    var out = open.getOutputStream()) {
                out.write("220 test\r\n".getBytes(StandardCharsets.US_ASCII));
                boolean data = false;
                for (var line = in.readLine(); line != null; line = in.readLine()) {
                    told.append(line).append('\n');
                    if (data && !line.equals(".")) {
                        continue;
                    }
                    var answer = line.startsWith("DATA")
                            ? "354 go on"
                            : line.startsWith("RCPT") && refuses ? "550 nobody here" : "250 fine";
                    data = line.startsWith("DATA");
                    out.write((answer + "\r\n").getBytes(StandardCharsets.US_ASCII));
                    out.flush();
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        SmtpMail mail() {
            var url = URI.create("smtp://127.0.0.1:" + socket.getLocalPort());
            return new SmtpMail(new SmtpMail.Server(url, "slapos@example.com"));
        }

        String told() throws InterruptedException {
            thread.join();
            return told.toString();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    @Test
    void aMailIsSentWithItsSenderRecipientAndText() throws Exception {
        try (var server = new Server(false)) {
            server.mail().send(HELLO);
            assertThat(server.told())
                    .contains("MAIL FROM:<slapos@example.com>")
                    .contains("RCPT TO:<alice@example.com>")
                    .contains("Subject: =?UTF-8?")
                    .contains("https://m/?token=secret");
        }
    }

    @Test
    void aMailThatIsRefusedIsOneSentenceWithoutItsText() throws Exception {
        try (var server = new Server(true)) {
            assertThatThrownBy(() -> server.mail().send(HELLO))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("did not take a mail to alice@example.com")
                    .hasMessageNotContaining("secret");
        }
        assertThat(HELLO.toString()).doesNotContain("secret");
        assertThat(new SmtpMail.Server(URI.create("smtp://u:hidden@mail.example:587"), "x@y").toString())
                .doesNotContain("hidden");
    }

    @Test
    void withoutAServerAMailIsAFileOfOurUserAlone(@TempDir Path folder) throws IOException {
        var spool = folder.resolve("mail");
        new SpoolMail(spool).send(HELLO);
        try (var files = Files.list(spool)) {
            var file = files.toList().getFirst();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
            assertThat(Files.readString(file))
                    .startsWith("To: alice@example.com\n")
                    .contains("token=secret");
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(spool)))
                .isEqualTo("rwx------");
    }
}

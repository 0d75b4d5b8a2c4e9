package org.slapos.world.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slapos.protocol.client.SlapClient;

/// Proxy mode as a test suite starts and ends it.
class ProxyProcessTest {
    private static final Path LAUNCHER =
            Path.of(System.getProperty("slapos.home", "../dist/target/slapos"), "bin", "slapos");
    private static final Pattern READY = Pattern.compile("Proxy ready at (http://127\\.0\\.0\\.1:\\d+/) .*");
    private static final int ENDED_BY_SIGTERM = 128 + 15;

    @TempDir
    private Path folder;

    @Test
    @Timeout(120)
    void itSaysItsPortAnswersAndIsGoneAfterSigterm() throws IOException, InterruptedException {
        var command = new ProcessBuilder(LAUNCHER.toString(), "proxy", "start", "--port", "0")
                .redirectError(folder.resolve("log").toFile());
        command.environment().remove("SLAPOS_CONFIGURATION");
        var process = command.start();
        try (var said = process.inputReader()) {
            var line = Optional.ofNullable(said.readLine()).orElse("");
            assertThat(line).matches(READY);
            var url = URI.create(READY.matcher(line).replaceAll("$1"));
            try (var client = SlapClient.open(new SlapClient.Settings(url, Optional.empty(), Optional.empty()))) {
                assertThat(client.runId()).isPresent();
            }
            process.destroy();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(ENDED_BY_SIGTERM);
            assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), url.getPort()).close())
                    .isInstanceOf(ConnectException.class);
        } finally {
            process.destroyForcibly();
        }
    }
}

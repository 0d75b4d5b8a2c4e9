package org.slapos.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slapos.protocol.client.PemFiles;

class LoadClientTest {
    private static final Duration MOMENT = Duration.ofMillis(200);

    @Test
    void theMinimalServerGivesItsBytesAndIsMeasured(@TempDir Path folder) throws Exception {
        var body = folder.resolve("body");
        Files.writeString(body, "a".repeat(100_000));
        try (var server = MinimalProcess.start(folder, body)) {
            var client = new LoadClient(PemFiles.context(Optional.empty(), Optional.of(server.root())), 2);
            var full = LoadClient.request(URI.create("https://127.0.0.1/any?thing=1"), "");
            var head = client.download(server.address(), full, folder.resolve("copy"));
            assertThat(head).isEqualTo(new LoadClient.Head(200, "\"1\"", 100_000));
            assertThat(folder.resolve("copy")).hasSameBinaryContentAs(body);

            assertThat(client.measure(server.address(), full, 200, MOMENT, MOMENT)
                            .answersPerSecond())
                    .isPositive();
            var unchanged = LoadClient.request(URI.create("https://127.0.0.1/any"), head.version());
            assertThat(client.measure(server.address(), unchanged, 304, MOMENT, MOMENT)
                            .median())
                    .isPositive();
            assertThatThrownBy(() -> client.measure(server.address(), unchanged, 200, MOMENT, MOMENT))
                    .hasMessageContaining("status 304 instead of 200");
        }
    }
}

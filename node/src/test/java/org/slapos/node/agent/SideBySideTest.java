package org.slapos.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareState;

/// Two releases of one program that differ in one patch, compiled and run side by side.
class SideBySideTest {
    /// Ports come from these numbers: far from those of other tests.
    private static final int FIRST = 37;

    private static final int SECOND = 38;

    private TestNode node;

    @BeforeEach
    void open() throws IOException {
        node = new TestNode(SECOND + 1);
    }

    @AfterEach
    void close() throws IOException {
        node.close();
    }

    @Test
    void releasesThatDifferInOnePatchRunSideBySideAndOneIsRemovedAlone() throws Exception {
        var plain = node.master.profile("helloworld/software.cfg");
        var patched = withAnotherPatch();
        node.master.supply(plain, SoftwareState.AVAILABLE);
        node.master.supply(patched, SoftwareState.AVAILABLE);
        assertThat(node.once().software(Set.of(), false)).isEqualTo(OneShot.SUCCESS);
        node.master.promise(node.instance(FIRST, plain, RequestedState.STARTED, "1", "from one"));
        node.master.promise(node.instance(SECOND, patched, RequestedState.STARTED, "1", "from the other"));

        assertThat(node.once().instances(Set.of(), false)).isEqualTo(OneShot.SUCCESS);

        assertThat(server(FIRST)).isEqualTo("helloworld (part37)");
        assertThat(server(SECOND)).isEqualTo("hello, patched world (part38)");
        assertThat(node.softwareRoot).isDirectoryContaining(file -> Files.isDirectory(file));
        assertThat(node.softwareRoot.toFile().list()).hasSize(2);

        node.master.promise(node.instance(FIRST, plain, RequestedState.DESTROYED, "2", "from one"));
        node.master.supply(plain, SoftwareState.DESTROYED);
        node.once().report();
        assertThat(node.once().software(Set.of(), false)).isEqualTo(OneShot.SUCCESS);

        assertThat(node.softwareRoot.toFile().list()).hasSize(1);
        assertThat(server(SECOND)).isEqualTo("hello, patched world (part38)");
    }

    /// The catalogue's release, with one word of its patch changed.
    private String withAnotherPatch() throws IOException {
        var from = node.profiles.resolve("helloworld");
        var to = Files.createDirectory(node.profiles.resolve("helloworld-patched"));
        try (var files = Files.list(from)) {
            for (var file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
        var patch = to.resolve("greeting.patch");
        var before = sha256(patch);
        Files.writeString(
                patch,
                Files.readString(patch).replace("\"Server: helloworld (%s)", "\"Server: hello, patched world (%s)"));
        var profile = to.resolve("software.cfg");
        assertThat(Files.readString(profile)).contains(before);
        Files.writeString(profile, Files.readString(profile).replace(before, sha256(patch)));
        for (var file : List.of(patch, profile)) {
            node.host.setMode(file, 0644);
        }
        return node.master.profile("helloworld-patched/software.cfg");
    }

    private String server(int partition) throws Exception {
        var url = URI.create("http://127.0.0.1:" + (8100 + partition) + "/");
        var end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        try (var client = HttpClient.newHttpClient()) {
            while (true) {
                try {
                    return client.send(
                                    HttpRequest.newBuilder(url)
                                            .timeout(Duration.ofSeconds(10))
                                            .build(),
                                    HttpResponse.BodyHandlers.discarding())
                            .headers()
                            .firstValue("Server")
                            .orElse("");
                } catch (IOException e) {
                    assertThat(System.nanoTime()).as("answers in time").isLessThan(end);
                    Thread.sleep(50);
                }
            }
        }
    }

    private static String sha256(Path file) throws IOException {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}

package org.slapos.world.software;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HelloWorldTest {
    private static final String PROFILE = "software/helloworld/software.cfg";
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final AtomicInteger PARTITIONS = new AtomicInteger();

    @TempDir
    private static Path folder;

    private static ProfileServer server;
    private static SoftwareFolder software;
    private static Command firstBuild;

    @BeforeAll
    static void build() throws IOException {
        server = new ProfileServer(Command.home());
        software = SoftwareFolder.create(folder.resolve("software"), server.url(PROFILE));
        firstBuild = software.build();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void theReleaseIsBuiltFromItsOwnPlaceWithItsPatch() {
        assertThat(firstBuild.output()).contains("patching file server.c").doesNotContain("Traceback");
        assertThat(firstBuild.exitStatus()).as(firstBuild.output()).isZero();
        assertThat(software.path().resolve("parts/hello/bin/hello-server")).isExecutable();
        assertThat(software.path().resolve("instance.cfg")).content().contains("${parameters:partition}");
        assertThat(software.path().resolve(".build-hello")).doesNotExist();
    }

    @Test
    void aSecondBuildFetchesAndBuildsNothing() throws IOException {
        Path binary = software.path().resolve("parts/hello/bin/hello-server");
        var built = Files.getLastModifiedTime(binary);
        server.asked();

        Command second = software.build();

        assertThat(second.exitStatus()).as(second.output()).isZero();
        assertThat(second.output()).doesNotContain("Installing", "Uninstalling", "fetched");
        assertThat(server.asked()).isEmpty();
        assertThat(Files.getLastModifiedTime(binary)).isEqualTo(built);
    }

    @Test
    void aFileThatIsNotTheOneOfTheProfileFailsTheBuildByName() throws IOException {
        Path catalogue = folder.resolve("tampered");
        copy(Command.home().resolve("software"), catalogue.resolve("software"));
        Files.writeString(catalogue.resolve("software/helloworld/server.c"), "int main(void) { return 0; }\n");
        try (var tampered = new ProfileServer(catalogue)) {
            var release = SoftwareFolder.create(folder.resolve("tampered-software"), tampered.url(PROFILE));

            Command build = release.build();

            assertThat(build.exitStatus()).isNotZero();
            assertThat(build.output())
                    .contains(tampered.url("software/helloworld/server.c"))
                    .containsPattern("SHA-256 [0-9a-f]{64} was expected, [0-9a-f]{64} was found");
            assertThat(release.path().resolve("parts/hello")).doesNotExist();
        }
    }

    @Test
    void theProgramsWorkFromAReadOnlyCopyElsewhere() throws IOException {
        Path copy = folder.resolve("copied/app");
        copy(Command.home().resolve("runtime"), copy.resolve("runtime"));
        copy(Command.home().resolve("recipe"), copy.resolve("recipe"));
        var release = SoftwareFolder.create(folder.resolve("copied/software"), server.url(PROFILE));

        Command build = release.build(copy);

        assertThat(build.exitStatus()).as(build.output()).isZero();
        assertThat(copy.resolve("recipe/slapkit/__pycache__")).doesNotExist();
        assertThat(Files.getPosixFilePermissions(Command.home().resolve("runtime/bin/buildout")))
                .contains(PosixFilePermission.OTHERS_EXECUTE, PosixFilePermission.OTHERS_READ);
    }

    @Test
    void theServiceServesTheGreetingAndThenThePromiseHolds() throws Exception {
        PartitionFolder partition = partition();
        Command run = partition.request(Map.of("greeting", "Good morning"));
        assertThat(run.exitStatus()).as(run.output()).isZero();
        assertThat(partition.promise().exitStatus()).isNotZero();

        Process service = partition.startService();
        try {
            HttpResponse<String> page = fetch(partition);

            assertThat(page.statusCode()).isEqualTo(200);
            assertThat(page.body()).contains("<h1>Good morning</h1>", "&lt;my&gt; title", partition.id());
            assertThat(page.headers().firstValue("Content-Type")).contains("text/html; charset=utf-8");
            assertThat(page.headers().firstValue("Server")).contains("helloworld (" + partition.id() + ")");
            Command promise = partition.promise();
            assertThat(promise.exitStatus()).as(promise.output()).isZero();
            assertThat(promise.output()).hasLineCount(1);
            assertThat(partition.published().get("greeting").textValue()).isEqualTo("Good morning");
        } finally {
            end(service);
        }
    }

    @Test
    void aSecondRunChangesNothing() throws IOException {
        PartitionFolder partition = partition();
        partition.request(Map.of());
        Map<String, String> before = partition.state();

        Command second = partition.run();

        assertThat(second.exitStatus()).as(second.output()).isZero();
        assertThat(second.output()).doesNotContain("Installing", "Uninstalling");
        assertThat(partition.state()).isEqualTo(before);
    }

    @Test
    void anotherGreetingIsAnotherServiceSoThatItRestarts() throws IOException {
        PartitionFolder partition = partition();
        partition.request(Map.of("greeting", "one"));
        Path first = partition.only("etc/service");

        partition.request(Map.of("greeting", "two"));

        assertThat(partition.only("etc/service")).isNotEqualTo(first);
        assertThat(first).doesNotExist();
    }

    @Test
    void aHostileGreetingIsShownAsTheTextItIs() throws Exception {
        String hostile = """
                <script>alert("1")</script> ${x} ${buildout:directory} $${y} & 'q' é ☃ 😀
                [buildout]
                parts =\s
                  # end  \s""";
        PartitionFolder partition = partition();
        Command run = partition.request(Map.of("greeting", hostile));
        assertThat(run.exitStatus()).as(run.output()).isZero();
        Map<String, String> before = partition.state();
        assertThat(partition.run().output()).doesNotContain("Installing");
        assertThat(partition.state()).isEqualTo(before);

        Process service = partition.startService();
        try {
            String page = fetch(partition).body();

            assertThat(page)
                    .contains("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; ${x} ${buildout:directory} $${y}")
                    .contains("&amp; &#x27;q&#x27; é ☃ 😀")
                    .doesNotContain("<script>");
            assertThat(partition.promise().exitStatus()).isZero();
            assertThat(partition.published().get("greeting").textValue()).isEqualTo(hostile);
        } finally {
            end(service);
        }
    }

    @Test
    void aControlCharacterInAParameterIsRefusedByName() throws IOException {
        Command run = partition().request(Map.of("greeting", "a\u0001b"));

        assertThat(run.exitStatus()).isNotZero();
        assertThat(run.output()).contains("p.greeting holds the control character U+0001");
    }

    @Test
    void theDocumentParameterIsMergedOverTheOthers() throws IOException {
        PartitionFolder partition = partition();

        partition.request(Map.of("greeting", "plain", "_", "{\"greeting\": \"document\", \"size\": 3}"));

        assertThat(partition.published().get("greeting").textValue()).isEqualTo("document");
    }

    private static PartitionFolder partition() throws IOException {
        // A number far from those of real partitions: the port comes from it.
        String id = "slappart" + (20_000 + PARTITIONS.incrementAndGet());
        return PartitionFolder.create(folder.resolve(id), id, software);
    }

    /// The page, as soon as the service listens.
    private static HttpResponse<String> fetch(PartitionFolder partition) throws Exception {
        var url = URI.create(partition.published().get("url").textValue());
        Instant end = Instant.now().plus(PATIENCE);
        try (var client = HttpClient.newHttpClient()) {
            while (true) {
                try {
                    return client.send(
                            HttpRequest.newBuilder(url).timeout(PATIENCE).build(),
                            HttpResponse.BodyHandlers.ofString());
                } catch (IOException e) {
                    if (Instant.now().isAfter(end)) {
                        throw e;
                    }
                    Thread.onSpinWait();
                }
            }
        }
    }

    private static void end(Process service) throws InterruptedException {
        service.destroy();
        assertThat(service.waitFor(PATIENCE)).isTrue();
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path copy = to.resolve(from.relativize(file).toString());
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }
}

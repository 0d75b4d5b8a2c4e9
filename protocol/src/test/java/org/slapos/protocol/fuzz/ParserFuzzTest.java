package org.slapos.protocol.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.Jazzer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// No input makes a parser hang, eat memory without bound, or fail otherwise than by saying that it is malformed.
///
/// `make test` searches for some seconds in one process for all parsers; `make fuzz` for a minute with each.
class ParserFuzzTest {
    private static final Path KEPT = Path.of("src/test/fuzz-corpus");
    private static final Path WORK = Path.of("target/fuzz");
    private static final String SECONDS = "slapos.fuzz.seconds";
    private static final int SECONDS_FOR_EACH_IN_TESTS = 5;

    /// What the search in `make test` begins with each time, so that its result speaks of the change and not of luck.
    private static final int SEED_IN_TESTS = 1;

    private static final int ANY_SEED = 0;

    @ParameterizedTest
    @EnumSource(Parser.class)
    void everyKeptInputIsReadOrRefused(Parser parser) throws IOException {
        for (var other : Parser.values()) {
            for (var kept : kept(other)) {
                parser.check(Files.readAllBytes(kept));
            }
            for (var golden : other.goldenInputs()) {
                parser.check(golden.getBytes(UTF_8));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Parser.class)
    @EnabledIfSystemProperty(named = SECONDS, matches = "\\d+")
    void noInputIsFoundThatBreaksAParser(Parser parser) throws IOException, InterruptedException {
        var work = WORK.resolve(parser.folder());
        var seeds = Files.createDirectories(work.resolve("seeds"));
        seed(parser, seeds, new byte[0]);
        search(parser.name(), work, Integer.getInteger(SECONDS, 0), ANY_SEED);
    }

    @Test
    @DisabledIfSystemProperty(named = SECONDS, matches = "\\d+")
    void noInputIsFoundThatBreaksAnyParser() throws IOException, InterruptedException {
        var work = WORK.resolve("all");
        var seeds = Files.createDirectories(work.resolve("seeds"));
        var parsers = Parser.values();
        for (byte i = 0; i < parsers.length; i++) {
            seed(parsers[i], seeds, new byte[] {i});
        }
        search("", work, SECONDS_FOR_EACH_IN_TESTS * parsers.length, SEED_IN_TESTS);
    }

    private static List<Path> kept(Parser parser) throws IOException {
        var folder = KEPT.resolve(parser.folder());
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (var files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    /// Gives the search something to begin with.
    private static void seed(Parser parser, Path seeds, byte[] before) throws IOException {
        int number = 0;
        for (var golden : parser.goldenInputs()) {
            write(seeds.resolve(parser.folder() + "-" + number++), before, golden.getBytes(UTF_8));
        }
        for (var kept : kept(parser)) {
            write(seeds.resolve(parser.folder() + "-" + number++), before, Files.readAllBytes(kept));
        }
    }

    private static void write(Path file, byte[] before, byte[] input) throws IOException {
        var all = new ByteArrayOutputStream();
        all.writeBytes(before);
        all.writeBytes(input);
        Files.write(file, all.toByteArray());
    }

    private static void search(String parser, Path work, int seconds, int seed)
            throws IOException, InterruptedException {
        var log = work.resolve("log.txt");
        var fuzzer = new ProcessBuilder(command(parser, work, seconds, seed))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            assertThat(fuzzer.waitFor(seconds + 120L, TimeUnit.SECONDS))
                    .as("the search ends in time; see %s", log)
                    .isTrue();
        } finally {
            fuzzer.destroyForcibly();
        }
        var said = Files.readString(log);
        assertThat(fuzzer.exitValue())
                .as("an input broke a parser: it is in %s; keep it below %s. %s", work, KEPT, said)
                .isZero();
        assertThat(said).contains("Done ");
    }

    private static List<String> command(String parser, Path work, int seconds, int seed) throws IOException {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx700m",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Djava.io.tmpdir="
                        + Files.createDirectories(work.resolve("temporary")).toAbsolutePath(), // it leaves files there
                "-D" + FuzzTarget.PARSER + "=" + parser,
                "-cp",
                System.getProperty("java.class.path"),
                Jazzer.class.getName(),
                "--target_class=" + FuzzTarget.class.getName(),
                "--instrumentation_includes=org.slapos.protocol.*:org.slapos.protocol.**",
                "--custom_hook_excludes=**",
                "--reproducer_path=" + work,
                "-artifact_prefix=" + work + "/",
                "-timeout=10",
                "-rss_limit_mb=3000",
                "-max_len=20000",
                "-max_total_time=" + seconds,
                "-seed=" + seed,
                Files.createDirectories(work.resolve("found")).toString(),
                work.resolve("seeds").toString());
    }
}

package org.slapos.world.software;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SlapRunTest {
    /// None is ignored but the two that belong to the C library.
    private static final String DEFAULT_SIGNALS = "SigIgn:\\s+[0-9a-f]{8}[08]0{7}";

    @TempDir
    private Path folder;

    @Test
    @Tag("system")
    void theCommandIsTheUserForGood() {
        Command run = slapRun(
                "--uid", "61234", "--gid", "61235", "--groups", "61236,61237", "--", "/bin/cat", "/proc/self/status");

        assertThat(run.exitStatus()).as(run.output()).isZero();
        assertThat(run.output())
                .containsPattern("Uid:\\s+61234\\s+61234\\s+61234\\s+61234")
                .containsPattern("Gid:\\s+61235\\s+61235\\s+61235\\s+61235")
                .containsPattern("Groups:\\s+61236 61237")
                .containsPattern("NoNewPrivs:\\s+1")
                .containsPattern(DEFAULT_SIGNALS);
        for (String set : List.of("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")) {
            assertThat(run.output()).containsPattern(set + ":\\s+0{16}");
        }
    }

    @Test
    @Tag("system")
    void theCommandCannotBecomeRootAgain() {
        Command run = slapRun("--uid", "61234", "--gid", "61235", "--", "/usr/bin/python3", "-c", """
                import os
                for attempt in (lambda: os.setuid(0), lambda: os.setresuid(-1, 0, -1), lambda: os.setgroups([0])):
                    try:
                        attempt()
                        print("root came back")
                    except PermissionError:
                        print("refused")
                """);

        assertThat(run.output()).isEqualTo("refused\nrefused\nrefused\n");
    }

    @Test
    @Tag("system")
    void whatItsCallerIgnoresTheCommandDoesNot() {
        Command run = Command.run(
                folder,
                Map.of(),
                List.of(
                        "/bin/sh",
                        "-c",
                        "trap '' HUP USR1; exec \"$@\"",
                        "sh",
                        program(),
                        "--uid",
                        "61234",
                        "--gid",
                        "61235",
                        "--",
                        "/bin/cat",
                        "/proc/self/status"));

        assertThat(run.output()).containsPattern(DEFAULT_SIGNALS);
    }

    @Test
    @Tag("system")
    void theEnvironmentAndTheExitStatusAreTheCommandsOwn() {
        Command run = Command.run(
                folder,
                Map.of("USER", "slapuser0"),
                List.of(program(), "--uid", "61234", "--gid", "61235", "--", "/bin/sh", "-c", "echo $USER; exit 7"));

        assertThat(run).isEqualTo(new Command(7, "slapuser0\n"));
    }

    @Test
    void rootAndNonsenseAreRefused() {
        Stream.of(
                        List.of("--uid", "0", "--gid", "61235", "--", "/bin/true"),
                        List.of("--uid", "61234", "--gid", "0", "--", "/bin/true"),
                        List.of("--uid", "61234", "--gid", "61235", "--groups", "0", "--", "/bin/true"),
                        List.of("--uid", "-1", "--gid", "61235", "--", "/bin/true"),
                        List.of("--uid", "4294967295", "--gid", "61235", "--", "/bin/true"),
                        List.of("--uid", "61234", "--", "/bin/true"),
                        List.of("--uid", "61234", "--gid", "61235", "--", "true"),
                        List.of("--uid", "61234", "--gid", "61235", "/bin/true"))
                .forEach(words -> {
                    Command run = slapRun(words.toArray(String[]::new));
                    assertThat(run.exitStatus()).as(words + " " + run.output()).isEqualTo(126);
                    assertThat(run.output()).startsWith("slap-run: ").hasLineCount(1);
                });
    }

    private Command slapRun(String... words) {
        return Command.run(
                folder, Stream.concat(Stream.of(program()), Stream.of(words)).toList());
    }

    private static String program() {
        return Command.home().resolve("runtime/bin/slap-run").toString();
    }
}

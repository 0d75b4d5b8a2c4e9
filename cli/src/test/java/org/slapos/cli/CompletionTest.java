package org.slapos.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The completion scripts in the shells they are for. `slapos` on their path is this module's own program.
class CompletionTest {
    @TempDir
    private Path folder;

    private LoopbackMaster master;

    @BeforeEach
    void open() throws IOException {
        master = new LoopbackMaster().hasHypermedia();
        Files.writeString(folder.resolve("client.cfg"), "[slapos]\nmaster_url = " + master.url() + "\n");
        var program = folder.resolve("slapos");
        Files.writeString(
                program, """
                #!/bin/sh
                exec '%s/bin/java' -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp '%s' org.slapos.cli.Main "$@"
                """.formatted(System.getProperty("java.home"), System.getProperty("java.class.path")));
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        for (var shell : List.of("bash", "zsh", "fish")) {
            Files.writeString(folder.resolve("completion." + shell), slapos("complete", "--shell", shell));
        }
    }

    @AfterEach
    void close() {
        master.close();
    }

    private String slapos(String... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        var environment = Map.of(
                "SLAPOS_CLIENT_CONFIGURATION", folder.resolve("client.cfg").toString());
        assertThat(Main.run(environment, new PrintWriter(out), new PrintWriter(err), arguments))
                .as(err.toString())
                .isZero();
        return out.toString();
    }

    private String run(List<String> command) {
        try {
            var builder = new ProcessBuilder(command).redirectErrorStream(true).directory(folder.toFile());
            builder.environment().put("PATH", folder + ":" + System.getenv("PATH"));
            builder.environment()
                    .put(
                            "SLAPOS_CLIENT_CONFIGURATION",
                            folder.resolve("client.cfg").toString());
            var process = builder.start();
            var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            return output;
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /// What bash would offer at the end of the line.
    private List<String> bash(String line) {
        return run(List.of("bash", "--norc", "-c", """
                        source completion.bash
                        COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDBREAKS=' :='
                        compopt() { echo "files"; }
                        _slapos
                        printf '%s\\n' "${COMPREPLY[@]}"
                        """, "bash", line))
                .lines()
                .filter(candidate -> !candidate.isEmpty())
                .toList();
    }

    private void namesAreSlow(long millis) {
        master.then("hateoas search", () -> {
            try {
                Thread.sleep(millis);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @Test
    @Tag("checklist:CL-22")
    void theScriptIsThatOfBashUnlessAnotherShellIsNamed() throws IOException {
        assertThat(slapos("complete")).isEqualTo(Files.readString(folder.resolve("completion.bash")));
        assertThat(slapos("complete", "--shell", "fish")).contains("complete -c slapos");
    }

    @Test
    @Tag("checklist:CL-22")
    void wordsAreCompletedWithoutAskingAnybody() {
        assertThat(bash("slapos ser")).containsExactly("service");
        assertThat(bash("slapos service ")).containsExactly("list", "info", "backup");
        assertThat(bash("slapos -o table service l")).containsExactly("list");
        assertThat(bash("slapos node s"))
                .contains("software", "supervisord", "status")
                .doesNotContain("register");
        assertThat(bash("slapos master ")).contains("init", "start");
        assertThat(bash("slapos help ca")).containsExactly("cachelookup");
        assertThat(bash("slapos service list -o ")).containsExactly("table", "json", "yaml", "name");
        assertThat(bash("slapos service list --wa")).containsExactly("--watch");
        assertThat(bash("slapos request a b --state st")).containsExactly("started", "stopped");
        assertThat(bash("slapos request --parameters-file ")).containsExactly("files");
        assertThat(bash("slapos --cfg ")).containsExactly("files");
        assertThat(master.received()).isEmpty();
    }

    @Test
    void namesComeFromTheMaster() {
        master.answers("hateoas search", """
                {"_embedded": {"contents": [
                    {"title": "hello", "reference": "COMP-1", "url_string": "https://x.example/software.cfg"},
                    {"title": "$(touch pwned)", "reference": "COMP-2", "url_string": "https://y.example/software.cfg"}]}}
                """);

        assertThat(bash("slapos service info h")).containsExactly("hello");
        assertThat(bash("slapos --cfg client.cfg service info \\$")).isEmpty();
        assertThat(bash("slapos service info ")).containsExactly("\\$\\(touch\\ pwned\\)", "hello");
        assertThat(folder.resolve("pwned")).doesNotExist();
        assertThat(bash("slapos request hello https://x")).containsExactly("//x.example/software.cfg");
        assertThat(bash("slapos supply https://x.example/software.cfg COMP-")).containsExactly("COMP-1", "COMP-2");
        assertThat(bash("slapos computer info ")).containsExactly("COMP-1", "COMP-2");
        assertThat(bash("slapos computer info COMP-1 ")).isEmpty();
    }

    @Test
    void aMasterThatIsAwayOrSlowIsSilence() {
        master.answers("hateoas search", "{\"_embedded\": {\"contents\": [{\"title\": \"hello\"}]}}");
        namesAreSlow(5000);
        assertThat(bash("slapos service info ")).isEmpty();
        master.close();
        assertThat(bash("slapos service info ")).isEmpty();
    }

    @Test
    void zshOffersTheSame() {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/zsh")), "zsh is not installed");
        assertThat(run(List.of("zsh", "-f", "-c", """
                        compdef() { :; }
                        compadd() { shift; print -rl -- "${(@P)1}"; }
                        source completion.zsh
                        words=(slapos service '') CURRENT=3
                        _slapos
                        """))).isEqualTo("list\ninfo\n");
    }

    @Test
    @Tag("checklist:CL-22")
    void fishOffersTheSame() {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/fish")), "fish is not installed");
        assertThat(run(List.of("fish", "--no-config", "-c", """
                        source completion.fish
                        complete -C 'slapos service '
                        """))).isEqualTo("info\nlist\n");
    }
}

package org.slapos.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What holds for every command: global options, help, exit statuses, what is said where.
class FrameTest {
    private static final String LINE = "\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d slapos\\[\\d+\\] ";

    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int slapos(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return Main.run(Map.of("HOME", folder.toString()), new PrintWriter(out), new PrintWriter(err), arguments);
    }

    @Test
    @Tag("checklist:CL-31")
    void noArgumentIsTheHelpAndItGroupsTheCommands() {
        assertThat(slapos()).isZero();
        assertThat(err.toString()).isEmpty();
        assertThat(out.toString())
                .contains("\nclient:\n  request ", "\nother:\n", "  node ", "  master ")
                .contains("slapos request blog https://");
        var general = out.toString();
        assertThat(slapos("help")).isZero();
        assertThat(out).hasToString(general);
        assertThat(slapos("-v", "--help")).isZero();
        assertThat(out).hasToString(general);
    }

    @Test
    @Tag("checklist:CL-31")
    void helpOfACommandIsTheSameBothWaysAndHasExamples() {
        assertThat(slapos("help", "service", "info")).isZero();
        var help = out.toString();
        assertThat(help).startsWith("Usage: slapos service info ").contains("Examples:");
        assertThat(slapos("service", "info", "--help")).isZero();
        assertThat(out).hasToString(help);
    }

    @Test
    void everyCommandHasAHelpWithASentence() {
        for (var entry : Main.commands().entries()) {
            var words = ("help " + entry.words()).split(" ", -1);
            assertThat(slapos(words)).as(entry.words()).isZero();
            assertThat(out.toString()).as(entry.words()).startsWith("Usage: slapos " + entry.words());
        }
    }

    @Test
    void severalLettersBehindOneHyphenAreAllMeant() {
        assertThat(slapos("service", "list", "-vq")).isEqualTo(1);
        assertThat(err.toString()).contains("\tat org.slapos.cli.");
        assertThat(slapos("service", "list", "-o")).isEqualTo(2);
        assertThat(err.toString()).isEqualTo("slapos: -o needs a value\n");
    }

    @Test
    void aWordThatNeedsAnotherSaysWhichThereAre() {
        assertThat(slapos("service")).isZero();
        assertThat(out.toString()).contains("service list", "service info").doesNotContain("computer");
    }

    @Test
    void anUnknownCommandEndsWithFiveAndTheNearestOne() {
        assertThat(slapos("servise", "list")).isEqualTo(5);
        assertThat(err.toString()).contains("there is no command 'servise'. Did you mean 'service'?");
        assertThat(slapos("service", "lst")).isEqualTo(5);
        assertThat(err.toString()).contains("Did you mean 'service list'?");
        assertThat(slapos("--frobnicate", "request")).isEqualTo(5);
        assertThat(err.toString()).contains("there is no option '--frobnicate'");
    }

    @Test
    void wrongArgumentsEndWithTwoAndTheUsageOnStandardError() {
        assertThat(slapos("supply", "https://x/software.cfg")).isEqualTo(2);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString())
                .startsWith("Usage: slapos supply ")
                .contains("slapos supply: Missing required parameter: 'COMPUTER'");
        assertThat(slapos("service", "list", "--nonsense")).isEqualTo(2);
        assertThat(slapos("service", "list", "-o", "csv")).isEqualTo(2);
        assertThat(err.toString()).contains("-o: table, json, yaml or name, not 'csv'");
    }

    @Test
    void aFailureEndsWithOneAndShowsWhereItWasOnlyWhenAsked() {
        assertThat(slapos("service", "list")).isEqualTo(1);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString())
                .matches(LINE + "ERROR there is no client configuration .*slapos-client.cfg. Make one with 'slapos"
                        + " configure client', or name another with --cfg.\n");
        assertThat(slapos("service", "list", "--debug")).isEqualTo(1);
        assertThat(err.toString()).contains("\tat org.slapos.cli.");
        assertThat(slapos("-v", "service", "list")).isEqualTo(1);
        assertThat(err.toString()).contains("\tat org.slapos.cli.");
    }

    @Test
    void theLogFileGetsEverythingAndTheConsoleWhatWasAsked() throws IOException {
        var configuration = folder.resolve("c.cfg");
        Files.writeString(configuration, "[slapos]\nmaster_url = http://127.0.0.1:1/\n");
        for (var option : new String[] {"--log-file", "--logfile", "--log_file"}) {
            var file = folder.resolve("log" + option);
            assertThat(slapos("supply", "-q", "u", "COMP-1", option, file.toString(), "--cfg", configuration + ""))
                    .isEqualTo(1);
            assertThat(err.toString()).matches(LINE + "ERROR [^\n]+\n").contains("Is the Master running");
            assertThat(file)
                    .content()
                    .containsPattern("(?m)^\\[\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\] DEBUG configuration ")
                    .contains("] INFO Requesting u on COMP-1...\n", "] ERROR ");
        }
    }

    @Test
    void coloursComeOnlyWhenAskedOrOnATerminal() {
        assertThat(slapos("service", "list")).isEqualTo(1);
        assertThat(err.toString()).doesNotContain("\u001b");
        assertThat(slapos("service", "list", "--log-color")).isEqualTo(1);
        assertThat(err.toString()).contains("\u001b[31mERROR\u001b[0m");
    }
}

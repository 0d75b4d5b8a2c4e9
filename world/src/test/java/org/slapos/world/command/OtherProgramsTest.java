package org.slapos.world.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The client's help and completion name the commands of the other programs, which it cannot ask.
class OtherProgramsTest {
    private static final Path LAUNCHER = Path.of(System.getProperty("slapos.home"), "bin", "slapos");
    private static final Pattern COMMAND = Pattern.compile("(?m)^  ([a-z-]+(?:, [a-z-]+)*)(?:  .*)?$");

    private static String slapos(String... words) throws IOException, InterruptedException {
        var line = new ArrayList<String>();
        line.add(LAUNCHER.toString());
        line.addAll(List.of(words));
        var process = new ProcessBuilder(line).start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        var errors = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output + errors).isZero();
        assertThat(errors).isEmpty();
        return output;
    }

    @ParameterizedTest
    @ValueSource(strings = {"node", "master", "proxy"})
    void theCommandsThatTheClientNamesAreThose(String program) throws Exception {
        var help = slapos(program, "--help");
        var real = COMMAND.matcher(help.substring(help.indexOf("Commands:")))
                .results()
                .map(found -> found.group(1))
                .toList();
        var told = slapos("help", program)
                .lines()
                .filter(line -> line.startsWith("Commands: "))
                .flatMap(line -> List.of(line.substring("Commands: ".length()).split(", ", -1)).stream())
                .toList();

        assertThat(told).isNotEmpty().containsExactlyInAnyOrderElementsOf(real);
    }

    @Test
    @Tag("checklist:CL-31")
    void helpListsTheCommandsAndThatOfOneOfTheNodeShowsItsOptions() throws Exception {
        assertThat(slapos("help")).contains("request", "supply", "service list", "node", "cachelookup", "console");
        var help = slapos("help", "node", "instance");

        assertThat(help).contains("slapos node instance").contains("--only-cp").contains("--force-stop");
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash", "zsh", "fish"})
    void theirWordsAreCompleted(String shell) throws Exception {
        assertThat(slapos("complete", "--shell", shell)).contains("supervisord", "init");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--version", "service list --version"})
    void theVersionMayBeAskedForAnywhere(String line) throws Exception {
        assertThat(slapos(line.split(" ", -1))).matches("SlapOS for Java \\S+\n");
    }
}

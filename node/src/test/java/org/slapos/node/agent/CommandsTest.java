package org.slapos.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slapos.node.Main;
import org.slapos.node.supervisor.PartitionPrograms;
import org.slapos.protocol.PartitionId;

/// Commands of `slapos node`, as they are called.
class CommandsTest {
    private TestNode node;
    private String printed = "";

    @BeforeEach
    void open() throws IOException {
        node = new TestNode(1);
    }

    @AfterEach
    void close() throws IOException {
        node.close();
    }

    private int run(String... words) {
        var line = new ArrayList<>(List.of(words));
        line.addAll(1, List.of("--cfg", node.cfg.toString()));
        var before = System.out;
        var out = new ByteArrayOutputStream();
        try (var stream = new PrintStream(out, true, StandardCharsets.UTF_8)) {
            System.setOut(stream);
            return Main.run(line.toArray(String[]::new));
        } finally {
            System.setOut(before);
            printed = out.toString(StandardCharsets.UTF_8);
        }
    }

    @Test
    @Tag("checklist:CL-20")
    void supervisorctlStartsTheSupervisorUnlessThatIsForbidden() {
        assertThat(run("supervisorctl", "--set", "forbid_supervisord_automatic_launch=true", "status"))
                .isNotZero();
        assertThat(node.rooms.supervisor().isRunning()).isFalse();

        run("supervisorctl", "status");

        assertThat(node.rooms.supervisor().isRunning()).isTrue();
        assertThat(printed).startsWith("watchdog ");
    }

    @Test
    void servicesAreStoppedStartedAndShownByName() throws IOException {
        node.rooms.supervisor().ensureRunning();
        startHello("exec sleep 1000");

        assertThat(run("stop", "part0:hello-on-watch")).isZero();
        assertThat(run("status", "-o", "json", "part0")).isZero();
        var shown = new ObjectMapper().readTree(printed);
        assertThat(shown).hasSize(1);
        assertThat(shown.get(0).path("state").asText()).isEqualTo("STOPPED");
        assertThat(run("start", "part0:*")).isZero();
        assertThat(run("status", "other")).isZero();

        assertThat(printed).isEmpty();
        run("status", "part0:hello-on-watch");
        assertThat(printed).contains("RUNNING");
    }

    @Test
    void restartAndTailAreWordsOfTheSupervisorsConsole() throws Exception {
        assertThat(run("supervisord")).isZero();
        assertThat(node.rooms.supervisor().isRunning()).isTrue();
        startHello("echo this is $$; exec sleep 1000");
        long first = pid();

        assertThat(run("restart", "part0:hello-on-watch")).isZero();

        assertThat(pid()).isNotEqualTo(first).isPositive();
        WorkingNode.await(
                Duration.ofSeconds(20),
                () -> run("tail", "part0:hello-on-watch") == 0 && printed.contains("this is " + pid()));
        assertThat(printed).contains("this is " + first);
        assertThat(run("restart", "part0:there-is-none")).isNotZero();
        assertThat(printed).contains("no such process");
    }

    /// A watched service of the first partition.
    private void startHello(String line) throws IOException {
        var file = Files.writeString(node.partition(0).resolve("hello"), "#!/bin/sh\n" + line + "\n");
        node.host.setMode(file, 0755);
        var id = new PartitionId("part0");
        var owner = node.host.owner(node.partition(0)).orElseThrow();
        var program = new PartitionPrograms.Program(file, true, "");
        node.rooms.supervisor().writeGroup(new PartitionPrograms(id, node.partition(0), owner, List.of(program)));
        node.rooms.supervisor().start(id);
    }

    private long pid() {
        return node.rooms.supervisor().processes().getFirst().pid();
    }

    @Test
    void collectMeasuresOnce() throws IOException {
        assertThat(run("collect")).isZero();

        var tables = node.instanceRoot.resolve("var/data-log/" + LocalDate.now(ZoneOffset.UTC));
        assertThat(tables.resolve("dump_system.csv")).content().hasLineCount(1);
        assertThat(tables.resolve("dump_computer.csv")).content().hasLineCount(1);
    }

    @Test
    void whatIsNoVerbEndsWithFiveAndAnUnknownOptionWithTwo() {
        assertThat(run("softwear")).isEqualTo(5);
        assertThat(run("software", "--sooner")).isEqualTo(2);
        assertThat(Main.run("software", "--cfg", "/nowhere/slapos.cfg")).isEqualTo(1);
    }

    @Test
    void bangTellsTheMasterAndSaysSoInTwoLines() {
        assertThat(run("bang", "-m", "the disk is new")).isZero();

        assertThat(printed.lines()).hasSize(2);
        assertThat(node.master.calls("computerBang").getFirst().form().required("message"))
                .isEqualTo("the disk is new");
        node.master.answer("computerBang", 403);
        assertThat(run("bang")).isEqualTo(1);
    }

    @Test
    @Tag("checklist:CL-12")
    void pruneDoesNothingWhileSoftwareIsInstalled() throws IOException {
        var shared = Files.createDirectories(node.folder.resolve("shared/zlib/0123456789abcdef0123456789abcdef"));
        var set = "shared_part_list=" + node.folder.resolve("shared");
        try (var _ = PidFile.take(node.configuration.pidfileSoftware()).orElseThrow()) {
            assertThat(run("prune", "--set", set)).isEqualTo(255);
            assertThat(run("prune", "--set", set, "--dry-run")).isZero();
        }
        assertThat(shared).exists();

        assertThat(run("prune", "--set", set)).isZero();
        assertThat(shared).doesNotExist();
    }

    @Test
    void optionsOfTheFieldWinOverTheFileAndTheLogGoesToItsFile() throws IOException {
        var log = node.folder.resolve("node.log");

        assertThat(run(
                        "instance",
                        "--now",
                        "--computer-id",
                        "COMP-OTHER",
                        "--promise-timeout",
                        "7",
                        "--supervisord-socket",
                        "/nowhere",
                        "--pidfile",
                        node.folder.resolve("other.pid").toString(),
                        "--log-file",
                        log.toString()))
                .isZero();

        assertThat(node.folder.resolve("other.pid")).exists();
        assertThat(log).exists();
    }
}

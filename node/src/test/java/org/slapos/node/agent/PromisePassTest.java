package org.slapos.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slapos.node.ConfigurationReader;
import org.slapos.node.Main;
import org.slapos.node.software.SoftwareDirectory;
import org.slapos.protocol.RequestedState;

/// What promises do to a pass, by which Python they run, and what is said of them.
class PromisePassTest {
    private static final Set<String> ALL = Set.of();

    private WorkingNode working;
    private TestNode node;

    @BeforeEach
    void open() throws IOException {
        working = new WorkingNode(2);
        node = working.node;
    }

    @AfterEach
    void close() throws IOException {
        working.close();
    }

    private void want(int partition, String url, RequestedState state, String timestamp) {
        node.master.promise(node.instance(partition, url, state, timestamp, "one"));
    }

    private void plugin(String name, String sense) throws IOException {
        node.place(0, "etc/plugin/" + name + ".py", """
                from zope.interface import implementer
                from slapos.grid.promise import interface
                from slapos.grid.promise.generic import GenericPromise

                @implementer(interface.IPromise)
                class RunPromise(GenericPromise):
                    def sense(self):
                        %s
                """.formatted(sense), 0644);
    }

    @Test
    @Tag("checklist:PI-04")
    @Tag("checklist:PI-07")
    void aPromiseThatTakesTooLongFailsItsPartitionWhateverAnotherSays() throws IOException {
        node.once().software(ALL, false);
        node.executable(0, "etc/promise/good", "exit 0");
        node.executable(0, "etc/promise/slow", "exec sleep 600");
        node.executable(1, "etc/promise/slow", "exec sleep 600");
        want(0, working.release, RequestedState.STARTED, "1");
        want(1, working.release, RequestedState.STARTED, "1");
        node.reopen(Map.of("promise_timeout", "1"), InstantSource.system());

        assertThat(node.once().instances(ALL, false)).isEqualTo(OneShot.UNHEALTHY);

        assertThat(node.master.calls("softwareInstanceError"))
                .hasSize(2)
                .allMatch(call -> call.form()
                        .required("error_log")
                        .equals("Promise 'slow' failed with output: Error: Promise timed out after 1 seconds"));
        assertThat(node.master.calls("startedComputerPartition")).isEmpty();
    }

    @Test
    @Tag("checklist:PI-05")
    void promisesOfAPartitionAllRun() throws IOException {
        node.once().software(ALL, false);
        node.executable(0, "etc/promise/first", "echo first >> " + node.partition(0) + "/runs");
        node.executable(0, "etc/promise/second", "echo second >> " + node.partition(0) + "/runs");
        want(0, working.release, RequestedState.STARTED, "1");

        assertThat(node.once().instances(ALL, false)).isEqualTo(OneShot.SUCCESS);

        assertThat(node.partition(0).resolve("runs")).content().contains("first\n", "second\n");
        assertThat(node.master.calls("startedComputerPartition")).hasSize(1);
    }

    @Test
    @Tag("checklist:NP-08")
    void aPluginThatTakesTooLongFailsAndTheStoredMessageSaysAfterWhatTime() throws IOException {
        var usual = Files.readString(node.cfg).replaceAll("promise_timeout.*\n", "");
        var without = Files.writeString(node.folder.resolve("usual.cfg"), usual);
        assertThat(ConfigurationReader.read(without, Map.of()).promiseTimeout()).isEqualTo(Duration.ofSeconds(20));
        node.once().software(ALL, false);
        want(0, working.release, RequestedState.STARTED, "1");
        plugin("waits", "import time; time.sleep(600)");

        int status = Main.run("promise", "--cfg", node.cfg.toString(), "--promise-timeout", "2");

        assertThat(status).isEqualTo(2);
        var stored = new ObjectMapper()
                .readTree(node.partition(0)
                        .resolve(".slapgrid/promise/result/waits.status.json")
                        .toFile());
        assertThat(stored.path("result").path("failed").asBoolean()).isTrue();
        assertThat(stored.path("result").path("message").asText())
                .isEqualTo("Error: Promise timed out after 2 seconds");
    }

    @Test
    @Tag("checklist:NP-12")
    void pluginsRunUnderTheirReleasesPythonWhichIsNotNeededForExecutables() throws IOException {
        node.once().software(ALL, false);
        var release = SoftwareDirectory.of(node.softwareRoot, working.release).path();
        var called = node.partition(0).resolve("called");
        var python = ownPython(release, called);
        want(0, working.release, RequestedState.STARTED, "1");
        node.executable(0, "etc/promise/good", "exit 0");

        assertThat(node.once().promises(ALL, _ -> {})).isEqualTo(OneShot.SUCCESS);
        assertThat(called).doesNotExist();

        plugin("which", "self.logger.info(__import__('os').environ.get('OF_THE_RELEASE', 'no'))");
        assertThat(node.once().promises(ALL, _ -> {})).isEqualTo(OneShot.SUCCESS);
        assertThat(called).content().contains(python.toString());
    }

    /// A Python that notes that it was called; `bin/buildout` of the release names it.
    private Path ownPython(Path release, Path called) throws IOException {
        var folder = release.resolve("bin");
        Files.createDirectories(folder);
        node.host.setMode(folder, 0755);
        var python = folder.resolve("python");
        Files.writeString(python, "#!/bin/sh\necho $0 >> " + called + "\nexec /usr/bin/python3 \"$@\"\n");
        node.host.setMode(python, 0755);
        var buildout = folder.resolve("buildout");
        Files.writeString(buildout, "#!" + python + "\nimport sys\n");
        node.host.setMode(buildout, 0755);
        return python;
    }

    @Test
    @Tag("checklist:NP-14")
    void whatASucceedingPluginSaysIsInTheNodesLog() throws IOException {
        node.once().software(ALL, false);
        want(0, working.release, RequestedState.STARTED, "1");
        plugin("port-listening", "self.logger.info('port 80 answers')");
        var log = node.folder.resolve("node.log");

        assertThat(Main.run("promise", "--cfg", node.cfg.toString(), "--log-file", log.toString()))
                .isZero();

        assertThat(Files.readAllLines(log).stream().map(line -> line.replaceFirst("^\\[.*?] ", "")))
                .containsSubsequence("INFO  Checking promise port-listening.py...", "INFO  port 80 answers");
    }
}

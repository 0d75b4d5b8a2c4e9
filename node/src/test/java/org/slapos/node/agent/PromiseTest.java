package org.slapos.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slapos.node.Main;
import org.slapos.node.promise.PromiseResult;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareState;

/// Promises of an instance, plug-ins and executables, run by the real thing.
class PromiseTest {
    private static final Set<String> ALL = Set.of();

    private TestNode node;
    private InstanceInformation instance;
    private final List<OneShot.Said> said = new ArrayList<>();

    @BeforeEach
    void open() throws IOException {
        node = new TestNode(1);
        var url = node.profile("empty/software.cfg", """
                [buildout]
                parts = profile
                [profile]
                recipe = slapkit:template
                output = ${buildout:directory}/instance.cfg
                inline =
                  [buildout]
                  parts =
                """);
        node.master.supply(url, SoftwareState.AVAILABLE);
        assertThat(node.once().software(ALL, false)).isEqualTo(OneShot.SUCCESS);
        instance = node.instance(0, url, RequestedState.STARTED, "1", "a");
        node.master.promise(instance);
        node.master.calls.clear();
    }

    @AfterEach
    void close() throws IOException {
        node.close();
    }

    private void executable(String name, String script) throws IOException {
        place("etc/promise/" + name, "#!/bin/sh\n" + script + "\n", 0755);
    }

    private void plugin(String name, String sense) throws IOException {
        plugin(name, "", sense);
    }

    /// @param more statements of its constructor and further methods, indented by four
    private void plugin(String name, String more, String sense) throws IOException {
        place("etc/plugin/" + name + ".py", """
                from slapos.grid.promise import interface
                import sys
                sys.path[0:0] = ['%s']
                from zope.interface import implementer
                from slapos.grid.promise.generic import GenericPromise

                @implementer(interface.IPromise)
                class RunPromise(GenericPromise):
                    def __init__(self, config):
                        super().__init__(config)
                %s
                    def sense(self):
                        %s
                """.formatted(node.partition(0), more, sense), 0644);
    }

    private void place(String name, String text, int mode) throws IOException {
        var file = node.partition(0).resolve(name);
        for (var relative : List.of("etc", name.substring(0, name.lastIndexOf('/')))) {
            var folder = node.partition(0).resolve(relative);
            if (!Files.exists(folder)) {
                Files.createDirectory(folder);
                own(folder, 0750);
            }
        }
        Files.writeString(file, text);
        own(file, mode);
    }

    private void own(Path path, int mode) {
        if (node.host.isRoot()) {
            var owner = node.host.owner(node.partition(0)).orElseThrow();
            node.host.setOwner(path, owner.uid(), owner.gid());
        }
        node.host.setMode(path, mode);
    }

    private int promises() {
        said.clear();
        return node.once().promises(ALL, said::add);
    }

    private PromiseResult result(String title) {
        return said.stream()
                .map(OneShot.Said::result)
                .filter(result -> result.title().equals(title))
                .findFirst()
                .orElseThrow();
    }

    private JsonNode stored(String title) throws IOException {
        var file = node.partition(0).resolve(".slapgrid/promise/result/" + title + ".status.json");
        return new ObjectMapper().readTree(Files.readAllBytes(file));
    }

    @Test
    @Tag("checklist:NP-02")
    @Tag("checklist:NP-04")
    @Tag("checklist:PL-19")
    void anExecutablesStatusAndOutputAreItsResult() throws IOException {
        executable("good", "echo fine");
        assertThat(promises()).isEqualTo(OneShot.SUCCESS);
        assertThat(result("good").message()).isEqualTo("fine");

        executable("bad", "echo broken >&2; exit 3");
        assertThat(promises()).isEqualTo(OneShot.UNHEALTHY);

        assertThat(result("bad").failed()).isTrue();
        assertThat(result("bad").message()).isEqualTo("broken");
        assertThat(node.master.methods()).as("nobody is told").isEmpty();
    }

    @Test
    @Tag("checklist:NP-05")
    @Tag("checklist:NP-15")
    @Tag("checklist:PL-01")
    @Tag("checklist:PL-08")
    void aPluginsLogIsItsMessageAndTheResultIsLeftForMonitoring() throws IOException {
        plugin("port-listening", "self.logger.info('port 80 answers')");

        assertThat(promises()).isEqualTo(OneShot.SUCCESS);

        var json = stored("port-listening");
        assertThat(json.fieldNames()).toIterable().containsExactly("title", "name", "path", "execution-time", "result");
        assertThat(json.path("result").fieldNames()).toIterable().containsExactly("type", "failed", "message", "date");
        assertThat(json.path("name").asText()).isEqualTo("port-listening.py");
        assertThat(json.path("result").path("type").asText()).isEqualTo("Test Result");
        assertThat(json.path("result").path("message").asText()).isEqualTo("port 80 answers");
        assertThat(node.partition(0).resolve(".slapgrid/promise/log/port-listening.log"))
                .content()
                .containsPattern("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d - INFO - \\d+-\\d{3} - port 80 answers");
    }

    @Test
    @Tag("checklist:NP-03")
    @Tag("checklist:NP-06")
    @Tag("checklist:NP-13")
    @Tag("checklist:PL-34")
    void aPluginFailsByALoggedErrorAndByRaising() throws IOException {
        plugin("logs", "self.logger.error('Störung')");
        plugin("raises", "raise ValueError('kaputt ✗')");

        assertThat(promises()).isEqualTo(OneShot.UNHEALTHY);

        assertThat(stored("logs").path("result").path("message").asText()).isEqualTo("Störung");
        assertThat(result("raises").message()).isEqualTo("kaputt ✗");
        assertThat(result("raises").failed()).isTrue();
    }

    @Test
    @Tag("checklist:NP-07")
    @Tag("checklist:NP-09")
    @Tag("checklist:PL-23")
    @Tag("checklist:PL-24")
    void onePromiseThatHangsAltersNoOther() throws IOException {
        executable("hangs", "sleep 60601 & sleep 60601");
        executable("hangs-too", "exec sleep 60601");
        plugin("waits", "import time; time.sleep(600)");
        plugin("works", "self.logger.info('well')");

        assertThat(promises()).isEqualTo(OneShot.UNHEALTHY);

        assertThat(result("hangs").message()).isEqualTo("Error: Promise timed out after 5 seconds");
        assertThat(result("hangs-too").failed()).isTrue();
        assertThat(stored("waits").path("result").path("message").asText())
                .isEqualTo("Error: Promise timed out after 5 seconds");
        assertThat(stored("works").path("result").path("failed").asBoolean()).isFalse();
        assertThat(ProcessHandle.allProcesses()
                        .filter(p -> p.info().commandLine().orElse("").endsWith("sleep 60601")))
                .as("nothing survives")
                .isEmpty();
    }

    @Test
    @Tag("checklist:NP-10")
    @Tag("checklist:NP-11")
    void nothingRunsInAStoppedPartition() throws IOException {
        executable("bad", "exit 1");
        plugin("raises", "raise ValueError('no')");
        node.master.promise(node.instance(0, instance.softwareRelease(), RequestedState.STOPPED, "2", "a"));

        assertThat(promises()).isEqualTo(OneShot.SUCCESS);

        assertThat(said).isEmpty();
        assertThat(node.partition(0).resolve(".slapgrid/promise/result")).doesNotExist();
    }

    @Test
    @Tag("checklist:NP-01")
    void anAbsentMasterIsAnError() {
        node.master.answer("getFullComputerInformation", 503);
        assertThat(Main.run("promise", "--cfg", node.cfg.toString())).isEqualTo(OneShot.FAILED);
        node.master.close();
        assertThat(Main.run("promise", "--cfg", node.cfg.toString())).isEqualTo(OneShot.FAILED);
        for (var root : List.of("software_root", "instance_root")) {
            assertThat(Main.run("promise", "--cfg", node.cfg.toString(), "--set", root + "=/nowhere"))
                    .isEqualTo(OneShot.FAILED);
        }
    }

    @Test
    @Tag("checklist:PL-03")
    @Tag("checklist:PL-04")
    @Tag("checklist:PL-05")
    @Tag("checklist:PL-07")
    void whatIsNoPluginIsAFailureThatSaysWhy() throws IOException {
        place("etc/plugin/no_interface.py", "class RunPromise: pass\n", 0644);
        place("etc/plugin/no_base.py", """
                from zope.interface import implementer
                from slapos.grid.promise import interface
                @implementer(interface.IPromise)
                class RunPromise:
                    pass
                """, 0644);
        place("etc/plugin/no_sense.py", """
                from zope.interface import implementer
                from slapos.grid.promise import interface
                from slapos.grid.promise.generic import GenericPromise
                @implementer(interface.IPromise)
                class RunPromise(GenericPromise):
                    pass
                """, 0644);
        plugin("reserved", "pass");
        Files.writeString(
                node.partition(0).resolve("etc/plugin/reserved.py"),
                Files.readString(node.partition(0).resolve("etc/plugin/reserved.py"))
                        + "\nextra_config_dict = {'partition-id': 'other'}\n");

        assertThat(promises()).isEqualTo(OneShot.UNHEALTHY);

        assertThat(said).hasSize(4).allMatch(s -> s.result().failed());
        assertThat(result("no_interface").output()).contains("must implement");
        assertThat(result("no_base").output()).contains("not a subclass of GenericPromise");
        assertThat(result("no_sense").output()).contains("abstract");
        assertThat(result("reserved").output()).contains("partition-id");
    }

    @Test
    @Tag("checklist:PL-06")
    @Tag("checklist:PL-32")
    void aPluginKnowsItselfAndItsParameters() throws IOException {
        plugin(
                "knows",
                "self.logger.info(repr([self.getConfig('text'), self.getConfig('port'), self.getTitle(),"
                        + " self.getName(), self.getPartitionFolder(), self.getLogFile(), self.getPeriodicity()]))");
        var file = node.partition(0).resolve("etc/plugin/knows.py");
        Files.writeString(file, Files.readString(file) + "\nextra_config_dict = {'text': 'a\\nb', 'port': 80}\n");
        plugin("never", "        self.setPeriodicity(minute=0)", "pass");

        promises();

        assertThat(result("knows").message())
                .contains("'a\\nb', 80, 'knows', 'knows.py', '" + node.partition(0) + "'", "knows.log', 2");
        assertThat(result("never").failed()).isTrue();
        assertThat(result("never").output()).contains("periodicity");
    }

    @Test
    @Tag("checklist:PL-20")
    @Tag("checklist:PL-33")
    @Tag("checklist:PL-35")
    void bothKindsRunTogetherAndStaleModulesGo() throws IOException {
        plugin("silent", "pass");
        executable("loud", "echo here");
        place("etc/plugin/gone.pyc", "", 0644);

        assertThat(promises()).isEqualTo(OneShot.SUCCESS);

        assertThat(said).extracting(s -> s.result().title()).containsExactly("silent", "loud");
        assertThat(result("silent").message()).isEqualTo("No result found!");
        assertThat(node.partition(0).resolve("etc/plugin/gone.pyc")).doesNotExist();
    }

    @Test
    @Tag("checklist:PL-30")
    void whatIsKnownOfTheNextRunIsLeftInTheCache() throws IOException {
        plugin("slow-one", "        self.setPeriodicity(minute=7)", "self.logger.info('fine')");

        promises();

        var cache = new ObjectMapper()
                .readTree(Files.readAllBytes(node.partition(0).resolve(".slapgrid/promise/cache/slow-one")));
        assertThat(cache.path("periodicity").asDouble()).isEqualTo(7);
        assertThat(cache.path("next_run_after").asDouble()
                        - cache.path("timestamp").asDouble())
                .isEqualTo(420);
        assertThat(cache.path("is_tested").asBoolean()).isTrue();
        assertThat(cache.path("is_anomaly_detected").asBoolean()).isTrue();
        assertThat(cache.path("module_file").asText()).endsWith("/etc/plugin/slow-one.py");
        assertThat(cache.path("module_file_mtime").asDouble()).isPositive();
    }

    @Test
    @Tag("checklist:PI-02")
    @Tag("checklist:PL-15")
    void aPassTellsThatPromisesAreKeptAndRunsThemNoMoreUntilTheyAreDue() throws IOException {
        executable("counts", "echo x >> runs; exit 0");
        place("etc/x/..keep", "", 0644);

        assertThat(node.once().instances(ALL, false)).isEqualTo(OneShot.SUCCESS);
        assertThat(node.once().instances(ALL, false)).isEqualTo(OneShot.SUCCESS);

        assertThat(node.partition(0).resolve("runs")).content().isEqualTo("x\n");
        assertThat(node.master.calls("startedComputerPartition")).hasSize(1);
    }

    @Test
    @Tag("checklist:PI-01")
    @Tag("checklist:PI-06")
    void aPassTellsWhichPromiseIsNotKept() throws IOException {
        executable("bad", "echo no; exit 1");
        executable("good", "exit 0");

        assertThat(node.once().instances(ALL, false)).isEqualTo(OneShot.UNHEALTHY);

        assertThat(node.master.calls("softwareInstanceError").getFirst().form().required("error_log"))
                .isEqualTo("Promise 'bad' failed with output: no");
        assertThat(node.master.calls("startedComputerPartition")).isEmpty();
    }

    @Test
    @Tag("checklist:PL-22")
    @Tag("checklist:PL-25")
    @Tag("checklist:PL-45")
    void anInstanceThatWasFineIsForgivenAFewTimesThenItBangsOnce() throws IOException {
        plugin(
                "flaky",
                "self.logger.error('no') if __import__('os').path.exists('%s/broken') else self.logger.info('ok')"
                        .formatted(node.partition(0)));
        assertThat(node.once().instances(ALL, false)).isEqualTo(OneShot.SUCCESS);
        place("etc/broken", "", 0644);
        Files.createFile(node.partition(0).resolve("broken"));

        for (int n = 0; n < 2; n++) {
            forgetWhenDue();
            assertThat(node.rooms.partitions().checkPromises(instance, false).outcome())
                    .as("failure " + n)
                    .isInstanceOf(org.slapos.node.instance.ProcessPartition.Outcome.Unchanged.class);
        }
        assertThat(node.master.calls("softwareInstanceBang")).isEmpty();
        forgetWhenDue();
        node.rooms.partitions().checkPromises(instance, false);
        node.rooms.partitions().checkPromises(instance, false);

        assertThat(node.master.calls("softwareInstanceError")).isNotEmpty();
        assertThat(node.master.calls("softwareInstanceBang")).hasSize(1);
    }

    @Test
    @Tag("checklist:PI-08")
    @Tag("checklist:PI-09")
    void promisesRunAlsoWhenTheBuildFailsButNotInAStoppedPartition() throws IOException {
        executable("counts", "echo x >> runs");
        var bad = node.profile("bad/software.cfg", """
                [buildout]
                parts = profile
                [profile]
                recipe = slapkit:template
                output = ${buildout:directory}/instance.cfg
                inline =
                  [buildout]
                  parts = x
                  [x]
                  recipe = slapkit:there-is-none
                """);
        node.master.supply(bad, SoftwareState.AVAILABLE);
        assertThat(node.once().software(ALL, false)).isEqualTo(OneShot.SUCCESS);

        node.master.promise(node.instance(0, bad, RequestedState.STARTED, "2", "a"));
        assertThat(node.once().instances(ALL, false)).isEqualTo(OneShot.FAILED);
        assertThat(node.partition(0).resolve("runs")).content().isEqualTo("x\n");

        node.master.promise(node.instance(0, bad, RequestedState.STOPPED, "3", "a"));
        assertThat(node.once().instances(ALL, false)).isEqualTo(OneShot.FAILED);
        assertThat(node.partition(0).resolve("runs")).content().isEqualTo("x\n");
    }

    /// As if its time had come: what the node remembers of it is set back.
    private void forgetWhenDue() throws IOException {
        var file = node.instanceRoot.resolve("var/promise/part0.json");
        Files.writeString(
                file, Files.readString(file).replaceAll("\"due\":\"[^\"]+\"", "\"due\":\"2000-01-01T00:00:00Z\""));
    }

    @Test
    void promisesRunAsThePartitionAndCannotWriteWhatTheNodeRemembers() throws IOException {
        executable(
                "who",
                "id -u; ls %s; echo x > %s/var/promise/part0.json && echo written"
                        .formatted(node.instanceRoot, node.instanceRoot));

        promises();

        var owner = node.host.owner(node.partition(0)).orElseThrow();
        if (node.host.isRoot()) {
            assertThat(result("who").message()).startsWith(owner.uid() + "\n").doesNotContain("written", "sv.sock");
        }
    }
}

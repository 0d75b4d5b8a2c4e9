package org.slapos.node.promise;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slapos.node.Cgroups;
import org.slapos.node.ConfigurationReader;
import org.slapos.node.host.Command;
import org.slapos.node.host.LinuxHost;
import org.slapos.node.host.UndoList;
import org.slapos.node.promise.CheckPromises.Checked;
import org.slapos.node.promise.CheckPromises.Which;
import org.slapos.node.promise.PromiseResult.Kind;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.IniFile;
import org.slapos.protocol.PartitionId;

/// Rules of promises over time, with a clock that the test moves; what runs is real.
class CheckPromisesTest {
    private static final String STATE = ".slapgrid/promise/";

    @TempDir
    Path root;

    private final LinuxHost host = new LinuxHost(UndoList.none());
    private Instant now = Instant.parse("2026-01-31T08:00:00Z");
    private CheckPromises promises;
    private PromiseSubject subject;

    @BeforeEach
    void open() throws IOException {
        host.setMode(root, 0755);
        var partition = Files.createDirectory(root.resolve("part0"));
        var owner = host.isRoot() ? host.user("daemon").orElseThrow() : host.self();
        for (var name : List.of("etc", "etc/plugin", "etc/promise")) {
            Files.createDirectory(partition.resolve(name));
        }
        for (var path : List.of(
                partition,
                partition.resolve("etc"),
                partition.resolve("etc/plugin"),
                partition.resolve("etc/promise"))) {
            host.setOwner(path, owner.uid(), owner.gid());
        }
        var configuration = ConfigurationReader.of(
                IniFile.parse("slapos.cfg", """
                [slapos]
                computer_id = COMP-1
                master_url = http://127.0.0.1:1
                software_root = %s/software
                instance_root = %s
                promise_timeout = 2
                runtime = %s/runtime
                """.formatted(
                        root, root, Path.of(System.getProperty("slapos.home")).toAbsolutePath())),
                Map.of());
        promises = new CheckPromises(configuration, host, () -> now);
        subject = new PromiseSubject(
                new ComputerId("COMP-1"), new PartitionId("part0"), partition, owner, root.resolve("software/x"));
    }

    @AfterEach
    void close() {
        promises.close();
        Cgroups.remove(root);
    }

    private Path partition(String name) {
        return subject.directory().resolve(name);
    }

    private void plugin(String name, String constructor, String sense) throws IOException {
        plugin(name, "", constructor, sense, "");
    }

    private void plugin(String name, String constructor, String sense, String methods) throws IOException {
        plugin(name, "", constructor, sense, methods);
    }

    private void plugin(String name, String before, String constructor, String sense, String after) throws IOException {
        Files.writeString(partition("etc/plugin/" + name + ".py"), """
                import os
                from zope.interface import implementer
                from slapos.grid.promise import interface
                from slapos.grid.promise.generic import GenericPromise

                @implementer(interface.IPromise)
                class RunPromise(GenericPromise):
                    def __init__(self, config):
                        %s
                        super().__init__(config)
                        %s

                    def sense(self):
                        %s

                %s
                """.formatted(
                before.isEmpty() ? "pass" : before, constructor.isEmpty() ? "pass" : constructor, sense, after));
    }

    private void executable(String name, String script) throws IOException {
        var file = Files.writeString(partition("etc/promise/" + name), "#!/bin/sh\n" + script + "\n");
        host.setMode(file, 0755);
    }

    private Checked check(Kind kind, Which which) {
        return promises.check(subject, kind, which);
    }

    private void later(Duration duration) {
        now = now.plus(duration);
    }

    @Test
    @Tag("checklist:PL-15")
    @Tag("checklist:PL-18")
    @Tag("checklist:PL-31")
    void eachRunsByItsOwnPeriodicityAndAForcedRunArmsItAgain() throws IOException {
        plugin("often", "self.setPeriodicity(minute=2)", "self.logger.info('a')");
        plugin("seldom", "self.setPeriodicity(minute=10)", "self.logger.info('b')");
        assertThat(check(Kind.ANOMALY, Which.DUE).ran()).hasSize(2);
        var cache = Files.readString(partition(STATE + "cache/seldom"));

        later(Duration.ofMinutes(1));
        assertThat(check(Kind.ANOMALY, Which.DUE).ran()).isEmpty();
        later(Duration.ofMinutes(1));
        var checked = check(Kind.ANOMALY, Which.DUE);
        assertThat(checked.ran()).extracting(PromiseResult::title).containsExactly("often");
        assertThat(checked.due()).isEqualTo(now.plus(Duration.ofMinutes(2)));
        assertThat(partition(STATE + "cache/seldom")).hasContent(cache);

        later(Duration.ofMinutes(7));
        assertThat(check(Kind.TEST, Which.ALL).ran()).hasSize(2);
        assertThat(Files.readString(partition(STATE + "cache/seldom"))).isNotEqualTo(cache);
        later(Duration.ofMinutes(3));
        assertThat(check(Kind.ANOMALY, Which.DUE).ran())
                .extracting(PromiseResult::title)
                .containsExactly("often");
    }

    @Test
    @Tag("checklist:PL-10")
    @Tag("checklist:PL-16")
    @Tag("checklist:PL-17")
    void aStoredFailureCountsUntilItsNextRunSaysOtherwise() throws IOException {
        executable("there", "test -e " + partition("is-there"));
        Files.createFile(partition("is-there"));
        assertThat(check(Kind.TEST, Which.ALL).problem()).isEmpty();
        Files.delete(partition("is-there"));
        var first = check(Kind.TEST, Which.ALL);
        assertThat(first.problem()).contains("Promise 'there' failed with output: ");
        var date = first.ran().getFirst().date();

        var stored = Files.readString(partition(STATE + "result/there.status.json"));

        later(Duration.ofMinutes(1));
        var second = check(Kind.TEST, Which.DUE);
        assertThat(second.ran()).isEmpty();
        assertThat(second.problem()).isPresent();
        assertThat(partition(STATE + "result/there.status.json")).hasContent(stored);
        later(Duration.ofMinutes(1));
        assertThat(check(Kind.TEST, Which.DUE).problem()).as("it fails again").isPresent();
        Files.createFile(partition("is-there"));
        later(Duration.ofMinutes(2));
        var third = check(Kind.TEST, Which.DUE);

        assertThat(third.problem()).isEmpty();
        assertThat(third.ran().getFirst().date()).isAfter(date);
    }

    @Test
    @Tag("checklist:PL-13")
    @Tag("checklist:PL-09")
    void allRunWhenOneFailsAndThatOneIsNamedWithItsOutput() throws IOException {
        executable("good", "echo fine");
        executable("poor", "echo 'no port'; exit 1");
        plugin("well", "", "self.logger.info('well')");

        var checked = check(Kind.TEST, Which.ALL);

        assertThat(checked.ran()).hasSize(3);
        assertThat(checked.problem()).contains("Promise 'poor' failed with output: no port");
        for (var title : List.of("good", "poor", "well")) {
            assertThat(partition(STATE + "result/" + title + ".status.json")).exists();
        }
        assertThat(check(Kind.TEST, Which.ALL).ran())
                .as("and again")
                .extracting(PromiseResult::title)
                .containsExactlyInAnyOrder("good", "poor", "well");
    }

    @Test
    @Tag("checklist:PL-22")
    @Tag("checklist:PL-25")
    void tooSlowIsForgivenOnceInAnInstanceThatWasFine() throws IOException {
        plugin("slow", "", "__import__('time').sleep(60)");

        assertThat(check(Kind.ANOMALY, Which.ALL).problem()).isEmpty();
        assertThat(check(Kind.ANOMALY, Which.ALL).problem())
                .contains("Promise 'slow.py' failed with output: Error: Promise timed out after 2 seconds");
        assertThat(check(Kind.ANOMALY, Which.ALL).problem()).isPresent();
    }

    @Test
    @Tag("checklist:PL-26")
    @Tag("checklist:PL-27")
    @Tag("checklist:PL-28")
    @Tag("checklist:PL-29")
    void aModeThatAPluginDoesNotHaveIsNotRunAndUsesNothingUp() throws IOException {
        plugin("no-test", "self.setTestLess()", "self.logger.error('x')");
        plugin("no-anomaly", "self.setAnomalyLess()", "self.logger.info('y')");
        plugin("neither", "self.setTestLess(); self.setAnomalyLess()", "pass");

        var tested = check(Kind.TEST, Which.ALL);
        assertThat(tested.ran()).extracting(PromiseResult::title).containsExactlyInAnyOrder("no-anomaly", "neither");
        assertThat(tested.ran().stream()
                        .filter(r -> r.title().equals("neither"))
                        .findFirst()
                        .orElseThrow()
                        .message())
                .contains("not allowed to disable both");
        assertThat(partition(STATE + "result/no-test.status.json")).doesNotExist();
        Files.delete(partition("etc/plugin/neither.py"));

        var looked = check(Kind.ANOMALY, Which.DUE);
        assertThat(looked.ran()).extracting(PromiseResult::title).containsExactly("no-test");
    }

    @Test
    @Tag("checklist:PL-14")
    @Tag("checklist:PL-36")
    @Tag("checklist:PL-38")
    @Tag("checklist:PL-39")
    @Tag("checklist:PL-40")
    @Tag("checklist:PL-41")
    @Tag("checklist:PL-42")
    void theLogTellsTheLastExecutionsNewestFirstWithWholeMessages() throws IOException {
        Files.createDirectories(partition(STATE + "log"));
        Files.writeString(partition(STATE + "log/reads.log"), """
                2020-01-01 10:00:00 - INFO - 1577872800-101 - long ago
                2020-01-01 10:02:00 - ERROR - 1577872920-102 - broken
                with a trace
                2020-01-01 10:02:01 - INFO - 1577872920-102 - and more
                """);
        for (var path : List.of("", "promise", "promise/log", "promise/log/reads.log")) {
            host.setOwner(
                    partition(".slapgrid").resolve(path),
                    subject.owner().uid(),
                    subject.owner().gid());
        }
        plugin("reads", "", "self.logger.info('now\\nstill now')", """
                    def test(self):
                        from slapos.grid.promise.generic import TestResult
                        every = self.getLastPromiseResultList(result_count=100)
                        recent = self.getLastPromiseResultList(latest_minute=5, result_count=100)
                        two = self.getLastPromiseResultList(result_count=2)
                        failures = self.getLastPromiseResultList(result_count=100, only_failure=True)
                        told = [[(line['status'], line['message']) for line in one] for one in every]
                        return TestResult(False, repr((told, len(recent), len(two), len(failures))))
                """);
        plugin("fails", "", "self.logger.info('one'); self.logger.error('two')");

        var ran = check(Kind.TEST, Which.ALL).ran();

        assertThat(ran.stream()
                        .filter(r -> r.title().equals("reads"))
                        .findFirst()
                        .orElseThrow()
                        .message())
                .isEqualTo(
                        "([[('INFO', 'now\\nstill now')], [('ERROR', 'broken\\nwith a trace'), ('INFO', 'and more')],"
                                + " [('INFO', 'long ago')]], 1, 2, 1)");
        var failed =
                ran.stream().filter(r -> r.title().equals("fails")).findFirst().orElseThrow();
        assertThat(failed.failed()).isTrue();
        assertThat(failed.message()).isEqualTo("one\ntwo");
    }

    @Test
    @Tag("checklist:PL-12")
    @Tag("checklist:PL-43")
    @Tag("checklist:PL-44")
    void twoFailuresOfTwoAreNeededWhereThePluginSaysSo() throws IOException {
        plugin("twice", "", "self.logger.error('bad')", """
                    def test(self):
                        return self._test(result_count=2, failure_amount=2)
                    def anomaly(self):
                        return self._anomaly(result_count=2, failure_amount=2)
                """);

        assertThat(check(Kind.TEST, Which.ALL).problem()).isEmpty();
        assertThat(check(Kind.TEST, Which.ALL).problem()).isPresent();
        assertThat(partition(STATE + "result/twice.status.json")).content().contains("\"Test Result\"");
        var looked = check(Kind.ANOMALY, Which.ALL);
        assertThat(looked.problem()).isPresent();
        assertThat(looked.ran().getFirst().took()).isPositive();
        assertThat(partition(STATE + "result/twice.status.json")).content().contains("\"Anomaly Result\"");
    }

    @Test
    @Tag("checklist:PL-46")
    @Tag("checklist:PL-47")
    @Tag("checklist:PL-48")
    @Tag("checklist:PL-49")
    void whetherItBangsIsSaidByThePluginOrByAParameter() throws IOException {
        assertThat(bangs("pass", "pass", "")).isTrue();
        assertThat(bangs("pass", "self.allowBang(False)", "")).isFalse();
        assertThat(bangs("pass", "pass", "extra_config_dict = {'bang-on-failure': 'false'}"))
                .isFalse();
        assertThat(bangs("self.allowBang(False)", "pass", "")).isFalse();
        assertThat(bangs("self.allowBang(False)", "pass", "extra_config_dict = {'bang-on-failure': 'true'}"))
                .isTrue();
    }

    private boolean bangs(String before, String after, String module) throws IOException {
        plugin("bangs", before, after, "self.logger.error('bad')", """
                    def anomaly(self):
                        return self._anomaly(result_count=1, failure_amount=1)
                """);
        var file = partition("etc/plugin/bangs.py");
        Files.writeString(file, Files.readString(file) + "\n" + module + "\n");
        return check(Kind.ANOMALY, Which.ALL).mustBang();
    }

    @Test
    void aPromiseOfTheRecipeIsDoneWithoutAStartOfPythonAndAnyOtherTextIsExecuted() throws IOException {
        recipe("known", "tr '\\0' ' ' </proc/$PPID/cmdline; exit 3");
        recipe("changed", "tr '\\0' ' ' </proc/$PPID/cmdline; exit 3");
        var changed = partition("etc/promise/changed");
        Files.writeString(changed, Files.readString(changed).replace("def one_line(text)", "def one_line(text )"));
        recipe("kept", "true");

        var ran = check(Kind.TEST, Which.ALL).ran();

        var known = named("known", ran);
        assertThat(known.failed()).isTrue();
        assertThat(known.message()).startsWith("/bin/sh ended with status 3: ").contains("slap-promise");
        assertThat(named("changed", ran).failed()).isTrue();
        assertThat(named("changed", ran).message()).contains(changed.toString());
        assertThat(named("kept", ran).failed()).isFalse();
        assertThat(named("kept", ran).message()).isEqualTo("/bin/sh ended with status 0");
    }

    private static PromiseResult named(String title, List<PromiseResult> results) {
        return results.stream()
                .filter(result -> result.title().equals(title))
                .findFirst()
                .orElseThrow();
    }

    /// As an instance profile has it written, by the recipe itself.
    private void recipe(String name, String script) {
        var home = Path.of(System.getProperty("slapos.home")).toAbsolutePath();
        host.run(Command.of(
                        "/usr/bin/python3",
                        "-SEsIB",
                        "-c",
                        """
                import sys
                sys.path.insert(0, sys.argv[1])
                import isolated_buildout
                isolated_buildout.load()
                from slapkit.promise import Promise
                options = {"output": sys.argv[2], "check": "exec", "command": "/bin/sh\\n-c\\n" + sys.argv[3]}
                Promise(None, "promise", options).install()
                """,
                        home + "/runtime/lib",
                        partition("etc/promise/" + name).toString(),
                        script))
                .orThrow("write a promise");
    }
}

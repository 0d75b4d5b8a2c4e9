package org.slapos.node.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slapos.node.ConfigurationReader;
import org.slapos.node.Main;
import org.slapos.node.host.Command;
import org.slapos.node.host.HostException;
import org.slapos.node.software.SoftwareDirectory;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareState;

/// What one pass over instances does and leaves behind, with the real Buildout, supervisord and promises.
class InstancePassTest {
    private static final Set<String> ALL = Set.of();
    private static final String BROKEN = "[buildout]\nparts = x\n[x]\nrecipe = slapkit:nonsense\n";
    private static final Duration SOON = Duration.ofSeconds(20);

    private WorkingNode working;
    private TestNode node;
    private Instant now = Instant.now();

    @BeforeEach
    void open() throws IOException {
        working = new WorkingNode(3);
        node = working.node;
    }

    @AfterEach
    void close() throws IOException {
        working.close();
    }

    private void software() {
        assertThat(node.once().software(ALL, false)).isEqualTo(OneShot.SUCCESS);
    }

    private void pass(int expected) {
        assertThat(node.once().instances(ALL, false)).isEqualTo(expected);
    }

    private Path release(String url) {
        return SoftwareDirectory.of(node.softwareRoot, url).path();
    }

    private void want(int partition, String url, RequestedState state, String timestamp) {
        node.master.promise(node.instance(partition, url, state, timestamp, "one"));
    }

    private static List<String> names(Path folder) {
        return List.of(java.util.Objects.requireNonNull(folder.toFile().list()));
    }

    @Test
    @Tag("checklist:CP-01")
    @Tag("checklist:CP-02")
    void aNodeWithoutItsRootsSaysSo() throws IOException {
        for (var root : List.of("software_root", "instance_root")) {
            var nowhere = node.folder.resolve("nowhere");
            var configuration = ConfigurationReader.read(node.cfg, Map.of(root, nowhere.toString()));

            assertThatThrownBy(() -> NodeRooms.open(configuration, node.host, InstantSource.system()))
                    .isInstanceOf(HostException.class)
                    .hasMessageContaining(nowhere + " does not exist");
            assertThat(Main.run("instance", "--cfg", node.cfg.toString(), "--set", root + "=" + nowhere))
                    .isEqualTo(1);
        }
    }

    @Test
    @Tag("checklist:CP-03")
    void withoutAMasterThePassEndsOffline() {
        node.master.close();

        pass(OneShot.OFFLINE);
    }

    @Test
    @Tag("checklist:CP-18")
    void aMasterThatCannotAnswerNowIsAskedOnceAndNothingIsBuilt() {
        software();
        working.want(0, RequestedState.STARTED, "one");
        node.master.answer("getFullComputerInformation", 503);
        node.master.asked.clear();

        pass(OneShot.OFFLINE);

        assertThat(node.master.asked).containsExactly("getFullComputerInformation");
        assertThat(node.partition(0).resolve("buildout.cfg")).doesNotExist();
    }

    @Test
    @Tag("checklist:CP-06")
    void whoHasNothingToDoMakesTheNodesOwnFoldersOnly() throws IOException {
        try (var empty = new TestNode(0)) {
            assertThat(empty.once().instances(ALL, false)).isEqualTo(OneShot.SUCCESS);

            assertThat(names(empty.instanceRoot)).containsExactlyInAnyOrder("etc", "var", "sv.sock");
            assertThat(Files.getPosixFilePermissions(empty.instanceRoot.resolve("var")))
                    .isEqualTo(PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    @Test
    @Tag("checklist:CP-05")
    void whatLiesInAPartitionsPythonFolderDoesNoHarmToItsBuildout() throws IOException {
        software();
        var home = node.partition(0);
        var site = node.host
                .run(Command.of("/usr/bin/python3", "-c", "import site; print(site.getusersitepackages())")
                        .withEnvironment(Map.of("HOME", home.toString())))
                .output()
                .strip();
        var broken = home.relativize(Path.of(site));
        node.place(
                0,
                broken + "/usercustomize.py",
                "open('" + home + "/read', 'w'); raise SystemExit('broken on purpose')\n",
                0644);
        node.place(0, broken + "/zc/__init__.py", "raise SystemExit('broken on purpose')\n", 0644);
        node.place(0, broken + "/slapkit.py", "raise SystemExit('broken on purpose')\n", 0644);

        for (var warm : List.of("true", "false")) {
            node.reopen(Map.of("warm_buildout", warm), InstantSource.system());
            working.want(0, RequestedState.STOPPED, "warm " + warm);
            pass(OneShot.SUCCESS);
            assertThat(home.resolve("page")).hasContent("warm " + warm);
        }
        assertThat(home.resolve("read")).doesNotExist();
    }

    @Test
    @Tag("checklist:CP-08")
    void aFirstPassLeavesTheNodesFilesAndWhatBuildoutMade() throws IOException {
        software();
        var before = names(node.partition(0));
        want(0, working.release, RequestedState.STOPPED, "");

        pass(OneShot.SUCCESS);

        var ofBuildout = List.of(
                ".installed.cfg",
                "develop-eggs",
                "eggs",
                "parts",
                "sbin",
                "page",
                "etc",
                ".slapos-publish.json"); // of the profile's parts
        assertThat(names(node.partition(0)))
                .filteredOn(name -> !before.contains(name) && !ofBuildout.contains(name))
                .containsExactlyInAnyOrder(
                        ".slapgrid", "buildout.cfg", "software_release", ".slapos-retention-lock-delay");
    }

    @Test
    @Tag("checklist:CP-12")
    void whatRunsOnceRunsWritesItsLogAndStartedIsToldLast() throws Exception {
        software();
        node.place(0, "etc/run/once", "#!/bin/sh\necho it ran as $(/usr/bin/id -u)\nexec /usr/bin/sleep 1000\n", 0755);
        working.want(0, RequestedState.STARTED, "one");

        pass(OneShot.SUCCESS);

        var log = node.partition(0).resolve(".part0_once.log");
        var owner = node.host.owner(node.partition(0)).orElseThrow();
        WorkingNode.await(SOON, () -> Files.exists(log) && log.toFile().length() > 0);
        assertThat(log).hasContent("it ran as " + owner.uid());
        assertThat(node.rooms.supervisor().processes())
                .filteredOn(process -> process.name().equals("once"))
                .singleElement()
                .matches(process -> process.group().equals("part0") && process.isUp());
        assertThat(node.master.methods()).endsWith("startedComputerPartition");
    }

    @Test
    @Tag("checklist:CP-13")
    void aFailingBuildIsToldAndWrittenDownAndServicesGoOn() throws Exception {
        software();
        working.want(0, RequestedState.STARTED, "one");
        pass(OneShot.SUCCESS);
        WorkingNode.await(SOON, () -> working.servers(0).size() == 1);
        var server = working.servers(0);
        var log = node.partition(0).resolve(".slapgrid-part0-error.log");
        assertThat(log).doesNotExist();
        var profile = release(working.release).resolve("instance.cfg");
        var good = Files.readString(profile);
        Files.writeString(profile, BROKEN);
        node.master.calls.clear();

        working.want(0, RequestedState.STARTED, "one");
        pass(OneShot.FAILED);

        assertThat(node.master.methods()).containsExactly("softwareInstanceError");
        assertThat(log).content().contains("Failed to run buildout profile", "nonsense");
        assertThat(working.servers(0)).isEqualTo(server);

        Files.writeString(profile, good);
        pass(OneShot.SUCCESS);
        assertThat(log).doesNotExist();
    }

    @Test
    @Tag("checklist:CP-19")
    @Tag("checklist:CP-20")
    void withoutItsMasterANodeStartsWhatItKnowsButNotWhatWasMarkedStopped() throws Exception {
        software();
        node.place(0, "etc/run/once", "#!/bin/sh\necho x >> " + node.partition(0) + "/runs\n", 0755);
        working.want(0, RequestedState.STARTED, "one");
        working.want(1, RequestedState.STARTED, "one");
        pass(OneShot.SUCCESS);
        var runs = node.partition(0).resolve("runs");
        WorkingNode.await(SOON, () -> Files.exists(runs) && runs.toFile().length() == 2);
        working.awaitAsWanted(SOON);
        node.place(1, ".requested_state", "stopped", 0755);
        node.place(2, ".requested_state", "started", 0755);
        node.master.answer("getFullComputerInformation", 503);

        pass(OneShot.OFFLINE);

        WorkingNode.await(SOON, () -> runs.toFile().length() == 4);
        assertThat(working.servers(0)).hasSize(1);
        assertThat(working.servers(1)).isEmpty();
        assertThat(node.instanceRoot.resolve("etc/supervisord.conf.d/part1.conf"))
                .doesNotExist();
        assertThat(node.partition(1).resolve(".requested_state")).doesNotExist();
        assertThat(node.partition(2).resolve(".requested_state")).doesNotExist();
    }

    @Test
    @Tag("checklist:CP-21")
    void thePromiseIsFetchedOnceAPass() {
        software();
        working.want(0, RequestedState.STARTED, "one");
        working.want(1, RequestedState.STARTED, "one");
        node.master.asked.clear();
        pass(OneShot.SUCCESS);
        assertThat(node.master.asked).containsOnlyOnce("getFullComputerInformation");

        node.master.asked.clear();
        node.master.answer("getComputerPartitionCertificate", 503);
        assertThat(node.once().instances(ALL, true)).isEqualTo(OneShot.FAILED);
        assertThat(node.master.asked).containsOnlyOnce("getFullComputerInformation");
    }

    @Test
    @Tag("checklist:CP-22")
    void unknownPartitionsAreNamedInOrderAndNothingIsDone() throws IOException {
        software();
        working.want(0, RequestedState.STARTED, "one");
        var log = node.folder.resolve("node.log");

        assertThat(command(log, "instance", "--only", "part9,part0,elsewhere")).isEqualTo(1);
        assertThat(command(log, "instance", "--only", "part7")).isEqualTo(1);

        assertThat(log)
                .content()
                .contains("Unknown partitions: elsewhere, part9\n")
                .contains("Unknown partition: part7\n");
        assertThat(node.partition(0).resolve("buildout.cfg")).doesNotExist();
    }

    @Test
    void aPassSaysInOneLineWhatItDid() throws IOException {
        working.want(0, RequestedState.STOPPED, "one");
        working.want(1, RequestedState.STOPPED, "one");
        var log = node.folder.resolve("node.log");
        for (var verb : List.of("software", "software", "instance", "instance")) {
            assertThat(command(log, verb)).isZero();
        }
        working.want(1, RequestedState.STOPPED, "two");
        assertThat(command(log, "instance")).isZero();

        assertThat(Files.readAllLines(log).stream()
                        .filter(line -> line.matches(".* in [0-9.]+ s"))
                        .filter(line -> line.contains("worked on") || line.contains("as wanted"))
                        .map(line -> line.replaceFirst(".* INFO +", "").replaceFirst("[0-9.]+ s$", "... s")))
                .containsExactly(
                        "1 SoftwareRelease: 1 worked on, 0 unchanged, 0 failed, in ... s",
                        "1 SoftwareRelease as wanted: nothing to do, in ... s",
                        "2 partitions: 2 worked on, 0 unchanged, 0 failed, in ... s",
                        "2 partitions as wanted: nothing to do, in ... s",
                        "2 partitions: 1 worked on, 1 unchanged, 0 failed, in ... s");
    }

    private int command(Path log, String... words) {
        var line = new java.util.ArrayList<>(List.of(words));
        line.addAll(1, List.of("--cfg", node.cfg.toString(), "--log-file", log.toString()));
        return Main.run(line.toArray(String[]::new));
    }

    @Test
    @Tag("checklist:TS-05")
    void withoutATimestampItIsWorkedOnEachTime() throws IOException {
        software();
        want(0, working.release, RequestedState.STOPPED, "5");
        pass(OneShot.SUCCESS);
        pass(OneShot.SUCCESS);
        assertThat(node.master.calls("stoppedComputerPartition")).hasSize(1);

        want(0, working.release, RequestedState.STOPPED, "");
        pass(OneShot.SUCCESS);
        pass(OneShot.SUCCESS);

        assertThat(node.master.calls("stoppedComputerPartition")).hasSize(3);
        assertThat(node.partition(0).resolve(".timestamp")).doesNotExist();
    }

    @Test
    @Tag("checklist:TS-03")
    @Tag("checklist:TS-04")
    void anotherTimestampIsWorkedOnOnceWhetherItIsNewerOrOlder() throws IOException {
        software();
        for (var timestamp : List.of("5", "6", "4")) {
            node.master.calls.clear();
            want(0, working.release, RequestedState.STOPPED, timestamp);
            pass(OneShot.SUCCESS);
            assertThat(node.master.calls("stoppedComputerPartition"))
                    .as(timestamp)
                    .hasSize(1);
            assertThat(node.partition(0).resolve(".timestamp")).hasContent(timestamp);
            pass(OneShot.SUCCESS);
            assertThat(node.master.calls("stoppedComputerPartition"))
                    .as(timestamp + " again")
                    .hasSize(1);
        }
    }

    @Test
    @Tag("checklist:TS-10")
    @Tag("checklist:TS-11")
    void aPeriodBelowNothingNeverEndsAndOneOfNothingIsAlwaysOver() throws IOException {
        software();
        node.reopen(Map.of(), () -> now);
        var periodicity = release(working.release).resolve("periodicity");
        Files.writeString(periodicity, "-1\n");
        want(0, working.release, RequestedState.STOPPED, "1");
        for (int n = 0; n < 3; n++) {
            pass(OneShot.SUCCESS);
            now = now.plus(Duration.ofDays(1000));
        }
        assertThat(node.master.calls("stoppedComputerPartition")).hasSize(1);

        Files.writeString(periodicity, "0\n");
        pass(OneShot.SUCCESS);
        pass(OneShot.SUCCESS);
        assertThat(node.master.calls("stoppedComputerPartition")).hasSize(3);
    }

    @Test
    @Tag("checklist:TS-06")
    @Tag("checklist:TS-07")
    @Tag("checklist:TS-08")
    void aPeriodIsForItsReleasesInstancesOnlyAndForStoppedOnesToo() throws IOException {
        var other = node.profile("other/software.cfg", Files.readString(node.profiles.resolve("small/software.cfg")));
        node.master.supply(other, SoftwareState.AVAILABLE);
        software();
        node.reopen(Map.of(), () -> now);
        Files.writeString(release(working.release).resolve("periodicity"), "30\n");
        want(0, working.release, RequestedState.STOPPED, "1");
        want(1, other, RequestedState.STOPPED, "1");
        want(2, working.release, RequestedState.STARTED, "1");
        pass(OneShot.SUCCESS);
        var first = Files.getLastModifiedTime(node.partition(0).resolve(".timestamp"));
        var ofStarted = Files.getLastModifiedTime(node.partition(2).resolve(".timestamp"));

        node.master.calls.clear();
        now = now.plusSeconds(29);
        pass(OneShot.SUCCESS);
        assertThat(node.master.calls).isEmpty();

        now = now.plusSeconds(2);
        pass(OneShot.SUCCESS);
        assertThat(node.master.calls("stoppedComputerPartition"))
                .singleElement()
                .matches(call -> call.partition().equals("part0"));
        assertThat(node.master.calls("startedComputerPartition"))
                .singleElement()
                .matches(call -> call.partition().equals("part2"));
        assertThat(Files.getLastModifiedTime(node.partition(0).resolve(".timestamp")))
                .isGreaterThan(first);
        assertThat(Files.getLastModifiedTime(node.partition(2).resolve(".timestamp")))
                .isGreaterThan(ofStarted);

        node.master.calls.clear();
        now = now.plus(Duration.ofDays(1));
        pass(OneShot.SUCCESS);
        assertThat(node.master.calls("stoppedComputerPartition")).hasSize(2);
    }

    @Test
    @Tag("checklist:ISO-06")
    @Tag("checklist:ISO-07")
    void theSummaryHasFailuresFirstThenPromisesAndNothingOfWhoIsFine() throws IOException {
        var broken = node.profile(
                "broken/software.cfg",
                Files.readString(node.profiles.resolve("small/software.cfg"))
                        .replace("instance.cfg.in", "broken.cfg.in"));
        var file = Files.writeString(node.profiles.resolve("broken.cfg.in"), BROKEN);
        node.host.setMode(file, 0644);
        node.master.supply(broken, SoftwareState.AVAILABLE);
        software();
        node.executable(0, "etc/promise/page-loads", "echo 'Störung ✗ in Köln'; exit 1");
        want(0, working.release, RequestedState.STARTED, "1");
        want(1, broken, RequestedState.STARTED, "1");
        want(2, working.release, RequestedState.STARTED, "1");
        var log = node.folder.resolve("node.log");

        assertThat(command(log, "instance", "--promise-timeout", "1")).isEqualTo(1);

        var summary = Files.readAllLines(log).stream()
                .filter(line -> line.contains(" ERROR "))
                .map(line -> line.replaceFirst(".* ERROR ", ""))
                .toList();
        assertThat(summary)
                .containsExactly(
                        "part1 (default) failed: Failed to run buildout profile in directory '" + node.partition(1)
                                + "': it ended with status 1; its output:",
                        "part0 (default): Promise 'page-loads' failed with output: Störung ✗ in Köln");
    }

    @Test
    @Tag("checklist:ISO-08")
    void whatIsKeptStoppedIsBuiltAndNothingElse() throws Exception {
        software();
        working.want(0, RequestedState.STARTED, "one");
        pass(OneShot.SUCCESS);
        WorkingNode.await(SOON, () -> working.servers(0).size() == 1);
        node.executable(0, "etc/promise/counts", "echo x >> " + node.partition(0) + "/runs");
        working.want(0, RequestedState.STARTED, "two");
        node.master.calls.clear();

        assertThat(Main.run("instance", "--cfg", node.cfg.toString(), "--force-stop"))
                .isZero();

        assertThat(node.partition(0).resolve("page")).hasContent("two");
        assertThat(node.partition(0).resolve(".timestamp")).doesNotExist();
        assertThat(working.servers(0)).isEmpty();
        assertThat(node.partition(0).resolve("runs")).doesNotExist();
        assertThat(node.master.methods()).doesNotContain("startedComputerPartition", "stoppedComputerPartition");
        assertThat(node.master.calls("softwareInstanceError")).isEmpty();

        pass(OneShot.SUCCESS);
        working.awaitAsWanted(SOON);
        assertThat(node.master.methods()).endsWith("startedComputerPartition");
    }

    @Test
    @Tag("checklist:ISO-12")
    void aSlowBuildWithoutALimitOfItsOwnSucceeds() throws IOException {
        software();
        var makefile = Files.writeString(node.profiles.resolve("Makefile"), "all:\n\tsleep 3\ninstall:\n");
        node.host.setMode(makefile, 0644);
        var profile = release(working.release).resolve("instance.cfg");
        Files.writeString(
                profile,
                Files.readString(profile).replace("parts = page", "parts = slow page")
                        + "\n[slow]\nrecipe = slapkit:cmmi\nsources = %s#%s\n"
                                .formatted(makefile, TestNode.sha256(Files.readString(makefile))));
        working.want(0, RequestedState.STOPPED, "one");

        pass(OneShot.SUCCESS);

        assertThat(node.partition(0).resolve("page")).hasContent("one");
    }
}

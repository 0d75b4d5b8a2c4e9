package org.slapos.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slapos.node.ConfigurationReader;
import org.slapos.node.software.SoftwareDirectory;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareState;

/// Lines of the node's checklist about passes over instances and software, with the real Buildout and supervisord.
class PassChecklistTest {
    private static final Set<String> ALL = Set.of();
    private static final String BROKEN = "[buildout]\nparts = x\n[x]\nrecipe = slapkit:nonsense\n";

    private WorkingNode working;
    private TestNode node;

    @BeforeEach
    void open() throws IOException {
        working = new WorkingNode(3);
        node = working.node;
    }

    @AfterEach
    void close() throws IOException {
        working.close();
    }

    @Test
    @Tag("checklist:CP-07")
    @Tag("checklist:CP-09")
    @Tag("checklist:CP-16")
    @Tag("checklist:ISO-09")
    @Tag("checklist:IN-02")
    void stateFollowsTheMasterThroughAnySequence() throws Exception {
        software();
        var group = node.instanceRoot.resolve("etc/supervisord.conf.d/part0.conf");

        node.master.asked.clear();
        working.want(0, RequestedState.STOPPED, "one");
        pass(OneShot.SUCCESS);
        assertThat(node.master.asked)
                .as("what its profile publishes, and nothing else, stands between")
                .containsExactly(
                        "getFullComputerInformation",
                        "getComputerPartitionCertificate",
                        "setComputerPartitionConnectionXml",
                        "stoppedComputerPartition");
        assertThat(node.folder.resolve("pki/part0.crt")).hasContent("CERTIFICATE of a test");
        assertThat(node.folder.resolve("pki/part0.key")).hasContent("KEY of a test");
        assertThat(node.partition(0).resolve("page")).exists();
        assertThat(group).doesNotExist();

        working.want(0, RequestedState.STARTED, "one");
        working.want(1, RequestedState.STARTED, "one");
        pass(OneShot.SUCCESS);
        assertThat(node.master.methods()).endsWith("startedComputerPartition");
        working.awaitAsWanted(Duration.ofSeconds(20));
        assertThat(group).exists();

        node.master.calls.clear();
        working.want(0, RequestedState.STOPPED, "one");
        pass(OneShot.SUCCESS);
        assertThat(node.master.methods()).endsWith("stoppedComputerPartition");
        working.awaitAsWanted(Duration.ofSeconds(20));
        assertThat(group).doesNotExist();
        assertThat(node.partition(0).resolve("page")).exists();
        assertThat(node.instanceRoot.resolve("etc/supervisord.conf.d/part1.conf"))
                .exists();
    }

    @Test
    @Tag("checklist:CP-14")
    void whatIsToBeStoppedIsToldToEndAndItsFilesStay() throws Exception {
        software();
        node.executable(
                0,
                "etc/service/polite",
                "trap 'echo told to end > told; exit 0' TERM; touch ready; while :; do sleep 0.05; done");
        working.want(0, RequestedState.STARTED, "one");
        pass(OneShot.SUCCESS);
        var partition = node.partition(0);
        WorkingNode.await(Duration.ofSeconds(20), () -> Files.exists(partition.resolve("ready")));
        assertThat(partition.resolve("told")).doesNotExist();
        node.master.calls.clear();

        working.want(0, RequestedState.STOPPED, "one");
        pass(OneShot.SUCCESS);

        assertThat(partition.resolve("told")).hasContent("told to end");
        assertThat(node.rooms.supervisor().processes()).isEmpty();
        assertThat(node.master.methods()).endsWith("stoppedComputerPartition");
        assertThat(partition.resolve("page")).hasContent("one");
        assertThat(partition.resolve("ready")).exists();
    }

    @Test
    @Tag("checklist:TS-01")
    @Tag("checklist:TS-02")
    @Tag("checklist:TS-12")
    void unchangedPartitionIsLeftAloneUnlessForced() throws Exception {
        software();
        working.want(0, RequestedState.STARTED, "one");
        pass(OneShot.SUCCESS);
        working.awaitAsWanted(Duration.ofSeconds(20));
        var server = working.servers(0);
        assertThat(Files.readString(node.partition(0).resolve(".timestamp"))).isEqualTo("1");

        node.hostCalls.clear();
        node.master.asked.clear();
        pass(OneShot.SUCCESS);
        assertThat(node.hostCalls).as("starts and writes nothing").isEmpty();
        assertThat(node.master.asked).containsExactly("getFullComputerInformation");

        node.master.calls.clear();
        assertThat(node.once().instances(ALL, true)).isEqualTo(OneShot.SUCCESS);
        assertThat(node.master.calls("startedComputerPartition")).hasSize(1);
        node.master.calls.clear();
        pass(OneShot.SUCCESS);
        assertThat(node.master.calls).isEmpty();
        assertThat(working.servers(0)).as("nothing of it changed").isEqualTo(server);
    }

    @Test
    @Tag("checklist:CP-11")
    @Tag("checklist:UR-04")
    @Tag("checklist:CP-23")
    void freePartitionIsLeftAloneAndOnlyNamedOnesAreWorkedOn() throws Exception {
        software();
        working.want(0, RequestedState.STARTED, "one");
        working.want(1, RequestedState.STARTED, "one");
        node.master.calls.clear();

        assertThat(node.once().instances(Set.of("part1"), false)).isEqualTo(OneShot.SUCCESS);

        assertThat(node.master.calls).allMatch(call -> call.partition().equals("part1"));
        pass(OneShot.SUCCESS);
        assertThat(node.master.calls).noneMatch(call -> call.partition().equals("part2"));
        assertThat(node.partition(2).toFile().list()).containsExactly(".slapos-resource");
    }

    @Test
    @Tag("checklist:CP-15")
    void brokenInstanceGoesOnUntilItIsStopped() throws Exception {
        software();
        working.want(0, RequestedState.STARTED, "one");
        pass(OneShot.SUCCESS);
        var profile =
                SoftwareDirectory.of(node.softwareRoot, working.release).path().resolve("instance.cfg");
        var good = Files.readString(profile);
        Files.writeString(profile, BROKEN);
        working.want(0, RequestedState.STARTED, "two");
        pass(OneShot.FAILED);
        WorkingNode.await(Duration.ofSeconds(20), () -> working.servers(0).size() == 1);
        var error = node.master.calls("softwareInstanceError").getLast();
        assertThat(error.form().required("error_log"))
                .contains("Failed to run buildout profile in directory '" + node.partition(0) + "'", "nonsense");

        node.master.calls.clear();
        working.want(0, RequestedState.STOPPED, "two");
        pass(OneShot.FAILED);
        assertThat(working.servers(0)).isEmpty();
        assertThat(node.master.methods()).containsExactly("softwareInstanceError");

        Files.writeString(profile, good);
        pass(OneShot.SUCCESS);
        working.awaitAsWanted(Duration.ofSeconds(20));
    }

    @Test
    @Tag("checklist:ISO-01")
    void aBrokenInstanceIsReportedWithItsOutputAndThoseAfterItAreWorkedOn() throws Exception {
        var other = node.profile("other/software.cfg", Files.readString(node.profiles.resolve("small/software.cfg")));
        node.master.supply(other, SoftwareState.AVAILABLE);
        software();
        Files.writeString(SoftwareDirectory.of(node.softwareRoot, other).path().resolve("instance.cfg"), BROKEN);
        node.master.promise(node.instance(0, other, RequestedState.STARTED, "1", "one"));
        working.want(1, RequestedState.STARTED, "one");
        node.master.calls.clear();

        pass(OneShot.FAILED);

        assertThat(node.master.calls("softwareInstanceError"))
                .singleElement()
                .satisfies(call -> assertThat(call.partition()).isEqualTo("part0"))
                .satisfies(call ->
                        assertThat(call.form().required("error_log")).contains("Failed to run buildout", "nonsense"));
        assertThat(node.master.calls("startedComputerPartition"))
                .singleElement()
                .satisfies(call -> assertThat(call.partition()).isEqualTo("part1"));
        WorkingNode.await(Duration.ofSeconds(20), () -> working.servers(1).size() == 1);
    }

    @Test
    @Tag("checklist:ISO-10")
    @Tag("checklist:ISO-11")
    void partitionThatTakesTooLongIsEndedAndTheOthersGoOn() throws Exception {
        software();
        var makefile = Files.writeString(node.profiles.resolve("Makefile"), "all:\n\tsleep 596\ninstall:\n");
        node.host.setMode(makefile, 0644);
        var profile =
                SoftwareDirectory.of(node.softwareRoot, working.release).path().resolve("instance.cfg");
        var good = Files.readString(profile);
        working.want(1, RequestedState.STARTED, "one");
        Files.writeString(node.cfg, Files.readString(node.cfg) + "partition_timeout = 5\n");
        try (var rooms =
                NodeRooms.open(ConfigurationReader.read(node.cfg, Map.of()), node.host, InstantSource.system())) {
            assertThat(new OneShot(rooms).instances(ALL, false)).isEqualTo(OneShot.SUCCESS);

            Files.writeString(
                    profile,
                    good.replace("parts = page", "parts = slow page")
                            + """

                    [slow]
                    recipe = slapkit:cmmi
                    sources = %s#%s
                    """.formatted(makefile, TestNode.sha256(Files.readString(makefile))));
            working.want(0, RequestedState.STARTED, "one");
            assertThat(new OneShot(rooms).instances(ALL, false)).isEqualTo(OneShot.FAILED);
        }
        assertThat(node.master.calls("softwareInstanceError").getFirst().form().required("error_log"))
                .contains("did not end in time");
        assertThat(ProcessHandle.allProcesses()
                        .filter(process ->
                                process.info().commandLine().orElse("").endsWith("sleep 596")))
                .as("what took too long is ended")
                .isEmpty();
        WorkingNode.await(Duration.ofSeconds(20), () -> working.servers(1).size() == 1);
    }

    @Test
    @Tag("checklist:CP-10")
    @Tag("checklist:IN-03")
    @Tag("checklist:IN-04")
    void releaseMayGiveTemplateCfgInsteadButNotNeither() throws Exception {
        software();
        var release = SoftwareDirectory.of(node.softwareRoot, working.release).path();
        Files.move(release.resolve("instance.cfg"), release.resolve("template.cfg"));
        working.want(0, RequestedState.STARTED, "one");
        pass(OneShot.SUCCESS);
        working.awaitAsWanted(Duration.ofSeconds(20));

        Files.delete(release.resolve("template.cfg"));
        working.want(0, RequestedState.STARTED, "two");
        pass(OneShot.FAILED);
        assertThat(node.master.calls("softwareInstanceError").getLast().form().required("error_log"))
                .contains("has no instance profile");
    }

    @Test
    @Tag("checklist:ISO-04")
    void partitionWithoutItsDirectoryIsReportedAndTheOthersGoOn() throws Exception {
        software();
        node.host.deleteTree(node.partition(0), false);
        working.want(0, RequestedState.STARTED, "one");
        working.want(1, RequestedState.STARTED, "one");

        pass(OneShot.FAILED);

        assertThat(node.master.calls("softwareInstanceError").getFirst().partition())
                .isEqualTo("part0");
        WorkingNode.await(Duration.ofSeconds(20), () -> working.servers(1).size() == 1);
    }

    @Test
    @Tag("checklist:TX-01")
    @Tag("checklist:TX-02")
    void childrenThatWereRequestedAreToldAndWhatAnEarlierRunNotedCountsNoMore() throws Exception {
        software();
        var noted = node.partition(0).resolve(".slapos-request-transaction-part0");
        Files.writeString(noted, "of an earlier run\n");
        working.want(0, RequestedState.STOPPED, "one");
        pass(OneShot.SUCCESS);
        assertThat(noted).doesNotExist();
        assertThat(node.master.calls("updateComputerPartitionRelatedInstanceList"))
                .isEmpty();

        var profile =
                SoftwareDirectory.of(node.softwareRoot, working.release).path().resolve("instance.cfg");
        Files.writeString(profile, Files.readString(profile).replace("parts = page", "parts = noted page") + """

                [noted]
                recipe = slapkit:template
                inline =
                  a child
                  another
                output = ${buildout:directory}/.slapos-request-transaction-part0
                """);
        working.want(0, RequestedState.STOPPED, "two");
        pass(OneShot.SUCCESS);
        assertThat(node.master
                        .calls("updateComputerPartitionRelatedInstanceList")
                        .getFirst()
                        .form()
                        .required("instance_reference_xml"))
                .contains("a child", "another");
    }

    @Test
    @Tag("checklist:SR-04")
    @Tag("checklist:SR-05")
    @Tag("checklist:SR-06")
    @Tag("checklist:SR-07")
    @Tag("checklist:SR-11")
    void softwareIsBuiltOnceAndRemovedWithWhatItsBuildMadeUnreadable() throws Exception {
        software();
        var release = SoftwareDirectory.of(node.softwareRoot, working.release).path();
        node.master.calls.clear();
        software();
        assertThat(node.master.calls).as("complete").isEmpty();
        Files.delete(release.resolve(".completed"));
        software();
        assertThat(node.master.methods()).containsExactly("buildingSoftwareRelease", "availableSoftwareRelease");
        node.master.calls.clear();
        assertThat(node.once().software(ALL, true)).isEqualTo(OneShot.SUCCESS);
        assertThat(node.master.methods()).as("forced").contains("availableSoftwareRelease");

        var forgotten = Files.createDirectory(node.softwareRoot.resolve("0123456789abcdef0123456789abcdef"));
        Files.createFile(forgotten.resolve("buildout.cfg"));
        var without = Files.createDirectory(node.softwareRoot.resolve("ffffffffffffffffffffffffffffffff"));
        var other = Files.createDirectory(node.softwareRoot.resolve("something-else"));
        Files.createFile(other.resolve("buildout.cfg"));
        software();
        assertThat(forgotten).exists();
        assertThat(node.once().software(Set.of("http://[::1]/none"), false, true, _ -> {}))
                .isEqualTo(OneShot.SUCCESS);
        assertThat(forgotten).doesNotExist();
        assertThat(List.of(without, other, release)).allMatch(Files::exists);

        var closed = Files.createDirectory(release.resolve("closed"));
        Files.createFile(closed.resolve("file"));
        node.host.setMode(closed, 0);
        node.master.supply(working.release, SoftwareState.DESTROYED);
        software();
        assertThat(release).doesNotExist();
    }

    @Test
    void failingBuildIsReportedWithItsOutput() throws IOException {
        var broken = node.profile("broken/software.cfg", BROKEN);
        node.master.supply(broken, SoftwareState.AVAILABLE);

        assertThat(node.once().software(Set.of(broken), false)).isEqualTo(OneShot.FAILED);

        assertThat(node.master.methods()).containsExactly("buildingSoftwareRelease", "softwareReleaseError");
        assertThat(node.master.calls("softwareReleaseError").getFirst().form().required("error_log"))
                .contains("Failed to run buildout", "nonsense");
    }

    @Test
    @Tag("checklist:SR-02")
    @Tag("checklist:SR-03")
    @Tag("checklist:IN-06")
    @Tag("checklist:IN-07")
    void profilesHoldTheSharedAndTheBuildTimeParts() throws IOException {
        Files.writeString(
                node.cfg,
                Files.readString(node.cfg)
                        + "shared_part_list =\n  /srv/shared\n  /srv/own\nbuild_time_part_list = /srv/build\n");
        try (var rooms =
                NodeRooms.open(ConfigurationReader.read(node.cfg, Map.of()), node.host, InstantSource.system())) {
            assertThat(new OneShot(rooms).software(ALL, false)).isEqualTo(OneShot.SUCCESS);
            working.want(0, RequestedState.STOPPED, "one");
            assertThat(new OneShot(rooms).instances(ALL, false)).isEqualTo(OneShot.SUCCESS);
        }

        var release = SoftwareDirectory.of(node.softwareRoot, working.release).path();
        for (var profile :
                List.of(release.resolve("buildout.cfg"), node.partition(0).resolve("buildout.cfg"))) {
            assertThat(profile)
                    .content()
                    .containsPattern("shared-part-list =\\s+/srv/shared\\s+/srv/own\\n")
                    .containsPattern("build-time-part-list =\\s+/srv/build\\n");
        }
    }

    private void software() {
        assertThat(node.once().software(ALL, false)).isEqualTo(OneShot.SUCCESS);
    }

    private void pass(int expected) {
        assertThat(node.once().instances(ALL, false)).isEqualTo(expected);
    }
}

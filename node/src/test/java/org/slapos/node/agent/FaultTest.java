package org.slapos.node.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slapos.node.host.Command;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareState;
import org.slapos.protocol.client.SlapException;

/// What goes wrong in one place stays there, is reported, and heals.
class FaultTest {
    private static final Set<String> ALL = Set.of();
    private TestNode node;

    @BeforeEach
    void open() throws IOException {
        node = new TestNode(2);
    }

    @AfterEach
    void close() throws IOException {
        node.close();
    }

    @Test
    void failingBuildReportsItsOutputAndTheNeighbourIsBuilt() throws IOException {
        var broken = node.profile("a/software.cfg", "[buildout]\nparts = x\n[x]\nrecipe = slapkit:nonsense\n");
        var good = node.profile("b/software.cfg", tiny("[buildout]\nparts =\n"));
        node.master.supply(broken, SoftwareState.AVAILABLE);
        node.master.supply(good, SoftwareState.AVAILABLE);

        assertThat(node.once().software(ALL, false)).isEqualTo(OneShot.FAILED);

        var error = node.master.calls("softwareReleaseError").getFirst().form();
        assertThat(error.required("url")).isEqualTo(broken);
        assertThat(error.required("error_log")).contains("nonsense");
        assertThat(node.master
                        .calls("availableSoftwareRelease")
                        .getFirst()
                        .form()
                        .required("url"))
                .isEqualTo(good);
    }

    @Test
    void failedReleaseIsTriedAgainAfterAPauseAndAtOnceWhenAnotherThingIsWanted() throws Exception {
        var broken = node.profile("a/software.cfg", "[buildout]\nparts = x\n[x]\nrecipe = slapkit:nonsense\n");
        node.master.supply(broken, SoftwareState.AVAILABLE);
        var loop = new SoftwareLoop(node.rooms);

        loop.pass(node.rooms.promised());
        assertThat(loop.hasWork(node.rooms.promised()))
                .as("right after a failure")
                .isFalse();

        node.master.supply(broken, SoftwareState.DESTROYED);
        assertThat(loop.hasWork(node.rooms.promised())).isTrue();
        loop.pass(node.rooms.promised());
        assertThat(node.softwareRoot).isEmptyDirectory();
    }

    @Test
    void reportOfAvailableThatFailsIsSentByTheNextPass() throws IOException {
        var url = node.profile("b/software.cfg", tiny("[buildout]\nparts =\n"));
        node.master.supply(url, SoftwareState.AVAILABLE);
        node.master.answer("availableSoftwareRelease", 503);
        try {
            node.once().software(ALL, false);
        } catch (SlapException expected) {
            assertThat(expected).hasMessageContaining("503");
        }
        assertThat(node.softwareRoot.toFile().list()).hasSize(1);

        node.master.answer("availableSoftwareRelease", 200);
        assertThat(node.once().software(ALL, false)).isEqualTo(OneShot.SUCCESS);

        assertThat(node.master.methods()).endsWith("availableSoftwareRelease");
    }

    @Test
    void urlThatCouldBeTakenForMoreThanAUrlIsRefused() throws IOException {
        node.master.supply("http://x/\n[buildout]\nparts=", SoftwareState.AVAILABLE);

        assertThat(node.once().software(ALL, false)).isEqualTo(OneShot.FAILED);

        assertThat(node.master.calls("softwareReleaseError").getFirst().form().required("error_log"))
                .contains("without blanks");
    }

    @Test
    void partitionThatFailsSaysWhyAndItsNeighbourStarts() throws IOException {
        var broken = release("broken", "[buildout]\nparts = x\n[x]\nrecipe = slapkit:nonsense");
        var good = release("good", "[buildout]\nparts =");
        node.master.promise(node.instance(0, broken, RequestedState.STARTED, "1", "a"));
        node.master.promise(node.instance(1, good, RequestedState.STARTED, "1", "b"));

        assertThat(node.once().instances(ALL, false)).isEqualTo(OneShot.FAILED);

        var error = node.master.calls("softwareInstanceError").getFirst();
        assertThat(error.partition()).isEqualTo("part0");
        assertThat(error.form().required("error_log")).contains("nonsense");
        assertThat(node.master.calls("startedComputerPartition").getFirst().partition())
                .isEqualTo("part1");
    }

    @Test
    void instanceWithoutItsSoftwareWaitsAndReportsNothing() {
        node.master.promise(node.instance(0, "http://nowhere/x.cfg", RequestedState.STARTED, "1", "a"));

        assertThat(node.once().instances(ALL, false)).isEqualTo(OneShot.FAILED);

        assertThat(node.master.methods()).isEmpty();
    }

    @Test
    void promiseThatIsKeptLaterIsReportedThenAndNothingIsBuiltAgain() throws IOException {
        var url = release("slow", """
                [buildout]
                parts = promise
                [promise]
                recipe = slapkit:promise
                output = $${buildout:directory}/etc/promise/there
                check = exec
                command =
                  test
                  -e
                  $${buildout:directory}/is-there
                """);
        var wanted = node.instance(0, url, RequestedState.STARTED, "1", "a");
        node.master.promise(wanted);

        assertThat(node.once().instances(ALL, false)).isEqualTo(OneShot.UNHEALTHY);
        assertThat(node.master.calls("softwareInstanceError").getFirst().form().required("error_log"))
                .startsWith("Promise 'there' failed with output: ");

        Files.createFile(node.partition(0).resolve("is-there"));
        node.hostCalls.clear();
        assertThat(node.once().instances(ALL, false)).isEqualTo(OneShot.SUCCESS);
        node.rooms.partitions().checkPromises(wanted, false);

        assertThat(node.master.calls("startedComputerPartition")).hasSize(1);
        assertThat(node.hostCalls).noneMatch(call -> call.contains("bin/buildout"));
    }

    @Test
    void buildLeftBehindByAKilledNodeIsEndedBeforeTheNextOne() throws Exception {
        var url = node.profile("b/software.cfg", tiny("[buildout]\nparts =\n"));
        node.master.supply(url, SoftwareState.AVAILABLE);
        assertThat(node.once().software(ALL, false)).isEqualTo(OneShot.SUCCESS);
        var directory = node.softwareRoot.resolve(node.softwareRoot.toFile().list()[0]);
        var owner = node.host.owner(directory).orElseThrow();
        var line = new ArrayList<String>();
        if (node.host.isRoot()) {
            line.addAll(List.of("setpriv", "--reuid=" + owner.uid(), "--regid=" + owner.gid(), "--clear-groups"));
        }
        line.addAll(List.of("sh", "-c", "sleep 600 & sleep 600"));
        var builder = new ProcessBuilder(line);
        builder.environment().put("SLAPOS_WORK", directory.toString());
        var leftover = builder.start();
        await(() -> leftover.descendants().count() == 2);
        var descendants = leftover.descendants().toList();

        assertThat(node.once().software(ALL, true)).isEqualTo(OneShot.SUCCESS);

        assertThat(leftover.waitFor(5, TimeUnit.SECONDS)).isTrue();
        await(() -> descendants.stream().noneMatch(ProcessHandle::isAlive));
    }

    @Test
    void destroyedInstanceIsKeptForItsRetention() throws IOException {
        var url = release("good", "[buildout]\nparts =");
        var wanted = node.instance(0, url, RequestedState.STARTED, "1", "a");
        node.master.promise(withRetention(wanted, RequestedState.STARTED, "1"));
        assertThat(node.once().instances(ALL, false)).isEqualTo(OneShot.SUCCESS);
        Files.writeString(node.partition(0).resolve("data"), "precious");

        node.master.promise(withRetention(wanted, RequestedState.DESTROYED, "2"));
        assertThat(node.once().report()).isEqualTo(OneShot.SUCCESS);

        assertThat(node.partition(0).resolve("data")).hasContent("precious");
        assertThat(node.master.methods())
                .contains("stoppedComputerPartition")
                .doesNotContain("destroyedComputerPartition");
    }

    @Test
    void nothingInItsPartitionKeepsAnInstanceFromBeingDestroyed() throws IOException {
        var partition = node.partition(0);
        Files.createDirectory(partition.resolve(".timestamp"));
        Files.createSymbolicLink(partition.resolve(".slapos-retention-lock-delay"), node.folder.resolve("slapos.cfg"));
        Files.write(partition.resolve(".slapos-resource"), new byte[2 << 20]);
        node.master.promise(node.instance(0, "http://[::1]/none.cfg", RequestedState.DESTROYED, "1", "a"));

        assertThat(node.once().report()).isEqualTo(OneShot.SUCCESS);

        assertThat(node.master.methods()).contains("destroyedComputerPartition");
        assertThat(partition).isEmptyDirectory();
    }

    @Test
    void processThatHidFromTheSupervisorDoesNotOutliveItsInstance() throws Exception {
        assumeTrue(node.host.isRoot());
        int uid = WorkingNode.FIRST_USER + 199;
        node.host.setOwner(node.partition(0), uid, uid);
        var tenant = node.host.owner(node.partition(0)).orElseThrow();
        node.host
                .run(Command.of("setsid", "-f", "env", "-i", "sleep", "300").withUser(tenant))
                .orThrow("start a process");
        node.master.promise(node.instance(0, "http://[::1]/none.cfg", RequestedState.DESTROYED, "1", "a"));

        assertThat(node.once().report()).isEqualTo(OneShot.SUCCESS);

        // What was killed is shown until its parent took notice.
        await(() -> node.host.processUse(owner -> owner == uid).isEmpty());
    }

    @Test
    void folderOfTheNodeItselfIsNeverTakenForAPartition() throws IOException {
        node.once().instances(ALL, false);
        var seen = node.instance(0, "http://[::1]/none.cfg", RequestedState.DESTROYED, "1", "a");
        var wanted = new InstanceInformation(
                seen.computer(),
                new PartitionId("var"),
                seen.guid(),
                seen.title(),
                seen.rootTitle(),
                seen.rootShortTitle(),
                seen.softwareRelease(),
                seen.softwareType(),
                seen.state(),
                seen.parameters(),
                seen.connection(),
                seen.filter(),
                seen.addresses(),
                seen.routedAddresses(),
                seen.sharedInstances(),
                seen.timestamp(),
                seen.accessStatus());

        assertThat(node.rooms.partitions().process(wanted, true))
                .isInstanceOf(org.slapos.node.instance.ProcessPartition.Outcome.Failed.class);

        assertThat(node.instanceRoot.resolve("var/run")).isNotEmptyDirectory();
    }

    @Test
    void unknownPartitionFailsBeforeAnythingIsDone() throws IOException {
        node.master.promise(node.instance(0, release("good", "[buildout]\nparts ="), RequestedState.STARTED, "1", "a"));

        assertThat(node.once().instances(Set.of("part0", "part7"), false)).isEqualTo(OneShot.FAILED);

        assertThat(node.master.calls("startedComputerPartition")).isEmpty();
    }

    @Test
    void knownServicesAreStartedWhenTheMasterIsAway() throws IOException {
        node.master.close();

        assertThat(node.once().instances(ALL, false)).isEqualTo(OneShot.OFFLINE);
    }

    /// A release that only leaves this instance profile.
    private String tiny(String instanceProfile) throws IOException {
        var file = Files.createTempFile(node.profiles, "instance", ".cfg.in");
        node.host.setMode(file, 0644);
        return """
                [buildout]
                parts = instance-profile
                [instance-profile]
                recipe = slapkit:template
                url = %s
                output = ${buildout:directory}/instance.cfg
                """.formatted(Files.writeString(file, instanceProfile));
    }

    /// Installs a release with this instance profile.
    private String release(String name, String instanceProfile) throws IOException {
        var url = node.profile(name + "/software.cfg", tiny(instanceProfile));
        node.master.supply(url, SoftwareState.AVAILABLE);
        assertThat(node.once().software(Set.of(url), false)).isEqualTo(OneShot.SUCCESS);
        node.master.calls.clear();
        return url;
    }

    private static InstanceInformation withRetention(InstanceInformation i, RequestedState state, String timestamp) {
        return new InstanceInformation(
                i.computer(),
                i.partition(),
                i.guid(),
                i.title(),
                i.rootTitle(),
                i.rootShortTitle(),
                i.softwareRelease(),
                i.softwareType(),
                state,
                i.parameters(),
                i.connection(),
                Map.of("retention_delay", "2"),
                i.addresses(),
                i.routedAddresses(),
                i.sharedInstances(),
                timestamp,
                i.accessStatus());
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        var end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(end);
            Thread.sleep(20);
        }
    }
}

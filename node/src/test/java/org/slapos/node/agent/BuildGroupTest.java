package org.slapos.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slapos.node.host.ControlGroup;
import org.slapos.node.software.SoftwareDirectory;
import org.slapos.protocol.SoftwareState;

/// The control group of builds, by the kernel of this machine: version 1 or 2, whichever it has.
@Tag("system")
class BuildGroupTest {
    private static final Path ALL = Path.of("/sys/fs/cgroup");
    private static final boolean IS_UNIFIED = Files.exists(ALL.resolve("cgroup.controllers"));

    private TestNode node;
    private String group;

    @BeforeEach
    void open() throws IOException {
        node = new TestNode(0);
        group = ControlGroup.ofNode(node.instanceRoot) + "/+builds";
    }

    @AfterEach
    void close() throws IOException {
        node.close();
    }

    @Test
    void buildHasTheShareOfItsGroupOnlyAndTheGroupGoesWithAllThatTheBuildLeft() throws Exception {
        var release = release(
                "look",
                "cat /proc/self/cgroup; echo weight $$(cat " + weightFile() + "); "
                        + "setsid sleep 597 > /dev/null 2>&1 & sleep 0.2");

        assertThat(node.once().software(Set.of(), false)).isEqualTo(OneShot.SUCCESS);

        assertThat(log(release))
                .as("the build of an ordinary user, in the group")
                .contains(IS_UNIFIED ? "0::/" + group : ":cpu:/" + group)
                .contains("weight " + (IS_UNIFIED ? 10 : 102));
        assertThat(groups()).isEmpty();
        assertThat(node.running("sleep 597")).as("what the build left running").isEmpty();
    }

    @Test
    void buildOfAKilledAgentGoesWithItsGroupWhenTheNextBeginsAlsoIfItIsNotWantedAnyMore() throws Exception {
        node.master.supply(node.endlessRelease(), SoftwareState.AVAILABLE);
        try (var agent = AgentProcess.start(node, "agent")) {
            await(() -> node.running("sleep 599").size() == 1);
            agent.kill();
        }
        assertThat(groups()).as("nobody took it away").isNotEmpty();
        assertThat(node.running("sleep 599")).hasSize(1);
        node.master.forgetSoftware();

        try (var _ = AgentProcess.start(node, "next")) {
            await(() -> groups().isEmpty());
        }

        assertThat(node.running("sleep 599")).isEmpty();
    }

    @Test
    void buildNeedsNoControlGroup() throws Exception {
        var release = release("plain", "cat /proc/self/cgroup");

        assertThat(node.command(TestNode.behindMount("mount -t tmpfs -o ro none /sys/fs/cgroup"), "software"))
                .isZero();

        assertThat(log(release)).contains("/").doesNotContain(group);
    }

    /// Without a controller, where this machine has its controllers elsewhere: the group and its end are the kernel's
    /// all the same.
    @Test
    void buildIsInItsGroupOfVersion2() throws Exception {
        var release = release("unified", "cat /proc/self/cgroup");

        assertThat(node.command(TestNode.behindMount("mount -t cgroup2 none /sys/fs/cgroup"), "software"))
                .isZero();

        assertThat(log(release)).contains("0::/" + group);
        assertThat(groups()).isEmpty();
    }

    /// A release whose build runs this line of a shell.
    private String release(String name, String line) throws IOException {
        var release = node.release(name, "all:\n\t" + line + "\ninstall:\n");
        node.master.supply(release, SoftwareState.AVAILABLE);
        return release;
    }

    private String weightFile() {
        return (IS_UNIFIED ? ALL : ALL.resolve("cpu"))
                .resolve(group)
                .resolve(IS_UNIFIED ? "cpu.weight" : "cpu.shares")
                .toString();
    }

    private String log(String release) throws IOException {
        var name = SoftwareDirectory.of(node.softwareRoot, release).path().getFileName();
        return Files.readString(node.instanceRoot.resolve("var/log/build-" + name + ".log"));
    }

    /// Where the group is, of all hierarchies; of the node's own group nothing else is expected either.
    private List<Path> groups() {
        var parent = ControlGroup.ofNode(node.instanceRoot);
        try (Stream<Path> hierarchies = Files.list(ALL)) {
            return Stream.concat(Stream.of(ALL), hierarchies)
                    .map(hierarchy -> hierarchy.resolve(parent))
                    .filter(Files::exists)
                    .toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        WorkingNode.await(Duration.ofSeconds(40), condition);
    }
}

package org.slapos.node.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slapos.node.software.SoftwareDirectory;
import org.slapos.protocol.SoftwareState;

/// What a build of software sees of the user that it runs as, and whom its command lets in.
class SoftwareRunTest {
    private static final int USER = WorkingNode.FIRST_USER + 198;
    /// What the build saw is left where it installs.
    private static final String MAKEFILE = "all:\n"
            + "install:\n"
            + "\tmkdir -p $(PREFIX)\n"
            + "\tcat $$HOME/.netrc > $(PREFIX)/netrc || true\n"
            + "\techo $$HOME > $(PREFIX)/home\n"
            // A shell of its own: whoever redirects a loop keeps the old output open meanwhile.
            + "\tsh -c 'i=3; while [ $$i -lt 256 ]; do [ ! -e /proc/$$$$/fd/$$i ] || echo $$i; i=$$((i+1)); done'"
            + " > $(PREFIX)/descriptors\n";

    private TestNode node;
    private String release;

    @BeforeEach
    void open() throws IOException {
        node = new TestNode(0);
        release = node.release("look", MAKEFILE);
        node.master.supply(release, SoftwareState.AVAILABLE);
    }

    @AfterEach
    void close() throws IOException {
        node.close();
    }

    private Path directory() {
        return SoftwareDirectory.of(node.softwareRoot, release).path();
    }

    private String seen(String name) throws IOException {
        try (Stream<Path> files = Files.walk(directory())) {
            var file = files.filter(path -> path.endsWith(name)).findFirst().orElseThrow();
            return Files.readString(file).strip();
        }
    }

    @Test
    @Tag("checklist:SR-10")
    void noDescriptorButTheFirstThreeIsOpenInABuild() throws IOException {
        try (var _ = Files.newInputStream(node.cfg)) {
            assertThat(node.once().software(java.util.Set.of(), false)).isEqualTo(OneShot.SUCCESS);
        }

        assertThat(seen("descriptors")).isEmpty();
    }

    @Test
    @Tag("checklist:SR-08")
    @Tag("checklist:SR-09")
    void theSoftwareUsersNetrcIsThereForTheBuildWhoseHomeIsItsOwn() throws Exception {
        assumeTrue(node.host.isRoot(), "another user's build needs root");
        var home = Files.createDirectory(node.folder.resolve("home"));
        var netrc = Files.writeString(home.resolve(".netrc"), "machine example.org login a password b\n");
        for (var path : List.of(home, netrc, node.softwareRoot)) {
            node.host.setOwner(path, USER, USER);
        }
        node.host.setMode(netrc, 0600);

        assertThat(softwareOf(home)).isZero();
        assertThat(seen("netrc")).isEqualTo("machine example.org login a password b");
        assertThat(seen("home")).isEqualTo(directory().toString()).isNotEqualTo(home.toString());
        var copy = node.host.facts(directory().resolve(".netrc")).orElseThrow();
        assertThat(copy.mode()).isEqualTo(0600);
        assertThat(copy.uid()).isEqualTo(USER);

        Files.delete(netrc);
        assertThat(softwareOf(home, "--force")).isZero();
        assertThat(directory().resolve(".netrc")).doesNotExist();
    }

    /// `slapos node software` where the owner of the software has a name and that home, in a mount namespace of its
    /// own.
    private int softwareOf(Path home, String... more) throws Exception {
        var users = Files.writeString(
                node.folder.resolve("passwd"),
                Files.readString(Path.of("/etc/passwd"))
                        + "slaptest:x:%d:%d::%s:/bin/sh\n".formatted(USER, USER, home));
        node.host.setMode(users, 0644);
        return node.command(
                List.of(
                        "unshare",
                        "--mount",
                        "sh",
                        "-c",
                        "mount --bind " + users + " /etc/passwd && exec \"$@\"",
                        "sh"),
                Stream.concat(Stream.of("software"), Stream.of(more)).toArray(String[]::new));
    }

    @Test
    @Tag("checklist:CL-10")
    @Tag("checklist:CL-11")
    @Tag("checklist:CL-12")
    void onlyRootDoesTheNodesWorkAndItsPidFilesStandBelowItsInstances() throws Exception {
        assumeTrue(node.host.isRoot(), "who is not root is refused or works in single-user mode");
        // In a user namespace of its own root is nobody.
        for (var verb : List.of("software", "instance", "prune", "report", "promise")) {
            assertThat(node.command(List.of("unshare", "--user"), verb)).isEqualTo(5);
        }
        assertThat(Files.readString(node.said)).contains("root");
        assertThat(node.master.asked).isEmpty();

        var run = node.instanceRoot.resolve("var/run");
        assertThat(node.configuration.pidfileSoftware()).isEqualTo(run.resolve("slapgrid-sr.pid"));
        assertThat(node.configuration.pidfileInstance()).isEqualTo(run.resolve("slapgrid-cp.pid"));
        for (var verb : List.of("software", "instance")) {
            var file = run.resolve(verb.equals("software") ? "slapgrid-sr.pid" : "slapgrid-cp.pid");
            assertThat(file).doesNotExist();
            assertThat(node.command(List.of(), verb))
                    .as(Files.readString(node.said))
                    .isZero();
            assertThat(file).exists();
        }

        // With its debugger, Buildout would show its prompt when a build fails.
        var broken = node.profile("broken/software.cfg", "[buildout]\nparts = none\n");
        node.master.supply(broken, SoftwareState.AVAILABLE);
        assertThat(node.command(List.of(), "software")).isEqualTo(1);
        var log = node.instanceRoot.resolve("var/log/build-"
                + SoftwareDirectory.of(node.softwareRoot, broken).path().getFileName() + ".log");
        assertThat(Files.readString(log)).contains("Error:").doesNotContainIgnoringCase("pdb");
        assertThat(Files.readString(node.said)).contains("its output stands in " + log + " and ends: Error:");
    }
}

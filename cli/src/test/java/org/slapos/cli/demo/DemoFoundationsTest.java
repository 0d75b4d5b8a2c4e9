package org.slapos.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slapos.cli.verbs.CommandFailure;

class DemoFoundationsTest {
    @TempDir
    private Path folder;

    private DemoSettings settings(Map<String, String> environment) {
        return DemoSettings.of(environment, Path.of("/home/ada/checkout/dist/target/slapos"), false);
    }

    private DemoSettings here() {
        return new DemoSettings(folder.resolve("d"), 18443, 0, false, "slapos", folder);
    }

    @Test
    void theRootIsNeverInTheCheckout() {
        assertThatThrownBy(() -> settings(Map.of("SLAPOS_DEMO_ROOT", "/home/ada/checkout/demo")))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("SLAPOS_DEMO_ROOT must lie outside of /home/ada/checkout");
        assertThatThrownBy(() -> settings(Map.of("SLAPOS_DEMO_ROOT", "/"))).isInstanceOf(CommandFailure.class);
    }

    @Test
    void whatIsWrongInTheEnvironmentIsSaidAtOnce() {
        assertThatThrownBy(() -> settings(Map.of("SLAPOS_DEMO_PORT", "http", "SLAPOS_DEMO_MIN_FREE_MIB", "-1")))
                .hasMessageContaining("SLAPOS_DEMO_PORT")
                .hasMessageContaining("SLAPOS_DEMO_MIN_FREE_MIB");
    }

    @Test
    void withoutRootTheDemoLivesInTheUsersHome() {
        assertThat(settings(Map.of("HOME", "/home/ada")).root())
                .isEqualTo(Path.of("/home/ada/.local/share/slapos-demo"));
        assertThat(settings(Map.of("HOME", "/home/ada")).users()).isEmpty();
    }

    @Test
    void aFolderThatTheDemoDidNotMakeIsLeftAlone() throws IOException {
        Files.createDirectories(here().root());
        Files.writeString(here().root().resolve("diary"), "mine");

        assertThatThrownBy(() -> DemoLock.take(here()))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("was not made by the demo");
        assertThat(here().root().resolve("diary")).hasContent("mine");
    }

    @Test
    void aDaemonThatIsJustExecutingItsProgramRuns() throws IOException {
        var demo = here();
        for (var folder : new Path[] {demo.run(), demo.log(), demo.etc(), demo.app()}) {
            Files.createDirectories(folder);
        }
        var restless = demo.app().resolve("restless");
        Files.writeString(restless, "#!/bin/sh\nexec \"$0\"\n");
        Files.setPosixFilePermissions(restless, PosixFilePermissions.fromString("rwx------"));
        var process = new ProcessBuilder(restless.toString()).start();
        try {
            Files.writeString(demo.run().resolve("master.pid"), process.pid() + "\n");
            var programs = new Programs(demo, new UndoList(demo.undoList()));
            for (int i = 0; i < 2000; i++) {
                assertThat(programs.pid("master")).isEqualTo(process.pid());
            }
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void theLockIsGivenBackAndAFolderWithNothingElseGoesWithIt() throws IOException {
        DemoLock.take(here()).close();
        assertThat(here().root()).doesNotExist();

        try (var _ = DemoLock.take(here())) {
            Files.createDirectories(here().etc());
        }
        DemoLock.take(here()).close();
        assertThat(here().lock()).exists();
    }

    @Test
    void thePortOfAnotherProgramAndAFullDiskAreSaidBeforeAnythingIsMade() throws IOException {
        try (var taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            var settings =
                    new DemoSettings(folder.resolve("d"), taken.getLocalPort(), Long.MAX_VALUE, false, "x", folder);

            assertThatThrownBy(() -> Preflight.check(settings, new UndoList(settings.undoList()), false))
                    .hasMessageContaining("port " + taken.getLocalPort() + " of 127.0.0.1 is used by another program")
                    .hasMessageContaining("MiB free, and the demo wants")
                    .hasMessageContaining("run 'make build' first");
            assertThat(settings.root()).doesNotExist();
        }
    }

    @Test
    void theListIsWrittenOnceForEachThing() throws IOException {
        Files.createDirectories(here().etc());
        var made = new UndoList(here().undoList());
        made.willMakeUser("slapos", Path.of("/srv/x"));
        made.willMakeUser("slapos", Path.of("/srv/x"));
        made.willAddAddress("lo", "fd00::1/64");

        assertThat(here().undoList()).hasContent("user\tslapos\t/srv/x\naddress\tlo\tfd00::1/64\n");
        assertThat(made.users()).containsExactly("slapos");
    }

    @Test
    void theKernelsTableNamesWhoListens() throws IOException {
        var loopback = InetAddress.ofLiteral("127.0.0.1");
        try (var socket = new ServerSocket(0, 1, loopback)) {
            assertThat(Machine.listener(loopback, socket.getLocalPort())).hasValue(Machine.uid());
        }
        assertThat(Machine.kernelHex(loopback.getAddress())).isEqualTo("0100007F");
        assertThat(Machine.kernelHex(InetAddress.ofLiteral("fd12:3456::2").getAddress()))
                .isEqualTo("563412FD000000000000000002000000");
    }

    @Test
    void anInstalledCopyIsReadableByAllAndKnownByItsContent() throws IOException {
        var from = folder.resolve("from");
        Files.createDirectories(from.resolve("bin"));
        var program = Files.writeString(from.resolve("bin/program"), "#!/bin/sh\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        var to = folder.resolve("to");

        Folders.install(from, to);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(to.resolve("bin/program"))))
                .isEqualTo("rwxr-xr-x");
        assertThat(Folders.fingerprint(to)).isEqualTo(Folders.fingerprint(from));
        Files.writeString(program, "#!/bin/sh\nexit\n");
        assertThat(Folders.fingerprint(to)).isNotEqualTo(Folders.fingerprint(from));
    }

    @Test
    void deletingCopesWithReadOnlyFoldersAndFollowsNoLink() throws IOException {
        var outside = Files.writeString(folder.resolve("outside"), "kept");
        var inside = Files.createDirectories(folder.resolve("gone/deep"));
        Files.createSymbolicLink(inside.resolve("link"), outside);
        Files.setPosixFilePermissions(inside, PosixFilePermissions.fromString("r-xr-xr-x"));

        Folders.delete(folder.resolve("gone"));

        assertThat(folder.resolve("gone")).doesNotExist();
        assertThat(outside).hasContent("kept");
    }

    @Test
    void onlyProcessesOfTheDemosFolderAreFoundAndKilled() throws Exception {
        var root = Files.createDirectories(folder.resolve("d"));
        var ours = new ProcessBuilder("setsid", "sleep", "60")
                .directory(root.toFile())
                .start();
        var other = new ProcessBuilder("setsid", "sleep", "60")
                .directory(folder.toFile())
                .start();
        try {
            var leftovers = new Leftovers(root.toRealPath(), Set.of());
            while (!Path.of("/proc/" + ours.pid() + "/exe").toRealPath().endsWith("sleep")) {
                Thread.onSpinWait();
            }
            assertThat(leftovers.find()).isEqualTo(List.of(ours.pid()));
            assertThat(leftovers.kill()).isEqualTo(1);
            assertThat(ours.waitFor()).isNotZero();
            assertThat(other.isAlive()).isTrue();
        } finally {
            ours.destroyForcibly();
            other.destroyForcibly();
        }
    }
}

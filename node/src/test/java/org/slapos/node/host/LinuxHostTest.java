package org.slapos.node.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class LinuxHostTest {
    @TempDir
    Path folder;

    private final LinuxHost host = new LinuxHost(UndoList.none());
    private Path tenant = Path.of("/");

    @BeforeEach
    void makeTenant() throws IOException {
        tenant = Files.createDirectory(folder.resolve("tenant"));
    }

    private static Command sh(String script) {
        return Command.of("/bin/sh", "-c", script).withEnvironment(Map.of("PATH", "/usr/bin:/bin"));
    }

    @Test
    @Tag("checklist:FM-16")
    void aCommandHasTheDirectoryEnvironmentAndUmaskItNamesAndNoInput() {
        var result = host.run(Command.of("/bin/sh", "-c", "pwd; echo $WORD; umask; cat; env | wc -l; echo error >&2")
                .withDirectory(folder)
                .withEnvironment(Map.of("WORD", "it's $HOME", "PATH", "/usr/bin:/bin"))
                .withUmask(027));

        assertThat(result.ok()).isTrue();
        assertThat(result.output().lines().toList())
                .containsExactly(folder.toString(), "it's $HOME", "0027", "3", "error");
    }

    @Test
    void argumentsAreNeverReadByAShell() {
        assertThat(host.run(Command.of("echo", "$(id)", "; id", "'\"")).output())
                .isEqualTo("$(id) ; id '\"\n");
    }

    @Test
    @Tag("checklist:PH-01")
    void linesAreShownWhileTheyComeAndTheLastNeedsNoEnd() {
        var lines = new ArrayList<String>();
        var seen = folder.resolve("seen");

        // It goes on when its first line was shown.
        var result = host.run(sh("echo one; until [ -e " + seen + " ]; do sleep 0.02; done; printf two")
                .withDeadline(Duration.ofSeconds(20))
                .withOnLine(line -> {
                    lines.add(line);
                    assertThat(seen.toFile().mkdir()).isEqualTo(lines.size() == 1);
                }));

        assertThat(result.ok()).as(result.output()).isTrue();
        assertThat(lines).containsExactly("one", "two");
        assertThat(result.output()).isEqualTo("one\ntwo");
    }

    @Test
    @Tag("checklist:PH-02")
    void piecesBecomeLinesAndNeitherLongNorManyAreLost() {
        var lines = new ArrayList<String>();

        host.run(sh("""
                printf 'in '; sleep 0.1; printf 'pieces\\n'
                head -c 10000 /dev/zero | tr '\\0' x; echo
                i=0; while [ $i -lt 100 ]; do echo line $i; i=$((i+1)); done
                """).withOnLine(lines::add));

        assertThat(lines)
                .hasSize(102)
                .startsWith("in pieces", "x".repeat(10_000))
                .endsWith("line 99");
        assertThat(lines.subList(2, 102))
                .containsExactlyElementsOf(java.util.stream.IntStream.range(0, 100)
                        .mapToObj(i -> "line " + i)
                        .toList());
    }

    @Test
    void outputIsKeptUpToABoundAndNeverBlocksTheProgram() {
        var result = host.run(sh("yes abcdefgh | head -c 5000000; echo; echo end"));

        assertThat(result.ok()).isTrue();
        assertThat(result.output()).hasSize(64 * 1024).endsWith("end\n");
    }

    @Test
    void bytesThatAreNoTextAreReplaced() {
        assertThat(host.run(sh("printf '\\377ok'")).output()).isEqualTo("\ufffdok");
    }

    @Test
    @Tag("checklist:PH-07")
    void theDeadlineKillsTheWholeTree() {
        var pids = new ArrayList<Long>();

        var result =
                host.run(sh("sleep 1000 & echo $!; (sleep 1001 & echo $!); setsid sleep 1002 & echo $!; sleep 1003")
                        .withDeadline(Duration.ofMillis(500))
                        .withOnLine(line -> pids.add(Long.valueOf(line))));

        assertThat(result.timedOut()).isTrue();
        assertThat(result.ok()).isFalse();
        assertThat(pids)
                .hasSize(3)
                .allSatisfy(pid -> assertThat(ProcessTree.of(pid)).isEmpty());
    }

    @Test
    void whatAProgramLeavesRunningDoesNotHoldTheCallerBack() {
        var pids = new ArrayList<Long>();

        var result = host.run(sh("sleep 20 & echo $!").withOnLine(line -> pids.add(Long.valueOf(line))));

        assertThat(result.ok()).isTrue();
        ProcessTree.kill(() -> java.util.Set.copyOf(pids));
    }

    @Test
    void whoeverHoldsTheOutputOpenCostsNeitherThreadNorMemory() throws InterruptedException {
        var pids = new ArrayList<Long>();

        host.run(sh("sleep 20 & echo $!; printf '\\303'").withOnLine(line -> {
            if (line.matches("\\d+")) {
                pids.add(Long.valueOf(line));
            }
        }));
        var endless = host.run(sh("yes & echo ok"));

        Thread.sleep(Duration.ofMillis(100));
        assertThat(endless.ok()).isTrue();
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().startsWith("output of"));
        ProcessTree.kill(() -> java.util.Set.copyOf(pids));
    }

    @Test
    @Tag("checklist:PH-03")
    void aCharacterThatComesInTwoPiecesIsWhole() {
        assertThat(host.run(sh("printf 'caf\\303'; sleep 0.2; printf '\\251'")).output())
                .isEqualTo("caf\u00e9");
    }

    @Test
    @Tag("checklist:PH-01")
    void aStatusTellsOfFailureWithTheTailOfTheOutput() {
        var result = host.run(sh("echo no such luck; exit 3"));

        assertThat(result.status()).isEqualTo(3);
        assertThatThrownBy(() -> result.orThrow("have luck"))
                .hasMessage("cannot have luck: exit status 3: no such luck");
    }

    @Test
    void aMissingProgramOrDirectoryIsNamed() {
        assertThatThrownBy(() -> host.run(Command.of("no-such-program"))).hasMessageContaining("no-such-program");
        assertThatThrownBy(() -> host.run(Command.of("true").withDirectory(folder.resolve("none"))))
                .hasMessageContaining(folder.resolve("none").toString());
    }

    @Test
    void nothingIsEverRunAsRootOnBehalfOfAnother() {
        var root = new UnixUser("root", 0, 0, List.of(0), Path.of("/root"));
        var wheel = new UnixUser("wheel", 1000, 0, List.of(0), Path.of("/"));

        assertThatThrownBy(() -> host.run(Command.of("id").withUser(root))).isInstanceOf(HostException.class);
        assertThatThrownBy(() -> host.run(Command.of("id").withUser(wheel))).isInstanceOf(HostException.class);
    }

    @Test
    void usersAreFoundByNameAndByWhatTheyOwn() {
        assertThat(host.user("daemon").orElseThrow().uid()).isEqualTo(1);
        assertThat(host.users(List.of("daemon", "slapnobodyhasthis"))).containsOnlyKeys("daemon");
        assertThat(host.owner(folder).orElseThrow().uid()).isEqualTo(host.self().uid());
        assertThat(host.owner(folder.resolve("none"))).isEmpty();
    }

    @Test
    void interfacesHaveTheirAddresses() {
        var loopback = host.networkInterfaces().stream()
                .filter(i -> i.name().equals("lo"))
                .findFirst();

        assertThat(loopback).isPresent();
        assertThat(loopback.get().addresses())
                .anySatisfy(a -> assertThat(a.toString()).isEqualTo("127.0.0.1/8"));
    }

    @Test
    void aTenantFileIsReplacedWithItsMode() throws IOException {
        write("note", "one");
        write("note", "two");

        assertThat(read("note")).isEqualTo("two");
        assertThat(host.facts(tenant.resolve("note")).orElseThrow().mode()).isEqualTo(0640);
        try (var left = Files.list(folder)) {
            assertThat(left).containsExactly(tenant);
        }
    }

    @Test
    void aLinkInATenantsDirectoryIsReplacedAndNeverFollowed() throws IOException {
        var outside = Files.writeString(folder.resolve("outside"), "precious");
        Files.createSymbolicLink(tenant.resolve("note"), outside);

        assertThatThrownBy(() -> host.readTenantFile(tenant, "note", 100)).isInstanceOf(HostException.class);
        write("note", "mine");

        assertThat(Files.readString(outside)).isEqualTo("precious");
        assertThat(Files.isSymbolicLink(tenant.resolve("note"))).isFalse();
        assertThat(read("note")).isEqualTo("mine");
    }

    @Test
    void aLinkedDirectoryIsNotEntered() throws IOException {
        var outside = Files.createDirectory(folder.resolve("elsewhere"));
        Files.createSymbolicLink(tenant.resolve("etc"), outside);

        assertThatThrownBy(() -> write("etc/note", "x")).isInstanceOf(HostException.class);
        assertThatThrownBy(() -> host.readTenantFile(tenant, "etc/note", 10)).isInstanceOf(HostException.class);
        assertThatThrownBy(() -> write("../note", "x")).isInstanceOf(HostException.class);
        assertThat(outside).isEmptyDirectory();
    }

    @Test
    void aSecondNameForSomebodyElsesFileIsReplacedAndItsContentLeftAlone() throws IOException {
        assumeTrue(host.isRoot());
        host.setOwner(tenant, 1, 1);
        var other = Files.writeString(folder.resolve("other"), "[1,2]");
        Files.createLink(tenant.resolve("note"), other);

        assertThat(host.extendTenantFile(tenant, "note", bytes("]"), bytes(",3]"), 100))
                .isFalse();
        host.showTenantFile(tenant, "note", bytes("[]"), 0640, 1, 1);

        assertThat(other).hasContent("[1,2]");
        assertThat(read("note")).isEqualTo("[]");
        assertThat(host.extendTenantFile(tenant, "note", bytes("]"), bytes("3]"), 100))
                .as("it is the tenant's own now")
                .isTrue();
        assertThat(read("note")).isEqualTo("[3]");
    }

    @Test
    void aTenantFileIsReadUpToALimit() {
        write("note", "12345");

        assertThat(host.readTenantFile(tenant, "note", 5)).isPresent();
        assertThatThrownBy(() -> host.readTenantFile(tenant, "note", 4)).hasMessageContaining("longer than 4");
        assertThat(host.readTenantFile(tenant, "none", 4)).isEmpty();
        assertThat(host.readTenantFile(tenant, "none/none", 4)).isEmpty();
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aPipeThatTakesTheFilesPlaceNeverHoldsTheReader() throws Exception {
        assumeTrue(host.isRoot());
        host.run(Command.of("mkfifo", tenant.resolve("pipe").toString())).orThrow("make a pipe");
        Files.writeString(tenant.resolve("plain"), "x");
        var over = new AtomicBoolean();
        var tenantAtWork = Thread.ofPlatform().daemon().start(() -> {
            for (int i = 0; !over.get(); i++) {
                try {
                    Files.createLink(tenant.resolve("next"), tenant.resolve(i % 2 == 0 ? "pipe" : "plain"));
                    Files.move(
                            tenant.resolve("next"),
                            tenant.resolve("file"),
                            java.nio.file.StandardCopyOption.ATOMIC_MOVE);
                    Files.deleteIfExists(tenant.resolve("next"));
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            }
        });
        int read = 0;
        for (int i = 0; i < 20_000; i++) {
            try {
                read += host.readTenantFile(tenant, "file", 10).isPresent() ? 1 : 0;
            } catch (HostException _) {
                // it was the pipe
            }
        }
        over.set(true);
        tenantAtWork.join();

        assertThat(read).isPositive();
    }

    @Test
    void aLinkIsReplacedAndOtherThingsAreLeftAlone() throws IOException {
        var self = host.self();
        host.linkTenantFile(tenant, "software_release", folder.resolve("one"), self.uid(), self.gid());
        host.linkTenantFile(tenant, "software_release", folder.resolve("two"), self.uid(), self.gid());
        assertThat(Files.readSymbolicLink(tenant.resolve("software_release"))).isEqualTo(folder.resolve("two"));

        write("note", "x");
        assertThatThrownBy(() -> host.linkTenantFile(tenant, "note", folder, self.uid(), self.gid()))
                .isInstanceOf(HostException.class);
        assertThat(read("note")).isEqualTo("x");
    }

    @Test
    void aTreeIsDeletedWithItsReadOnlyPartsAndWithoutWhatItsLinksPointTo() throws IOException {
        var outside = Files.writeString(
                Files.createDirectory(folder.resolve("elsewhere")).resolve("kept"), "x");
        Files.createSymbolicLink(tenant.resolve("link"), outside.getParent());
        var sealed = Files.createDirectories(tenant.resolve("a/b"));
        Files.writeString(sealed.resolve("file"), "x");
        host.setMode(sealed, 0500);
        host.setMode(tenant.resolve("a"), 0);

        host.deleteTree(tenant, true);
        assertThat(tenant).isEmptyDirectory();
        host.deleteTree(tenant, false);
        host.deleteTree(tenant, false);

        assertThat(Files.exists(tenant, LinkOption.NOFOLLOW_LINKS)).isFalse();
        assertThat(outside).exists();
    }

    private void write(String name, String text) {
        var self = host.self();
        host.writeTenantFile(tenant, name, bytes(text), 0640, self.uid(), self.gid());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private String read(String name) {
        return new String(host.readTenantFile(tenant, name, 1000).orElseThrow(), StandardCharsets.UTF_8);
    }
}

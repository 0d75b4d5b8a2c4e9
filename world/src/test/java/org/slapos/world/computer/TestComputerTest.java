package org.slapos.world.computer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("system")
class TestComputerTest {
    @Test
    void whatIsMadeInsideDoesNotExistOutside() throws IOException {
        try (var computer = TestComputer.start()) {
            computer.run("useradd", "--system", "--no-create-home", "insider").succeeded();
            computer.run("ip", "tuntap", "add", "dev", "slaptap0", "mode", "tap", "user", "insider")
                    .succeeded();
            computer.run("touch", "/srv/inside", "/var/lib/inside", "/tmp/inside")
                    .succeeded();
            assertThat(computer.runAs("insider", "id", "-un").succeeded()).isEqualTo("insider");
            assertThat(computer.run("ip", "-brief", "link").succeeded()).contains("slaptap0");

            assertThat(Files.readString(Path.of("/etc/passwd"))).doesNotContain("insider");
            assertThat(Path.of("/sys/class/net/slaptap0")).doesNotExist();
            assertThat(List.of(Path.of("/srv/inside"), Path.of("/var/lib/inside"), Path.of("/tmp/inside")))
                    .noneMatch(Files::exists);
        }
    }

    @Test
    void theMachinesOwnFilesAreReadOnlyInside() throws IOException {
        try (var computer = TestComputer.start()) {
            assertThat(computer.run("touch", "/usr/bin/inside").output()).contains("Read-only file system");
            assertThat(computer.run("touch", TestComputer.CHECKOUT + "/inside").output())
                    .contains("Read-only file system");
            assertThat(computer.runAs("nobody", TestComputer.JDK + "/bin/java", "--version")
                            .status())
                    .isZero();
        }
    }

    @Test
    void orphansAreReaped() throws IOException {
        try (var computer = TestComputer.start()) {
            computer.run("sh", "-c", "sleep 0.1 & sleep 1000 & exit 0").succeeded();
            TestComputer.await(
                    "the longer sleep runs, the shorter is gone and left no zombie",
                    Duration.ofSeconds(5),
                    () -> computer.processes().stream().noneMatch(it -> it.state() == 'Z' || isSleep(it, "0.1"))
                            && computer.processes().stream().anyMatch(it -> isSleep(it, "1000")));
            var orphan = computer.processes().stream()
                    .filter(it -> isSleep(it, "1000"))
                    .findFirst()
                    .orElseThrow();
            computer.kill(orphan.pid());
            TestComputer.await(
                    "only the first process is left",
                    Duration.ofSeconds(5),
                    () -> computer.processes().size() == 1);
        }
    }

    @Test
    void twoComputersKnowNothingOfEachOther() throws IOException {
        try (var one = TestComputer.start();
                var other = TestComputer.start()) {
            one.run("useradd", "--system", "insider").succeeded();
            one.run("ip", "address", "add", "10.1.2.3/32", "dev", "lo").succeeded();
            startPage(one);
            other.run("useradd", "--system", "insider").succeeded();

            assertThat(one.get("http://10.1.2.3:8000/hostname", Duration.ofSeconds(5)))
                    .isEqualTo(new TestComputer.Fetched(200, "test-computer\n"));
            assertThat(one.get("http://10.1.2.3:8000/absent", Duration.ofSeconds(5))
                            .status())
                    .isEqualTo(404);
            assertThat(other.get("http://10.1.2.3:8000/hostname", Duration.ofSeconds(5))
                            .status())
                    .isZero();
            assertThat(other.run("ip", "address").succeeded()).doesNotContain("10.1.2.3");
        }
    }

    @Test
    void closingEndsAllItsProcesses() throws IOException {
        ProcessHandle inside;
        try (var computer = TestComputer.start()) {
            var marker = "98" + ProcessHandle.current().pid();
            computer.run("setsid", "--fork", "sleep", marker).succeeded();
            inside = outsideHandle(marker);
        }
        assertThat(inside.isAlive()).isFalse();
    }

    @Test
    void nothingIsLeftWhenTheTestsJvmIsKilled() throws Exception {
        var marker = "97" + ProcessHandle.current().pid();
        var jvm = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-Dbasedir=" + System.getProperty("basedir", "."),
                        LeftAlone.class.getName(),
                        marker)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (var reader = jvm.inputReader()) {
            assertThat(reader.readLine()).isEqualTo("started");
        }
        var inside = outsideHandle(marker);
        jvm.destroyForcibly().waitFor();
        inside.onExit().get(10, TimeUnit.SECONDS);
    }

    /// A JVM that starts a test computer and never closes it.
    static final class LeftAlone {
        private LeftAlone() {}

        static void main(String[] args) throws IOException, InterruptedException {
            var computer = TestComputer.start();
            computer.run("setsid", "--fork", "sleep", args[0]).succeeded();
            System.out.println("started");
            Thread.sleep(Duration.ofMinutes(5));
            computer.close();
        }
    }

    private static void startPage(TestComputer computer) {
        computer.run("mkdir", "/srv/page").succeeded();
        computer.run("sh", "-c", "hostname > /srv/page/hostname").succeeded();
        computer.run(
                        Duration.ofSeconds(5),
                        Map.of(),
                        List.of(
                                "setsid",
                                "--fork",
                                "python3",
                                "-m",
                                "http.server",
                                "--bind",
                                "10.1.2.3",
                                "--directory",
                                "/srv/page",
                                "8000"))
                .succeeded();
        TestComputer.await(
                "the page answers",
                Duration.ofSeconds(10),
                () -> computer.get("http://10.1.2.3:8000/hostname", Duration.ofSeconds(5))
                                .status()
                        == 200);
    }

    private static boolean isSleep(InsideProcess process, String seconds) {
        return process.commandLine().equals(List.of("sleep", seconds));
    }

    /// The process `sleep marker` as this JVM sees it.
    private static ProcessHandle outsideHandle(String marker) {
        return ProcessHandle.allProcesses()
                .filter(it -> it.info().commandLine().orElse("").endsWith("sleep " + marker))
                .findFirst()
                .orElseThrow();
    }
}

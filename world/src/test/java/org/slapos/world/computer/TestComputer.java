package org.slapos.world.computer;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/// A machine of its own for a test: users, addresses, interfaces, processes and files made in it do not exist outside.
///
/// It has mount, network, process, IPC and host-name namespaces. `/etc` and `/var` start as those of the machine and
/// keep their changes for themselves; `/srv`, `/opt`, `/run`, `/tmp` and `/dev/shm` are empty; everything else is
/// read-only. `lo` is up; `/dev/net/tun` and `/dev/kvm` are there as on the machine, for root alone. The checkout
/// stands in [#CHECKOUT], the JDK of the test in [#JDK],
/// both read-only and readable by every user.
///
/// Closing it, or the end of this JVM by any signal, ends its processes and takes all of it away. Needs root. Several
/// run beside each other. Any thread may call.
public final class TestComputer implements AutoCloseable {
    public static final String CHECKOUT = "/mnt/checkout";
    public static final String JDK = "/mnt/jdk";

    private static final Duration START = Duration.ofSeconds(20);
    private static final String FETCH = """
            import sys, urllib.error, urllib.request
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            try:
                answer = opener.open(sys.argv[1], timeout=float(sys.argv[2]))
            except urllib.error.HTTPError as error:
                answer = error
            sys.stdout.buffer.write(b'%d\\n' % answer.status + answer.read(1 << 20))
            """;

    private final Process unshare;
    private final Path scratch;
    private final long firstProcess;

    /// What a command did.
    ///
    /// @param output standard output and errors, as they came
    public record Outcome(int status, String output) {
        /// The output without the white space around it.
        ///
        /// @throws AssertionError when the command failed, with its output
        public String succeeded() {
            if (status != 0) {
                throw new AssertionError("exit status " + status + ":\n" + output);
            }
            return output.strip();
        }
    }

    /// An HTTP answer; status 0 when there was none, and then `body` says why.
    public record Fetched(int status, String body) {}

    private TestComputer(Process unshare, Path scratch, long firstProcess) {
        this.unshare = unshare;
        this.scratch = scratch;
        this.firstProcess = firstProcess;
    }

    /// @throws IllegalStateException when the machine forbids namespaces or a command is missing, with what was said
    public static TestComputer start() throws IOException {
        var scratch = Files.createTempDirectory(
                Files.createDirectories(checkout().resolve("world/target/test-computers")), "outputs-");
        var said = scratch.resolve("first-process.log");
        var unshare = new ProcessBuilder(List.of(
                        "unshare",
                        "--mount",
                        "--net",
                        "--pid",
                        "--ipc",
                        "--uts",
                        "--fork",
                        "--mount-proc",
                        "--kill-child",
                        "/usr/bin/python3",
                        "-I",
                        "-S",
                        script().toString(),
                        checkout().toString(),
                        System.getProperty("java.home")))
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        var deadline = System.nanoTime() + START.toNanos();
        while (!Files.readString(said).endsWith("ready\n")) {
            if (!unshare.isAlive() || System.nanoTime() > deadline) {
                unshare.destroyForcibly();
                var why = Files.readString(said);
                deleteTree(scratch);
                throw new IllegalStateException("the test computer did not start: " + why.strip());
            }
            pause(Duration.ofMillis(5));
        }
        var first = unshare.children().findFirst().orElseThrow();
        return new TestComputer(unshare, scratch, first.pid());
    }

    /// The repository this test belongs to, outside of the computer.
    public static Path checkout() {
        return Path.of(System.getProperty("basedir", "."))
                .toAbsolutePath()
                .resolve("..")
                .normalize();
    }

    /// Joins two computers by a cable: an interface of that name in each, without addresses. It goes with either.
    public void plug(TestComputer other, String name) {
        try {
            var process = new ProcessBuilder(List.of(
                            "ip",
                            "link",
                            "add",
                            "name",
                            name,
                            "netns",
                            Long.toString(firstProcess),
                            "type",
                            "veth",
                            "peer",
                            "name",
                            name,
                            "netns",
                            Long.toString(other.firstProcess)))
                    .redirectErrorStream(true)
                    .start();
            var said = new String(process.getInputStream().readAllBytes(), UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException("no cable between two test computers: " + said.strip());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while joining two test computers", e);
        }
    }

    /// Runs a command as root; see [#run(Duration, Map, List)].
    public Outcome run(String... command) {
        return run(Duration.ofSeconds(30), Map.of(), List.of(command));
    }

    /// Runs a command as a user of the computer, without any privilege.
    public Outcome runAs(String user, String... command) {
        return run(Duration.ofSeconds(30), Map.of(), as(user, command));
    }

    /// The command line that runs `command` as a user of the computer, in its groups and without any privilege.
    public List<String> as(String user, String... command) {
        var group = run("id", "--group", user).succeeded();
        var line = new ArrayList<>(
                List.of("setpriv", "--reuid=" + user, "--regid=" + group, "--init-groups", "--no-new-privs"));
        line.addAll(List.of(command));
        return line;
    }

    /// Runs a command as root in `/`, with a small environment plus `environment`, and waits for it, though not for
    /// the processes it leaves in the background.
    ///
    /// @throws AssertionError when it is not over after `deadline`, with its output so far
    public Outcome run(Duration deadline, Map<String, String> environment, List<String> command) {
        try {
            var output = Files.createTempFile(scratch, "output-", ".log");
            var process = new ProcessBuilder(inside(environment, command))
                    .redirectErrorStream(true)
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectOutput(output.toFile())
                    .start();
            if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                throw new AssertionError(
                        String.join(" ", command) + ": not over after " + deadline + ":\n" + read(output));
            }
            var outcome = new Outcome(process.exitValue(), read(output));
            Files.delete(output);
            return outcome;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while running " + command, e);
        }
    }

    private List<String> inside(Map<String, String> environment, List<String> command) {
        var line = new ArrayList<>(List.of(
                "nsenter",
                "--target",
                Long.toString(firstProcess),
                "--mount",
                "--net",
                "--pid",
                "--ipc",
                "--uts",
                "env",
                "--ignore-environment",
                "--chdir=/",
                "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                "HOME=/tmp",
                "LANG=C.UTF-8",
                "JAVA_HOME=" + JDK));
        new TreeMap<>(environment).forEach((name, value) -> line.add(name + "=" + value));
        line.addAll(command);
        return line;
    }

    /// An HTTP GET from inside.
    public Fetched get(String url, Duration deadline) {
        var outcome = run(
                deadline.plusSeconds(10),
                Map.of(),
                List.of("/usr/bin/python3", "-I", "-S", "-c", FETCH, url, Long.toString(deadline.toSeconds())));
        if (outcome.status() != 0) {
            return new Fetched(0, outcome.output().strip());
        }
        var end = outcome.output().indexOf('\n');
        return new Fetched(
                Integer.parseInt(outcome.output().substring(0, end)),
                outcome.output().substring(end + 1));
    }

    /// A file of the computer, as a path that works outside. Absolute links in it lead outside: read what they point
    /// to by its own name.
    public Path file(String insidePath) {
        return Path.of("/proc/" + firstProcess + "/root" + insidePath);
    }

    /// The text of a file; empty when there is none.
    public String text(String insidePath) {
        return read(file(insidePath));
    }

    /// The processes of the computer by their ids in it, zombies included.
    public List<InsideProcess> processes() {
        var found = new ArrayList<InsideProcess>();
        try (var entries = Files.list(file("/proc"))) {
            entries.map(it -> it.getFileName().toString())
                    .filter(name -> Character.isDigit(name.charAt(0)))
                    .forEach(name ->
                            InsideProcess.read(file("/proc").resolve(name)).ifPresent(found::add));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        found.sort(Comparator.comparingInt(InsideProcess::pid));
        return found;
    }

    /// Sends SIGKILL to a process by its id inside.
    public void kill(int pid) {
        run("kill", "-9", Integer.toString(pid)).succeeded();
    }

    /// Waits for something to become true, looking at it often.
    ///
    /// @throws AssertionError when it is still not true after `deadline`
    public static void await(String what, Duration deadline, BooleanSupplier condition) {
        var end = System.nanoTime() + deadline.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("after " + deadline.toSeconds() + " s still not so: " + what);
            }
            pause(Duration.ofMillis(100));
        }
    }

    @Override
    public void close() {
        try {
            unshare.getOutputStream().close();
            if (!unshare.waitFor(10, TimeUnit.SECONDS)) {
                unshare.destroyForcibly().waitFor();
            }
            deleteTree(scratch);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            unshare.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private static Path script() {
        try {
            var resource = TestComputer.class.getResource("first-process.py");
            if (resource == null) {
                throw new IllegalStateException("first-process.py is not beside the test classes");
            }
            return Path.of(resource.toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), UTF_8);
        } catch (NoSuchFileException _) {
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void deleteTree(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static void pause(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting", e);
        }
    }
}

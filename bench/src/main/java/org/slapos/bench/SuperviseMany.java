package org.slapos.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.slapos.node.ConfigurationReader;
import org.slapos.node.NodeConfiguration;
import org.slapos.node.host.Command;
import org.slapos.node.host.LinuxHost;
import org.slapos.node.host.UndoList;
import org.slapos.node.host.UnixUser;
import org.slapos.node.supervisor.PartitionPrograms;
import org.slapos.node.supervisor.ProcessStatus;
import org.slapos.node.supervisor.Supervisor;
import org.slapos.protocol.IniFile;
import org.slapos.protocol.PartitionId;

/// What supervisord costs with many partitions of three services each: what one more partition costs it, what one
/// changed script costs it, what it costs when nothing happens, how much memory and how many open files it takes.
/// Beside it supervisord as Debian has it, up to 100 partitions.
///
/// Run as `SuperviseMany HOME [PARTITIONS]` (500): the assembled programs. As root, services run confined as the user
/// `daemon`. About two minutes; nothing of it is left.
public final class SuperviseMany {
    private static final int SERVICES = 3;
    private static final int STEP = 100;
    private static final int CHANGES = 20;
    private static final Duration IDLE = Duration.ofSeconds(20);
    private static final double TICKS_PER_SECOND = 100;

    private final Path home;
    private final Path root;
    private final LinuxHost host = new LinuxHost(UndoList.none());
    private final Supervisor supervisor;
    private final UnixUser owner;

    private SuperviseMany(Path home, Path root) {
        this.home = home;
        this.root = root;
        this.supervisor = new Supervisor(configuration(), host);
        this.owner = host.isRoot() ? host.user("daemon").orElseThrow() : host.self();
    }

    static void main(String[] args) throws IOException, InterruptedException {
        var home = Path.of(args[0]).toAbsolutePath();
        int partitions = args.length > 1 ? Integer.parseInt(args[1]) : 500;
        var root = Files.createTempDirectory("supervise");
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
        var bench = new SuperviseMany(home, root);
        try {
            bench.ours(partitions);
        } finally {
            bench.supervisor.shutdown();
            delete(root);
        }
        var other = Files.createTempDirectory("supervise");
        Files.setPosixFilePermissions(other, PosixFilePermissions.fromString("rwxr-xr-x"));
        try {
            new SuperviseMany(home, other).debians(Math.min(partitions, STEP));
        } finally {
            delete(other);
        }
    }

    private NodeConfiguration configuration() {
        return ConfigurationReader.of(IniFile.parse("slapos.cfg", """
                [slapos]
                computer_id = COMP-BENCH
                master_url = http://127.0.0.1:1
                software_root = %s/software
                instance_root = %s
                runtime = %s/runtime
                """.formatted(root, root, home)), Map.of());
    }

    private void ours(int partitions) throws IOException, InterruptedException {
        supervisor.ensureRunning();
        long pid = pid(root.resolve("var/run/supervisord.pid"));
        row(
                "partitions",
                "one more: CPU ms",
                "wall ms",
                "one script changed: CPU ms",
                "idle: CPU %",
                "RSS MiB",
                "files");
        double cpu = cpuSeconds(pid);
        long start = System.nanoTime();
        for (int n = 0; n < partitions; n++) {
            apply(n, "100000");
            if ((n + 1) % STEP == 0 || n + 1 == partitions) {
                int done = n % STEP + 1;
                double added = (cpuSeconds(pid) - cpu) * 1000 / done;
                double wall = (System.nanoTime() - start) / 1e6 / done;
                awaitRunning(n + 1);
                double changed = changes(pid, n);
                awaitRunning(n + 1);
                row(n + 1, added, wall, changed, idle(pid), rssMebibytes(pid), openFiles(pid));
                cpu = cpuSeconds(pid);
                start = System.nanoTime();
            }
        }
        start = System.nanoTime();
        supervisor.shutdown();
        System.out.printf(
                Locale.ROOT,
                "all %d processes stopped, and supervisord, in %.1f s%n",
                partitions * SERVICES,
                (System.nanoTime() - start) / 1e9);
    }

    /// What one changed script of a partition costs, one partition after the other.
    private double changes(long pid, int last) throws IOException, InterruptedException {
        double before = cpuSeconds(pid);
        for (int n = 0; n < CHANGES; n++) {
            apply(last - n, "200000");
        }
        Thread.sleep(Duration.ofSeconds(2)); // until what they replace has ended
        return (cpuSeconds(pid) - before) * 1000 / CHANGES;
    }

    private static double idle(long pid) throws IOException, InterruptedException {
        double before = cpuSeconds(pid);
        Thread.sleep(IDLE);
        return (cpuSeconds(pid) - before) / IDLE.toSeconds() * 100;
    }

    /// Three services, one of which sleeps for `seconds`.
    private void apply(int n, String seconds) throws IOException {
        var id = new PartitionId("part" + n);
        var directory = partition(n);
        var programs = new ArrayList<PartitionPrograms.Program>();
        for (int service = 0; service < SERVICES; service++) {
            var text = "#!/bin/sh\nexec /bin/sleep " + (service == 0 ? seconds : "100000") + "\n";
            var file = directory.resolve("service" + service);
            Files.writeString(file, text);
            host.setMode(file, 0755);
            programs.add(new PartitionPrograms.Program(file, true, Integer.toHexString(text.hashCode())));
        }
        supervisor.writeGroup(new PartitionPrograms(id, directory, owner, programs));
        supervisor.start(id);
    }

    private Path partition(int n) throws IOException {
        var directory = root.resolve("part" + n);
        if (!Files.exists(directory)) {
            Files.createDirectory(directory);
            host.setOwner(directory, owner.uid(), owner.gid());
            host.setMode(directory, 0750);
        }
        return directory;
    }

    private void awaitRunning(int partitions) throws InterruptedException {
        while (supervisor.processes().stream()
                        .filter(process -> process.state() == ProcessStatus.State.RUNNING)
                        .count()
                < (long) partitions * SERVICES) {
            Thread.sleep(Duration.ofMillis(200));
        }
    }

    /// The same partitions by supervisord's own means: it reads all files again for each.
    private void debians(int partitions) throws IOException, InterruptedException {
        var groups = Files.createDirectory(root.resolve("groups"));
        var main = Files.writeString(root.resolve("supervisord.conf"), """
                [supervisord]
                logfile = %1$s/log
                pidfile = %1$s/pid
                minfds = 16384
                nocleanup = true
                user = %2$s
                [unix_http_server]
                file = %1$s/sock
                [rpcinterface:supervisor]
                supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
                [supervisorctl]
                serverurl = unix://%1$s/sock
                [include]
                files = %1$s/groups/*.conf
                """.formatted(
                        root, host.self().name()));
        var path = "import sys; sys.path[:0] = ['%1$s/runtime/supervisor', '%1$s/runtime/lib']; ".formatted(home);
        python(path + "from supervisor.supervisord import main; main()", "-c", main.toString());
        while (!Files.exists(root.resolve("pid"))) {
            Thread.sleep(Duration.ofMillis(50));
        }
        long pid = pid(root.resolve("pid"));
        double cpu = cpuSeconds(pid);
        for (int n = 0; n < partitions; n++) {
            var text =
                    new StringBuilder("[group:part%1$d]\nprograms = part%1$d_0,part%1$d_1,part%1$d_2\n".formatted(n));
            for (int service = 0; service < SERVICES; service++) {
                text.append("""
                        [program:part%1$d_%2$d]
                        command = /bin/sleep 100000
                        redirect_stderr = true
                        stopasgroup = true
                        stdout_logfile = %3$s/part%1$d_%2$d.log
                        """.formatted(n, service, root));
            }
            Files.writeString(groups.resolve("part" + n + ".conf"), text);
            python(
                    path + "from supervisor.supervisorctl import main; main()",
                    "-c",
                    main.toString(),
                    "update",
                    "part" + n);
        }
        System.out.printf(
                Locale.ROOT,
                "supervisord as Debian has it, %d partitions: one more costs it %.1f ms of CPU on average%n",
                partitions,
                (cpuSeconds(pid) - cpu) * 1000 / partitions);
        python(path + "from supervisor.supervisorctl import main; main()", "-c", main.toString(), "shutdown");
        while (Files.exists(root.resolve("pid"))) {
            Thread.sleep(Duration.ofMillis(50));
        }
    }

    private void python(String program, String... arguments) {
        var line = new ArrayList<>(List.of("/usr/bin/python3", "-SEsIB", "-W", "ignore", "-c", program));
        line.addAll(List.of(arguments));
        host.run(Command.of(line).withDeadline(Duration.ofMinutes(2))).orThrow("run supervisord's own program");
    }

    private static long pid(Path file) throws IOException {
        return Long.parseLong(Files.readString(file).strip());
    }

    /// Of the process and of those it has waited for: what its children cost before they became services.
    private static double cpuSeconds(long pid) throws IOException {
        var text = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
        var fields = text.substring(text.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
    }

    private static double rssMebibytes(long pid) throws IOException {
        try (var lines = Files.lines(Path.of("/proc", Long.toString(pid), "status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D+", "")) / 1024)
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static double openFiles(long pid) throws IOException {
        try (var files = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
            return files.count();
        }
    }

    private static void row(Object... cells) {
        var text = new StringBuilder();
        for (var cell : cells) {
            text.append(String.format(
                    Locale.ROOT,
                    "%-28s",
                    cell instanceof Double value ? String.format(Locale.ROOT, "%.1f", value) : cell));
        }
        System.out.println(text.toString().stripTrailing());
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}

package org.slapos.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Passes of the node over many partitions, each with a user, a service and a promise of its own: the first, one with
/// everything changed, one with nothing changed, and what the agent takes when it rests. Real Buildout and supervisord;
/// the Master is [PromisingMaster].
///
/// Run by `make bench` as root in namespaces of its own: `NodePasses HOME FOLDER RESULTS COUNT...`; the first round is
/// one of ten partitions whose Buildout is started anew each time.
public final class NodePasses {
    private static final int FIRST_USER = 62_000;
    private static final int COLD = 10;
    private static final Duration LONGEST = Duration.ofMinutes(10);
    private static final Duration REST = Duration.ofSeconds(30);
    private static final Pattern PASS = Pattern.compile("pass over (\\d+) partitions: (\\d+) ms");
    private static final String INSTANCE = """
            [buildout]
            parts = page server promise publish
            [parameters]
            recipe = slapkit:parameters
            [directory]
            recipe = slapkit:directory
            service = $${buildout:directory}/etc/service
            promise = $${buildout:directory}/etc/promise
            [page]
            recipe = slapkit:template
            inline = $${parameters:p.greeting}
            output = $${buildout:directory}/page
            [server]
            recipe = slapkit:wrapper
            output = $${directory:service}/server
            command =
              /usr/bin/sleep
              86400
            restart-on = $${page:digest}
            [promise]
            recipe = slapkit:promise
            output = $${directory:promise}/page
            check = exec
            command = /usr/bin/true
            [publish]
            recipe = slapkit:publish
            greeting = $${parameters:p.greeting}
            """;

    private final Path home;
    private final Path folder;
    private final List<String> lines = new ArrayList<>();

    private NodePasses(Path home, Path folder) {
        this.home = home;
        this.folder = folder;
    }

    static void main(String[] args) throws IOException, InterruptedException {
        var passes = new NodePasses(Path.of(args[0]), Path.of(args[1]));
        var counts = Stream.of(args).skip(3).map(Integer::valueOf).toList();
        passes.users(counts.stream().mapToInt(Integer::intValue).max().orElse(COLD));
        try (var master = new PromisingMaster(passes.release())) {
            passes.round(master, COLD, false);
            for (int count : counts) {
                passes.round(master, count, true);
            }
        }
        var table = String.join("\n", passes.lines) + "\n";
        System.out.print(table);
        Files.createDirectories(Path.of(args[2]));
        Files.writeString(Path.of(args[2]).resolve("node-passes.txt"), table);
    }

    /// Users that exist in this mount namespace alone.
    private void users(int count) throws IOException, InterruptedException {
        for (var name : List.of("passwd", "group")) {
            var text = new StringBuilder(Files.readString(Path.of("/etc", name)));
            for (int i = 0; i < count; i++) {
                int id = FIRST_USER + i;
                text.append("benchuser").append(i).append(":x:").append(id).append(':');
                text.append(name.equals("passwd") ? id + "::" + folder + ":/bin/sh\n" : "\n");
            }
            var file = Files.writeString(folder.resolve(name), text);
            run("mount", "mount", "--bind", file.toString(), "/etc/" + name);
        }
    }

    private String release() throws IOException {
        var instance = Files.writeString(folder.resolve("instance.cfg.in"), INSTANCE);
        var profile = folder.resolve("software.cfg");
        Files.writeString(profile, """
                [buildout]
                parts = instance-profile
                [instance-profile]
                recipe = slapkit:template
                url = %s
                output = ${buildout:directory}/instance.cfg
                """.formatted(instance));
        return profile.toString();
    }

    private void round(PromisingMaster master, int count, boolean warm) throws IOException, InterruptedException {
        var what = count + " partitions, " + (warm ? "warm" : "cold") + " Buildout";
        var root = Files.createDirectories(folder.resolve("node-" + count));
        var configuration = configure(master, root, count, warm);
        master.promise(count);
        run("software", slapos("software", configuration));
        try (var agent = Running.start(folder.resolve("agent.log"), slapos("agent", configuration))) {
            measure(master, agent, root, count, what + ", first pass", () -> {});
            measure(master, agent, root, count, what + ", all changed", () -> master.promise(count));
        }
        Files.delete(folder.resolve("agent.log"));
        try (var agent = Running.start(folder.resolve("agent.log"), slapos("agent", configuration))) {
            lines.add(what + ", nothing changed, by an agent that remembers nothing: " + untilPass(agent) + " ms");
            master.promiseTheSame();
            Thread.sleep(REST.dividedBy(3));
            rest(agent, root, what);
        } finally {
            run("shutdown", home + "/bin/slapos", "node", "supervisorctl", "--cfg", configuration, "shutdown");
        }
    }

    private List<String> slapos(String verb, String configuration) {
        var line = new ArrayList<>(List.of(home + "/bin/slapos", "node", verb, "--cfg", configuration));
        if (verb.equals("agent")) {
            line.add("--verbose");
        }
        return line;
    }

    private String configure(PromisingMaster master, Path root, int count, boolean warm)
            throws IOException, InterruptedException {
        for (var name : List.of("software", "instance")) {
            Files.createDirectory(root.resolve(name));
        }
        own(root.resolve("software"), FIRST_USER, "755");
        for (int i = 0; i < count; i++) {
            var partition = Files.createDirectory(root.resolve("instance/part" + i));
            own(partition, FIRST_USER + i, "750");
        }
        var file = root.resolve("slapos.cfg");
        Files.writeString(file, """
                [slapos]
                computer_id = COMP-1
                master_url = %s
                software_root = %s
                instance_root = %s
                software_min_free_space = 1M
                instance_min_free_space = 1M
                warm_buildout = %s
                """.formatted(master.url(), root.resolve("software"), root.resolve("instance"), warm));
        return file.toString();
    }

    private void own(Path directory, int id, String mode) throws IOException, InterruptedException {
        run("chown", "chown", id + ":" + id, directory.toString());
        run("chmod", "chmod", mode, directory.toString());
    }

    private interface Change {
        void happen();
    }

    private void measure(PromisingMaster master, Running agent, Path root, int count, String what, Change change)
            throws IOException, InterruptedException {
        var before = Use.of(agent.pid(), root);
        long begin = System.nanoTime();
        change.happen();
        long end = begin + LONGEST.toNanos();
        while (master.started() < count) {
            agent.requireAlive();
            if (System.nanoTime() > end) {
                throw new IllegalStateException(
                        what + ": only " + master.started() + " were started:\n" + agent.tail());
            }
            Thread.sleep(20);
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        var used = Use.of(agent.pid(), root).minus(before);
        lines.add(String.format(
                Locale.ROOT,
                "%s: %.1f s; per partition %.1f ms of processor (agent %.1f, what it starts %.1f, warm Buildout %.1f, "
                        + "supervisord %.1f); peak resident agent %.0f MiB, warm Buildout %.0f MiB",
                what,
                seconds,
                used.all() * 1000 / count,
                used.agent() * 1000 / count,
                used.children() * 1000 / count,
                used.warm() * 1000 / count,
                used.supervisord() * 1000 / count,
                used.agentPeakMib(),
                used.warmPeakMib()));
    }

    private int untilPass(Running agent) throws IOException, InterruptedException {
        long end = System.nanoTime() + LONGEST.toNanos();
        while (System.nanoTime() < end) {
            agent.requireAlive();
            try (var said = Files.lines(folder.resolve("agent.log"))) {
                var pass = said.map(PASS::matcher)
                        .filter(java.util.regex.Matcher::find)
                        .findFirst();
                if (pass.isPresent()) {
                    return Integer.parseInt(pass.get().group(2));
                }
            }
            Thread.sleep(50);
        }
        throw new IllegalStateException("no pass ended:\n" + agent.tail());
    }

    private void rest(Running agent, Path root, String what) throws IOException, InterruptedException {
        var before = Use.of(agent.pid(), root);
        Thread.sleep(REST);
        agent.requireAlive();
        var used = Use.of(agent.pid(), root).minus(before);
        lines.add(String.format(
                Locale.ROOT,
                "%s, at rest for %d s: agent %.2f %% of a processor and what it starts %.2f %%, supervisord %.2f %%; resident "
                        + "agent %.0f MiB",
                what,
                REST.toSeconds(),
                100 * used.agent() / REST.toSeconds(),
                100 * used.children() / REST.toSeconds(),
                100 * used.supervisord() / REST.toSeconds(),
                Footprint.of(List.of(agent.pid())).residentMib()));
    }

    /// Seconds of processor since their start; what has ended counts for whoever waited for it.
    private record Use(
            double agent, double children, double warm, double supervisord, double agentPeakMib, double warmPeakMib) {
        static Use of(long agent, Path root) throws IOException {
            var warm = ProcessHandle.of(agent).stream()
                    .flatMap(ProcessHandle::children)
                    .filter(child -> child.info().commandLine().orElse("").contains("buildout-server"))
                    .map(ProcessHandle::pid)
                    .findFirst();
            var pidFile = root.resolve("instance/var/run/supervisord.pid");
            var supervisord = Files.exists(pidFile)
                    ? Optional.of(Long.valueOf(Files.readString(pidFile).strip()))
                    : Optional.<Long>empty();
            return new Use(
                    seconds(agent, 11),
                    seconds(agent, 13),
                    warm.isPresent() ? seconds(warm.get(), 11) + seconds(warm.get(), 13) : 0,
                    supervisord.isPresent() ? seconds(supervisord.get(), 11) : 0,
                    peakMib(agent),
                    warm.isPresent() ? peakMib(warm.get()) : 0);
        }

        Use minus(Use before) {
            return new Use(
                    agent - before.agent,
                    children - before.children,
                    warm - before.warm,
                    supervisord - before.supervisord,
                    agentPeakMib,
                    warmPeakMib);
        }

        double all() {
            return agent + children + warm + supervisord;
        }

        /// Of two neighbouring fields of `/proc/PID/stat`, the first behind the name being 0: user and system time.
        private static double seconds(long pid, int field) throws IOException {
            var stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return (Long.parseLong(fields[field]) + Long.parseLong(fields[field + 1])) / 100.0;
        }

        private static double peakMib(long pid) throws IOException {
            try (var status = Files.lines(Path.of("/proc", Long.toString(pid), "status"))) {
                return status.filter(line -> line.startsWith("VmHWM:"))
                                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                                .findFirst()
                                .orElse(0)
                        / 1024.0;
            }
        }
    }

    private void run(String name, String... command) throws IOException, InterruptedException {
        run(name, List.of(command));
    }

    private void run(String name, List<String> command) throws IOException, InterruptedException {
        Running.toTheEnd(folder.resolve(name + ".log"), command);
    }
}

package org.slapos.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Passes of the node over many partitions, each with a user, a service and a promise of its own: the first, one with
/// everything changed, those with nothing changed, and what the agent takes when it rests. Real Buildout and
/// supervisord; the Master is [PromisingMaster].
///
/// Run by `make bench` as root in namespaces of its own: `NodePasses HOME FOLDER RESULTS PART...`, where a part is
///
/// - a number: the passes over as many partitions;
/// - `cold`: over ten, Buildout being started anew for each;
/// - `idle`: over a hundred, after which the agent rests for ten minutes.
///
/// A part with `:60` at its end rests for a minute.
public final class NodePasses {
    private static final int FIRST_USER = 62_000;
    private static final int COLD = 10;
    private static final Duration LONGEST = Duration.ofMinutes(10);
    private static final int IDLE = 100;
    private static final Duration REST = Duration.ofSeconds(30);
    private static final Duration LONG_REST = Duration.ofMinutes(10);
    private static final Duration SETTLE = Duration.ofSeconds(10);
    private static final Pattern PASS = Pattern.compile("pass over \\d+ partitions: (\\d+) ms");
    private static final Pattern PROMISE = Pattern.compile("promise of \\d+ partitions: (\\d+) ms");
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
        var rounds = Stream.of(args).skip(3).map(Round::of).toList();
        passes.users(rounds.stream().mapToInt(Round::count).max().orElse(COLD));
        try (var master = new PromisingMaster(passes.release())) {
            for (var round : rounds) {
                passes.round(master, round);
            }
        }
        Files.createDirectories(Path.of(args[2]));
        var name = "node-passes-"
                + String.join("-", List.of(args).subList(3, args.length)).replace(':', '-') + ".txt";
        Files.writeString(Path.of(args[2]).resolve(name), String.join("\n", passes.lines) + "\n");
    }

    private record Round(String part, int count, boolean warm, Duration rest) {
        static Round of(String text) {
            var words = text.split(":", -1);
            var part = words[0];
            var rest = words.length > 1
                    ? Duration.ofSeconds(Integer.parseInt(words[1]))
                    : part.equals("idle") ? LONG_REST : REST;
            return switch (part) {
                case "cold" -> new Round(part, COLD, false, rest);
                case "idle" -> new Round(part, IDLE, true, rest);
                default -> new Round(part, Integer.parseInt(part), true, rest);
            };
        }

        String what() {
            return count + " partitions, " + (warm ? "warm" : "cold") + " Buildout";
        }
    }

    private void say(String line) {
        System.out.println(line);
        lines.add(line);
    }

    /// Users that exist in this mount namespace alone. The whole of /etc is its own: a file that is mounted over
    /// another is gone when somebody outside makes a user.
    private void users(int count) throws IOException, InterruptedException {
        var etc = folder.resolve("etc");
        run("etc", "cp", "-a", "/etc", etc.toString());
        for (var name : List.of("passwd", "group")) {
            var text = new StringBuilder();
            for (int i = 0; i < count; i++) {
                int id = FIRST_USER + i;
                text.append("benchuser").append(i).append(":x:").append(id).append(':');
                text.append(name.equals("passwd") ? id + "::" + folder + ":/bin/sh\n" : "\n");
            }
            Files.writeString(etc.resolve(name), text, StandardOpenOption.APPEND);
        }
        run("mount", "mount", "--bind", etc.toString(), "/etc");
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

    private void round(PromisingMaster master, Round round) throws IOException, InterruptedException {
        var what = round.what();
        int count = round.count();
        var root = Files.createDirectories(folder.resolve("node-" + round.part()));
        var configuration = configure(master, root, count, round.warm());
        master.promise(count);
        run("software", slapos("software", configuration));
        try (var agent = agent(configuration)) {
            measure(master, agent, root, count, what + ", first pass", () -> {});
            measure(master, agent, root, count, what + ", all changed", () -> master.promise(count));
            nothing(master, agent, what);
        }
        try (var agent = agent(configuration)) {
            say(what + ", nothing changed, by an agent that remembers nothing: " + untilPass(agent) + " ms");
            once(configuration, what);
            Thread.sleep(SETTLE);
            rest(agent, root, what, round.rest());
        } finally {
            run("shutdown", home + "/bin/slapos", "node", "supervisorctl", "--cfg", configuration, "shutdown");
        }
    }

    private Running agent(String configuration) throws IOException {
        Files.deleteIfExists(folder.resolve("agent.log"));
        return Running.start(folder.resolve("agent.log"), slapos("agent", configuration));
    }

    /// Another document that wants the same: asked for, read and compared.
    private void nothing(PromisingMaster master, Running agent, String what) throws IOException, InterruptedException {
        Thread.sleep(SETTLE); // promises settle
        long pid = lastPid();
        int seen = said(PROMISE).size();
        long begin = System.nanoTime();
        master.promiseTheSame();
        for (long end = begin + LONGEST.toNanos(); said(PROMISE).size() == seen; Thread.sleep(1)) {
            agent.requireAlive();
            if (System.nanoTime() > end) {
                throw new IllegalStateException("the node does not ask again:\n" + agent.tail());
            }
        }
        long whole = (System.nanoTime() - begin) / 1_000_000;
        say(what + ", nothing changed, another document: known after " + whole + " ms, of which "
                + said(PROMISE).getLast() + " ms after reading it; " + (lastPid() - pid)
                + " processes and threads started");
    }

    /// The command, start of the JVM included.
    private void once(String configuration, String what) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        run("instance", slapos("instance", configuration));
        say(String.format(
                Locale.ROOT,
                "%s, nothing changed, by 'slapos node instance': %.0f ms",
                what,
                (System.nanoTime() - begin) / 1e6));
    }

    /// Of this namespace: each process and each thread takes the next number.
    private static long lastPid() throws IOException {
        return Long.parseLong(
                Files.readString(Path.of("/proc/sys/kernel/ns_last_pid")).strip());
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
        say(String.format(
                Locale.ROOT,
                "%s: %.1f s; per partition %.1f ms of processor (agent %.1f, what it starts %.1f, warm Buildout %.1f, "
                        + "promises %.1f, supervisord %.1f); peak resident agent %.0f MiB, warm Buildout %.0f MiB",
                what,
                seconds,
                used.all() * 1000 / count,
                used.agent() * 1000 / count,
                used.children() * 1000 / count,
                used.warm() * 1000 / count,
                used.promises() * 1000 / count,
                used.supervisord() * 1000 / count,
                used.agentPeakMib(),
                used.warmMib()));
    }

    private int untilPass(Running agent) throws IOException, InterruptedException {
        for (long end = System.nanoTime() + LONGEST.toNanos(); System.nanoTime() < end; Thread.sleep(50)) {
            agent.requireAlive();
            var passes = said(PASS);
            if (!passes.isEmpty()) {
                return passes.getFirst();
            }
        }
        throw new IllegalStateException("no pass ended:\n" + agent.tail());
    }

    /// The numbers that the agent's log has said so far.
    private List<Integer> said(Pattern pattern) throws IOException {
        try (var text = Files.lines(folder.resolve("agent.log"))) {
            return text.map(pattern::matcher)
                    .filter(Matcher::find)
                    .map(found -> Integer.valueOf(found.group(1)))
                    .toList();
        }
    }

    private void rest(Running agent, Path root, String what, Duration rest) throws IOException, InterruptedException {
        var before = Use.of(agent.pid(), root);
        Thread.sleep(rest);
        agent.requireAlive();
        var used = Use.of(agent.pid(), root).minus(before);
        say(String.format(
                Locale.ROOT,
                "%s, at rest for %d s: agent %.2f %% of a processor, warm Buildout %.2f %%, promises and what else it "
                        + "starts %.2f %%, supervisord %.2f %%; resident agent %.0f MiB, of which %.0f MiB its own, warm Buildout "
                        + "%.0f MiB",
                what,
                rest.toSeconds(),
                100 * used.agent() / rest.toSeconds(),
                100 * used.warm() / rest.toSeconds(),
                100 * (used.children() + used.promises()) / rest.toSeconds(),
                100 * used.supervisord() / rest.toSeconds(),
                Footprint.of(List.of(agent.pid())).residentMib(),
                Use.mib(agent.pid(), "RssAnon:"),
                used.warmMib()));
    }

    /// Seconds of processor since their start; what has ended counts for whoever waited for it.
    private record Use(
            double agent,
            double children,
            double warm,
            double promises,
            double supervisord,
            double agentPeakMib,
            double warmMib) {
        static Use of(long agent, Path root) throws IOException {
            var warm = tree(agent, "buildout-server");
            var pidFile = root.resolve("instance/var/run/supervisord.pid");
            var supervisord = Files.exists(pidFile)
                    ? List.of(Long.valueOf(Files.readString(pidFile).strip()))
                    : List.<Long>of();
            return new Use(
                    seconds(agent, 11),
                    seconds(agent, 13),
                    with(warm),
                    with(tree(agent, "slap-promise")),
                    supervisord.isEmpty() ? 0 : seconds(supervisord.getFirst(), 11),
                    mib(agent, "VmHWM:"),
                    warm.isEmpty() ? 0 : mib(warm.getFirst(), "VmHWM:"));
        }

        /// A child of the agent and its children.
        private static List<Long> tree(long agent, String program) {
            return ProcessHandle.of(agent).stream()
                    .flatMap(ProcessHandle::children)
                    .filter(child -> child.info().commandLine().orElse("").contains(program))
                    .flatMap(child -> Stream.concat(Stream.of(child), child.descendants()))
                    .map(ProcessHandle::pid)
                    .toList();
        }

        private static double with(List<Long> pids) throws IOException {
            double seconds = 0;
            for (long pid : pids) {
                seconds += seconds(pid, 11) + seconds(pid, 13);
            }
            return seconds;
        }

        Use minus(Use before) {
            return new Use(
                    agent - before.agent,
                    children - before.children,
                    warm - before.warm,
                    promises - before.promises,
                    supervisord - before.supervisord,
                    agentPeakMib,
                    warmMib);
        }

        double all() {
            return agent + children + warm + promises + supervisord;
        }

        /// Of two neighbouring fields of `/proc/PID/stat`, the first behind the name being 0: user and system time.
        private static double seconds(long pid, int field) throws IOException {
            var stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return (Long.parseLong(fields[field]) + Long.parseLong(fields[field + 1])) / 100.0;
        }

        private static double mib(long pid, String what) throws IOException {
            try (var status = Files.lines(Path.of("/proc", Long.toString(pid), "status"))) {
                return status.filter(line -> line.startsWith(what))
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

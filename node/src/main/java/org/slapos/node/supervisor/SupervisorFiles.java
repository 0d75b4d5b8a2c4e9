package org.slapos.node.supervisor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.slapos.node.NodeConfiguration;

/// The text of supervisord's configuration files, and writing them.
final class SupervisorFiles {
    /// How many files supervisord makes sure it may open: three for each of 5,000 processes. A higher limit is kept.
    private static final long FILES = 16_384;

    private static final long PROCESSES = 16_384;
    /// Events that wait for the watchdog, which takes them at once.
    private static final int EVENTS = 4096;

    static final String WATCHDOG = "watchdog";

    private static final String NAME = "[A-Za-z0-9._+@=-]{1,200}";

    private final NodeConfiguration configuration;
    private final boolean root;
    private final Bonds bonds;

    SupervisorFiles(NodeConfiguration configuration, boolean root, Bonds bonds) {
        this.configuration = configuration;
        this.root = root;
        this.bonds = bonds;
    }

    Path main() {
        return configuration.instanceRoot().resolve("etc/supervisord.conf");
    }

    Path pidFile() {
        return configuration.instanceRoot().resolve("var/run/supervisord.pid");
    }

    Path groups() {
        return configuration.instanceRoot().resolve("etc/supervisord.conf.d");
    }

    Path group(String name) {
        return groups().resolve(name + ".conf");
    }

    /// Where the output of a partition's programs goes: as root into a folder that the partition can read and not
    /// change, since supervisord opens these files as root and follows links; otherwise into the partition itself.
    Path logs(PartitionPrograms programs) {
        return root ? bonds.logs(programs.partition()) : programs.directory();
    }

    static String logName(PartitionPrograms programs, PartitionPrograms.Program program) {
        return "." + programId(programs, program) + ".log";
    }

    private static String programId(PartitionPrograms programs, PartitionPrograms.Program program) {
        return programs.group() + "_" + program.name();
    }

    String mainText() {
        var instanceRoot = configuration.instanceRoot();
        return """
                ; Written by SlapOS at each start; changes are lost.
                [supervisord]
                logfile = %s
                loglevel = info
                logfile_maxbytes = 50MB
                logfile_backups = 10
                pidfile = %s
                directory = /
                nodaemon = false
                umask = 022
                minfds = %d
                minprocs = %d
                nocleanup = true
                %s
                [unix_http_server]
                file = %s
                chmod = 0700

                [rpcinterface:supervisor]
                supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

                [rpcinterface:slapos]
                supervisor.rpcinterface_factory = slapnode.supervision:rpc
                folder = %s

                [eventlistener:%s]
                command = %s
                events = PROCESS_STATE_EXITED,PROCESS_STATE_FATAL
                buffer_size = %d
                autostart = true
                autorestart = true
                startsecs = 0
                startretries = 1000
                priority = 1
                stdout_logfile = NONE
                stderr_logfile = %s
                stderr_logfile_maxbytes = 1MB
                stderr_logfile_backups = 1

                [supervisorctl]
                serverurl = unix://%s

                [include]
                files = %s
                """.formatted(
                        value(instanceRoot.resolve("var/log/supervisord.log")),
                        value(pidFile()),
                        Math.min(FILES, hardLimit("Max open files")),
                        Math.min(PROCESSES, hardLimit("Max processes")),
                        root ? "user = root\n" : "",
                        value(configuration.supervisorSocket()),
                        value(groups()),
                        WATCHDOG,
                        watchdogCommand(),
                        EVENTS,
                        value(instanceRoot.resolve("var/log/watchdog.log")),
                        value(configuration.supervisorSocket()),
                        value(groups().resolve("*.conf")));
    }

    private String watchdogCommand() {
        var words = new ArrayList<>(List.of(
                configuration.runtime().resolve("bin/slap-watchdog").toString(),
                "--master-url",
                configuration.masterUrl().toString(),
                "--computer-id",
                configuration.computerId().text(),
                "--instance-root",
                configuration.instanceRoot().toString()));
        configuration
                .certificateRepositoryPath()
                .ifPresent(path -> words.addAll(List.of("--certificate-repository-path", path.toString())));
        configuration.masterCaFile().ifPresent(path -> words.addAll(List.of("--master-ca-file", path.toString())));
        return line(words);
    }

    private static String line(List<String> words) {
        return words.stream().map(word -> value(quoted(word))).collect(Collectors.joining(" "));
    }

    /// The group of a partition (node contract: sections of etc/run and etc/service).
    ///
    /// @throws SupervisorException naming a program that cannot be written down safely
    String groupText(PartitionPrograms programs) {
        for (var program : programs.programs()) {
            if (!program.name().matches(NAME)) {
                throw new SupervisorException("partition " + programs.partition() + " has a program named '"
                        + program.name().replaceAll("\\p{Cntrl}", "?")
                        + "': names may have letters, digits and . _ + @ = - only; rename it in its recipe");
            }
        }
        var names = programs.programs().stream()
                .map(program -> programId(programs, program))
                .collect(Collectors.joining(","));
        var text = new StringBuilder("[group:" + programs.group() + "]\nprograms = " + names + "\n");
        programs.programs().forEach(program -> text.append('\n').append(programText(programs, program)));
        return text.toString();
    }

    private String programText(PartitionPrograms programs, PartitionPrograms.Program program) {
        var owner = programs.owner();
        return """
                [program:%s]
                process_name = %s
                command = %s
                directory = %s
                autostart = false
                %s
                exitcodes = 0
                stopsignal = TERM
                stopwaitsecs = 60
                stopasgroup = true
                killasgroup = true
                redirect_stderr = true
                stdout_logfile = %s
                stdout_logfile_maxbytes = 100KB
                stdout_logfile_backups = 1
                environment = USER=%s,LOGNAME=%s,HOME=%s
                content = %s
                """.formatted(
                        programId(programs, program),
                        program.processName(),
                        command(programs, program),
                        value(programs.directory()),
                        restart(program),
                        value(logs(programs).resolve(logName(programs, program))),
                        value(quoted(owner.name())),
                        value(quoted(owner.name())),
                        value(quoted(owner.home().toString())),
                        program.content());
    }

    /// A service that ends is started again: at once when it ran for a second, else after 1, 2, 3... seconds, ten
    /// times;
    /// then it is given up (FATAL) until the partition is processed again. What is in etc/run runs once.
    private static String restart(PartitionPrograms.Program program) {
        return program.watched()
                ? "autorestart = true\nstartsecs = 1\nstartretries = 10"
                : "autorestart = false\nstartsecs = 0\nstartretries = 0";
    }

    private String command(PartitionPrograms programs, PartitionPrograms.Program program) {
        if (!root) {
            return line(program.command());
        }
        var words = new ArrayList<String>();
        words.add(configuration.runtime().resolve("bin/slap-run").toString());
        words.addAll(bonds.words(programs.partition(), programs.directory(), programs.owner()));
        words.add("--");
        words.addAll(program.command());
        return line(words);
    }

    /// A path as the value of an option, where `%` begins an expansion and ` ;` a comment.
    private static String value(Object text) {
        var plain = text.toString();
        if (plain.chars().anyMatch(c -> c < ' ') || plain.contains(" ;")) {
            throw new SupervisorException("the path '" + plain + "' cannot be written into a supervisor's file");
        }
        return plain.replace("%", "%%");
    }

    /// A word as supervisord splits them: in double quotes, with `\` before what is special there.
    private static String quoted(String word) {
        return '"' + word.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static long hardLimit(String name) {
        try (var lines = Files.lines(Path.of("/proc/self/limits"))) {
            return lines.filter(line -> line.startsWith(name))
                    .map(line -> line.split("\\s{2,}", -1)[2])
                    .filter(limit -> limit.matches("\\d+"))
                    .mapToLong(Long::parseLong)
                    .findFirst()
                    .orElse(Long.MAX_VALUE);
        } catch (IOException _) {
            return 1024;
        }
    }
}

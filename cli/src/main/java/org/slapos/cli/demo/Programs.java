package org.slapos.cli.demo;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slapos.cli.verbs.CommandFailure;
import org.slapos.cli.verbs.ExitStatus;

/// Calls the real programs, as an operator would type them, from the demo's installed copy. Their messages go to a log
/// below the demo's root; a failure shows the end of it.
final class Programs {
    private static final Set<String> KEPT = Set.of(
            "PATH",
            "HOME",
            "USER",
            "LOGNAME",
            "LANG",
            "LC_ALL",
            "JAVA_HOME",
            "SLAPOS_JVM_FOLDERS",
            "SLAPOS_JVM_OPTIONS");

    private static final Duration DEADLINE = Duration.ofMinutes(3);
    private static final int EXECUTING_TRIES = 50;
    private static final int TAIL_BYTES = 4000;
    private static final int TAIL_LINES = 25;

    private final DemoSettings settings;
    private final UndoList made;

    Programs(DemoSettings settings, UndoList made) {
        this.settings = settings;
        this.made = made;
    }

    /// Runs `bin/slapos` to its end.
    ///
    /// @param log name of the log
    /// @return what it printed
    /// @throws CommandFailure with the end of the log when it fails
    String slapos(String log, String... arguments) throws IOException {
        var line = new ArrayList<String>();
        line.add(launcher().toString());
        line.addAll(List.of(arguments));
        var printed = Files.createTempFile(settings.run(), "out", "");
        try {
            var process = builder(line, log).redirectOutput(printed.toFile()).start();
            int status = waitFor(process, log);
            var text = Files.readString(printed);
            if (status != 0) {
                throw failure("slapos " + String.join(" ", arguments) + "\nended with status " + status, log);
            }
            return text;
        } finally {
            Files.deleteIfExists(printed);
        }
    }

    /// Starts `bin/slapos` in a session of its own, so that it outlives the shell, unless it runs already.
    ///
    /// @param name of its log and its pid file
    /// @return its process id
    long daemon(String name, String... arguments) throws IOException {
        var running = pid(name);
        if (running > 0) {
            return running;
        }
        var pidFile = pidFile(name);
        made.willStartDaemon(pidFile);
        var line = new ArrayList<>(List.of("setsid", launcher().toString()));
        line.addAll(List.of(arguments));
        var builder = builder(line, name);
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(logFile(name).toFile()));
        var process = builder.start();
        Files.writeString(pidFile, process.pid() + "\n");
        return process.pid();
    }

    /// Of a daemon that runs, 0 when it does not. A process that only took over the number is not taken for it.
    long pid(String name) throws IOException {
        var file = pidFile(name);
        if (!Files.exists(file)) {
            return 0;
        }
        var text = Files.readString(file).strip();
        if (!text.matches("[1-9][0-9]{0,9}")) {
            return 0;
        }
        return isOurs(text) ? Long.parseLong(text) : 0;
    }

    /// Whether that process runs from the installed copy. While a process executes another program, as the launcher
    /// does several times, its command line is empty or torn for a moment: then it is looked at again.
    private boolean isOurs(String pid) {
        var commandLine = Path.of("/proc", pid, "cmdline");
        try {
            for (int i = 0; i < EXECUTING_TRIES && Files.exists(commandLine); i++) {
                if (read(commandLine).contains(settings.app().toString())) {
                    return true;
                }
                Thread.sleep(10);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        return false;
    }

    /// Empty when the process ended meanwhile.
    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException _) {
            return "";
        }
    }

    /// A sentence, the end of the log, and what to do.
    CommandFailure failure(String sentence, String log) {
        var file = logFile(log);
        return new CommandFailure(
                ExitStatus.FAILED,
                sentence + "\n\nThe end of " + file + ":\n" + tail(file)
                        + "\n\nWhen the cause is gone, 'make demo' goes on from here; 'make demo-stop' undoes what was made.");
    }

    Path logFile(String name) {
        return settings.log().resolve(name + ".log");
    }

    /// The last lines of a file, indented; a sentence when there are none.
    static String tail(Path file) {
        try (var in = new RandomAccessFile(file.toFile(), "r")) {
            in.seek(Math.max(0, in.length() - TAIL_BYTES));
            var bytes = new byte[TAIL_BYTES];
            int length = Math.max(0, in.read(bytes));
            var lines =
                    new String(bytes, 0, length, StandardCharsets.UTF_8).strip().split("\n", -1);
            var last = List.of(lines).subList(Math.max(0, lines.length - TAIL_LINES), lines.length);
            return "    " + String.join("\n    ", last).replaceAll("[\\p{Cntrl}&&[^\n]]", " ");
        } catch (IOException _) {
            return "    (nothing)";
        }
    }

    private Path launcher() {
        return settings.app().resolve("bin").resolve("slapos");
    }

    private Path pidFile(String name) {
        return settings.run().resolve(name + ".pid");
    }

    private ProcessBuilder builder(List<String> line, String log) {
        var builder = new ProcessBuilder(line);
        builder.directory(settings.root().toFile());
        builder.redirectInput(Path.of("/dev/null").toFile());
        builder.redirectError(ProcessBuilder.Redirect.appendTo(logFile(log).toFile()));
        prepare(builder.environment());
        return builder;
    }

    /// What else the user's environment holds (configuration, keys, tokens) is none of the demo's business: builds and
    /// services inherit from the agent.
    private void prepare(Map<String, String> environment) {
        environment.keySet().retainAll(KEPT);
        environment.put("SLAPOS_MASTER_USER", settings.masterUser());
    }

    private int waitFor(Process process, String log) throws IOException {
        try {
            if (process.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
                return process.exitValue();
            }
            process.destroyForcibly();
            throw failure("no end after " + DEADLINE.toMinutes() + " minutes", log);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted").initCause(e);
        }
    }

    /// Whether something has come about.
    interface Condition {
        boolean holds() throws IOException;
    }

    /// Looks twenty times a second until the condition holds.
    ///
    /// @param log       the end of which is shown when it does not
    /// @param otherwise what is the matter then
    void await(int seconds, String log, Supplier<String> otherwise, Condition condition) throws IOException {
        long begin = System.nanoTime();
        while (!condition.holds()) {
            if (Steps.millisSince(begin) > seconds * 1000L) {
                throw failure(otherwise.get() + " (waited " + seconds + " s)", log);
            }
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CommandFailure(ExitStatus.FAILED, "interrupted; 'make demo' goes on from here");
            }
        }
    }
}

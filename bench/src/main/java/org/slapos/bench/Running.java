package org.slapos.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A program that runs beside us, its output in a file. Closing it ends it and the processes it started.
public final class Running implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final Process process;
    private final Path log;

    private Running(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    public static Running start(Path log, List<String> command) throws IOException {
        var process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        return new Running(process, log);
    }

    /// Runs a command to its end.
    ///
    /// @throws IllegalStateException when it fails or takes more than a minute, with the end of its output
    public static void toTheEnd(Path log, List<String> command) throws IOException, InterruptedException {
        try (var running = start(log, command)) {
            if (!running.process.waitFor(1, TimeUnit.MINUTES) || running.process.exitValue() != 0) {
                throw new IllegalStateException(String.join(" ", command) + " failed:\n" + running.tail());
            }
        }
    }

    public long pid() {
        return process.pid();
    }

    /// @throws IllegalStateException when the program has ended, with the end of its output
    public void requireAlive() {
        if (!process.isAlive()) {
            throw new IllegalStateException(
                    "a program ended too early, with exit status " + process.exitValue() + ":\n" + tail());
        }
    }

    /// The last lines of its output.
    public String tail() {
        try {
            var lines = Files.readAllLines(log);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        var children = process.descendants().toList();
        process.destroy();
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        children.forEach(ProcessHandle::destroyForcibly);
    }
}

package org.slapos.cli.verbs;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/// What a command says while it works: `date slapos[process] LEVEL message` on standard error, and all of it in the
/// log file when there is one. Results are not said here: they go to standard output.
public final class Log implements AutoCloseable {
    private final PrintWriter console;
    private final Level least;
    private final boolean colour;
    private final InstantSource clock;
    private final @Nullable PrintWriter file;

    /// From what only a developer wants to know up to what made the command fail.
    enum Level {
        DEBUG("\u001b[32m"),
        INFO("\u001b[36m"),
        WARNING("\u001b[33m"),
        ERROR("\u001b[31m");

        private final String colour;

        Level(String colour) {
            this.colour = colour;
        }
    }

    /// @param least what the console still shows
    /// @param path  a file that gets everything, added to its end; none when null
    Log(PrintWriter console, Level least, boolean colour, InstantSource clock, @Nullable Path path) {
        this.console = console;
        this.least = least;
        this.colour = colour;
        this.clock = clock;
        this.file = path == null ? null : open(path);
    }

    public void debug(String message) {
        say(Level.DEBUG, message);
    }

    public void info(String message) {
        say(Level.INFO, message);
    }

    public void warning(String message) {
        say(Level.WARNING, message);
    }

    public void error(String message) {
        say(Level.ERROR, message);
    }

    /// Where a failure came from: in the log file always, on the console when details were asked for.
    void trace(Throwable failure, boolean onConsole) {
        if (file != null) {
            failure.printStackTrace(file);
        }
        if (onConsole) {
            failure.printStackTrace(console);
            console.flush();
        }
    }

    @Override
    public void close() {
        if (file != null) {
            file.close();
        }
    }

    private void say(Level level, String message) {
        boolean shown = level.compareTo(least) >= 0;
        if (!shown && file == null) {
            return;
        }
        var date = LocalDateTime.ofInstant(clock.instant(), ZoneId.systemDefault())
                .truncatedTo(ChronoUnit.SECONDS)
                .toString()
                .replace('T', ' ');
        if (date.length() == "2026-01-01 00:00".length()) {
            date += ":00";
        }
        if (shown) {
            var word = colour ? level.colour + level + "\u001b[0m" : level.toString();
            console.println(
                    date + " slapos[" + ProcessHandle.current().pid() + "] " + word + " " + Visible.lines(message));
            console.flush();
        }
        if (file != null) {
            file.println("[" + date + "] " + level + " " + message);
        }
    }

    private static PrintWriter open(Path path) {
        try {
            return new PrintWriter(
                    Files.newBufferedWriter(
                            path, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND),
                    true);
        } catch (IOException e) {
            throw new CommandFailure(ExitStatus.FAILED, "--log-file: cannot write to " + path + ": " + e.getMessage());
        }
    }
}

package org.slapos.cli.verbs;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The options that every command understands, anywhere on the line. They are read here and not by the library that
/// reads a command's own: a command that is given no others needs no library, and starts in half of the time.
final class GlobalOptions {
    /// Those that take the next word, or what follows `=`, as their value.
    static final Set<String> WITH_VALUE = Set.of("--cfg", "-o", "--output", "--log-file", "--logfile", "--log_file");

    /// Those that may stand alone.
    static final Set<String> FLAGS =
            Set.of("-v", "--verbose", "-q", "--quiet", "--debug", "--log-color", "--log-time", "-h", "--help");

    private @Nullable Path configuration;
    private @Nullable Format format;
    private @Nullable Path logFile;
    private boolean verbose;
    private boolean quiet;
    private boolean debug;
    private boolean colour;
    private boolean help;
    private final List<String> rest = new ArrayList<>();

    /// The names are what one types.
    enum Format {
        table,
        json,
        yaml,
        name
    }

    private GlobalOptions() {}

    /// Takes the global options out of a line.
    ///
    /// @param reach how many words of the line they may stand among
    /// @throws CommandFailure when one has no value, or a wrong one
    static GlobalOptions of(List<String> line, int reach) {
        var options = new GlobalOptions();
        for (int at = 0; at < line.size(); at++) {
            var word = line.get(at);
            if (at >= reach || !word.startsWith("-")) {
                options.rest.add(word);
                continue;
            }
            int equals = word.indexOf('=');
            var name = equals < 0 ? word : word.substring(0, equals);
            if (WITH_VALUE.contains(name)) {
                if (equals < 0 && at + 1 == line.size()) {
                    throw wrong(name + " needs a value");
                }
                if (equals < 0) {
                    at++;
                }
                options.value(name, equals < 0 ? line.get(at) : word.substring(equals + 1));
            } else if (!options.flag(word) && !options.flags(word)) {
                options.rest.add(word);
            }
        }
        return options;
    }

    private void value(String name, String value) {
        switch (name) {
            case "--cfg" -> configuration = Path.of(value);
            case "-o", "--output" -> format = format(value);
            default -> logFile = Path.of(value);
        }
    }

    private static Format format(String word) {
        for (var known : Format.values()) {
            if (known.name().equals(word)) {
                return known;
            }
        }
        throw wrong("-o: table, json, yaml or name, not '" + word + "'");
    }

    private boolean flag(String word) {
        switch (word) {
            case "-v", "--verbose" -> verbose = true;
            case "-q", "--quiet" -> quiet = true;
            case "--debug" -> debug = true;
            case "--log-color" -> colour = true;
            case "-h", "--help" -> help = true;
            // Accepted: a line of the log always has its time.
            case "--log-time" -> {}
            default -> {
                return false;
            }
        }
        return true;
    }

    /// Several letters behind one hyphen, such as `-vv`.
    private boolean flags(String word) {
        if (word.length() < 3 || word.startsWith("--")) {
            return false;
        }
        for (int at = 1; at < word.length(); at++) {
            if ("vqh".indexOf(word.charAt(at)) < 0) {
                return false;
            }
        }
        for (int at = 1; at < word.length(); at++) {
            flag("-" + word.charAt(at));
        }
        return true;
    }

    private static CommandFailure wrong(String message) {
        return new CommandFailure(ExitStatus.NOT_READY, message);
    }

    /// The line without them.
    List<String> rest() {
        return rest;
    }

    @Nullable
    Path configuration() {
        return configuration;
    }

    @Nullable
    Format format() {
        return format;
    }

    @Nullable
    Path logFile() {
        return logFile;
    }

    /// That which cannot be written to.
    void forgetLogFile() {
        logFile = null;
    }

    boolean wantsColour() {
        return colour;
    }

    boolean wantsHelp() {
        return help;
    }

    /// What the console shows.
    Log.Level least() {
        return verbose ? Log.Level.DEBUG : quiet ? Log.Level.WARNING : Log.Level.INFO;
    }

    /// Whether a failure shows its trace.
    boolean wantsTrace() {
        return debug || verbose;
    }
}

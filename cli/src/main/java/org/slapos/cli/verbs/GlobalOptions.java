package org.slapos.cli.verbs;

import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options that every command understands, anywhere on the line.
@SuppressWarnings("UnusedVariable") // picocli reads those that nobody else does
final class GlobalOptions {
    /// Those that take the next word as their value.
    static final Set<String> WITH_VALUE = Set.of("--cfg", "-o", "--output", "--log-file", "--logfile", "--log_file");

    /// All of them, for what may stand before the command.
    static final Set<String> NAMES = Set.of(
            "--cfg",
            "-o",
            "--output",
            "--log-file",
            "--logfile",
            "--log_file",
            "-v",
            "--verbose",
            "-q",
            "--quiet",
            "--debug",
            "--log-color",
            "--log-time",
            "-h",
            "--help");

    @Option(
            names = "--cfg",
            paramLabel = "FILE",
            description = "Client configuration; else $SLAPOS_CLIENT_CONFIGURATION, else ~/.slapos/slapos-client.cfg.")
    @Nullable
    Path configuration;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "How results are printed: table, json, yaml, or name (one reference a line).")
    @Nullable
    Format format;

    @Option(
            names = {"-v", "--verbose"},
            description = "Say more on standard error.")
    boolean[] verbose = {};

    @Option(
            names = {"-q", "--quiet"},
            description = "Say only warnings and errors.")
    boolean quiet;

    @Option(names = "--debug", description = "Show where a failure came from.")
    boolean debug;

    @Option(
            names = {"--log-file", "--logfile", "--log_file"},
            paramLabel = "FILE",
            description = "Write everything that is said to this file too.")
    @Nullable
    Path logFile;

    @Option(names = "--log-color", description = "Colour what is said, on a terminal or not.")
    boolean colour;

    @Option(names = "--log-time", hidden = true, description = "Say the time too; it always is.")
    boolean time;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Say how it is used.")
    boolean help;

    /// The names are what one types.
    enum Format {
        table,
        json,
        yaml,
        name
    }

    /// What the console shows.
    Log.Level least() {
        return verbose.length > 0 ? Log.Level.DEBUG : quiet ? Log.Level.WARNING : Log.Level.INFO;
    }

    /// Whether a failure shows its trace.
    boolean wantsTrace() {
        return debug || verbose.length > 0;
    }
}

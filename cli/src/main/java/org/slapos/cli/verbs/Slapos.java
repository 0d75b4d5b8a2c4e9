package org.slapos.cli.verbs;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/// The command before its verb: the options that every verb understands, before or after its name.
@Command(
        name = "slapos",
        synopsisHeading = "Usage: ",
        description = {
            "",
            "Asks a SlapOS Master for software and instances, and shows what it knows.",
            "",
            "  slapos demo start                              a whole cloud on this machine",
            "  slapos supply https://.../software.cfg COMP-1  have a SoftwareRelease installed on a Computer",
            "  slapos request blog https://.../software.cfg   have an instance of it",
            "  slapos service info blog                       where it is and how to reach it"
        },
        footer = {
            "",
            "Programs of their own, with their own --help:",
            "  node       divides this machine in ComputerPartitions and runs what the Master promises",
            "  master     the Master: parties, certificates, allocation, ledger",
            "",
            "slapos COMMAND --help says more. Exit status: 0 done; 1 failed; 2 unknown, not ready, or wrong arguments; 5 no such command."
        },
        subcommands = {
            RequestVerb.class,
            SupplyVerb.class,
            RemoveVerb.class,
            ServiceVerbs.class,
            ComputerVerbs.class,
            SoftwareVerbs.class,
            LedgerVerbs.class,
            ConfigureVerbs.class
        })
public final class Slapos extends Group {
    @Option(
            names = "--cfg",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = "Client configuration; else $SLAPOS_CLIENT_CONFIGURATION, else ~/.slapos/slapos-client.cfg.")
    private @Nullable Path configuration;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            scope = ScopeType.INHERIT,
            defaultValue = "table",
            description = "How results are printed: table (default) or json.")
    private Format format = Format.table;

    @SuppressWarnings("UnusedVariable") // picocli reads it
    @Option(
            names = {"-h", "--help"},
            scope = ScopeType.INHERIT,
            usageHelp = true,
            description = "Says how it is used.")
    private boolean help;

    private final Map<String, String> environment;

    /// The names are what one types.
    enum Format {
        table,
        json
    }

    public Slapos(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    /// The variables of the environment that the verbs may look at.
    Map<String, String> environment() {
        return environment;
    }

    boolean wantsJson() {
        return format == Format.json;
    }

    /// The client configuration file: named on the command line, else by the environment, else the user's own.
    Path configurationFile() {
        return Optional.ofNullable(configuration)
                .or(() -> Optional.ofNullable(environment.get("SLAPOS_CLIENT_CONFIGURATION"))
                        .filter(name -> !name.isBlank())
                        .map(Path::of))
                .map(this::expanded)
                .orElseGet(() -> home().resolve(".slapos").resolve("slapos-client.cfg"));
    }

    /// A leading `~` is the user's home directory.
    Path expanded(Path path) {
        var text = path.toString();
        return text.equals("~") || text.startsWith("~/")
                ? home().resolve(text.substring(text.length() > 1 ? 2 : 1))
                : path;
    }

    private Path home() {
        return Path.of(environment.getOrDefault("HOME", "/"));
    }
}

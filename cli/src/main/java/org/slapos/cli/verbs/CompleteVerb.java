package org.slapos.cli.verbs;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `slapos complete`: the script by which a shell completes this command; it asks this command for names.
@Command(
        description = {
            "Prints a script that makes a shell complete slapos: commands, options, and what the Master knows:",
            "your instances, Computers, SoftwareReleases."
        },
        footer = {
            "",
            "Examples:",
            "  slapos complete > ~/.local/share/bash-completion/completions/slapos",
            "  slapos complete --shell zsh > ~/.zfunc/_slapos      (a folder of $fpath)",
            "  slapos complete --shell fish > ~/.config/fish/completions/slapos.fish"
        })
final class CompleteVerb extends Verb {
    /// Nobody waits longer for a completion.
    private static final Duration DEADLINE = Duration.ofSeconds(1);

    private final Supplier<CommandTable> commands;

    @ArgGroup
    private What what = new What();

    /// One of the two, or none.
    static final class What {
        @Option(names = "--shell", paramLabel = "SHELL", description = "bash (unless you say), fish or zsh.")
        private @Nullable Shell shell;

        @Option(names = "--names", hidden = true, description = "What the script asks for.")
        private @Nullable Names names;
    }

    /// The names are what one types.
    enum Shell {
        bash,
        fish,
        zsh
    }

    /// What the Master knows the names of.
    enum Names {
        services,
        computers,
        releases
    }

    CompleteVerb(Supplier<CommandTable> commands) {
        this.commands = commands;
    }

    @Override
    public int call() {
        if (what.names == null) {
            out().print(CompletionScript.of(what.shell == null ? Shell.bash : what.shell, commands.get()));
        } else {
            // Whoever completes a word wants no message in the middle of it.
            try {
                names(what.names).stream()
                        .filter(name -> name.equals(Visible.line(name)))
                        .forEach(out()::println);
            } catch (IOException | RuntimeException e) {
                log().debug("no names: " + e);
            }
        }
        return ExitStatus.OK;
    }

    private List<String> names(Names wanted) throws IOException {
        try (var directory = Directory.open(configuration(), DEADLINE)) {
            return switch (wanted) {
                case services -> ServiceListVerb.names(directory.services(false));
                case computers -> ServiceListVerb.names(directory.computers(false));
                case releases -> directory.softwareReleases();
            };
        }
    }
}

package org.slapos.node.host;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// A program to run, without a shell.
///
/// @param arguments   program first; without a slash it is looked for in the system's folders, then in `PATH`
/// @param environment complete: nothing is inherited
/// @param user        who it becomes when the node is root; empty = stays what the node is
/// @param umask       as in `022`, octal
/// @param group       where the node is root and the machine has control groups, it runs in this one, alone: what an
///                    earlier run left in it is ended before, and what this one leaves after
/// @param deadline    then the whole process tree is killed
/// @param onLine      sees each line of output (standard output and error merged) while the program runs
public record Command(
        List<String> arguments,
        Path directory,
        Map<String, String> environment,
        Optional<UnixUser> user,
        int umask,
        Optional<ControlGroup> group,
        Duration deadline,
        Consumer<String> onLine) {
    private static final Duration SHORT = Duration.ofSeconds(30);

    public Command {
        arguments = List.copyOf(arguments);
        environment = Map.copyOf(environment);
        if (arguments.isEmpty()) {
            throw new IllegalArgumentException("a command needs a program");
        }
        if (umask < 0 || umask > 0777) {
            throw new IllegalArgumentException(
                    "umask must be between 000 and 777, not " + Integer.toOctalString(umask));
        }
    }

    /// A short call of a system tool: in `/`, nothing but the C locale in its environment, 30 seconds.
    public static Command of(List<String> arguments) {
        return new Command(
                arguments,
                Path.of("/"),
                Map.of("LC_ALL", "C"),
                Optional.empty(),
                022,
                Optional.empty(),
                SHORT,
                _ -> {});
    }

    public static Command of(String... arguments) {
        return of(List.of(arguments));
    }

    public Command withDirectory(Path wanted) {
        return new Command(arguments, wanted, environment, user, umask, group, deadline, onLine);
    }

    public Command withEnvironment(Map<String, String> wanted) {
        return new Command(arguments, directory, wanted, user, umask, group, deadline, onLine);
    }

    public Command withUser(UnixUser wanted) {
        return new Command(arguments, directory, environment, Optional.of(wanted), umask, group, deadline, onLine);
    }

    public Command withUmask(int wanted) {
        return new Command(arguments, directory, environment, user, wanted, group, deadline, onLine);
    }

    public Command withGroup(ControlGroup wanted) {
        return new Command(arguments, directory, environment, user, umask, Optional.of(wanted), deadline, onLine);
    }

    public Command withDeadline(Duration wanted) {
        return new Command(arguments, directory, environment, user, umask, group, wanted, onLine);
    }

    public Command withOnLine(Consumer<String> wanted) {
        return new Command(arguments, directory, environment, user, umask, group, deadline, wanted);
    }
}

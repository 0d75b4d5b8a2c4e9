package org.slapos.cli.verbs;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.IntPredicate;

/// What a command is given by its process, and nothing else: the verbs look at no variable or stream of their own.
///
/// @param terminal whether an open file of the process, 1 for `out`, 2 for `err`, is a terminal
public record Session(
        Map<String, String> environment,
        InputStream in,
        PrintWriter out,
        PrintWriter err,
        IntPredicate terminal,
        Time time) {

    /// Whether an open file of this process is a terminal.
    public static boolean isTerminal(int descriptor) {
        try {
            var target = Path.of("/proc/self/fd/" + descriptor).toRealPath().toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
        } catch (IOException _) {
            return false;
        }
    }

    /// Whether what is printed there may be coloured: a terminal, and nobody who asked for no colours (`NO_COLOR`).
    boolean mayColour(int descriptor) {
        return environment.getOrDefault("NO_COLOR", "").isEmpty()
                && !"dumb".equals(environment.get("TERM"))
                && terminal.test(descriptor);
    }

    /// A leading `~` is the user's home directory.
    public Path expanded(Path path) {
        var text = path.toString();
        return text.equals("~") || text.startsWith("~/")
                ? home().resolve(text.substring(text.length() > 1 ? 2 : 1))
                : path;
    }

    public Path home() {
        return Path.of(environment.getOrDefault("HOME", "/"));
    }
}

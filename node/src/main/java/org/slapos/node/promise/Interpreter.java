package org.slapos.node.promise;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slapos.node.host.Host;
import org.slapos.node.host.HostException;

/// Finds the Python of a SoftwareRelease: the one its `bin/buildout` runs under.
final class Interpreter {
    private static final int MAX_SCRIPT_BYTES = 64 * 1024;
    private static final Pattern EXEC = Pattern.compile("\\s*(?:''')?'?exec'?\\s+(?:\"([^\"]+)\"|'([^']+)'|(\\S+)).*");

    private Interpreter() {}

    /// The interpreter, when the release names one that is there.
    static Optional<Path> of(Host host, Path software) {
        try {
            return host.readTenantFile(software, "bin/buildout", MAX_SCRIPT_BYTES)
                    .flatMap(script -> ofScript(new String(script, StandardCharsets.UTF_8)))
                    .filter(Files::isExecutable);
        } catch (HostException _) {
            return Optional.empty();
        }
    }

    /// From a `#!` line; where that names a shell, from the `exec` in the line below it.
    static Optional<Path> ofScript(String text) {
        var lines = text.lines().limit(2).toList();
        if (lines.isEmpty() || !lines.getFirst().startsWith("#!")) {
            return Optional.empty();
        }
        var program = lines.getFirst().substring(2).strip().split("\\s+", 2)[0];
        if (!program.equals("/bin/sh")) {
            return absolute(program);
        }
        var exec = lines.size() < 2 ? null : EXEC.matcher(lines.get(1));
        if (exec == null || !exec.matches()) {
            return Optional.empty();
        }
        return absolute(exec.group(1) != null ? exec.group(1) : exec.group(2) != null ? exec.group(2) : exec.group(3));
    }

    private static Optional<Path> absolute(String text) {
        return text.startsWith("/") ? Optional.of(Path.of(text)) : Optional.empty();
    }

    /// Whether nobody but root can change what the path leads to, so that root may run it.
    static boolean isRoots(Host host, Path program) {
        try {
            for (var path = program.toRealPath(); path != null; path = path.getParent()) {
                var facts = host.facts(path);
                if (facts.isEmpty() || facts.get().uid() != 0) {
                    return false;
                }
                boolean sticky = ((Integer) Files.getAttribute(path, "unix:mode") & 01000) != 0;
                if ((facts.get().mode() & 022) != 0 && !sticky) {
                    return false;
                }
            }
            return true;
        } catch (IOException _) {
            return false;
        }
    }
}

package org.slapos.node.buildout;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.slapos.node.host.CleanEnvironment;
import org.slapos.node.host.Command;
import org.slapos.node.host.CommandResult;
import org.slapos.node.host.Host;
import org.slapos.node.host.HostException;
import org.slapos.node.host.UnixUser;

/// Runs zc.buildout in a directory, as its owner. Any thread may call; two runs in one directory are the caller's to
/// prevent.
public final class Buildout {
    private final Host host;
    private final Path program;
    private final String runtimeId;

    /// @param runtime folder with `bin/buildout` and `id`
    /// @param own     a Buildout to use instead
    public Buildout(Host host, Path runtime, Optional<Path> own) {
        this.host = host;
        this.program = own.orElse(runtime.resolve("bin/buildout"));
        this.runtimeId = own.map(Buildout::identity).orElseGet(() -> identityOfRuntime(runtime));
    }

    /// What to run and how.
    ///
    /// @param umask       of the files it makes
    /// @param niceness    0 = as the node itself, 19 = when nobody else wants the processor
    /// @param environment beside the clean one
    public record Run(
            Path directory,
            UnixUser owner,
            List<String> arguments,
            int umask,
            int niceness,
            Duration deadline,
            Map<String, String> environment,
            Consumer<String> onLine) {}

    /// Changes when what builds changes: what another runtime built is built again.
    public String runtimeId() {
        return runtimeId;
    }

    /// Runs to the end or the deadline. What an earlier run of a killed node left behind in this directory is ended
    /// first: two builds never work side by side.
    public CommandResult run(Run run) {
        if (!Files.isExecutable(program)) {
            throw new HostException("there is no Buildout at " + program + ": build the project, or name its runtime "
                    + "with 'runtime' in slapos.cfg");
        }
        var mark = Map.of(CleanEnvironment.WORK, run.directory().toString());
        endLeftovers(run.directory(), run.owner());
        var more = new HashMap<>(run.environment());
        more.putAll(mark);
        var line = new ArrayList<String>();
        if (run.niceness() > 0) {
            line.addAll(List.of("nice", "-n", Integer.toString(run.niceness())));
        }
        line.add(program.toString());
        line.addAll(run.arguments());
        return host.run(Command.of(line)
                .withDirectory(run.directory())
                .withEnvironment(CleanEnvironment.of(run.directory(), more))
                .withUser(run.owner())
                .withUmask(run.umask())
                .withDeadline(run.deadline())
                .withOnLine(run.onLine()));
    }

    /// Ends what an earlier run left behind in a directory.
    public void endLeftovers(Path directory, UnixUser owner) {
        host.endLeftovers(CleanEnvironment.WORK + "=" + directory, owner);
    }

    private static String identityOfRuntime(Path runtime) {
        try {
            return Files.readString(runtime.resolve("id")).strip();
        } catch (IOException e) {
            throw new HostException(
                    "there is no Buildout runtime at " + runtime + ": build the project, or name it with 'runtime' in "
                            + "slapos.cfg",
                    e);
        }
    }

    private static String identity(Path own) {
        try {
            return own + "@" + Files.getLastModifiedTime(own).toMillis();
        } catch (IOException e) {
            throw new HostException("there is no Buildout at " + own + ": correct 'buildout' in slapos.cfg", e);
        }
    }
}

package org.slapos.node.buildout;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slapos.node.NodeConfiguration;
import org.slapos.node.host.CleanEnvironment;
import org.slapos.node.host.Command;
import org.slapos.node.host.CommandResult;
import org.slapos.node.host.ControlGroup;
import org.slapos.node.host.Host;
import org.slapos.node.host.HostException;
import org.slapos.node.host.UnixUser;

/// Runs zc.buildout in a directory, as its owner: cold, as a program of its own, or warm, by a process that has it
/// loaded already. Both give the same files and the same output. Any thread may call; two runs in one directory are
/// the caller's to prevent.
public final class Buildout implements AutoCloseable {
    /// A tenth of what each partition has: a build that is in the way of nobody has all there is.
    private static final int WEIGHT_OF_BUILDS = 10;

    private static final Path IONICE = Path.of("/usr/bin/ionice");

    private final Host host;
    private final ControlGroup builds;
    private final Path program;
    private final String runtimeId;
    private final long memoryBytes;
    private final Optional<WarmBuildout> warm;
    /// Directories in which a killed node left work behind; looked for once, when the first is needed.
    private @Nullable Set<String> leftBehind;

    /// @param work what is said of Buildout in `slapos.cfg`
    public Buildout(Host host, Path runtime, Optional<Path> own, Path instanceRoot, NodeConfiguration.Work work) {
        this.host = host;
        this.builds = new ControlGroup(ControlGroup.ofNode(instanceRoot) + "/+builds", WEIGHT_OF_BUILDS);
        this.program = own.orElse(runtime.resolve("bin/buildout"));
        this.runtimeId = own.map(Buildout::identity).orElseGet(() -> identityOfRuntime(runtime));
        this.memoryBytes = work.buildoutMemoryBytes();
        this.warm = work.warmBuildout() && own.isEmpty()
                ? Optional.of(new WarmBuildout(
                        host, runtime, instanceRoot.resolve("var/run/buildout"), work.buildoutMemoryBytes()))
                : Optional.empty();
    }

    /// What to run and how.
    ///
    /// @param umask       of the files it makes
    /// @param niceness    0 = as the node itself, 19 = when nobody else wants the processor; above 0 also the
    ///                    last that gets the disk, in the control group of builds: one such run at a time
    /// @param environment beside the clean one
    public record Run(
            Path directory,
            UnixUser owner,
            List<String> arguments,
            int umask,
            int niceness,
            Duration deadline,
            Map<String, String> environment,
            Consumer<String> onLine) {
        /// As the processes of this run have it: each names the directory it works on.
        Map<String, String> completeEnvironment() {
            var more = new HashMap<>(environment);
            more.put(CleanEnvironment.WORK, directory.toString());
            return CleanEnvironment.of(directory, more);
        }
    }

    /// Changes when what builds changes: what another runtime built is built again.
    public String runtimeId() {
        return runtimeId;
    }

    /// Runs to the end or the deadline, cold. What an earlier run of a killed node left behind in this directory is
    /// ended first: two builds never work side by side.
    public CommandResult run(Run run) {
        if (!Files.isExecutable(program)) {
            throw new HostException("there is no Buildout at " + program + ": build the project, or name its runtime "
                    + "with 'runtime' in slapos.cfg");
        }
        endLeftovers(run.directory(), run.owner());
        var line = new ArrayList<String>();
        if (memoryBytes > 0) {
            line.addAll(List.of("prlimit", "--data=" + memoryBytes));
        }
        if (run.niceness() > 0) {
            if (Files.isExecutable(IONICE)) {
                line.addAll(List.of(IONICE.toString(), "-c", "2", "-n", "7"));
            }
            line.addAll(List.of("nice", "-n", Integer.toString(run.niceness())));
        }
        line.add(program.toString());
        line.addAll(run.arguments());
        var command = Command.of(line);
        return host.run((run.niceness() > 0 ? command.withGroup(builds) : command)
                .withDirectory(run.directory())
                .withEnvironment(run.completeEnvironment())
                .withUser(run.owner())
                .withUmask(run.umask())
                .withDeadline(run.deadline())
                .withOnLine(run.onLine()));
    }

    /// As [#run], warm where that can be; without live output, and at the node's own priority.
    public CommandResult runWarm(Run run) {
        if (isLeftBehind(run.directory())) {
            endLeftovers(run.directory(), run.owner());
        }
        return warm.flatMap(it -> it.run(run)).orElseGet(() -> run(run));
    }

    /// One look at all processes serves all directories: what this node itself starts, it also ends.
    private synchronized boolean isLeftBehind(Path directory) {
        if (leftBehind == null) {
            leftBehind = new HashSet<>(host.environmentValues(CleanEnvironment.WORK));
        }
        return leftBehind.remove(directory.toString());
    }

    @Override
    public void close() {
        warm.ifPresent(WarmBuildout::close);
    }

    /// Ends the build that a killed node left behind, wherever it works. For whoever may build now, and does not yet.
    public void endForgottenBuild() {
        host.endGroup(builds);
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

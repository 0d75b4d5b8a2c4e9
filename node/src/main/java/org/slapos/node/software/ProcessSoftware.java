package org.slapos.node.software;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.time.InstantSource;
import java.util.Collection;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slapos.node.NodeConfiguration;
import org.slapos.node.buildout.Buildout;
import org.slapos.node.host.CommandResult;
import org.slapos.node.host.Host;
import org.slapos.node.host.HostException;
import org.slapos.protocol.SoftwareInformation;
import org.slapos.protocol.SoftwareState;
import org.slapos.protocol.client.SlapClient;
import org.slapos.protocol.client.SlapClient.SoftwareReport;
import org.slapos.protocol.client.SlapException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings one SoftwareRelease to what the Master wants of it, and reports. One call at a time.
///
/// An available release that is complete costs one look at a file. A failed build is reported with the end of its
/// output and returned; a Master that cannot be talked to is a [SlapException], and the step is done again later.
public final class ProcessSoftware {
    private static final Logger LOG = LoggerFactory.getLogger(ProcessSoftware.class);

    private final NodeConfiguration configuration;
    private final Host host;
    private final SlapClient master;
    private final Buildout buildout;
    private final InstallSoftware install;
    private final InstantSource clock;

    public ProcessSoftware(
            NodeConfiguration configuration,
            Host host,
            SlapClient master,
            Buildout buildout,
            InstallSoftware install,
            InstantSource clock) {
        this.configuration = configuration;
        this.host = host;
        this.master = master;
        this.buildout = buildout;
        this.install = install;
        this.clock = clock;
    }

    /// What became of a release.
    public sealed interface Outcome {
        /// It already was what is wanted.
        record Unchanged() implements Outcome {}

        /// It was installed or removed, and the Master knows.
        record Done() implements Outcome {}

        /// @param problem what was reported
        record Failed(String problem) implements Outcome {}
    }

    /// Ends the build that a killed node left behind: the release may not be wanted any more. Before the first
    /// [#process].
    public void endForgotten() {
        buildout.endForgottenBuild();
    }

    /// As the longer one, nobody looking on.
    public Outcome process(SoftwareInformation wanted, boolean force) {
        return process(wanted, force, _ -> {});
    }

    /// @param force build although it is complete
    /// @param show  sees each line of a build's output, and an empty one at its end
    public Outcome process(SoftwareInformation wanted, boolean force, Consumer<String> show) {
        var directory = SoftwareDirectory.of(configuration.softwareRoot(), wanted.url());
        try {
            return switch (wanted.state()) {
                case SoftwareState.AVAILABLE -> available(directory, force, show);
                case SoftwareState.DESTROYED -> destroyed(directory);
            };
        } catch (SlapException e) {
            throw e;
        } catch (RuntimeException e) {
            if (Thread.currentThread().isInterrupted()) {
                throw e; // the node is ending: no fault of the release
            }
            if (!(e instanceof HostException || e instanceof UncheckedIOException)) {
                LOG.error("{}: this should not have happened; please report it", wanted.url(), e);
            }
            var problem = String.valueOf(e.getMessage());
            return failed(wanted.url(), problem, firstLine(problem));
        }
    }

    private Outcome available(SoftwareDirectory directory, boolean force, Consumer<String> show) {
        if (!force && directory.isComplete(buildout.runtimeId())) {
            return new Outcome.Unchanged();
        }
        var start = clock.instant();
        LOG.info("Building {} in {}", directory.url(), directory.path());
        report(directory.url(), SoftwareReport.BUILDING);
        var result = build(directory, force, show);
        if (!result.ok()) {
            var why = result.timedOut() ? "did not end in time" : "ended with status " + result.status();
            var headline = "Failed to run buildout profile in directory '" + directory.path() + "': it " + why;
            return failed(
                    directory.url(),
                    headline + "; its output:\n" + result.output(),
                    headline + "; its output stands in " + BuildLog.of(configuration.instanceRoot(), directory)
                            + " and ends: " + lastLine(result.output()));
        }
        report(directory.url(), SoftwareReport.AVAILABLE);
        complete(directory);
        LOG.info(
                "Installed {} in {} s",
                directory.url(),
                java.time.Duration.between(start, clock.instant()).toMillis() / 1000.0);
        return new Outcome.Done();
    }

    private CommandResult build(SoftwareDirectory directory, boolean force, Consumer<String> show) {
        try (var progress = new BuildProgress(
                BuildProgress.PERIOD,
                show,
                line -> master.building(configuration.computerId(), directory.url(), line))) {
            return install.install(directory, force, progress::line);
        }
    }

    private void complete(SoftwareDirectory directory) {
        var owner = host.owner(directory.path())
                .orElseThrow(() -> new HostException(directory.path() + " vanished during its installation"));
        var text = SoftwareDirectory.completionText(clock.instant(), buildout.runtimeId());
        host.writeTenantFile(
                directory.path(),
                SoftwareDirectory.markName(),
                text.getBytes(StandardCharsets.UTF_8),
                0644,
                owner.uid(),
                owner.gid());
    }

    private Outcome destroyed(SoftwareDirectory directory) {
        if (Files.exists(directory.path(), LinkOption.NOFOLLOW_LINKS)) {
            host.owner(directory.path()).ifPresent(owner -> buildout.endLeftovers(directory.path(), owner));
            host.deleteTree(directory.path(), false);
            LOG.info("Removed {} from {}", directory.url(), directory.path());
        }
        report(directory.url(), SoftwareReport.DESTROYED);
        return new Outcome.Done();
    }

    /// Deletes what was installed and nobody wants: directories of the software root that are named by 32 hexadecimal
    /// digits and hold a `buildout.cfg`. Other names are never touched.
    ///
    /// @param wanted all that is to stay, whether it is installed or not
    public void collectGarbage(Collection<SoftwareInformation> wanted) {
        var root = configuration.softwareRoot();
        var kept = wanted.stream()
                .filter(software -> software.state() == SoftwareState.AVAILABLE)
                .map(software -> SoftwareDirectory.name(software.url()))
                .collect(Collectors.toSet());
        try (var found = Files.newDirectoryStream(root)) {
            for (var directory : found) {
                var name = directory.getFileName().toString();
                if (name.matches("[0-9a-f]{32}")
                        && !kept.contains(name)
                        && Files.isRegularFile(directory.resolve("buildout.cfg"), LinkOption.NOFOLLOW_LINKS)) {
                    host.owner(directory).ifPresent(owner -> buildout.endLeftovers(directory, owner));
                    host.deleteTree(directory, false);
                    LOG.info("Removed {}: no release that is wanted lives there", directory);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            throw new HostException("cannot list " + root + ": " + e, e);
        }
    }

    /// @param said in the node's own log
    private Outcome failed(String url, String problem, String said) {
        LOG.warn("{}: {}", url, said);
        try {
            master.softwareError(configuration.computerId(), url, problem);
        } catch (SlapException e) {
            LOG.warn("The error of {} could not be reported: {}", url, e.getMessage());
        }
        return new Outcome.Failed(problem);
    }

    /// A Master that knows nothing of the release any more is no reason to stop.
    private void report(String url, SoftwareReport report) {
        try {
            master.report(configuration.computerId(), url, report);
        } catch (SlapException e) {
            if (e.kind() != SlapException.Kind.NOT_FOUND) {
                throw e;
            }
        }
    }

    private static String lastLine(String text) {
        return text.lines().filter(line -> !line.isBlank()).reduce("nothing was said", (_, last) -> last.strip());
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("failed");
    }
}

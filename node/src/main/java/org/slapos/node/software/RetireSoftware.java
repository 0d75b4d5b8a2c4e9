package org.slapos.node.software;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slapos.node.NodeConfiguration;
import org.slapos.node.buildout.Buildout;
import org.slapos.node.host.Command;
import org.slapos.node.host.Host;
import org.slapos.node.host.HostException;
import org.slapos.protocol.ComputerInformation;
import org.slapos.protocol.SoftwareInformation;
import org.slapos.protocol.SoftwareState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Deletes what was of no use for `software_retention_days`: releases that are neither wanted nor used by an instance,
/// then the shared parts that only they used; and of releases that stay the profiles that Buildout fetched for them.
///
/// Since when a release is of no use stands in `<instance root>/var/unwanted/<MD5>`. One call at a time, and none
/// beside a build.
public final class RetireSoftware {
    private static final Logger LOG = LoggerFactory.getLogger(RetireSoftware.class);
    private static final Duration DEADLINE = Duration.ofMinutes(10);

    private final NodeConfiguration configuration;
    private final Host host;
    private final Buildout buildout;
    private final InstantSource clock;
    private final Path var;
    private final Path marks;

    public RetireSoftware(NodeConfiguration configuration, Host host, Buildout buildout, InstantSource clock) {
        this.configuration = configuration;
        this.host = host;
        this.buildout = buildout;
        this.clock = clock;
        this.var = configuration.instanceRoot().resolve("var");
        this.marks = var.resolve("unwanted");
    }

    /// Does nothing when the configuration keeps everything.
    ///
    /// @return the directories that were deleted
    public List<Path> pass(ComputerInformation promised) {
        if (configuration.softwareRetention().isZero()) {
            return List.of();
        }
        var used = Stream.concat(
                        promised.software().stream()
                                .filter(software -> software.state() == SoftwareState.AVAILABLE)
                                .map(SoftwareInformation::url),
                        promised.partitions().stream()
                                .flatMap(partition -> partition.instance().stream())
                                .map(instance -> instance.softwareRelease()))
                .map(SoftwareDirectory::name)
                .collect(Collectors.toSet());
        var retired = new ArrayList<Path>();
        for (var directory : releases()) {
            var name = directory.getFileName().toString();
            if (used.contains(name)) {
                forget(name);
                emptyCache(directory);
            } else if (isOver(since(name))) {
                host.owner(directory).ifPresent(owner -> buildout.endLeftovers(directory, owner));
                host.deleteTree(directory, false);
                forget(name);
                retired.add(directory);
                LOG.info("Removed {}: it was of no use since {}", directory, configuration.softwareRetention());
            }
        }
        if (!retired.isEmpty() && !configuration.sharedPartList().isEmpty()) {
            new PruneSharedParts(configuration, host, List.of(), false).prune();
        }
        return retired;
    }

    private boolean isOver(Instant since) {
        return !clock.instant().isBefore(since.plus(configuration.softwareRetention()));
    }

    /// Directories that a node may have made, never others.
    private List<Path> releases() {
        var root = configuration.softwareRoot();
        var found = new ArrayList<Path>();
        try (var all = Files.newDirectoryStream(root)) {
            for (var directory : all) {
                if (directory.getFileName().toString().matches("[0-9a-f]{32}")
                        && Files.isRegularFile(directory.resolve("buildout.cfg"), LinkOption.NOFOLLOW_LINKS)) {
                    found.add(directory);
                }
            }
            return found;
        } catch (IOException | DirectoryIteratorException e) {
            throw new HostException("cannot list " + root + ": " + e, e);
        }
    }

    /// Now, when this is the first time that it is of no use, or the mark cannot be read.
    private Instant since(String name) {
        var mark = marks.resolve(name);
        try {
            return Instant.parse(Files.readString(mark).strip());
        } catch (IOException | DateTimeParseException _) {
            var now = clock.instant();
            host.createDirectory(var, 0755);
            host.createDirectory(marks, 0700);
            host.writeFile(mark, (now + "\n").getBytes(StandardCharsets.UTF_8), 0600);
            return now;
        }
    }

    private void forget(String name) {
        try {
            Files.deleteIfExists(marks.resolve(name));
        } catch (IOException e) {
            throw new HostException("cannot delete " + marks.resolve(name) + ": " + e, e);
        }
    }

    /// A complete release needs the profiles it was made from only to be built again, and fetches them then. Deleted as
    /// their owner, who may have put anything in their place.
    private void emptyCache(Path directory) {
        var cache = directory.resolve("extends-cache");
        var completed = new SoftwareDirectory("", directory)
                .completion()
                .lines()
                .findFirst()
                .flatMap(RetireSoftware::instant);
        if (completed.filter(this::isOver).isEmpty() || isEmpty(cache)) {
            return;
        }
        var delete = Command.of("find", cache.toString(), "-xdev", "-mindepth", "1", "-delete")
                .withDeadline(DEADLINE);
        host.run(host.owner(directory)
                        .filter(owner -> owner.uid() != 0)
                        .map(delete::withUser)
                        .orElse(delete))
                .orThrow("empty " + cache);
        LOG.info("Emptied {}", cache);
    }

    private static boolean isEmpty(Path folder) {
        try (var files = Files.newDirectoryStream(folder)) {
            return !files.iterator().hasNext();
        } catch (IOException _) {
            return true; // there is none
        }
    }

    private static Optional<Instant> instant(String text) {
        try {
            return Optional.of(Instant.parse(text));
        } catch (DateTimeParseException _) {
            return Optional.empty();
        }
    }
}

package org.slapos.node.usage;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.slapos.node.host.CleanEnvironment;
import org.slapos.node.host.Command;
import org.slapos.node.host.Host;
import org.slapos.node.host.HostException;
import org.slapos.node.host.UnixUser;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.UsageReport;
import org.slapos.protocol.UsageReport.Movement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What instances report of their own use: their scripts in `etc/report` leave documents in `var/xml_report`, which
/// become one report of the Computer. A document is deleted once that report is kept for sending. One thread at a time.
public final class PartitionReports {
    private static final Logger LOG = LoggerFactory.getLogger(PartitionReports.class);
    private static final Duration DEADLINE = Duration.ofMinutes(5);
    private static final String FOLDER = "var/xml_report";
    private static final int MAX_FILES = 1000;
    private static final int MAX_BYTES = 1 << 20;

    private final Host host;
    private final MeasureUsage usage;
    private final InstantSource clock;

    public PartitionReports(Host host, MeasureUsage usage, InstantSource clock) {
        this.host = host;
        this.usage = usage;
        this.clock = clock;
    }

    /// A partition to ask.
    public record Source(PartitionId id, Path directory, UnixUser owner) {}

    /// Runs each script of a partition as its user, with the file it is to write as argument.
    ///
    /// @return what failed, in sentences
    public List<String> run(Source source) {
        var scripts = list(source.directory().resolve("etc/report"));
        var failures = new ArrayList<String>();
        if (scripts.isEmpty()) {
            return failures;
        }
        asOwner(source, "mkdir", "-p", "--", FOLDER);
        for (var script : scripts) {
            var target = source.directory().resolve(FOLDER).resolve("slapreport." + UUID.randomUUID());
            var result = host.run(Command.of(script.toString(), target.toString())
                    .withDirectory(source.directory().resolve("etc/report"))
                    .withEnvironment(CleanEnvironment.of(source.owner().home(), Map.of()))
                    .withUser(source.owner())
                    .withUmask(027)
                    .withDeadline(DEADLINE));
            if (!result.ok()) {
                failures.add("The report script " + script.getFileName() + " of " + source.id() + " "
                        + (result.timedOut() ? "did not end in time" : "ended with status " + result.status())
                        + ":\n" + result.output());
            }
        }
        return failures;
    }

    /// Makes one report of all documents that can be read, and keeps it for sending; those that cannot stay where they
    /// are.
    public void collect(ComputerId computer, List<Source> sources) {
        var movements = new LinkedHashMap<PartitionId, List<Movement>>();
        var taken = new LinkedHashMap<Source, List<String>>();
        for (var source : sources) {
            for (var file : list(source.directory().resolve(FOLDER))) {
                var name = FOLDER + "/" + file.getFileName();
                try {
                    host.readTenantFile(source.directory(), name, MAX_BYTES).ifPresent(bytes -> {
                        movements
                                .computeIfAbsent(source.id(), _ -> new ArrayList<>())
                                .addAll(UsageReport.readConsumption(bytes));
                        taken.computeIfAbsent(source, _ -> new ArrayList<>()).add(name);
                    });
                } catch (MalformedException | HostException e) {
                    LOG.warn("{}: {} is no report of consumption, and stays: {}", source.id(), name, e.getMessage());
                }
            }
        }
        if (!movements.isEmpty()) {
            var now = clock.instant();
            usage.keep(now, UsageReport.aggregated(computer, now, movements));
        }
        taken.forEach((source, names) -> {
            var line = new ArrayList<>(List.of("rm", "-f", "--"));
            line.addAll(names);
            asOwner(source, line.toArray(String[]::new));
        });
    }

    private void asOwner(Source source, String... line) {
        host.run(Command.of(line)
                        .withDirectory(source.directory())
                        .withUser(source.owner())
                        .withUmask(027))
                .orThrow("work in " + source.directory());
    }

    private static List<Path> list(Path directory) {
        var found = new ArrayList<Path>();
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            return found;
        }
        try (var files = Files.newDirectoryStream(directory)) {
            for (var file : files) {
                if (found.size() == MAX_FILES) {
                    LOG.warn("{} has more than {} files: the others wait", directory, MAX_FILES);
                    break;
                }
                found.add(file);
            }
        } catch (IOException | DirectoryIteratorException e) {
            throw new HostException("cannot list " + directory + ": " + e, e);
        }
        found.sort(null);
        return found;
    }
}

package org.slapos.node.promise;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slapos.node.host.CleanEnvironment;
import org.slapos.node.host.Command;
import org.slapos.node.host.Host;
import org.slapos.node.host.HostException;
import org.slapos.node.host.UnixUser;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs the promises of a partition and keeps their results where monitoring finds them. Any thread may call; one at
/// a time for each partition.
public final class CheckPromises {
    private static final Logger LOG = LoggerFactory.getLogger(CheckPromises.class);
    private static final String RESULTS = ".slapgrid/promise/result";
    private static final int MAX_PROMISES = 1000;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

    private final Host host;
    private final Duration timeout;
    private final InstantSource clock;
    private final Pause pause;
    private final Map<Path, List<String>> warned = new ConcurrentHashMap<>();

    /// How the time between two tries passes.
    public interface Pause {
        void last(Duration duration) throws InterruptedException;
    }

    /// @param timeout for each promise, and for all of a freshly started instance to be kept
    public CheckPromises(Host host, Duration timeout, InstantSource clock, Pause pause) {
        this.host = host;
        this.timeout = timeout;
        this.clock = clock;
        this.pause = pause;
    }

    /// Runs each promise once.
    ///
    /// @return what to report of the first that fails; empty when all are kept
    public Optional<String> check(Path partition, UnixUser owner) {
        var results = new LinkedHashMap<Path, PromiseResult>();
        for (var file : promises(partition)) {
            results.put(file, run(file, partition, owner));
        }
        return keep(results, partition, owner);
    }

    /// Runs each promise; those that fail are tried again, with pauses that grow from 0.1 s, until all are kept or the
    /// timeout has passed: a service that was started a moment ago may need one to answer.
    public Optional<String> checkAfterStart(Path partition, UnixUser owner) {
        var end = clock.instant().plus(timeout);
        var results = new LinkedHashMap<Path, PromiseResult>();
        for (var file : promises(partition)) {
            results.put(file, run(file, partition, owner));
        }
        var wait = FIRST_PAUSE;
        while (results.values().stream().anyMatch(PromiseResult::failed)
                && clock.instant().plus(wait).isBefore(end)) {
            pauseFor(wait);
            wait = wait.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? wait.multipliedBy(2) : LONGEST_PAUSE;
            results.replaceAll((file, result) -> result.failed() ? run(file, partition, owner) : result);
        }
        return keep(results, partition, owner);
    }

    private void pauseFor(Duration wait) {
        try {
            pause.last(wait);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HostException("waiting for promises was interrupted", e);
        }
    }

    private PromiseResult run(Path file, Path partition, UnixUser owner) {
        var start = clock.instant();
        var result = host.run(Command.of(file.toString())
                .withDirectory(partition)
                .withEnvironment(CleanEnvironment.of(owner.home(), Map.of()))
                .withUser(owner)
                .withUmask(027)
                .withDeadline(timeout));
        var message = result.timedOut()
                ? "Error: Promise timed out after " + timeout.toSeconds() + " seconds"
                : result.output().strip();
        return new PromiseResult(
                file,
                PromiseResult.titleOf(file),
                !result.ok(),
                message,
                start,
                Duration.between(start, clock.instant()));
    }

    private Optional<String> keep(Map<Path, PromiseResult> results, Path partition, UnixUser owner) {
        if (results.isEmpty()) {
            return Optional.empty();
        }
        if (!Files.isDirectory(partition.resolve(RESULTS))) {
            host.run(Command.of("mkdir", "-p", "--", RESULTS)
                            .withDirectory(partition)
                            .withUser(owner)
                            .withUmask(027))
                    .orThrow("make " + RESULTS + " in " + partition);
        }
        for (var result : results.values()) {
            host.writeTenantFile(
                    partition,
                    RESULTS + "/" + result.title() + ".status.json",
                    result.toJson(),
                    0640,
                    owner.uid(),
                    owner.gid());
        }
        return results.values().stream()
                .filter(PromiseResult::failed)
                .findFirst()
                .map(result -> "Promise '" + result.file().getFileName() + "' failed with output: " + result.message());
    }

    private List<Path> promises(Path partition) {
        warnOfPlugins(partition);
        var files = list(partition.resolve("etc").resolve("promise"));
        if (files.size() > MAX_PROMISES) {
            throw new HostException(partition + " has more than " + MAX_PROMISES + " promises");
        }
        return files.stream()
                .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
                .toList();
    }

    private void warnOfPlugins(Path partition) {
        var plugins = list(partition.resolve("etc").resolve("plugin")).stream()
                .map(file -> file.getFileName().toString())
                .filter(name -> name.endsWith(".py") && !name.startsWith("__init__"))
                .toList();
        if (!plugins.equals(warned.put(partition, plugins)) && !plugins.isEmpty()) {
            LOG.warn("{}: promise plugins are not run by this node: {}", partition.getFileName(), plugins);
        }
    }

    private static List<Path> list(Path directory) {
        var found = new ArrayList<Path>();
        try (var files = Files.newDirectoryStream(directory)) {
            for (var file : files) {
                if (found.size() <= MAX_PROMISES) {
                    found.add(file);
                }
            }
        } catch (NoSuchFileException | NotDirectoryException _) {
            return List.of();
        } catch (IOException | DirectoryIteratorException e) {
            throw new HostException("cannot list " + directory + ": " + e, e);
        }
        found.sort(null);
        return found;
    }
}

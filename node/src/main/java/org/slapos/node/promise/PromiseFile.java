package org.slapos.node.promise;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.slapos.node.host.HostException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A promise in a partition: a plug-in `etc/plugin/NAME.py` or an executable of `etc/promise`.
///
/// @param changed when its file was changed, in milliseconds since the epoch
record PromiseFile(Path path, boolean isPlugin, long changed) {
    private static final Logger LOG = LoggerFactory.getLogger(PromiseFile.class);
    static final int MAX_PROMISES = 1000;

    String name() {
        return path.getFileName().toString();
    }

    String title() {
        return PromiseResult.titleOf(name());
    }

    /// All of a partition, plug-ins first, by name. Of two with one title the first counts.
    static List<PromiseFile> of(Path partition) {
        var found = new ArrayList<PromiseFile>();
        for (var file : list(partition.resolve("etc/plugin"))) {
            var name = file.getFileName().toString();
            if (name.endsWith(".py") && !name.startsWith("__init__")) {
                add(found, file, true);
            }
        }
        for (var file : list(partition.resolve("etc/promise"))) {
            if (Files.isRegularFile(file) && Files.isExecutable(file)) {
                add(found, file, false);
            } else {
                LOG.debug("{} is no executable file, and no promise", file);
            }
        }
        var titles = new HashSet<String>();
        found.removeIf(promise -> !titles.add(promise.title()));
        return found;
    }

    private static void add(List<PromiseFile> found, Path file, boolean isPlugin) {
        try {
            found.add(new PromiseFile(
                    file, isPlugin, Files.getLastModifiedTime(file).toMillis()));
        } catch (IOException _) {
            LOG.debug("{} has gone", file);
        }
    }

    private static List<Path> list(Path directory) {
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            return List.of();
        }
        var found = new ArrayList<Path>();
        try (var files = Files.newDirectoryStream(directory)) {
            for (var file : files) {
                found.add(file);
                if (found.size() > MAX_PROMISES) {
                    throw new HostException(directory + " has more than " + MAX_PROMISES + " files");
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

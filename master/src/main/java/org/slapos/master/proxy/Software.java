package org.slapos.master.proxy;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.SoftwareState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which SoftwareReleases are wanted on which Computer, and where those given by a path lie.
///
/// A release may be named by a path. A relative one is taken below the root of local software. When the proxy starts
/// with another root than last time, every kept path below the old root moves below the new one: a checkout may be
/// moved, together with its state.
final class Software {
    private static final Logger LOG = LoggerFactory.getLogger(Software.class);
    private static final int MAX_URL = 2000;

    private final State state;

    Software(State state) {
        this.state = state;
    }

    /// `supplySupply`: wants a release on a Computer, which need not be known, or gone from it.
    void supply(String url, String computer, SoftwareState wanted) {
        if (url.isEmpty() || url.length() > MAX_URL) {
            throw new MalformedException("url must have 1 to " + MAX_URL + " characters, not " + url.length());
        }
        state.change((tables, _) -> {
            tables.software.put(new Tables.SoftwareKey(computer, resolved(url, tables.softwareRoot)), wanted);
            return wanted;
        });
    }

    /// The node removed it: no longer known, whatever was wanted.
    void destroyed(String url, String computer) {
        state.change((tables, _) -> {
            tables.software.remove(new Tables.SoftwareKey(computer, resolved(url, tables.softwareRoot)));
            return url;
        });
    }

    /// The release's address, as nodes get it.
    ///
    /// @throws MalformedException for a relative path that leaves the root
    static String resolved(String release, String root) {
        if (!isPath(release) || release.startsWith("/") || root.equals("/")) {
            return release;
        }
        var folder = Path.of(root);
        var file = folder.resolve(path(release)).normalize();
        if (!file.startsWith(folder)) {
            throw new MalformedException("the path '" + release + "' leaves the root of local software, " + root);
        }
        return file.toString();
    }

    /// Takes the root of this start, and moves what lies below the last one.
    void rootedAt(Path root) {
        var newRoot = root.toAbsolutePath().normalize();
        String kept = state.read(tables -> tables.softwareRoot);
        var oldRoot = Path.of(kept);
        if (newRoot.equals(oldRoot)) {
            return;
        }
        LOG.info("Local software lies in {} now, before in {}", newRoot, oldRoot);
        state.change((tables, _) -> {
            tables.softwareRoot = newRoot.toString();
            if (oldRoot.getNameCount() == 0) { // there was no root: any path stays what it is
                return newRoot;
            }
            var moved = new LinkedHashMap<Tables.SoftwareKey, SoftwareState>();
            tables.software.forEach((key, wanted) ->
                    moved.put(new Tables.SoftwareKey(key.computer(), moved(key.url(), oldRoot, newRoot)), wanted));
            tables.software.clear();
            tables.software.putAll(moved);
            tables.partitions.replaceAll((_, partition) -> partition
                    .held()
                    .map(held -> partition.holding(held.of(moved(held.release(), oldRoot, newRoot))))
                    .orElse(partition));
            return newRoot;
        });
    }

    private static String moved(String release, Path oldRoot, Path newRoot) {
        if (!isPath(release)) {
            return release;
        }
        var file = path(release);
        return file.startsWith(oldRoot)
                ? newRoot.resolve(oldRoot.relativize(file)).toString()
                : release;
    }

    private static boolean isPath(String release) {
        return !release.matches("[A-Za-z][A-Za-z0-9+.-]*:.*");
    }

    private static Path path(String release) {
        try {
            return Path.of(release);
        } catch (InvalidPathException e) {
            throw new MalformedException("'" + release + "' is neither a URL nor a path", e);
        }
    }
}

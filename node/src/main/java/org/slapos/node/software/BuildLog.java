package org.slapos.node.software;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slapos.node.host.Host;

/// The output of the last build of a release, whole up to 64 Mi characters.
final class BuildLog implements AutoCloseable {
    private static final long MAX_CHARACTERS = 64L << 20;

    private final Writer out;
    private long written;

    private BuildLog(Writer out) {
        this.out = out;
    }

    static Path of(Path instanceRoot, SoftwareDirectory directory) {
        return instanceRoot.resolve("var/log/build-" + directory.path().getFileName() + ".log");
    }

    static BuildLog open(Host host, Path instanceRoot, SoftwareDirectory directory) {
        try {
            host.createDirectory(instanceRoot.resolve("var"), 0755);
            host.createDirectory(instanceRoot.resolve("var/log"), 0700);
            var log = new BuildLog(Files.newBufferedWriter(of(instanceRoot, directory)));
            log.line("# " + directory.url());
            return log;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the log of a build: " + e, e);
        }
    }

    void line(String line) {
        if (written > MAX_CHARACTERS) {
            return;
        }
        written += line.length() + 1L;
        try {
            out.write(written > MAX_CHARACTERS ? "# the rest is left out" : line);
            out.write('\n');
            out.flush();
        } catch (IOException e) {
            written = Long.MAX_VALUE; // a full disk fails the build itself, with its own words
        }
    }

    @Override
    public void close() {
        try {
            out.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close the log of a build: " + e, e);
        }
    }
}

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

    static BuildLog open(Host host, Path instanceRoot, SoftwareDirectory directory) {
        try {
            var folder = instanceRoot.resolve("var").resolve("log");
            host.createDirectory(instanceRoot.resolve("var"), 0755);
            host.createDirectory(folder, 0700);
            var log = new BuildLog(Files.newBufferedWriter(
                    folder.resolve("build-" + directory.path().getFileName() + ".log")));
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

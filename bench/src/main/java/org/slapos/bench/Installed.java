package org.slapos.bench;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// A copy of the assembled programs in a folder of its own, with what they write beside it; gone when closed.
/// They run as an ordinary user: when we are root as one without rights, else as ourselves.
final class Installed implements AutoCloseable {
    /// Exists on every Linux machine and owns nothing.
    private static final String ORDINARY_USER = "nobody";

    private final Path folder;
    private final boolean root;

    private Installed(Path folder, boolean root) {
        this.folder = folder;
        this.root = root;
    }

    /// @param home the assembled programs
    static Installed copy(Path home) throws IOException, InterruptedException {
        if (!Files.isExecutable(home.resolve("bin/slapos"))) {
            throw new IllegalStateException(home + " holds no assembled programs: run 'make build'.");
        }
        var folder = Files.createTempDirectory("slapos-bench-");
        var root = "root".equals(System.getProperty("user.name"));
        var installed = new Installed(folder, root);
        Running.toTheEnd(
                installed.log("copy"), List.of("cp", "-R", home.toRealPath().toString(), folder + "/app"));
        Running.toTheEnd(installed.log("mode"), List.of("chmod", "755", folder.toString()));
        return installed;
    }

    Path app() {
        return folder.resolve("app");
    }

    /// A file of the bench itself.
    Path file(String name) {
        return folder.resolve(name);
    }

    /// A new folder that belongs to the user of the programs.
    Path ownFolder(String name) throws IOException {
        var own = Files.createDirectory(folder.resolve(name));
        if (root) {
            var user = folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(ORDINARY_USER);
            Files.setOwner(own, user);
        }
        return own;
    }

    Path log(String name) {
        return folder.resolve(name + ".log");
    }

    /// A command line of `bin/slapos`, run by the user of the programs.
    List<String> slapos(String... arguments) {
        var line = new ArrayList<String>();
        if (root) {
            line.addAll(List.of("setpriv", "--reuid=" + ORDINARY_USER, "--clear-groups", "--no-new-privs"));
        }
        line.add(app().resolve("bin/slapos").toString());
        line.addAll(List.of(arguments));
        return line;
    }

    /// A port that was free a moment ago.
    static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() throws IOException {
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                if (Files.exists(file, NOFOLLOW_LINKS)) {
                    Files.delete(file);
                }
            }
        }
    }
}

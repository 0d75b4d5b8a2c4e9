package org.slapos.world.interop;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A copy of the assembled programs in a folder of its own, run by an ordinary user, and gone when closed.
final class Installed implements AutoCloseable {
    /// Exists on every Linux machine and owns nothing.
    private static final String ORDINARY_USER = "nobody";
    private static final int DEADLINE_SECONDS = 60;

    private final Path folder;
    private final boolean root = "root".equals(System.getProperty("user.name"));
    private final List<Process> running = new ArrayList<>();

    /// How a command ended.
    ///
    /// @param log what it wrote to standard error
    record Ended(String command, int status, String output, String log) {
        /// @throws AssertionError when it ended with another status, with all that it said
        Ended with(int wanted) {
            if (status != wanted) {
                throw new AssertionError(
                        command + " ended with " + status + ", not " + wanted + ":\n" + output + "\n" + log);
            }
            return this;
        }
    }

    private Installed(Path folder) {
        this.folder = folder;
    }

    static Installed copy() throws IOException, InterruptedException {
        var home = Path.of(System.getProperty("slapos.home", "../dist/target/slapos"));
        var installed = new Installed(Files.createTempDirectory("slapos-interop-"));
        installed
                .run(List.of("cp", "-R", home.toRealPath().toString(), installed.folder + "/app"))
                .with(0);
        installed.run(List.of("chmod", "755", installed.folder.toString())).with(0);
        return installed;
    }

    Path file(String name) {
        return folder.resolve(name);
    }

    /// A new folder that belongs to the user of the programs.
    Path ownFolder(String name) throws IOException {
        return own(Files.createDirectory(folder.resolve(name)));
    }

    /// A copy of a file that the user of the programs may read.
    Path ownCopy(Path file, String name) throws IOException {
        return own(Files.copy(file, folder.resolve(name)));
    }

    private Path own(Path path) throws IOException {
        if (root) {
            Files.setOwner(
                    path, folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(ORDINARY_USER));
        }
        return path;
    }

    /// Starts a program that runs until it, or this, is closed.
    Process start(String... words) throws IOException, InterruptedException {
        var process = new ProcessBuilder(ordinary(words))
                .redirectErrorStream(true)
                .redirectOutput(log(running.size()).toFile())
                .start();
        running.add(process);
        return process;
    }

    /// What the programs that were started said, one after the other.
    String said() throws IOException {
        var text = new StringBuilder();
        for (int i = 0; i < running.size(); i++) {
            text.append(Files.readString(log(i)));
        }
        return text.toString();
    }

    /// A command, to its end, by whoever runs the test.
    Ended slapos(String... words) throws IOException, InterruptedException {
        return run(line(words));
    }

    /// A command, to its end, by the user of the programs.
    Ended slaposAsOrdinaryUser(String... words) throws IOException, InterruptedException {
        return run(ordinary(words));
    }

    /// A port that was free a moment ago.
    static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private Path log(int number) {
        return folder.resolve("log" + number);
    }

    private List<String> line(String... words) {
        var line = new ArrayList<>(List.of(folder.resolve("app/bin/slapos").toString()));
        line.addAll(List.of(words));
        return line;
    }

    private List<String> ordinary(String... words) throws IOException, InterruptedException {
        var line = new ArrayList<String>();
        if (root) {
            var group = run(List.of("id", "--group", ORDINARY_USER)).with(0).output();
            line.addAll(List.of(
                    "setpriv",
                    "--reuid=" + ORDINARY_USER,
                    "--regid=" + group.strip(),
                    "--clear-groups",
                    "--no-new-privs"));
        }
        line.addAll(line(words));
        return line;
    }

    private Ended run(List<String> line) throws IOException, InterruptedException {
        var output = folder.resolve("output");
        var log = folder.resolve("errors");
        var process = new ProcessBuilder(line)
                .redirectOutput(output.toFile())
                .redirectError(log.toFile())
                .start();
        try {
            boolean ended = process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS);
            var said = new Ended(
                    line.toString(), ended ? process.exitValue() : -1, Files.readString(output), Files.readString(log));
            if (!ended) {
                throw new AssertionError(line + " did not end:\n" + said.output() + "\n" + said.log());
            }
            return said;
        } finally {
            process.destroyForcibly();
        }
    }

    /// Ends a program that was started.
    static void end(Process process) {
        process.destroy();
        try {
            if (process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
    }

    @Override
    public void close() throws IOException {
        running.forEach(Installed::end);
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}

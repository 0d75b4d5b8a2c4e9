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

    private Installed(Path folder) {
        this.folder = folder;
    }

    static Installed copy() throws IOException, InterruptedException {
        var home = Path.of(System.getProperty("slapos.home", "../dist/target/slapos"));
        var installed = new Installed(Files.createTempDirectory("slapos-interop-"));
        installed.run(List.of("cp", "-R", home.toRealPath().toString(), installed.folder + "/app"));
        installed.run(List.of("chmod", "755", installed.folder.toString()));
        return installed;
    }

    Path file(String name) {
        return folder.resolve(name);
    }

    /// A new folder that belongs to the user of the programs.
    Path ownFolder(String name) throws IOException {
        var own = Files.createDirectory(folder.resolve(name));
        if (root) {
            Files.setOwner(
                    own, folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(ORDINARY_USER));
        }
        return own;
    }

    /// Starts a program that runs until this is closed.
    Process start(String... words) throws IOException {
        var line = new ArrayList<String>();
        if (root) {
            line.addAll(List.of("setpriv", "--reuid=" + ORDINARY_USER, "--clear-groups", "--no-new-privs"));
        }
        line.add(folder.resolve("app/bin/slapos").toString());
        line.addAll(List.of(words));
        var process = new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(log().toFile())
                .start();
        running.add(process);
        return process;
    }

    /// What the running program said.
    String said() throws IOException {
        return Files.exists(log()) ? Files.readString(log()) : "";
    }

    /// A command to its end: its output when the status is 0, else an error with it.
    String slapos(String... words) throws IOException, InterruptedException {
        var line = new ArrayList<>(List.of(folder.resolve("app/bin/slapos").toString()));
        line.addAll(List.of(words));
        return run(line);
    }

    /// A port that was free a moment ago.
    static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private Path log() {
        return folder.resolve("log");
    }

    private String run(List<String> line) throws IOException, InterruptedException {
        var output = folder.resolve("output");
        var process = new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            boolean ended = process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS);
            var said = Files.readString(output);
            if (!ended || process.exitValue() != 0) {
                throw new AssertionError(
                        line + (ended ? " ended with " + process.exitValue() : " did not end") + ":\n" + said);
            }
            return said;
        } finally {
            process.destroyForcibly();
        }
    }

    private static void end(Process process) {
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

package org.slapos.master.db;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A PostgreSQL data folder and the programs that work on it. The folder is 0700 and belongs to who runs PostgreSQL.
final class Cluster {
    static final String SUPERUSER = "slapos";

    private static final Logger log = LoggerFactory.getLogger(Cluster.class);
    private static final Duration PROGRAM_LIMIT = Duration.ofMinutes(2);
    private static final int TAIL_BYTES = 2000;
    private static final long MAX_LOG_BYTES = 10 << 20;

    private final Path programs;
    private final Path data;
    private final Path logFile;
    private final Optional<String> runAs;
    private final String password;

    private Cluster(Path programs, Path folder, Optional<String> runAs, String password) {
        this.programs = programs;
        this.data = folder.resolve("postgres-data");
        this.logFile = folder.resolve("postgres.log");
        this.runAs = runAs;
        this.password = password;
    }

    /// The cluster in the folder; made there when it is new.
    static Cluster prepare(EmbeddedPostgres.Settings settings) throws IOException {
        if (isRoot() && settings.runAs().isEmpty()) {
            throw new IOException(
                    "PostgreSQL refuses to run as root: start the Master as another user, such as 'slapos'.");
        }
        var programs = PostgresBinaries.unpackedBelow(settings.binaries());
        var passwordFile = settings.folder().resolve("postgres-password");
        if (Files.notExists(passwordFile)) {
            var bytes = new byte[24];
            new SecureRandom().nextBytes(bytes);
            var fresh = Files.createTempFile(
                    settings.folder(),
                    ".password",
                    "",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(fresh, HexFormat.of().formatHex(bytes) + "\n");
            own(fresh, settings.runAs());
            Files.move(fresh, passwordFile, StandardCopyOption.ATOMIC_MOVE);
        }
        var cluster = new Cluster(
                programs,
                settings.folder(),
                settings.runAs(),
                Files.readString(passwordFile).strip());
        if (Files.notExists(cluster.data)) {
            cluster.initialise(passwordFile, settings.durable());
        }
        return cluster;
    }

    /// Where the cluster of another process listens.
    record Running(int number, String password) {}

    /// Nothing when none runs in the folder.
    static Optional<Running> runningPort(Path folder) throws IOException {
        var pidFile = folder.resolve("postgres-data/postmaster.pid");
        var passwordFile = folder.resolve("postgres-password");
        if (!Files.isReadable(pidFile) || !Files.isReadable(passwordFile)) {
            return Optional.empty();
        }
        var lines = Files.readAllLines(pidFile);
        boolean isWhole = lines.size() >= 8 && lines.get(7).strip().equals("ready");
        return isWhole && Files.exists(Path.of("/proc", lines.getFirst().strip()))
                ? Optional.of(new Running(
                        Integer.parseInt(lines.get(3).strip()),
                        Files.readString(passwordFile).strip()))
                : Optional.empty();
    }

    private static boolean isRoot() throws IOException {
        return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    }

    private static void own(Path file, Optional<String> owner) throws IOException {
        if (owner.isPresent()) {
            Files.setOwner(
                    file, file.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(owner.get()));
        }
    }

    /// In a folder beside, renamed when done: a crash in the middle leaves nothing that looks like a cluster.
    private void initialise(Path passwordFile, boolean durable) throws IOException {
        // Of its own for each attempt: the initdb of a killed JVM may still write in the one before.
        var fresh = Files.createTempDirectory(
                data.getParent(),
                ".postgres-data-",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        own(fresh, runAs);
        run(
                "initdb",
                "--pgdata=" + fresh,
                "--username=" + SUPERUSER,
                "--pwfile=" + passwordFile,
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                "--data-checksums",
                durable ? "--sync-method=fsync" : "--no-sync");
        Files.move(fresh, data, StandardCopyOption.ATOMIC_MOVE);
        forgetAttempts();
        log.info("made a PostgreSQL cluster in {}", data);
    }

    /// Deletes what attempts before left; what is still written there is left to the operator.
    private void forgetAttempts() {
        try (var left = Files.newDirectoryStream(data.getParent(), ".postgres-data-*")) {
            for (var folder : left) {
                PostgresBinaries.delete(folder);
            }
        } catch (IOException | UncheckedIOException e) {
            log.warn("what an interrupted start left beside {} is not deleted: {}", data, e.getMessage());
        }
    }

    Path data() {
        return data;
    }

    String password() {
        return password;
    }

    /// Starts `postgres` as our direct child.
    Process launch(List<String> options) throws IOException {
        if (Files.exists(logFile) && Files.size(logFile) > MAX_LOG_BYTES) {
            Files.move(logFile, logFile.resolveSibling("postgres.log.old"), StandardCopyOption.REPLACE_EXISTING);
        }
        var command = command("postgres", "-D", data.toString());
        command.addFirst("setsid"); // Ctrl-C is for the Master, which stops PostgreSQL after its last transaction
        for (var option : options) {
            command.addAll(List.of("-c", option));
        }
        return builder(command)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(logFile.toFile()))
                .start();
    }

    /// Stops the PostgreSQL that a killed JVM left behind on this folder, if one runs. Its pid file is never deleted by
    /// us: PostgreSQL knows best what it means.
    void stopSurvivor() throws IOException {
        var pidFile = data.resolve("postmaster.pid");
        if (Files.notExists(pidFile)) {
            return;
        }
        var lines = Files.readAllLines(pidFile);
        if (lines.isEmpty() || !lines.getFirst().strip().matches("[0-9]{1,9}")) {
            deleteUnwritten(pidFile);
            return;
        }
        var pid = lines.getFirst().strip();
        if (!isOurs(pid)) {
            if (Files.exists(Path.of("/proc", pid))) {
                disown(pidFile, lines);
            }
            return;
        }
        log.warn("PostgreSQL (process {}) still runs on {} from before: stopping it first", pid, data);
        stop();
    }

    /// Killed before its number was written: PostgreSQL would refuse to start for ever. One that starts at this moment
    /// would have written it long before the end of the pause.
    private static void deleteUnwritten(Path pidFile) throws IOException {
        EmbeddedPostgres.pause(Duration.ofSeconds(1));
        if (Files.exists(pidFile) && Files.size(pidFile) == 0) {
            Files.delete(pidFile);
        }
    }

    /// The number was given to another process since (after a reboot, say): PostgreSQL would take it for its survivor.
    /// It overlooks the number of its own parent, which we are, and still looks whether the shared memory that the
    /// other lines name is in use.
    private void disown(Path pidFile, List<String> lines) throws IOException {
        var next = new ArrayList<>(lines);
        next.set(0, Long.toString(ProcessHandle.current().pid()));
        var fresh = data.resolveSibling(".postmaster.pid-new");
        Files.deleteIfExists(fresh);
        Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(fresh, next);
        own(fresh, runAs);
        Files.move(fresh, pidFile, StandardCopyOption.ATOMIC_MOVE);
    }

    private boolean isOurs(String pid) {
        try {
            var arguments = List.of(Files.readString(Path.of("/proc", pid, "cmdline"), StandardCharsets.ISO_8859_1)
                    .split("\0", -1));
            int folder = arguments.indexOf("-D") + 1;
            return arguments.getFirst().endsWith("postgres")
                    && folder > 0
                    && folder < arguments.size()
                    && Path.of(arguments.get(folder)).equals(data);
        } catch (IOException _) {
            return false; // no such process any more
        }
    }

    /// Fast shutdown: transactions are rolled back, the data is written, connections are closed.
    void stop() throws IOException {
        run("pg_ctl", "stop", "--pgdata=" + data, "--mode=fast", "--wait", "--timeout=30");
    }

    /// The last lines of PostgreSQL's own log.
    String logTail() throws IOException {
        if (Files.notExists(logFile)) {
            return "(nothing)";
        }
        var all = Files.readAllBytes(logFile);
        int from = Math.max(0, all.length - TAIL_BYTES);
        return new String(all, from, all.length - from, StandardCharsets.UTF_8).strip();
    }

    private void run(String program, String... arguments) throws IOException {
        var output = Files.createTempFile("slapos-" + program, ".log");
        try {
            var process = builder(command(program, arguments))
                    .redirectOutput(output.toFile())
                    .start();
            if (!process.waitFor(PROGRAM_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException(program + " did not end within " + PROGRAM_LIMIT.toSeconds() + " s");
            }
            if (process.exitValue() != 0) {
                throw new IOException(program + " on " + data + " failed with status " + process.exitValue() + ": "
                        + Files.readString(output).strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(program + " was interrupted", e);
        } finally {
            Files.deleteIfExists(output);
        }
    }

    private List<String> command(String program, String... arguments) throws IOException {
        var command = new ArrayList<String>();
        if (runAs.isPresent()) {
            var user = runAs.get();
            var group = "--regid=" + primaryGroup(user);
            command.addAll(List.of("setpriv", "--reuid=" + user, group, "--init-groups", "--no-new-privs", "--"));
        }
        command.add(programs.resolve("bin").resolve(program).toString());
        command.addAll(List.of(arguments));
        return command;
    }

    /// The number of the user's own group, from the passwd file: groups have names of their own.
    private static String primaryGroup(String user) throws IOException {
        try (var lines = Files.lines(Path.of("/etc/passwd"))) {
            return lines.map(line -> line.split(":", -1))
                    .filter(fields -> fields.length > 3 && fields[0].equals(user))
                    .map(fields -> fields[3])
                    .findFirst()
                    .orElseThrow(() -> new IOException("There is no user '" + user + "' to run PostgreSQL as."));
        }
    }

    private ProcessBuilder builder(List<String> command) {
        var builder = new ProcessBuilder(command).directory(programs.toFile()).redirectErrorStream(true);
        builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        var environment = builder.environment();
        environment.keySet().retainAll(List.of("PATH", "TZ")); // what else the Master was given is not PostgreSQL's
        environment.put("LC_ALL", "C");
        return builder;
    }
}

package org.slapos.master.db;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A PostgreSQL of our own: nothing to install. It listens on loopback only, with a generated password; `postgres` is
/// our direct child, waited for by a thread and started again when it dies. It outlives a JVM that is killed; the next
/// start on the same folder stops that survivor in an orderly way and goes on with its data.
public final class EmbeddedPostgres implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EmbeddedPostgres.class);
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration MAX_BACK_OFF = Duration.ofSeconds(10);

    /// @param folder all that PostgreSQL needs goes below it; it exists
    /// @param binaries below which folder the programs are unpacked; usually the same
    /// @param port 0 for any free one
    /// @param runAs the user to run PostgreSQL as when this JVM is root, which PostgreSQL itself refuses to be
    /// @param durable false only where losing the data is nothing, as in tests: no fsync
    public record Settings(Path folder, Path binaries, int port, Optional<String> runAs, boolean durable) {}

    private final Settings settings;
    private final Cluster cluster;
    private final FileChannel lock;
    private final int port;
    private volatile Process process;
    private volatile boolean closing;
    private @Nullable Thread waiter;

    private EmbeddedPostgres(Settings settings, Cluster cluster, FileChannel lock, int port) throws IOException {
        this.settings = settings;
        this.cluster = cluster;
        this.lock = lock;
        this.port = port;
        this.process = cluster.launch(options());
    }

    /// Starts PostgreSQL on the folder, after making the cluster when it is new, and returns when it answers.
    ///
    /// @throws IOException with one sentence: another Master has the folder, the port is taken, it did not come up
    public static EmbeddedPostgres start(Settings settings) throws IOException {
        var lock = lock(settings.folder().resolve("postgres.lock"));
        try {
            var cluster = Cluster.prepare(settings);
            cluster.stopSurvivor();
            var postgres = new EmbeddedPostgres(settings, cluster, lock, freePort(settings.port()));
            try {
                postgres.awaitFirstStart();
                postgres.waiter =
                        Thread.ofPlatform().daemon().name("postgres-waiter").start(postgres::keepRunning);
                return postgres;
            } catch (IOException | RuntimeException e) {
                postgres.closing = true;
                postgres.stop();
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    /// Where a database of a running Master is, for commands beside it; nothing when none runs on the folder.
    ///
    /// @param folder of [Settings#folder]
    public static Optional<DatabaseAddress> running(Path folder, String database) throws IOException {
        return Cluster.runningPort(folder)
                .map(port -> new DatabaseAddress(
                        "jdbc:postgresql://127.0.0.1:" + port.number() + "/" + database,
                        Cluster.SUPERUSER,
                        port.password()));
    }

    private static FileChannel lock(Path file) throws IOException {
        var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() != null) {
                return channel;
            }
        } catch (OverlappingFileLockException _) {
            // held within this very JVM
        }
        channel.close();
        throw new IOException("Another Master uses the database folder " + file.getParent()
                + ": stop it first, or choose another folder by --data.");
    }

    private static int freePort(int wanted) throws IOException {
        try (var socket = new ServerSocket(wanted, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new IOException(
                    "Port " + wanted + " of loopback, wanted for PostgreSQL, is in use: stop its user or"
                            + " choose another one.",
                    e);
        }
    }

    private List<String> options() {
        var options = new ArrayList<>(List.of(
                "listen_addresses=127.0.0.1",
                "port=" + port,
                "unix_socket_directories=",
                "max_connections=100",
                "log_min_messages=warning",
                "log_error_verbosity=terse", // details show whole rows
                "log_parameter_max_length=0",
                "log_parameter_max_length_on_error=0",
                "log_checkpoints=off"));
        if (!settings.durable()) {
            options.addAll(List.of("fsync=off", "full_page_writes=off"));
        }
        return options;
    }

    /// The first start may meet the leftovers of a killed one (its children still end): tried again for some seconds.
    private void awaitFirstStart() throws IOException {
        var deadline = System.nanoTime() + START_LIMIT.toNanos();
        for (var backOff = Duration.ofMillis(100); !answers(deadline); backOff = backOff.multipliedBy(2)) {
            if (System.nanoTime() + backOff.toNanos() > deadline || backOff.compareTo(MAX_BACK_OFF) > 0) {
                throw new IOException(
                        "PostgreSQL did not start on " + cluster.data() + ". Its log ends with:\n" + cluster.logTail());
            }
            pause(backOff);
            process = cluster.launch(options());
        }
    }

    /// Waits until it answers (true) or its process ends (false).
    private boolean answers(long deadline) throws IOException {
        while (process.isAlive() && System.nanoTime() < deadline) {
            try (var _ = DriverManager.getConnection(
                    address("postgres").jdbcUrl() + "?connectTimeout=5&loginTimeout=5",
                    Cluster.SUPERUSER,
                    cluster.password())) {
                return true;
            } catch (SQLException e) {
                log.debug("PostgreSQL is not ready: {}", e.getMessage());
                pause(Duration.ofMillis(20));
            }
        }
        return false;
    }

    private void keepRunning() {
        var backOff = Duration.ofMillis(50);
        while (!closing) {
            long started = System.nanoTime();
            int status = waitFor(process);
            if (closing) {
                return;
            }
            if (System.nanoTime() - started > MAX_BACK_OFF.toNanos()) {
                backOff = Duration.ofMillis(50);
            }
            log.warn("PostgreSQL ended with status {}: starting it again in {} ms", status, backOff.toMillis());
            pause(backOff);
            backOff = backOff.multipliedBy(2).compareTo(MAX_BACK_OFF) > 0 ? MAX_BACK_OFF : backOff.multipliedBy(2);
            startAgain();
        }
    }

    private synchronized void startAgain() {
        if (closing) {
            return;
        }
        try {
            process = cluster.launch(options());
        } catch (IOException e) {
            log.error("PostgreSQL cannot be started: {}", e.getMessage());
        }
    }

    private static int waitFor(Process process) {
        try {
            return process.waitFor();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return -1;
        }
    }

    static void pause(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// A database of this cluster, for its superuser; loopback only.
    public DatabaseAddress address(String database) {
        return new DatabaseAddress(
                "jdbc:postgresql://127.0.0.1:" + port + "/" + database, Cluster.SUPERUSER, cluster.password());
    }

    /// As [#address], after making the database when there is none of that name.
    ///
    /// @param name lower-case letters, digits and underscores
    public DatabaseAddress database(String name) throws IOException {
        if (!name.matches("[a-z][a-z0-9_]{0,50}")) {
            throw new IllegalArgumentException("not a database name: '" + name + "'");
        }
        var administration = address("postgres");
        try (var connection = DriverManager.getConnection(
                        administration.jdbcUrl(), administration.user(), administration.password());
                var find = connection.prepareStatement("SELECT 1 FROM pg_database WHERE datname = ?");
                var make = connection.createStatement()) {
            find.setString(1, name);
            if (!find.executeQuery().next()) {
                make.execute("CREATE DATABASE " + name);
            }
            return address(name);
        } catch (SQLException e) {
            throw new IOException("cannot make the database " + name + ": " + e.getMessage(), e);
        }
    }

    /// The process number of the running `postgres`.
    public long pid() {
        return process.pid();
    }

    /// Stops it in an orderly way (open transactions are rolled back) and frees the folder.
    @Override
    public void close() throws IOException {
        synchronized (this) {
            closing = true;
        }
        stop();
        var waiting = waiter;
        if (waiting != null) {
            waiting.interrupt();
        }
        lock.close();
    }

    private void stop() throws IOException {
        var running = process;
        if (running.isAlive()) {
            cluster.stop();
            try {
                if (!running.waitFor(30, TimeUnit.SECONDS)) {
                    running.destroyForcibly();
                }
            } catch (InterruptedException e) {
                running.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
    }
}

package org.slapos.master.db;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Real databases for tests: one PostgreSQL cluster for the whole test JVM, without fsync; each database is a copy of
/// one that has our tables. The cluster and its folder go with the JVM.
public final class TestDatabase {
    private static final AtomicInteger number = new AtomicInteger();
    private static @Nullable TestDatabase shared;

    private final Path folder;
    private final EmbeddedPostgres postgres;

    private TestDatabase(Path folder) throws IOException {
        this.folder = folder;
        try {
            this.postgres =
                    EmbeddedPostgres.start(new EmbeddedPostgres.Settings(folder, folder, 0, unprivilegedUser(), false));
        } catch (IOException e) {
            PostgresBinaries.delete(folder);
            throw e;
        }
    }

    /// A database of its own, with our tables and nothing in them. Close it when done.
    public static Database fresh() {
        return Database.open(freshAddress(), 8);
    }

    /// As [#fresh], for who opens it by its address.
    public static DatabaseAddress freshAddress() {
        var cluster = shared();
        var name = "test_" + number.incrementAndGet();
        try {
            cluster.administer("CREATE DATABASE " + name + " TEMPLATE template_master");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return cluster.postgres.address(name);
    }

    /// Settings for a cluster of its own below `folder`, with its programs unpacked once for the whole test JVM.
    public static EmbeddedPostgres.Settings settings(Path folder) {
        return new EmbeddedPostgres.Settings(folder, shared().folder, 0, unprivilegedUser(), false);
    }

    /// PostgreSQL refuses root: tests run by root run it as the user that owns nothing.
    public static Optional<String> unprivilegedUser() {
        return System.getProperty("user.name").equals("root") ? Optional.of("nobody") : Optional.empty();
    }

    /// A new folder that PostgreSQL's user may pass through.
    public static Path folder() throws IOException {
        var folder = Files.createTempDirectory("slapos-test-");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        return folder;
    }

    /// Deletes such a folder.
    public static void delete(Path folder) throws IOException {
        PostgresBinaries.delete(folder);
    }

    private static synchronized TestDatabase shared() {
        var known = shared;
        if (known != null) {
            return known;
        }
        try {
            var started = new TestDatabase(folder());
            Runtime.getRuntime().addShutdownHook(new Thread(started::end));
            Database.open(started.postgres.database("template_master"), 2).close();
            shared = started;
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void administer(String sql) throws SQLException {
        var address = postgres.address("postgres");
        try (var connection = DriverManager.getConnection(address.jdbcUrl(), address.user(), address.password());
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private void end() {
        try {
            postgres.close();
            PostgresBinaries.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

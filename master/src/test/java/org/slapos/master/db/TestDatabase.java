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
    private static final Path MEMORY = Path.of("/dev/shm");
    private static final long ROOM_BYTES = 2L << 30;
    private static final AtomicInteger number = new AtomicInteger();
    private static @Nullable TestDatabase shared;

    private final Path binaries;
    private final Path data;
    private final EmbeddedPostgres postgres;

    private TestDatabase(Path binaries, Path data) throws IOException {
        this.binaries = binaries;
        this.data = data;
        try {
            this.postgres =
                    EmbeddedPostgres.start(new EmbeddedPostgres.Settings(data, binaries, 0, unprivilegedUser(), false));
        } catch (IOException e) {
            delete(data);
            delete(binaries);
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

    /// As [#fresh], beside whose requests nothing goes on that these hands do not do.
    ///
    /// @param template what it is a copy of, and nobody may be in; empty = a database with nothing in its tables
    public static Database stepped(String template, Background hands) {
        var cluster = shared();
        var name = "stepped_" + number.incrementAndGet();
        try {
            cluster.administer(
                    "CREATE DATABASE " + name + " TEMPLATE " + (template.isEmpty() ? "template_master" : template));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return Database.stepped(cluster.postgres.address(name), 2, hands);
    }

    /// What it is called among the databases of tests.
    public static String name(Database database) {
        return database.address().jdbcUrl().replaceFirst(".*/([a-z_0-9]+)(\\?.*)?$", "$1");
    }

    /// Removes such a one, closed before.
    public static void drop(String name) {
        try {
            shared().administer("DROP DATABASE " + name);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /// A database without any table, for tests of migrations.
    public static DatabaseAddress emptyAddress() {
        var cluster = shared();
        var name = "empty_" + number.incrementAndGet();
        try {
            cluster.administer("CREATE DATABASE " + name);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return cluster.postgres.address(name);
    }

    /// A database with the tables as they were at a version.
    public static Database at(DatabaseAddress address, String version) {
        return Database.openAt(address, 4, version);
    }

    /// Settings for a cluster of its own below `folder`, with its programs unpacked once for the whole test JVM.
    public static EmbeddedPostgres.Settings settings(Path folder) {
        return new EmbeddedPostgres.Settings(folder, shared().binaries, 0, unprivilegedUser(), false);
    }

    /// PostgreSQL refuses root: tests run by root run it as the user that owns nothing.
    public static Optional<String> unprivilegedUser() {
        return System.getProperty("user.name").equals("root") ? Optional.of("nobody") : Optional.empty();
    }

    /// A new folder that PostgreSQL's user may pass through.
    public static Path folder() throws IOException {
        return folderBelow(Path.of(System.getProperty("java.io.tmpdir")));
    }

    /// Each database is hundreds of files: in memory, where there is room, they are made and deleted at once.
    private static Path parentOfData() throws IOException {
        boolean hasRoom = Files.isWritable(MEMORY) && Files.getFileStore(MEMORY).getUsableSpace() > ROOM_BYTES;
        return hasRoom ? MEMORY : Path.of(System.getProperty("java.io.tmpdir"));
    }

    private static Path folderBelow(Path parent) throws IOException {
        var folder = Files.createTempDirectory(parent, "slapos-test-");
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
            var started = new TestDatabase(folder(), folderBelow(parentOfData()));
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
            delete(data);
            delete(binaries);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

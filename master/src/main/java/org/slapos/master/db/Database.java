package org.slapos.master.db;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.SqlLogger;
import org.jdbi.v3.core.statement.StatementContext;
import org.jdbi.v3.core.statement.StatementExceptions;
import org.slapos.protocol.MalformedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A PostgreSQL database with our tables: transactions and notifications. Any thread may call it.
///
/// The isolation is READ COMMITTED: what two transactions may both want is decided by a unique constraint or by
/// `UPDATE ... WHERE` it is still free, never by reading first.
public final class Database implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Database.class);
    private static final ScopedValue<Boolean> INSIDE = ScopedValue.newInstance();
    private static final int MAX_ATTEMPTS = 5;
    private static final Set<String> TRY_AGAIN = Set.of("40001", "40P01");
    private static final String NOT_A_CHARACTER = "22021";
    private static final Set<String> GONE = Set.of("57P01", "57P02", "57P03");

    private final DatabaseAddress address;
    private final HikariDataSource pool;
    private final Jdbi jdbi;
    private final Background background;

    private Database(DatabaseAddress address, HikariDataSource pool, Background background) {
        this.address = address;
        this.pool = pool;
        this.background = background;
        this.jdbi = Jdbi.create(pool)
                .configure(
                        StatementExceptions.class,
                        shown -> shown.setMessageRendering(
                                StatementExceptions.MessageRendering.NONE)) // arguments hold secrets
                .registerArrayType(String.class, "text")
                .registerArrayType(Long.class, "bigint")
                .registerArrayType(long.class, "bigint");
    }

    /// Opens the database and brings its tables up to date. Several Masters may do so at the same time.
    ///
    /// @param connections how many at most; who finds none free waits for up to 10 s
    public static Database open(DatabaseAddress address, int connections) {
        return openAt(address, connections, "latest");
    }

    /// As it is, with other hands for what goes on beside the requests: for simulations.
    static Database stepped(DatabaseAddress address, int connections, Background hands) {
        return new Database(address, pool(address, connections), hands);
    }

    /// As [#open], with the tables as they were at a version, for tests of migrations.
    static Database openAt(DatabaseAddress address, int connections, String version) {
        var pool = pool(address, connections);
        try {
            Flyway.configure()
                    .dataSource(pool)
                    .locations("classpath:db/migration")
                    .target(version)
                    .load()
                    .migrate();
            return new Database(address, pool, Background.THREADS);
        } catch (RuntimeException e) {
            pool.close();
            throw e;
        }
    }

    private static HikariDataSource pool(DatabaseAddress address, int connections) {
        var config = new HikariConfig();
        config.setPoolName("database");
        config.setJdbcUrl(address.jdbcUrl());
        if (!address.user().isEmpty()) {
            config.setUsername(address.user());
            config.setPassword(address.password());
        }
        config.setMaximumPoolSize(connections);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(Duration.ofSeconds(10).toMillis());
        config.setValidationTimeout(Duration.ofSeconds(2).toMillis());
        config.setInitializationFailTimeout(Duration.ofSeconds(10).toMillis());
        config.addDataSourceProperty("ApplicationName", "slapos-master");
        config.addDataSourceProperty("logServerErrorDetail", "false"); // it shows whole rows
        config.addDataSourceProperty("tcpKeepAlive", "true");
        config.addDataSourceProperty("connectTimeout", "5");
        config.addDataSourceProperty("socketTimeout", "120");
        return new HikariDataSource(config);
    }

    /// Does the work in one transaction: all of it is kept, or nothing. When the database asks to try again
    /// (serialization failure, deadlock) the work runs again from its start, a few times: it must have no other
    /// effect than through the transaction.
    ///
    /// @throws MalformedException when a text holds what PostgreSQL cannot: NUL
    /// @throws DatabaseUnavailableException when the database does not answer
    /// @throws IllegalStateException inside another transaction: hand that one down instead
    public <R> R inTransaction(Function<Transaction, R> work) {
        return attempted(work, true);
    }

    /// Has one statement read: as [#inTransaction], but with one round trip less, since nothing is begun nor ended
    /// around it. For what is asked on nearly every request.
    public <R> R readOnce(Function<Transaction, R> statement) {
        return attempted(statement, false);
    }

    private <R> R attempted(Function<Transaction, R> work, boolean isTransaction) {
        if (INSIDE.isBound()) {
            throw new IllegalStateException("already inside a transaction: pass it down as a parameter");
        }
        var done = committed(work, isTransaction);
        background.follow(done.transaction().follows()); // whatever becomes of it, the work is done, and not again
        return done.result();
    }

    private <R> Done<R> committed(Function<Transaction, R> work, boolean isTransaction) {
        for (int attempt = 1; ; attempt++) {
            try {
                return ScopedValue.where(INSIDE, true).call(() -> once(work, isTransaction));
            } catch (RuntimeException e) {
                var state = sqlState(e);
                if (attempt < MAX_ATTEMPTS && TRY_AGAIN.contains(state)) {
                    log.debug("transaction tried again after SQL state {}", state);
                    pause(attempt);
                } else if (state.equals(NOT_A_CHARACTER)) {
                    throw new MalformedException("a text holds a NUL character: send it without", e);
                } else if (state.startsWith("08") || GONE.contains(state)) {
                    throw new DatabaseUnavailableException(
                            "The database at " + address + " does not answer (" + e.getMessage()
                                    + "). Try again later.",
                            e);
                } else {
                    throw e;
                }
            }
        }
    }

    private record Done<R>(R result, Transaction transaction) {}

    private <R> Done<R> once(Function<Transaction, R> work, boolean isTransaction) {
        try (var handle = jdbi.open()) {
            var transaction = new Transaction(handle);
            if (!isTransaction) {
                return new Done<>(work.apply(transaction), transaction);
            }
            handle.begin();
            try {
                var result = work.apply(transaction);
                transaction.finish();
                handle.commit();
                return new Done<>(result, transaction);
            } catch (RuntimeException | Error e) {
                rollback(handle, e);
                throw e;
            }
        }
    }

    private static void rollback(org.jdbi.v3.core.Handle handle, Throwable reason) {
        try {
            handle.rollback();
        } catch (RuntimeException e) {
            reason.addSuppressed(e);
        }
    }

    private static String sqlState(Throwable thrown) {
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            if (t instanceof SQLException sql && sql.getSQLState() != null) {
                return sql.getSQLState();
            }
            if (t instanceof java.sql.SQLTransientConnectionException) {
                return "08000"; // the pool has none to give
            }
        }
        return "";
    }

    private static void pause(int attempt) {
        try {
            Thread.sleep(ThreadLocalRandom.current().nextLong(5L << attempt));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Listens on a connection of its own until closed. `onPayload` runs on one thread, in the order of the commits;
    /// `""` comes after each (re)connection and means that anything may have changed meanwhile.
    public Listening listen(String channel, Consumer<String> onPayload) {
        return new Listening(address, channel, onPayload, background);
    }

    /// Has work done beside the requests, until its thread is interrupted.
    public Thread start(String name, Runnable work) {
        return background.start(name, work);
    }

    /// Has somebody told of each statement before it is run, on its thread: who counts them, or crashes there.
    public void beforeEachStatement(Consumer<String> told) {
        jdbi.setSqlLogger(new SqlLogger() {
            @Override
            public void logBeforeExecution(StatementContext statement) {
                told.accept(String.valueOf(statement.getRenderedSql()));
            }
        });
    }

    /// For who must hand the address on: a backup, a test.
    public DatabaseAddress address() {
        return address;
    }

    @Override
    public void close() {
        pool.close();
    }
}

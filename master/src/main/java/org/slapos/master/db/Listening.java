package org.slapos.master.db;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One LISTEN on a connection of its own, that comes back after the connection is lost.
public final class Listening implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Listening.class);
    private static final Duration CHECK = Duration.ofSeconds(10);
    private static final Duration RECONNECT = Duration.ofMillis(500);

    private final DatabaseAddress address;
    private final String channel;
    private final Consumer<String> onPayload;
    private final Thread thread;
    private volatile boolean closed;
    private volatile boolean hears;
    private volatile @Nullable Connection connection;

    Listening(DatabaseAddress address, String channel, Consumer<String> onPayload, Background background) {
        if (!channel.matches("[a-z_]{1,60}")) {
            throw new IllegalArgumentException("a channel is lower-case letters and underscores: '" + channel + "'");
        }
        this.address = address;
        this.channel = channel;
        this.onPayload = onPayload;
        this.thread = background.start("listen-" + channel, this::run);
        background.listens(this);
    }

    private void run() {
        while (!closed) {
            try (var open = connect()) {
                connection = open;
                if (closed) {
                    return;
                }
                hear(open);
            } catch (SQLException e) {
                hears = false;
                if (!closed) {
                    log.warn("Lost the database while listening on {}: {}. Connecting again.", channel, e.getMessage());
                    pause();
                }
            }
        }
    }

    private Connection connect() throws SQLException {
        var properties = new Properties();
        if (!address.user().isEmpty()) {
            properties.setProperty("user", address.user());
            properties.setProperty("password", address.password());
        }
        properties.setProperty("ApplicationName", "slapos-master listen " + channel);
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("connectTimeout", "5");
        properties.setProperty("socketTimeout", "15"); // else a database that vanished is waited for
        return DriverManager.getConnection(address.jdbcUrl(), properties);
    }

    private void hear(Connection open) throws SQLException {
        try (var statement = open.createStatement()) {
            statement.execute("LISTEN " + channel);
            deliver("");
            var postgres = open.unwrap(PGConnection.class);
            while (!closed) {
                var heard = postgres.getNotifications((int) CHECK.toMillis());
                if (heard == null || heard.length == 0) {
                    statement.execute("SELECT 1"); // a peer that vanished without a word is noticed here
                    continue;
                }
                for (var notification : heard) {
                    tell(notification.getParameter());
                }
            }
        }
    }

    /// What it listens to.
    public String channel() {
        return channel;
    }

    /// Tells what was heard; by who delivers it by hand, first `""`. From then on all is heard.
    public void deliver(String payload) {
        tell(payload);
        hears = true;
    }

    private void tell(String payload) {
        try {
            onPayload.accept(payload);
        } catch (RuntimeException e) {
            log.error("A listener on {} failed on '{}'", channel, payload, e);
        }
    }

    /// Whether all that is told arrives here. As long as it is not, nothing remembered may be trusted; it is true again
    /// only after the `""` that says so.
    public boolean hears() {
        return hears;
    }

    private static void pause() {
        try {
            Thread.sleep(RECONNECT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Ends the listening; nothing is told any more once this returns.
    @Override
    public void close() {
        closed = true;
        var open = connection;
        if (open != null) {
            try {
                open.abort(Runnable::run);
            } catch (SQLException e) {
                log.debug("while closing the listener on {}", channel, e);
            }
        }
        thread.interrupt();
        try {
            thread.join(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

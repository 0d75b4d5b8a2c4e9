package org.slapos.master;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slapos.master.db.Background;
import org.slapos.master.db.DatabaseAddress;
import org.slapos.master.db.Listening;

/// The hands of a simulation: no work begins by itself, and what the database tells is delivered when it is time.
final class StepByStep implements Background, AutoCloseable {
    private final List<Listening> listenings = new ArrayList<>();
    private @Nullable Connection connection;

    /// Never begins: the simulation does a step of it when it likes.
    @Override
    public Thread start(String name, Runnable work) {
        return Thread.ofVirtual().name(name).start(() -> {}); // over at once
    }

    @Override
    public void listens(Listening listening) {
        listenings.add(listening);
    }

    /// The Master that listened is no more.
    void forget() {
        listenings.clear();
    }

    /// Hears from now on what is told in that database.
    void listen(DatabaseAddress address) throws SQLException {
        connection = DriverManager.getConnection(address.jdbcUrl(), address.user(), address.password());
        try (var statement = connection.createStatement()) {
            for (var listening : listenings) {
                statement.execute("LISTEN " + listening.channel());
            }
        }
        hearAnew();
    }

    /// As after the connection came back: anything may have happened.
    void hearAnew() {
        listenings.forEach(listening -> listening.deliver(""));
    }

    /// Delivers all that was told since.
    void deliver() {
        try {
            var open = connection;
            if (open == null) {
                return;
            }
            var heard = open.unwrap(PGConnection.class).getNotifications();
            for (int i = 0; heard != null && i < heard.length; i++) {
                for (var listening : List.copyOf(listenings)) {
                    if (listening.channel().equals(heard[i].getName())) {
                        listening.deliver(heard[i].getParameter());
                    }
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        var open = connection;
        if (open != null) {
            try {
                open.close();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}

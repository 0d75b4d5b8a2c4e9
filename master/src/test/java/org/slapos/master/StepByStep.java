package org.slapos.master;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slapos.master.db.Background;
import org.slapos.master.db.DatabaseAddress;
import org.slapos.master.db.Listening;

/// The hands of a simulation: no work begins by itself, and what the database tells is delivered when it is time.
final class StepByStep implements Background, AutoCloseable {
    private final Map<Integer, List<Listening>> listenings = new TreeMap<>();
    private Runnable afterCommit = () -> {};
    private int starting;
    private @Nullable Connection connection;

    /// Never begins: the simulation does a step of it when it likes.
    @Override
    public Thread start(String name, Runnable work) {
        return Thread.ofVirtual().name(name).start(() -> {}); // over at once
    }

    @Override
    public void listens(Listening listening) {
        listenings.computeIfAbsent(starting, _ -> new ArrayList<>()).add(listening);
    }

    @Override
    public void follow(List<Runnable> follows) {
        follows.forEach(follow -> {
            afterCommit.run();
            follow.run();
        });
    }

    /// Has somebody told before each thing that follows a commit.
    void afterCommit(Runnable told) {
        afterCommit = told;
    }

    /// A Master begins, the one of that number; the one that had it is no more, and hears nothing.
    void starts(int master) {
        starting = master;
        listenings.remove(master);
    }

    /// Hears from now on what is told in that database.
    void listen(DatabaseAddress address) throws SQLException {
        connection = DriverManager.getConnection(address.jdbcUrl(), address.user(), address.password());
        try (var statement = connection.createStatement()) {
            for (var channel : all().map(Listening::channel).distinct().toList()) {
                statement.execute("LISTEN " + channel);
            }
        }
        listenings.keySet().forEach(this::hearAnew);
    }

    /// As after the connection of that Master came back: anything may have happened.
    void hearAnew(int master) {
        listenings.getOrDefault(master, List.of()).forEach(listening -> listening.deliver(""));
    }

    private Stream<Listening> all() {
        return listenings.values().stream().flatMap(List::stream);
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
                for (var listening : all().toList()) {
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

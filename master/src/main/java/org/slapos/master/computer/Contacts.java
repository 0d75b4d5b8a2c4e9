package org.slapos.master.computer;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import org.slapos.master.db.Database;
import org.slapos.master.work.Loop;
import org.slapos.protocol.ComputerId;

/// When each Computer was last heard of: noted in memory, written to the database every few seconds in one go, and at
/// the end. Any thread may call.
public final class Contacts implements AutoCloseable {
    /// One that was not heard of for longer is silent: it takes nothing new.
    public static final Duration SILENCE = Duration.ofMinutes(10);
    private static final Duration PAUSE = Duration.ofSeconds(5);

    private final Map<ComputerId, Instant> last = new ConcurrentHashMap<>();
    private final Map<ComputerId, Instant> unwritten = new ConcurrentHashMap<>();
    private final Database database;
    private final Loop writer;
    private volatile BiFunction<ComputerId, Instant, Runnable> heardAgain = (_, _) -> () -> {};

    public Contacts(Database database) {
        this.database = database;
        this.writer = new Loop(database, "contacts", PAUSE, () -> {
            write();
            return false;
        });
    }

    /// Has somebody told of a Computer's first contact, and of each after a silence: before it is noted, and by what he
    /// gives back when it is.
    public void whenHeardAgain(BiFunction<ComputerId, Instant, Runnable> watch) {
        heardAgain = watch;
    }

    public void seen(ComputerId computer, Instant now) {
        var before = last.get(computer);
        boolean isBack = before == null || before.plus(SILENCE).isBefore(now);
        Runnable follow = isBack ? heardAgain.apply(computer, now) : () -> {};
        last.put(computer, now);
        unwritten.put(computer, now);
        follow.run();
    }

    /// As this process knows it; other Masters' contacts are in the database.
    public Optional<Instant> last(ComputerId computer) {
        return Optional.ofNullable(last.get(computer));
    }

    /// Writes what is not written yet.
    public void write() {
        var batch = Map.copyOf(unwritten);
        if (batch.isEmpty()) {
            return;
        }
        database.inTransaction(tx -> {
            var update = tx.handle().prepareBatch("""
                    update computer set contacted_at = greatest(contacted_at, :at) where reference = :reference""");
            // In order, so that two Masters that write at once meet without a deadlock.
            batch.entrySet().stream()
                    .sorted(Comparator.comparing(e -> e.getKey().text()))
                    .forEach(e -> update.bind("reference", e.getKey().text())
                            .bind("at", e.getValue())
                            .add());
            return update.execute().length;
        });
        batch.forEach(unwritten::remove);
    }

    @Override
    public void close() {
        writer.close();
        write();
    }
}

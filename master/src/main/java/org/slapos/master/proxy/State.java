package org.slapos.master.proxy;

import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/// The state of proxy mode: readers see one version of it as a whole, changes come one after the other.
final class State implements AutoCloseable {
    private final Optional<StateFile> file;
    private final InstantSource clock;
    private final ReentrantLock changing = new ReentrantLock();
    private volatile Tables shown;

    private State(Optional<StateFile> file, Tables first, InstantSource clock) {
        this.file = file;
        this.shown = first;
        this.clock = clock;
    }

    /// A change, with the one time at which it happens.
    @FunctionalInterface
    interface Change<R> {
        R on(Tables tables, double now);
    }

    /// An empty state that ends with the program.
    static State forgotten(InstantSource clock) {
        return new State(Optional.empty(), new Tables(), clock);
    }

    /// A state that is read from its file, and saved there at each change.
    ///
    /// @throws IOException in one sentence, when the file is not one of a proxy; it is left as it is, and free
    static State kept(StateFile file, InstantSource clock) throws IOException {
        try {
            return new State(Optional.of(file), file.load(), clock);
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    /// What `reading` finds must not be changed.
    <R> R read(Function<Tables, R> reading) {
        return reading.apply(shown);
    }

    /// Does a change as a whole: when it throws, or cannot be saved, nothing has changed.
    <R> R change(Change<R> change) {
        changing.lock();
        try {
            var next = shown.copy();
            var result = change.on(next, now());
            if (file.isPresent()) {
                file.get().save(next);
            }
            shown = next;
            return result;
        } catch (IOException e) {
            throw new Refusal(Refusal.Kind.FAILED, "Nothing was changed: " + e.getMessage());
        } finally {
            changing.unlock();
        }
    }

    /// Seconds since 1970, later than any that is there: a node works when the text of a timestamp is another one.
    private double now() {
        var now = clock.instant();
        var seconds = now.getEpochSecond() + Math.round(now.getNano() / 1000.0) / 1e6;
        var last = shown.partitions.values().stream()
                .mapToDouble(Partition::timestamp)
                .max()
                .orElse(0);
        return seconds > last ? seconds : Math.nextUp(last);
    }

    @Override
    public void close() throws IOException {
        if (file.isPresent()) {
            file.get().close();
        }
    }
}

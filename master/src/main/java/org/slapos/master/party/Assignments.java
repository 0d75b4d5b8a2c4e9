package org.slapos.master.party;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slapos.master.db.Database;
import org.slapos.master.db.Listening;
import org.slapos.master.db.Transaction;

/// Which functions people hold: looked up once and remembered, until the database tells that something changed. Any
/// thread may ask, for each request.
public final class Assignments implements AutoCloseable {
    /// Told with the reference of a person whose functions or state changed; `""` for everybody's.
    static final String CHANGED = "functions_changed";

    private static final int MAX_REMEMBERED = 100_000;

    private final Database database;
    private final AssignmentStore store = new AssignmentStore();
    private final Listening listening;
    private final Object lock = new Object();
    private final Map<String, Functions> remembered = new HashMap<>();
    private long changes;

    public Assignments(Database database) {
        this.database = database;
        this.listening = database.listen(CHANGED, this::forget);
    }

    /// What the person holds right now. Outside a transaction: costs a look at memory as long as nothing changed.
    public Functions of(String person) {
        long before;
        synchronized (lock) {
            var known = remembered.get(person);
            if (known != null && listening.hears()) {
                return known;
            }
            before = changes;
        }
        var found = database.inTransaction(tx -> store.of(tx, person));
        synchronized (lock) {
            if (changes == before) { // else it may be older than the change
                if (remembered.size() >= MAX_REMEMBERED) {
                    remembered.clear();
                }
                remembered.put(person, found);
            }
        }
        return found;
    }

    /// As [#of], inside a transaction, and sees what that one changed.
    public Functions of(Transaction tx, String person) {
        return store.of(tx, person);
    }

    /// Gives a function to a person; twice is once.
    ///
    /// @param project of a function that is held in one, else nothing
    /// @return whether the person did not hold it before
    boolean open(Transaction tx, String person, Function function, Optional<String> project, Instant now) {
        boolean opened = store.open(tx, person, function, project, now);
        tx.afterCommit(() -> forget(person));
        return opened;
    }

    /// Takes a function from a person.
    ///
    /// @return whether the person held it
    boolean close(Transaction tx, String person, Function function, Optional<String> project, Instant now) {
        boolean closed = store.close(tx, person, function, project, now);
        tx.afterCommit(() -> forget(person));
        return closed;
    }

    /// The state of that person changed; of everybody's project when it is `""`.
    void changed(Transaction tx, String person) {
        AssignmentStore.tell(tx, person);
        tx.afterCommit(() -> forget(person));
    }

    private void forget(String person) {
        synchronized (lock) {
            changes++;
            if (person.isEmpty()) {
                remembered.clear();
            } else {
                remembered.remove(person);
            }
        }
    }

    @Override
    public void close() {
        listening.close();
    }
}

package org.slapos.master.db;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jdbi.v3.core.Handle;

/// One open transaction, of one thread. It ends with the work that [Database#inTransaction] was given.
public final class Transaction {
    private final Handle handle;
    private final List<Runnable> afterCommit = new ArrayList<>();
    private final Map<Object, List<Object>> gathered = new LinkedHashMap<>();

    Transaction(Handle handle) {
        this.handle = handle;
    }

    /// For a store's SQL.
    public Handle handle() {
        return handle;
    }

    /// Tells all who listen on the channel, in every Master, once this transaction commits; equal ones are told once.
    /// The payload has at most 7999 bytes.
    public void notify(String channel, String payload) {
        handle.createQuery("SELECT 1 FROM pg_notify(:channel, :payload)")
                .bind("channel", channel)
                .bind("payload", payload)
                .mapTo(Integer.class)
                .list();
    }

    /// Runs when the commit is done, in this process only, on this thread; never after a rollback.
    public void afterCommit(Runnable follow) {
        afterCommit.add(follow);
    }

    /// Gathers something of a kind, to be written with all others of its kind as the last thing of the transaction: one
    /// way to the database for many rows.
    ///
    /// @param write of this kind: the same object each time
    public <T> void gather(BiConsumer<Transaction, List<T>> write, T row) {
        gathered.computeIfAbsent(write, _ -> new ArrayList<>()).add(row);
    }

    @SuppressWarnings("unchecked") // as gather() puts them
    void finish() {
        gathered.forEach((write, rows) -> ((BiConsumer<Transaction, List<Object>>) write).accept(this, rows));
        gathered.clear();
    }

    /// What follows its commit.
    List<Runnable> follows() {
        return List.copyOf(afterCommit);
    }
}

package org.slapos.master.db;

import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.Handle;

/// One open transaction, of one thread. It ends with the work that [Database#inTransaction] was given.
public final class Transaction {
    private final Handle handle;
    private final List<Runnable> afterCommit = new ArrayList<>();

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

    void committed() {
        afterCommit.forEach(Runnable::run);
    }
}

package org.slapos.master.db;

import java.util.List;

/// Who does what goes on beside the requests: threads of this process; in a simulation, somebody who does it by hand.
public interface Background {
    /// Virtual threads, from now on.
    Background THREADS = new Background() {
        @Override
        public Thread start(String name, Runnable work) {
            return Thread.ofVirtual().name(name).start(work);
        }

        @Override
        public void listens(Listening listening) {}
    };

    /// The thread that does that work until it is interrupted.
    Thread start(String name, Runnable work);

    /// Told of each that wants to hear something.
    void listens(Listening listening);

    /// Does what follows a commit, in order, on the thread that committed: between them somebody dies in a simulation.
    default void follow(List<Runnable> follows) {
        follows.forEach(Runnable::run);
    }
}

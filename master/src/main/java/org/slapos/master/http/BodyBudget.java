package org.slapos.master.http;

import java.util.concurrent.atomic.AtomicLong;

/// How many bytes of bodies are held in memory for all requests together; who finds nothing left is asked to come back.
/// Any thread.
final class BodyBudget {
    private final AtomicLong free;

    BodyBudget(long bytes) {
        this.free = new AtomicLong(bytes);
    }

    /// Of the memory that this program may use an eighth, since a body is there up to three times while it is read;
    /// the longest body always fits.
    static BodyBudget of(long longestBody) {
        return new BodyBudget(Math.max(longestBody, Runtime.getRuntime().maxMemory() / 8));
    }

    /// What one request has taken, given back when it is answered.
    final class Share implements AutoCloseable {
        private long taken;

        /// Whether there was that much left.
        boolean take(long bytes) {
            if (free.addAndGet(-bytes) < 0) {
                free.addAndGet(bytes);
                return false;
            }
            taken += bytes;
            return true;
        }

        @Override
        public void close() {
            free.addAndGet(taken);
            taken = 0;
        }
    }

    Share share() {
        return new Share();
    }
}

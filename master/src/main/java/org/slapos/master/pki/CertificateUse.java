package org.slapos.master.pki;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slapos.master.db.Database;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// When each certificate was last shown: noted in memory, written for all in one go every few seconds, and for each
/// only every ten minutes. Any thread may call.
public final class CertificateUse implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(CertificateUse.class);
    private static final Duration PAUSE = Duration.ofSeconds(5);
    private static final Duration EXACT = Duration.ofMinutes(10);
    private static final int MAX_NOTED = 400_000;

    private final Map<String, Instant> noted = new ConcurrentHashMap<>();
    private final Map<String, Instant> unwritten = new ConcurrentHashMap<>();
    private final CertificateStore store = new CertificateStore();
    private final Database database;
    private final Thread writer;

    public CertificateUse(Database database) {
        this.database = database;
        this.writer = Thread.ofVirtual().name("certificate-use").start(this::writeNowAndThen);
    }

    public void seen(String fingerprint, Instant now) {
        var before = Optional.ofNullable(noted.get(fingerprint));
        if (before.filter(at -> at.plus(EXACT).isAfter(now)).isPresent()) {
            return;
        }
        if (noted.size() >= MAX_NOTED) {
            noted.clear();
        }
        noted.put(fingerprint, now);
        unwritten.put(fingerprint, now);
    }

    /// Writes what is not written yet.
    public void write() {
        var batch = Map.copyOf(unwritten);
        if (batch.isEmpty()) {
            return;
        }
        database.inTransaction(tx -> {
            store.used(tx, batch);
            return batch.size();
        });
        batch.forEach(unwritten::remove);
    }

    private void writeNowAndThen() {
        try {
            while (true) {
                Thread.sleep(PAUSE);
                try {
                    write();
                } catch (RuntimeException e) {
                    log.warn(
                            "the last use of {} certificates is not written yet: {}", unwritten.size(), e.getMessage());
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        writer.interrupt();
        try {
            writer.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        try {
            write();
        } catch (RuntimeException e) {
            log.warn("the last use of {} certificates is lost: {}", unwritten.size(), e.getMessage());
        }
    }
}

package org.slapos.master.pki;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.slapos.master.db.Database;
import org.slapos.master.db.DatabaseUnavailableException;
import org.slapos.master.db.Listening;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Hears of every certificate that ends, in whichever Master, and has the authority tell of it: by the database's
/// notification at once, and by asking every second, since a notification can be lost and an overlap comes to its end
/// without one.
public final class CertificateWatch implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(CertificateWatch.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Database database;
    private final InstantSource clock;
    private final CertificateAuthority authority;
    private final Listening listening;
    private final Thread asking;
    private final CertificateStore store = new CertificateStore();
    private Instant last;
    private long horizon;

    public CertificateWatch(Database database, InstantSource clock, CertificateAuthority authority) {
        this.database = database;
        this.clock = clock;
        this.authority = authority;
        this.last = clock.instant();
        this.horizon = database.inTransaction(store::horizon);
        this.listening = database.listen(CertificateAuthority.CHANGED, this::heard);
        this.asking = Thread.ofVirtual().name("certificate-watch").start(this::askAgainAndAgain);
    }

    /// Whether notifications arrive; see [Listening#hears()].
    public boolean hears() {
        return listening.hears();
    }

    /// Nothing named: anything may have changed, the signing keys too.
    private void heard(String fingerprint) {
        if (fingerprint.isEmpty()) {
            database.inTransaction(tx -> {
                authority.reload(tx);
                return fingerprint;
            });
        }
        authority.tell(fingerprint);
    }

    /// Tells of what has ended since it was asked last.
    synchronized void ask() {
        var now = clock.instant();
        database.inTransaction(tx -> {
                    long next = store.horizon(tx);
                    var changed = store.changedSince(tx, horizon, last, now);
                    horizon = next;
                    authority.reload(tx);
                    return changed;
                })
                .forEach(authority::tell);
        last = now;
    }

    private void askAgainAndAgain() {
        boolean isAway = false;
        while (!Thread.currentThread().isInterrupted()) {
            try {
                Thread.sleep(PAUSE);
                ask();
                isAway = false;
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            } catch (DatabaseUnavailableException e) {
                if (!isAway) {
                    log.warn("whether certificates were revoked cannot be asked: {}", e.getMessage());
                }
                isAway = true;
            } catch (RuntimeException e) {
                if (!Thread.currentThread().isInterrupted()) {
                    log.error("whether certificates were revoked is not known", e);
                }
            }
        }
    }

    @Override
    public void close() {
        listening.close();
        asking.interrupt();
        try {
            asking.join(Duration.ofSeconds(5));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}

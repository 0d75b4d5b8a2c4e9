package org.slapos.master.party;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import org.slapos.master.Problem;
import org.slapos.master.db.Transaction;

/// Slows down guessing: after some free attempts each failure doubles the time until the next. An attempt counts as
/// failed from its beginning, so that many at once are no way around it; by a day without any it is forgotten. The
/// table `sign_in_attempt`.
final class Attempts {
    private static final int MAX_WAIT_SECONDS = 900;

    /// What attempts are counted at, and how many are free.
    record Subject(String name, int free) {
        static Subject login(String name) {
            return new Subject("login " + name, 3);
        }

        /// Many people may share an address.
        static Subject address(String address) {
            return new Subject("address " + address, 20);
        }

        static Subject mailbox(String email) {
            return new Subject("mail to " + email, 3);
        }

        static Subject asking(String what, String address) {
            return new Subject(what + " " + address, 10);
        }
    }

    /// Begins an attempt, or says how long to wait.
    Optional<Problem> begin(Transaction tx, Subject subject, Instant now) {
        tx.handle()
                .execute(
                        "DELETE FROM sign_in_attempt WHERE last_at < ?::timestamptz - interval '1 day'",
                        now.atOffset(ZoneOffset.UTC));
        boolean begun = tx.handle()
                .createQuery("""
                        INSERT INTO sign_in_attempt AS a (subject, failures, last_at, wait_until)
                        VALUES (:subject, 1, :now, :now)
                        ON CONFLICT (subject) DO UPDATE SET failures = a.failures + 1, last_at = :now,
                            wait_until = CASE WHEN a.failures + 1 < :free THEN :now
                                ELSE CAST(:now AS timestamptz) + make_interval(secs =>
                                    least(:most, power(2, least(30, a.failures + 1 - :free)))) END
                        WHERE a.wait_until <= :now
                        RETURNING failures""")
                .bind("subject", subject.name())
                .bind("now", now.atOffset(ZoneOffset.UTC))
                .bind("free", subject.free())
                .bind("most", MAX_WAIT_SECONDS)
                .mapTo(Integer.class)
                .findOne()
                .isPresent();
        return begun ? Optional.empty() : Optional.of(waiting(tx, subject, now));
    }

    private static Problem waiting(Transaction tx, Subject subject, Instant now) {
        var until = tx.handle()
                .createQuery("SELECT wait_until FROM sign_in_attempt WHERE subject = :subject")
                .bind("subject", subject.name())
                .map((row, _) -> row.getObject(1, OffsetDateTime.class).toInstant())
                .findOne()
                .orElse(now);
        long seconds = Math.max(1, Duration.between(now, until).plusMillis(999).toSeconds());
        return Problem.busy("Too many attempts: try again in " + seconds + " s", Duration.ofSeconds(seconds));
    }

    /// It went well: nothing is held against that login.
    void succeeded(Transaction tx, Subject login) {
        tx.handle().execute("DELETE FROM sign_in_attempt WHERE subject = ?", login.name());
    }

    /// It went well: the attempt does not count at that address.
    void takeBack(Transaction tx, Subject address) {
        tx.handle().execute("""
                        UPDATE sign_in_attempt SET failures = greatest(0, failures - 1), wait_until = last_at
                        WHERE subject = ?""", address.name());
    }
}

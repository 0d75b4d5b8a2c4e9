package org.slapos.master.party;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slapos.master.Problem;
import org.slapos.master.audit.Audit;
import org.slapos.master.db.Database;
import org.slapos.master.db.Listening;
import org.slapos.master.db.Transaction;

/// The sessions of people: begun, recognised by their cookie, listed, ended. A session is remembered until the database
/// tells that it ended, so that recognising it costs a look at memory. Any thread.
public final class Sessions implements AutoCloseable {
    /// Without a request for so long a session ends.
    static final Duration IDLE = Duration.ofHours(8);

    /// A session never lasts longer.
    public static final Duration LIFE = Duration.ofDays(7);

    private static final String CHANGED = "session_changed";
    private static final Duration WRITE_USE = Duration.ofMinutes(1);
    private static final int MAX_REMEMBERED = 100_000;
    private static final int MAX_COOKIE = 200;

    private final Database database;
    private final InstantSource clock;
    private final SecureRandom random;
    private final Assignments assignments;
    private final SessionStore store = new SessionStore();
    private final Listening listening;
    private final Object lock = new Object();
    private final Map<String, Session> remembered = new HashMap<>();
    private long changes;

    public Sessions(Database database, InstantSource clock, SecureRandom random, Assignments assignments) {
        this.database = database;
        this.clock = clock;
        this.random = random;
        this.assignments = assignments;
        this.listening = database.listen(CHANGED, this::forget);
    }

    /// A session that has just begun.
    ///
    /// @param cookie what its holder shows from now on; kept nowhere
    public record Begun(Session session, String cookie) {
        @Override
        public String toString() {
            return "Begun[" + session.id() + " of " + session.person() + ", cookie=*****]";
        }
    }

    Begun begin(Transaction tx, String person, String way, SignIn.From from, Instant now) {
        var cookie = Token.randomText(random);
        var session = store.insert(tx, Token.hash(cookie), person, way, from, LIFE, now);
        Audit.note(tx, now, "session.begin", person, "session " + session.id() + " by " + way);
        return new Begun(session, cookie);
    }

    /// Whose session that is right now.
    ///
    /// @param cookie what was shown
    public Outcome<Session> of(String cookie) {
        var now = clock.instant();
        var hash = Token.hash(cookie.substring(0, Math.min(cookie.length(), MAX_COOKIE)));
        var session = known(hash);
        if (session.isEmpty()) {
            return refused("This session is not known: sign in");
        }
        var found = session.get();
        if (found.ended().isPresent()) {
            return refused("This session was ended at " + found.ended().get() + ": sign in again");
        }
        if (!found.expires().isAfter(now) || !found.used().plus(IDLE).isAfter(now)) {
            return refused("This session is over: sign in again");
        }
        var state = assignments.of(found.person()).state();
        if (!state.equals(Optional.of(PartyState.VALIDATED))) {
            return refused(found.person() + " is " + state.map(PartyState::wire).orElse("not known here"));
        }
        if (found.used().plus(WRITE_USE).isBefore(now)) {
            database.inTransaction(tx -> {
                store.use(tx, found.id(), now);
                return now;
            });
            forget(hash);
        }
        return new Outcome.Done<>(found);
    }

    private static <T> Outcome<T> refused(String message) {
        return Outcome.refused(Problem.forbidden(message));
    }

    /// Those that are open: one's own, or as a system manager anybody's.
    public Outcome<List<Session>> list(String me, String person) {
        var now = clock.instant();
        return database.inTransaction(tx ->
                me.equals(person) || assignments.of(tx, me).isSystemManager()
                        ? new Outcome.Done<>(store.open(tx, person, now).stream()
                                .filter(session -> session.used().plus(IDLE).isAfter(now))
                                .toList())
                        : Outcome.refused(Problem.forbidden(
                                me + " may not see the sessions of " + person + ": system managers may")));
    }

    /// Ends one: one's own, or as a system manager anybody's. Twice is once.
    public Outcome<Session> end(String me, long id) {
        var now = clock.instant();
        return database.inTransaction(tx -> {
            boolean isManager = assignments.of(tx, me).isSystemManager();
            var session = store.find(tx, id)
                    .filter(found -> isManager || found.person().equals(me));
            if (session.isEmpty()) {
                return Outcome.refused(Problem.notFound("There is no session " + id + " of yours"));
            }
            end(tx, session.get(), now);
            return new Outcome.Done<>(store.find(tx, id).orElseThrow());
        });
    }

    /// Ends all of a person but one.
    void endAll(Transaction tx, String person, long exceptId, Instant now) {
        for (var session : store.open(tx, person, now)) {
            if (session.id() != exceptId) {
                end(tx, session, now);
            }
        }
    }

    private void end(Transaction tx, Session session, Instant now) {
        store.end(tx, session.id(), now).ifPresent(hash -> {
            Audit.note(tx, now, "session.end", session.person(), "session " + session.id());
            tx.notify(CHANGED, hash);
            tx.afterCommit(() -> forget(hash));
        });
    }

    private Optional<Session> known(String hash) {
        long before;
        synchronized (lock) {
            var session = remembered.get(hash);
            if (session != null && listening.hears()) {
                return Optional.of(session);
            }
            before = changes;
        }
        var found = database.inTransaction(tx -> store.find(tx, hash));
        synchronized (lock) {
            if (found.isPresent() && changes == before) { // else it may be older than the change
                if (remembered.size() >= MAX_REMEMBERED) {
                    remembered.clear();
                }
                remembered.put(hash, found.get());
            }
        }
        return found;
    }

    private void forget(String hash) {
        synchronized (lock) {
            changes++;
            if (hash.isEmpty()) {
                remembered.clear();
            } else {
                remembered.remove(hash);
            }
        }
    }

    @Override
    public void close() {
        listening.close();
    }
}

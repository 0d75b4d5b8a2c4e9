package org.slapos.master.party;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import org.slapos.master.Problem;
import org.slapos.master.audit.Audit;
import org.slapos.master.db.Database;
import org.slapos.master.db.Transaction;
import org.slapos.master.pki.PasswordHash;

/// Begins sessions: by login and password, by the link in a mail, by a certificate. Who guesses waits longer and longer
/// ([Attempts]), and is told the same whether the login or the password is wrong.
public final class SignIn {
    static final int MAX_PASSWORD = 200;
    private static final int MAX_LOGIN = 64;
    private static final int MAX_AGENT = 200;

    private final Database database;
    private final InstantSource clock;
    private final PasswordHash passwords;
    private final Sessions sessions;
    private final Assignments assignments;
    private final Attempts attempts = new Attempts();
    private final LoginStore logins = new LoginStore();
    private final RedeemToken tokens = new RedeemToken();

    public SignIn(
            Database database,
            InstantSource clock,
            PasswordHash passwords,
            Sessions sessions,
            Assignments assignments) {
        this.database = database;
        this.clock = clock;
        this.passwords = passwords;
        this.sessions = sessions;
        this.assignments = assignments;
    }

    /// From where somebody signs in.
    ///
    /// @param agent the program, as it names itself
    public record From(String address, String agent) {
        public From {
            agent = agent.substring(0, Math.min(agent.length(), MAX_AGENT)).replaceAll("\\p{Cntrl}", "?");
        }
    }

    /// By password. The attempt is counted before the password is looked at, so that many at once are no way around it.
    public Outcome<Sessions.Begun> byPassword(String login, String password, From from) {
        var now = clock.instant();
        var name = login.strip().toLowerCase(Locale.ROOT);
        if (name.isEmpty() || name.length() > MAX_LOGIN || password.length() > MAX_PASSWORD) {
            return wrong();
        }
        var waiting = database.inTransaction(tx -> attempts.begin(tx, Attempts.Subject.login(name), now)
                .or(() -> attempts.begin(tx, Attempts.Subject.address(from.address()), now)));
        if (waiting.isPresent()) {
            return Outcome.refused(waiting.get());
        }
        var known = database.inTransaction(tx -> logins.named(tx, name));
        boolean right =
                known.isPresent() ? passwords.matches(password, known.get().hash()) : passwords.matchesNobody(password);
        return database.inTransaction(tx -> {
            if (!right) {
                known.ifPresent(it -> Audit.note(tx, now, "session.refused", it.person(), "wrong password"));
                return wrong();
            }
            // As it is now: it may have been blocked while the password was looked at.
            var login2 = logins.named(tx, name);
            if (login2.isEmpty()
                    || !login2.get().hash().equals(known.orElseThrow().hash())) {
                return wrong();
            }
            if (login2.get().blocked()) {
                return Outcome.refused(
                        Problem.forbidden("The login '" + name + "' is blocked: an administrator unblocks it"));
            }
            attempts.succeeded(tx, Attempts.Subject.login(name));
            attempts.takeBack(tx, Attempts.Subject.address(from.address()));
            return begin(tx, login2.get().person(), "password", from, now);
        });
    }

    /// By the one-time link of a mail; whoever holds it has its person's mailbox.
    public Outcome<Sessions.Begun> byLink(String token, From from) {
        var now = clock.instant();
        return database.inTransaction(tx -> switch (tokens.look(tx, token, Token.Scope.SIGN_IN, now)) {
            case RedeemToken.Worth.Refused(var problem) -> Outcome.refused(problem);
            case RedeemToken.Worth.Valid(var person, var _) -> {
                tokens.spend(tx, token, now);
                yield begin(tx, person, "link", from, now);
            }
        });
    }

    /// By the certificate that the connection has shown already.
    public Outcome<Sessions.Begun> byCertificate(String person, From from) {
        var now = clock.instant();
        return database.inTransaction(tx -> begin(tx, person, "certificate", from, now));
    }

    private Outcome<Sessions.Begun> begin(Transaction tx, String person, String way, From from, Instant now) {
        var state = assignments.of(tx, person).state();
        return state.equals(Optional.of(PartyState.VALIDATED))
                ? new Outcome.Done<>(sessions.begin(tx, person, way, from, now))
                : Outcome.refused(Problem.forbidden(
                        state.equals(Optional.of(PartyState.DRAFT))
                                ? "The e-mail address was not verified yet: follow the link in the mail"
                                : person + " is " + state.map(PartyState::wire).orElse("not known here")));
    }

    private static Outcome<Sessions.Begun> wrong() {
        return Outcome.refused(Problem.forbidden("Login or password is wrong"));
    }

    /// Blocks the password sign-in of a person, or takes that back; twice is once.
    public Outcome<String> block(String me, String person, boolean blocked) {
        var now = clock.instant();
        return database.inTransaction(tx -> {
            if (!assignments.of(tx, me).isSystemManager()) {
                return Outcome.refused(Problem.forbidden(me + " may not block or unblock logins: system managers may"));
            }
            var login = logins.of(tx, person);
            if (login.isEmpty()) {
                return Outcome.refused(Problem.notFound(person + " has no login"));
            }
            if (login.get().blocked() != blocked) {
                logins.setBlocked(tx, person, blocked ? Optional.of(now) : Optional.empty());
                if (blocked) {
                    sessions.endAll(tx, person, 0, now);
                }
                Audit.note(
                        tx,
                        now,
                        blocked ? "login.block" : "login.unblock",
                        person,
                        login.get().name());
            }
            attempts.succeeded(tx, Attempts.Subject.login(login.get().name()));
            return new Outcome.Done<>(login.get().name());
        });
    }
}

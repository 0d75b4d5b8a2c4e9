package org.slapos.master.party;

import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import org.slapos.master.Problem;
import org.slapos.master.audit.Audit;
import org.slapos.master.db.Database;
import org.slapos.master.db.Transaction;
import org.slapos.master.pki.PasswordHash;

/// Passwords are chosen, changed and recovered; the other sessions of the person end with that.
public final class ChangePassword {
    private final Database database;
    private final InstantSource clock;
    private final PasswordHash passwords;
    private final Sessions sessions;
    private final Attempts attempts = new Attempts();
    private final LoginStore logins = new LoginStore();
    private final PartyStore parties = new PartyStore();
    private final MailStore mails = new MailStore();
    private final TokenStore tokenStore = new TokenStore();
    private final RedeemToken tokens = new RedeemToken();

    public ChangePassword(Database database, InstantSource clock, PasswordHash passwords, Sessions sessions) {
        this.database = database;
        this.clock = clock;
        this.passwords = passwords;
        this.sessions = sessions;
    }

    /// For who came in by certificate or link and has no login yet.
    public Outcome<String> choose(String me, String login, String password) {
        var now = clock.instant();
        var name = login.strip().toLowerCase(Locale.ROOT);
        var fault = RegisterPerson.faultOfLogin(name).or(() -> RegisterPerson.faultOfPassword(password, name));
        if (fault.isPresent()) {
            return Outcome.refused(fault.get());
        }
        var hash = passwords.hash(password);
        return database.inTransaction(tx -> {
            if (logins.of(tx, me).isPresent()) {
                return Outcome.refused(Problem.conflict(me + " has a login already: change its password"));
            }
            if (!logins.insert(tx, name, me, hash, now)) {
                return Outcome.refused(
                        Problem.conflict("The login '" + name + "' is somebody's already: choose another"));
            }
            Audit.note(tx, now, "login.create", me, name);
            return new Outcome.Done<>(name);
        });
    }

    /// @param session the one that stays; 0 = none
    public Outcome<String> change(String me, String before, String password, long session) {
        var now = clock.instant();
        var login = database.inTransaction(tx -> logins.of(tx, me));
        if (login.isEmpty()) {
            return Outcome.refused(Problem.notFound(me + " has no login: choose one first"));
        }
        var name = login.get().name();
        var waiting = database.inTransaction(tx -> attempts.begin(tx, Attempts.Subject.login(name), now))
                .or(() -> RegisterPerson.faultOfPassword(password, name));
        if (waiting.isPresent()) {
            return Outcome.refused(waiting.get());
        }
        if (before.length() > SignIn.MAX_PASSWORD
                || !passwords.matches(before, login.get().hash())) {
            return Outcome.refused(Problem.forbidden("The password until now is wrong"));
        }
        var hash = passwords.hash(password);
        return database.inTransaction(tx -> {
            attempts.succeeded(tx, Attempts.Subject.login(name));
            return set(tx, me, hash, session, now);
        });
    }

    /// Sends a link to whoever has that address: the same answer whether anybody has it.
    ///
    /// @param scope `SIGN_IN` or `PASSWORD_RECOVERY`
    /// @param root  of the Master, as this caller reaches it
    public Optional<Problem> send(Token.Scope scope, String email, String address, URI root) {
        var now = clock.instant();
        return database.inTransaction(tx -> {
            var waiting = attempts.begin(tx, Attempts.Subject.asking("mail from", address), now)
                    .or(() -> attempts.begin(
                            tx, Attempts.Subject.mailbox(email.strip().toLowerCase(Locale.ROOT)), now));
            if (waiting.isEmpty()) {
                parties.personOfEmail(tx, email.strip())
                        .filter(person -> person.state() == PartyState.VALIDATED)
                        .ifPresent(person -> mails.insert(
                                tx, scope, person.reference(), person.detail(Party.Detail.EMAIL), root, now));
            }
            return waiting;
        });
    }

    /// By the link of a mail. A blocked login stays blocked.
    public Outcome<String> recover(String token, String password) {
        var now = clock.instant();
        var fault = RegisterPerson.faultOfPassword(password, "");
        if (fault.isPresent()) {
            return Outcome.refused(fault.get());
        }
        var hash = passwords.hash(password);
        return database.inTransaction(tx -> switch (tokens.look(tx, token, Token.Scope.PASSWORD_RECOVERY, now)) {
            case RedeemToken.Worth.Refused(var problem) -> Outcome.refused(problem);
            case RedeemToken.Worth.Valid(var person, var _) -> {
                var login = logins.of(tx, person);
                if (login.isEmpty()) {
                    yield Outcome.refused(
                            Problem.notFound(person + " has no login: sign in by a link, and choose one"));
                }
                tokens.spend(tx, token, now);
                attempts.succeeded(tx, Attempts.Subject.login(login.get().name()));
                yield set(tx, person, hash, 0, now);
            }
        });
    }

    private Outcome<String> set(Transaction tx, String person, String hash, long session, Instant now) {
        logins.setPassword(tx, person, hash, now);
        sessions.endAll(tx, person, session, now);
        tokenStore.withdrawAll(tx, person, Token.Scope.PASSWORD_RECOVERY, now);
        Audit.note(tx, now, "login.password", person, "changed");
        return new Outcome.Done<>(person);
    }
}

package org.slapos.master.party;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slapos.master.Problem;
import org.slapos.master.audit.Audit;
import org.slapos.master.db.Database;
import org.slapos.master.db.Transaction;
import org.slapos.master.party.Party.Detail;
import org.slapos.master.pki.PasswordHash;

/// People come in by themselves: login and e-mail are theirs alone, and of no use until the e-mail was verified by the
/// link of a mail.
public final class RegisterPerson {
    private static final Pattern LOGIN = Pattern.compile("[a-z0-9][a-z0-9._@+-]{1,63}");
    private static final int MIN_PASSWORD = 10;

    /// So long a registration that nobody verified keeps its login and e-mail.
    private static final Duration PATIENCE = Duration.ofDays(2);

    private final Database database;
    private final InstantSource clock;
    private final PasswordHash passwords;
    private final Welcome welcome;
    private final Assignments assignments;
    private final boolean isOpen;
    private final Attempts attempts = new Attempts();
    private final LoginStore logins = new LoginStore();
    private final PartyStore parties = new PartyStore();
    private final MailStore mails = new MailStore();
    private final RedeemToken tokens = new RedeemToken();

    /// @param isOpen whether anybody may
    public RegisterPerson(
            Database database,
            InstantSource clock,
            PasswordHash passwords,
            Welcome welcome,
            Assignments assignments,
            boolean isOpen) {
        this.database = database;
        this.clock = clock;
        this.passwords = passwords;
        this.welcome = welcome;
        this.assignments = assignments;
        this.isOpen = isOpen;
    }

    /// Who wants to come in.
    public record Wanted(String login, String password, String firstName, String lastName, String email) {
        @Override
        public String toString() {
            return "Wanted[" + login + ", " + email + ", password=*****]";
        }
    }

    /// @param root of the Master, as this caller reaches it: where the link of the mail leads
    /// @return reference of the person, who is still a draft
    public Outcome<String> register(Wanted wanted, String address, URI root) {
        var now = clock.instant();
        var login = wanted.login().strip().toLowerCase(Locale.ROOT);
        var email = wanted.email().strip();
        var title = (wanted.firstName().strip() + " " + wanted.lastName().strip()).strip();
        if (!isOpen) {
            return Outcome.refused(
                    Problem.forbidden("This Master takes no registrations: ask somebody who is in for an invitation"));
        }
        var fault = faultOfLogin(login)
                .or(() -> faultOfPassword(wanted.password(), login))
                .or(() -> Texts.faultOfEmail(email))
                .or(() -> Texts.faultOfTitle(title));
        if (fault.isPresent()) {
            return Outcome.refused(fault.get());
        }
        var waiting =
                database.inTransaction(tx -> attempts.begin(tx, Attempts.Subject.asking("registration", address), now));
        if (waiting.isPresent()) {
            return Outcome.refused(waiting.get());
        }
        var hash = passwords.hash(wanted.password());
        return database.inTransaction(tx -> {
            parties.serializeEmail(tx, email);
            tx.handle().execute("SELECT pg_advisory_xact_lock(hashtextextended(?, 8))", login);
            return taken(tx, login, email, now)
                    .<Outcome<String>>map(Outcome::refused)
                    .orElseGet(() -> {
                        var details = Map.of(
                                Detail.FIRST_NAME, wanted.firstName().strip(),
                                Detail.LAST_NAME, wanted.lastName().strip(),
                                Detail.EMAIL, email);
                        var person = welcome.welcome(tx, title, details, PartyState.DRAFT, now);
                        logins.insert(tx, login, person, hash, now);
                        mails.insert(tx, Token.Scope.EMAIL_VERIFICATION, person, email, root, now);
                        return new Outcome.Done<>(person);
                    });
        });
    }

    /// What a registration has that was never verified is free after a while.
    private Optional<Problem> taken(Transaction tx, String login, String email, Instant now) {
        logins.named(tx, login).flatMap(it -> parties.find(tx, it.person())).ifPresent(it -> giveUp(tx, it, now));
        parties.personOfEmail(tx, email).ifPresent(it -> giveUp(tx, it, now));
        if (logins.named(tx, login).isPresent()) {
            return Optional.of(Problem.conflict("The login '" + login + "' is somebody's already: choose another"));
        }
        return parties.personOfEmail(tx, email)
                .map(_ -> Problem.conflict("The e-mail address " + email
                        + " is somebody's already: if it is yours, have a new password sent to it"));
    }

    private void giveUp(Transaction tx, Party party, Instant now) {
        if (party.state() == PartyState.DRAFT && party.created().plus(PATIENCE).isBefore(now)) {
            logins.delete(tx, party.reference());
            parties.set(tx, party.reference(), Detail.EMAIL, "");
            parties.setState(tx, party.reference(), PartyState.INVALIDATED);
            assignments.changed(tx, party.reference());
            Audit.note(tx, now, "person.state", party.reference(), party.state(), "invalidated, never verified");
        }
    }

    /// The link of the mail was followed: the person is in, or their new address takes the place of the old one.
    public Outcome<String> verify(String token) {
        var now = clock.instant();
        return database.inTransaction(tx -> switch (tokens.look(tx, token, Token.Scope.EMAIL_VERIFICATION, now)) {
            case RedeemToken.Worth.Refused(var problem) -> Outcome.refused(problem);
            case RedeemToken.Worth.Valid(var person, var _) -> verify(tx, token, person, now);
        });
    }

    private Outcome<String> verify(Transaction tx, String token, String person, Instant now) {
        var party = parties.lock(tx, person).orElseThrow();
        var email = party.detail(Detail.NEW_EMAIL);
        if (!email.isEmpty()) {
            parties.serializeEmail(tx, email);
            if (parties.personOfEmail(tx, email).isPresent()) {
                return Outcome.refused(
                        Problem.conflict("The e-mail address " + email + " belongs to somebody else meanwhile"));
            }
            parties.set(tx, person, Detail.EMAIL, email);
            parties.set(tx, person, Detail.NEW_EMAIL, "");
            Audit.note(tx, now, "person.email", person, party.detail(Detail.EMAIL), email + ", verified");
        } else {
            parties.setState(tx, person, PartyState.VALIDATED);
            assignments.changed(tx, person);
            Audit.note(tx, now, "person.state", person, party.state(), PartyState.VALIDATED);
        }
        tokens.spend(tx, token, now);
        return new Outcome.Done<>(person);
    }

    static Optional<Problem> faultOfLogin(String login) {
        return LOGIN.matcher(login).matches()
                ? Optional.empty()
                : Optional.of(Problem.invalid(
                        "A login has 2 to 64 of the characters a-z, 0-9 and . _ @ + -, the first a letter or digit"));
    }

    static Optional<Problem> faultOfPassword(String password, String login) {
        return password.length() < MIN_PASSWORD
                        || password.length() > SignIn.MAX_PASSWORD
                        || password.equalsIgnoreCase(login)
                ? Optional.of(Problem.invalid("A password has " + MIN_PASSWORD + " to " + SignIn.MAX_PASSWORD
                        + " characters and is not the login"))
                : Optional.empty();
    }
}

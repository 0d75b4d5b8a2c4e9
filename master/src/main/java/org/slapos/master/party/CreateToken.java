package org.slapos.master.party;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.slapos.master.Problem;
import org.slapos.master.audit.Audit;
import org.slapos.master.db.Database;
import org.slapos.master.db.Transaction;
import org.slapos.master.party.Token.Bound;
import org.slapos.master.party.Token.Scope;

/// Gives people one-time tokens, lists them, and withdraws them.
public final class CreateToken {
    private static final int MAX_PATH = 2000;
    private static final int LISTED_AT_MOST = 1000;

    private final Database database;
    private final InstantSource clock;
    private final SecureRandom random;
    private final Assignments assignments;
    private final TokenStore store = new TokenStore();
    private final PartyStore parties = new PartyStore();

    public CreateToken(Database database, InstantSource clock, SecureRandom random, Assignments assignments) {
        this.database = database;
        this.clock = clock;
        this.random = random;
        this.assignments = assignments;
    }

    /// With this, one machine becomes a Computer of the person, in the project.
    ///
    /// @param project nothing = the only one that the person is in
    public Outcome<Token> forComputer(String me, Optional<String> project) {
        return database.inTransaction(tx -> assignments
                .of(tx, me)
                .project(project)
                .then(where -> missing(tx, where, Party.Kind.PROJECT)
                        .<Outcome<Token>>map(Outcome::refused)
                        .orElseGet(() -> made(tx, Scope.COMPUTER_REGISTRATION, me, Bound.to(where)))));
    }

    /// With this, a person gets their certificate: one's own, or as sale or accounting somebody else's.
    public Outcome<Token> forCertificate(String me, String person) {
        return database.inTransaction(tx -> {
            var rules = new PartyRules(me, assignments.of(tx, me));
            if (!person.equals(me) && !rules.isStaff()) {
                return Outcome.refused(Problem.forbidden(
                        me + " may not ask for a certificate of " + person + ": sale and accounting may"));
            }
            return missing(tx, person, Party.Kind.PERSON)
                    .<Outcome<Token>>map(Outcome::refused)
                    .orElseGet(() -> made(tx, Scope.PERSON_CERTIFICATE, person, Bound.NOTHING));
        });
    }

    /// With this, one person gets a function in a project.
    public Outcome<Token> invitation(String me, Function function, Optional<String> project) {
        return database.inTransaction(tx -> {
            var held = assignments.of(tx, me);
            if (!function.isOfProject()) {
                return Outcome.refused(Problem.invalid("An invitation is for a project, and '" + function
                        + "' is held in the whole site: a system manager gives it by 'slapos assignment open'"));
            }
            return held.project(project).then(where -> {
                if (!new PartyRules(me, held).mayAssign(function, where)) {
                    return Outcome.refused(Problem.forbidden(me + " may not invite a " + function + " to " + where
                            + ": its production managers and sale may"));
                }
                return missing(tx, where, Party.Kind.PROJECT)
                        .<Outcome<Token>>map(Outcome::refused)
                        .orElseGet(() -> made(
                                tx,
                                Scope.INVITATION,
                                me,
                                new Bound(Optional.of(where), Optional.of(function), Optional.empty())));
            });
        });
    }

    /// With this, whoever has it reads one address of the Master as the person, by GET, as often as they like.
    ///
    /// @param path below the Master's root, with its query
    public Outcome<Token> feed(String me, String path) {
        if (!path.matches("/[\\x21-\\x7e]*") || path.length() > MAX_PATH || path.contains("token=")) {
            return Outcome.refused(
                    Problem.invalid("A feed's path begins with a slash, such as /hateoas/, and has at most " + MAX_PATH
                            + " visible ASCII characters"));
        }
        return database.inTransaction(
                tx -> made(tx, Scope.FEED, me, new Bound(Optional.empty(), Optional.empty(), Optional.of(path))));
    }

    /// What somebody asked for, the latest first: one's own, or as a system manager anybody's.
    public Outcome<List<IssuedToken>> list(String me, String person) {
        return database.inTransaction(
                tx -> person.equals(me) || assignments.of(tx, me).isSystemManager()
                        ? new Outcome.Done<>(store.of(tx, person, LISTED_AT_MOST))
                        : Outcome.refused(Problem.forbidden(
                                me + " may not see the tokens of " + person + ": system managers may")));
    }

    /// Withdraws a token that was not used; twice is once.
    public Outcome<IssuedToken> withdraw(String me, long id) {
        var now = clock.instant();
        return database.inTransaction(tx -> {
            boolean isManager = assignments.of(tx, me).isSystemManager();
            var token = store.find(tx, id)
                    .filter(found -> isManager || found.person().equals(me));
            if (token.isEmpty()) {
                return Outcome.refused(Problem.notFound("There is no token " + id + " of yours"));
            }
            if (token.get().used().isPresent()) {
                return Outcome.refused(Problem.conflict("Token " + id + " was used already at "
                        + token.get().used().get()));
            }
            if (token.get().withdrawn().isEmpty()) {
                store.withdraw(tx, id, now);
                Audit.note(tx, now, "token.withdraw", token.get().person(), "token " + id);
            }
            return new Outcome.Done<>(store.find(tx, id).orElseThrow());
        });
    }

    private Outcome<Token> made(Transaction tx, Scope scope, String person, Bound bound) {
        return new Outcome.Done<>(make(tx, scope, scope.life(), person, bound, clock.instant()));
    }

    /// Inside a transaction, for who has decided already.
    Token make(Transaction tx, Scope scope, Duration life, String person, Bound bound, Instant now) {
        var token = Token.make(scope, life, now, random);
        long id = store.insert(tx, token, person, bound, now);
        Audit.note(
                tx,
                now,
                "token.create",
                person,
                "token " + id + " for " + scope.purpose()
                        + bound.project().map(project -> " in " + project).orElse(""));
        return token;
    }

    private Optional<Problem> missing(Transaction tx, String reference, Party.Kind kind) {
        return parties.find(tx, reference)
                        .filter(party -> party.kind() == kind && party.state() == PartyState.VALIDATED)
                        .isPresent()
                ? Optional.empty()
                : Optional.of(Problem.notFound("There is no validated " + kind.wire() + " " + reference));
    }
}

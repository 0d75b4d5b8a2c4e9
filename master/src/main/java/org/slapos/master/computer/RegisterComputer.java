package org.slapos.master.computer;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.slapos.master.Problem;
import org.slapos.master.audit.Audit;
import org.slapos.master.db.Database;
import org.slapos.master.db.Transaction;
import org.slapos.master.party.Assignments;
import org.slapos.master.party.Outcome;
import org.slapos.master.party.Project;
import org.slapos.master.party.RedeemToken;
import org.slapos.master.party.Token;
import org.slapos.master.pki.SigningRequest;
import org.slapos.protocol.ComputerId;

/// Makes a machine a Computer: by a one-time token with a certificate, or by name only. The same title of the same
/// person in the same project is the same Computer (SLAP protocol, certificate bootstrap and requestComputer).
public final class RegisterComputer {
    private static final int MAX_TITLE = 200;

    private final Database database;
    private final InstantSource clock;
    private final Assignments assignments;
    private final RedeemToken tokens = new RedeemToken();
    private final ComputerCertificates certificates;
    private final Computers computers = new Computers();
    private final ComputerStore store = new ComputerStore();

    public RegisterComputer(
            Database database, InstantSource clock, Assignments assignments, ComputerCertificates certificates) {
        this.database = database;
        this.clock = clock;
        this.assignments = assignments;
        this.certificates = certificates;
    }

    /// How asking for a Computer by its title ends.
    public sealed interface Named {
        record Computer(ComputerId reference) implements Named {}

        record Refused(Problem problem) implements Named {}
    }

    /// How a registration ends. A refused one leaves the token unused.
    public sealed interface Registration {
        /// Both PEM. The key is kept nowhere: this is the only time it is shown; empty when the Computer made it.
        record Registered(ComputerId reference, String certificate, String key) implements Registration {
            @Override
            public String toString() {
                return "Registered[reference=" + reference + ", key=*****]";
            }
        }

        record Refused(Problem problem) implements Registration {}
    }

    /// The Computer of that title, made when it is new, without a certificate.
    ///
    /// @param project for which it is to work; nothing = the only one that the person is in
    public Named find(String person, String title, Optional<String> project) {
        var now = clock.instant();
        var fault = faultOf(title);
        if (fault.isPresent()) {
            return new Named.Refused(fault.get());
        }
        return database.inTransaction(tx -> switch (assignments.of(tx, person).project(project)) {
            case Outcome.Refused<String>(var problem) -> new Named.Refused(problem);
            case Outcome.Done<String>(var where) ->
                new Named.Computer(findOrCreate(tx, person, where, title.strip(), now));
        });
    }

    /// The Computer of that title with a certificate, for who holds a token to register one.
    ///
    /// @param project the one that is meant, for who says it; a token is good for its own only
    /// @param request for the Computer's own key; without one, a key is made here
    public Registration register(
            String token, String title, Optional<String> project, Optional<SigningRequest> request) {
        var now = clock.instant();
        return database.inTransaction(tx -> switch (tokens.look(tx, token, Token.Scope.COMPUTER_REGISTRATION, now)) {
            case RedeemToken.Worth.Refused(var problem) -> new Registration.Refused(problem);
            case RedeemToken.Worth.Valid(var person, var bound) -> {
                var where = bound.project().orElse(Project.DEFAULT);
                yield project.isEmpty() || project.get().equals(where)
                        ? register(tx, token, person, where, title, request, now)
                        : new Registration.Refused(Problem.forbidden("This token registers Computers in " + where
                                + ", not in " + project.get() + ": ask for one of that project."));
            }
        });
    }

    private Registration register(
            Transaction tx,
            String token,
            String person,
            String project,
            String title,
            Optional<SigningRequest> request,
            Instant now) {
        var fault = faultOf(title);
        if (fault.isPresent()) {
            return new Registration.Refused(fault.get());
        }
        var computer = findOrCreate(tx, person, project, title.strip(), now);
        return switch (certificates.generate(tx, computer, request, now)) {
            case ComputerCertificates.Generated.Refused(var problem) -> new Registration.Refused(problem);
            case ComputerCertificates.Generated.Pair(var certificate, var key) -> {
                tokens.spend(tx, token, now);
                yield new Registration.Registered(computer, certificate, key);
            }
        };
    }

    private static Optional<Problem> faultOf(String title) {
        return title.isBlank() || title.length() > MAX_TITLE || title.chars().anyMatch(Character::isISOControl)
                ? Optional.of(Problem.invalid("The title of a Computer has 1 to " + MAX_TITLE
                        + " characters, none of them a control character"))
                : Optional.empty();
    }

    private ComputerId findOrCreate(Transaction tx, String person, String project, String title, Instant now) {
        // Two registrations of one title at once: the second finds what the first made.
        tx.handle().execute("select pg_advisory_xact_lock(hashtextextended(?, hashtextextended(?, 1)))", title, person);
        return computers
                .titled(tx, person, project, title)
                .map(computer -> {
                    Retirement.comeBack(tx, computer.id());
                    return computer.reference();
                })
                .orElseGet(() -> {
                    var created = store.create(tx, title, person, project, now);
                    Audit.note(
                            tx,
                            now,
                            "computer.register",
                            created.text(),
                            "'" + title + "' of " + person + " in " + project);
                    return created;
                });
    }
}

package org.slapos.master.party;

import java.time.InstantSource;
import java.util.Optional;
import org.slapos.master.audit.Audit;
import org.slapos.master.db.Database;

/// A person joins a project by an invitation, which works once.
public final class AcceptInvitation {
    private final Database database;
    private final InstantSource clock;
    private final Assignments assignments;
    private final RedeemToken tokens = new RedeemToken();

    public AcceptInvitation(Database database, InstantSource clock, Assignments assignments) {
        this.database = database;
        this.clock = clock;
        this.assignments = assignments;
    }

    public Outcome<ChangeAssignments.Wanted> accept(String me, String token) {
        var now = clock.instant();
        return database.inTransaction(tx -> switch (tokens.look(tx, token, Token.Scope.INVITATION, now)) {
            case RedeemToken.Worth.Refused(var problem) -> Outcome.refused(problem);
            case RedeemToken.Worth.Valid(var host, var bound) -> {
                var function = bound.function().orElseThrow();
                var project = bound.project();
                tokens.spend(tx, token, now);
                if (assignments.open(tx, me, function, project, now)) {
                    Audit.note(
                            tx,
                            now,
                            "assignment.open",
                            me,
                            function + " in " + project.orElseThrow() + ", invited by " + host);
                }
                yield new Outcome.Done<>(
                        new ChangeAssignments.Wanted(me, function, Optional.of(project.orElseThrow())));
            }
        });
    }
}

package org.slapos.master.party;

import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.slapos.master.Problem;
import org.slapos.master.audit.Audit;
import org.slapos.master.db.Database;
import org.slapos.master.db.Transaction;

/// Gives functions to people and takes them back; twice is once.
public final class ChangeAssignments {
    private final Database database;
    private final InstantSource clock;
    private final Assignments assignments;
    private final AssignmentStore store = new AssignmentStore();
    private final PartyStore parties = new PartyStore();

    public ChangeAssignments(Database database, InstantSource clock, Assignments assignments) {
        this.database = database;
        this.clock = clock;
        this.assignments = assignments;
    }

    /// A function that somebody holds.
    ///
    /// @param project of a function that is held in one
    public record Wanted(String person, Function function, Optional<String> project) {
        String where() {
            return project.map(it -> " in " + it).orElse(" in the whole site");
        }
    }

    public Outcome<Wanted> open(String me, Wanted wanted) {
        var now = clock.instant();
        return database.inTransaction(tx -> meant(tx, me, wanted).then(meant -> {
            var person = parties.find(tx, meant.person()).filter(party -> party.kind() == Party.Kind.PERSON);
            if (person.isEmpty() || person.get().state() == PartyState.INVALIDATED) {
                return Outcome.refused(Problem.notFound("There is no person " + meant.person()));
            }
            if (assignments.open(tx, meant.person(), meant.function(), meant.project(), now)) {
                Audit.note(tx, now, "assignment.open", meant.person(), meant.function() + meant.where());
            }
            return new Outcome.Done<>(meant);
        }));
    }

    public Outcome<Wanted> close(String me, Wanted wanted) {
        var now = clock.instant();
        return database.inTransaction(tx -> meant(tx, me, wanted).then(meant -> {
            if (meant.function() == Function.SYSTEM_MANAGER && !parties.hasOtherSystemManager(tx, meant.person())) {
                return Outcome.refused(ChangeParty.lastSystemManager(meant.person()));
            }
            if (!assignments.close(tx, meant.person(), meant.function(), meant.project(), now)) {
                return Outcome.refused(
                        Problem.notFound(meant.person() + " does not hold " + meant.function() + meant.where()));
            }
            Audit.note(tx, now, "assignment.close", meant.person(), meant.function() + meant.where(), "closed");
            return new Outcome.Done<>(meant);
        }));
    }

    /// What is open: of one person, or in one project; with neither, one's own.
    public Outcome<List<Wanted>> list(String me, Optional<String> person, Optional<String> project) {
        return database.inTransaction(tx -> {
            var rules = new PartyRules(me, assignments.of(tx, me));
            boolean may = project.isPresent()
                    ? rules.maySeeMembers(project.get())
                    : rules.isStaff() || person.map(me::equals).orElse(true);
            return may
                    ? new Outcome.Done<>(
                            store.list(tx, project.isPresent() ? person : person.or(() -> Optional.of(me)), project))
                    : Outcome.refused(Problem.forbidden(me + " may not see who holds which function"
                            + project.map(it -> " in " + it + ": its production managers and agents may")
                                    .orElse(" but their own")));
        });
    }

    /// With the project that is meant, when this person may say who holds that function there.
    private Outcome<Wanted> meant(Transaction tx, String me, Wanted wanted) {
        var held = assignments.of(tx, me);
        if (!wanted.function().isOfProject() && wanted.project().isPresent()) {
            return Outcome.refused(
                    Problem.invalid("'" + wanted.function() + "' is held in the whole site: leave the project out"));
        }
        Outcome<String> project =
                wanted.function().isOfProject() ? held.project(wanted.project()) : new Outcome.Done<>("");
        return project.then(where -> {
            if (!new PartyRules(me, held).mayAssign(wanted.function(), where)) {
                return Outcome.refused(Problem.forbidden(me + " may not say who is " + wanted.function()
                        + (where.isEmpty()
                                ? ": system managers may"
                                : " in " + where + ": its production managers and sale may")));
            }
            return new Outcome.Done<>(new Wanted(
                    wanted.person(), wanted.function(), Optional.of(where).filter(it -> !it.isEmpty())));
        });
    }
}

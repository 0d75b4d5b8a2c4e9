package org.slapos.master.party;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slapos.master.db.Transaction;

/// The table `assignment`. Whoever writes it, or a person's state, tells on [Assignments#CHANGED].
final class AssignmentStore {
    private record Row(Function function, Optional<String> project) {}

    /// What a person holds, as far as they and the projects are validated.
    Functions of(Transaction tx, String person) {
        var state = tx.handle()
                .createQuery("SELECT state FROM party WHERE reference = :person AND kind = 'PERSON'")
                .bind("person", person)
                .mapTo(String.class)
                .findOne()
                .map(PartyState::ofWire);
        if (!state.equals(Optional.of(PartyState.VALIDATED))) {
            return new Functions(state, java.util.Map.of(), Set.of());
        }
        var inProject = new HashMap<String, Set<Function>>();
        var siteWide = EnumSet.noneOf(Function.class);
        for (var row : open(tx, person)) {
            row.project()
                    .map(project -> inProject.computeIfAbsent(project, _ -> EnumSet.noneOf(Function.class)))
                    .orElse(siteWide)
                    .add(row.function());
        }
        owned(tx, person).forEach(project -> inProject.computeIfAbsent(project, _ -> Set.of()));
        return new Functions(state, inProject, siteWide);
    }

    private static List<Row> open(Transaction tx, String person) {
        return tx.handle()
                .createQuery("""
                        SELECT a.function, a.project FROM assignment a
                        LEFT JOIN party p ON p.reference = a.project
                        WHERE a.person = :person AND a.closed_at IS NULL AND coalesce(p.state, 'validated') = 'validated'""")
                .bind("person", person)
                .map((row, _) ->
                        new Row(Function.ofWire(row.getString(1)).orElseThrow(), Optional.ofNullable(row.getString(2))))
                .list();
    }

    private static List<String> owned(Transaction tx, String person) {
        return tx.handle()
                .createQuery("""
                        SELECT reference FROM project JOIN party USING (reference)
                        WHERE owner = :person AND state = 'validated'""")
                .bind("person", person)
                .mapTo(String.class)
                .list();
    }

    /// What is open, by age.
    List<ChangeAssignments.Wanted> list(Transaction tx, Optional<String> person, Optional<String> project) {
        return tx.handle()
                .createQuery("""
                        SELECT person, function, project FROM assignment
                        WHERE closed_at IS NULL AND (CAST(:person AS text) IS NULL OR person = :person)
                            AND (CAST(:project AS text) IS NULL OR project = :project)
                        ORDER BY id LIMIT 1000""")
                .bind("person", person.orElse(null))
                .bind("project", project.orElse(null))
                .map((row, _) -> new ChangeAssignments.Wanted(
                        row.getString(1),
                        Function.ofWire(row.getString(2)).orElseThrow(),
                        Optional.ofNullable(row.getString(3))))
                .list();
    }

    /// @return whether it was not open before
    boolean open(Transaction tx, String person, Function function, Optional<String> project, Instant now) {
        int opened =
                tx.handle().execute("""
                        INSERT INTO assignment (person, function, project, opened_at) VALUES (?, ?, ?, ?)
                        ON CONFLICT (person, function, coalesce(project, '')) WHERE closed_at IS NULL DO NOTHING""", person, function.wire(), project.orElse(null), now.atOffset(ZoneOffset.UTC));
        tell(tx, person);
        return opened == 1;
    }

    /// @return whether it was open
    boolean close(Transaction tx, String person, Function function, Optional<String> project, Instant now) {
        int closed =
                tx.handle().execute("""
                        UPDATE assignment SET closed_at = ?
                        WHERE person = ? AND function = ? AND project IS NOT DISTINCT FROM ? AND closed_at IS NULL""", now.atOffset(ZoneOffset.UTC), person, function.wire(), project.orElse(null));
        tell(tx, person);
        return closed == 1;
    }

    /// What is remembered of this person, or of everybody, is not true any more.
    static void tell(Transaction tx, String person) {
        tx.notify(Assignments.CHANGED, person);
    }
}

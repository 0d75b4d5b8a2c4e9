package org.slapos.master.party;

import java.util.List;
import java.util.Optional;
import org.slapos.master.Problem;
import org.slapos.master.db.Database;
import org.slapos.master.db.Transaction;
import org.slapos.master.party.Party.Detail;
import org.slapos.master.party.Party.Kind;

/// Shows parties to people, as far as each may see them. Any thread.
public final class FindParties {
    static final int AT_MOST = 1000;

    private final Database database;
    private final Assignments assignments;
    private final PartyStore store = new PartyStore();

    public FindParties(Database database, Assignments assignments) {
        this.database = database;
        this.assignments = assignments;
    }

    /// Those of one kind, the oldest first.
    public List<Party> list(String me, Kind kind, int limit, int offset) {
        var held = assignments.of(me);
        var rules = new PartyRules(me, held);
        int most = Math.clamp(limit, 1, AT_MOST);
        return database.inTransaction(tx ->
                store.list(tx, kind, rules.isStaff(), me, List.copyOf(held.projects()), most, Math.max(0, offset)));
    }

    public Outcome<Party> find(String me, String reference) {
        return database.inTransaction(tx -> visible(tx, me, reference));
    }

    /// As [#find], inside a transaction.
    public Outcome<Party> visible(Transaction tx, String me, String reference) {
        var rules = new PartyRules(me, assignments.of(tx, me));
        return store.find(tx, reference)
                .filter(party -> rules.maySee(party, employer(tx, me)))
                .<Outcome<Party>>map(Outcome.Done::new)
                .orElseGet(() -> Outcome.refused(none(reference)));
    }

    private String employer(Transaction tx, String me) {
        return Optional.of(me)
                .flatMap(person -> store.find(tx, person))
                .map(party -> party.detail(Detail.EMPLOYER))
                .orElse("");
    }

    static Problem none(String reference) {
        return Problem.notFound(
                "There is no person, organisation, project or network " + reference + " that you may see");
    }
}

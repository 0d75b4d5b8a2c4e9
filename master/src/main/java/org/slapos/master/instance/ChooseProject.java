package org.slapos.master.instance;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.slapos.master.Problem;
import org.slapos.master.computer.Computers;
import org.slapos.master.db.Transaction;
import org.slapos.master.party.Assignments;
import org.slapos.master.party.Functions;
import org.slapos.master.party.Outcome;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.InstanceRequest;

/// In which project a person's request is placed: the first that applies of
///
/// 1. the one it names, as `project_reference` or as the condition `project_guid`;
/// 2. that of the tree of this title, when it is known already;
/// 3. the only one that the person is in;
/// 4. the only one of theirs where the SoftwareRelease may be allocated;
/// 5. that of the Computer, then of the network, that the conditions name.
final class ChooseProject {
    private static final String PROJECT = "project_guid";

    private final Computers computers = new Computers();

    /// What a person or a Computer holds: a Computer is in its own project.
    Functions held(Transaction tx, Assignments assignments, String owner) {
        return owner.startsWith("COMP-")
                ? computers
                        .find(tx, new ComputerId(owner))
                        .map(computer -> Functions.in(computer.project()))
                        .orElse(Functions.NONE)
                : assignments.of(tx, owner);
    }

    /// @param person what the person holds: not looked up for a tree that is known
    /// @param known  the project of the tree of this title
    Outcome<String> choose(Transaction tx, Supplier<Functions> person, InstanceRequest wanted, Optional<String> known) {
        var condition = given(wanted.filter(), PROJECT);
        var named = wanted.project().or(() -> condition);
        if (condition.isPresent() && !condition.equals(named)) {
            return Outcome.refused(Problem.invalid("project_reference is " + named.orElse("") + ", but SLA key '"
                    + PROJECT + "' is " + condition.get() + ": name one project"));
        }
        if (named.isPresent() && known.isPresent() && !named.equals(known)) {
            return Outcome.refused(Problem.conflict("'" + wanted.reference() + "' is in " + known.get()
                    + ", which a request for " + named.get() + " cannot change: request another title"));
        }
        if (known.isPresent()) {
            return new Outcome.Done<>(known.get());
        }
        var held = person.get();
        return held.project(named.or(() -> guess(tx, held.projects(), wanted)));
    }

    /// Within a tree there is nothing to choose: what is named is its project, or else a mistake.
    static Optional<Problem> contradiction(InstanceRequest wanted, InstanceTree tree) {
        return wanted.project()
                .or(() -> given(wanted.filter(), PROJECT))
                .filter(named -> !named.equals(tree.project()))
                .map(named -> Problem.invalid("The tree '" + tree.title() + "' is in " + tree.project() + ", not in "
                        + named + ": leave the project out"));
    }

    private static Optional<String> guess(Transaction tx, Set<String> visible, InstanceRequest wanted) {
        if (visible.size() < 2) {
            return Optional.empty();
        }
        var ofRelease = find(tx, """
                select distinct s.project from allocation_supply s join software_release r on r.id = s.release_id
                where s.ended_at is null and r.url = :text""", wanted.softwareRelease()).stream()
                .filter(visible::contains)
                .toList();
        return ofRelease.size() == 1
                ? Optional.of(ofRelease.getFirst())
                : of(tx, "computer", wanted, "computer_guid")
                        .or(() -> of(tx, "network", wanted, "network_guid"))
                        .filter(visible::contains);
    }

    private static Optional<String> of(Transaction tx, String table, InstanceRequest wanted, String condition) {
        return given(wanted.filter(), condition)
                .flatMap(reference ->
                        find(tx, "select project from " + table + " where reference = :text", reference).stream()
                                .findFirst());
    }

    private static List<String> find(Transaction tx, String query, String text) {
        return tx.handle()
                .createQuery(query)
                .bind("text", text)
                .mapTo(String.class)
                .list();
    }

    private static Optional<String> given(Map<String, String> filter, String key) {
        return Optional.ofNullable(filter.get(key)).filter(text -> !text.isEmpty());
    }
}

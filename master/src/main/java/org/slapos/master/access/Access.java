package org.slapos.master.access;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.slapos.master.Problem;
import org.slapos.master.computer.Computer;
import org.slapos.master.computer.FindComputers;
import org.slapos.master.instance.FindKinship;
import org.slapos.master.instance.Kinship;
import org.slapos.master.instance.WhichInstance;
import org.slapos.master.party.Assignments;
import org.slapos.master.party.Function;
import org.slapos.master.party.Requester;
import org.slapos.protocol.ComputerId;

/// Says whether a requester has a right. Any thread.
///
/// Who sees a thing and lacks the right is told which one; to all others a thing is the same whether it is there or
/// not, so that nobody finds out what there is by trying numbers.
public final class Access {
    private final FindComputers computers;
    private final FindKinship kinships;
    private final Assignments assignments;

    public Access(FindComputers computers, FindKinship kinships, Assignments assignments) {
        this.computers = computers;
        this.kinships = kinships;
        this.assignments = assignments;
    }

    /// How it ends.
    public sealed interface Admission {
        /// @param instance the one that was there when the right was looked at; none = whatever lives there. Act on
        /// that one: another may live in its partition a moment later.
        record Admitted(Optional<String> instance) implements Admission {}

        record Refused(Problem problem) implements Admission {}
    }

    /// Nothing, or which right is missing.
    ///
    /// @param method by its name on the wire, for the message
    public Optional<Problem> refusal(Requester who, Right right, String method, Subject subject) {
        return admit(who, right, method, subject) instanceof Admission.Refused(var problem)
                ? Optional.of(problem)
                : Optional.empty();
    }

    /// Lets in, or says which right is missing. A Computer that calls about itself is let in without a look at the
    /// database.
    ///
    /// @param method by its name on the wire, for the message
    public Admission admit(Requester who, Right right, String method, Subject subject) {
        if (who instanceof Requester.Computer(var id)
                && right.callers().contains(Caller.COMPUTER)
                && subject.computer().equals(Optional.of(id))) {
            return new Admission.Admitted(Optional.empty());
        }
        var found = found(subject);
        var standing = standing(who, found);
        return Collections.disjoint(standing, right.callers())
                ? new Admission.Refused(refusal(who, right, method, subject, found, standing))
                : new Admission.Admitted(found.instance().map(Kinship::reference));
    }

    public boolean has(Requester who, Right right, Subject subject) {
        return refusal(who, right, "", subject).isEmpty();
    }

    /// What a subject names, as far as it exists.
    private record Found(Subject subject, Optional<Kinship> instance, Optional<Computer> computer) {
        /// By reference: also where it is not looked up.
        Optional<ComputerId> place() {
            return instance.flatMap(Kinship::computer).or(() -> computer.map(Computer::reference));
        }

        /// Whose functions count.
        Optional<String> project() {
            return instance.map(Kinship::project).or(() -> computer.map(Computer::project));
        }
    }

    private Found found(Subject subject) {
        var instance = subject.instance().flatMap(kinships::of);
        var computer = instance.flatMap(Kinship::computer).or(subject::computer).flatMap(computers::find);
        return new Found(subject, instance, computer);
    }

    private static Problem refusal(
            Requester who, Right right, String method, Subject subject, Found found, Set<Caller> standing) {
        boolean seesInstance = !Collections.disjoint(standing, Right.SEE_INSTANCE.callers());
        boolean seesComputer = !Collections.disjoint(standing, Right.SEE_COMPUTER.callers());
        if (subject.equals(Subject.NONE)
                || (found.instance().isPresent()
                        ? seesInstance
                        : subject.instance().isEmpty() && found.computer().isPresent() && seesComputer)) {
            return Problem.forbidden(
                    name(who) + " may not call " + method + subject.words() + ": " + right.words() + " may");
        }
        return Problem.notFound("There is nothing" + subject.words() + " that " + name(who) + " may see: " + method
                + " is for " + right.words());
    }

    private Set<Caller> standing(Requester who, Found found) {
        var standing = EnumSet.of(Caller.ANYONE, Caller.TOKEN);
        if (!(who instanceof Requester.Anonymous)) {
            standing.add(Caller.CERTIFIED);
        }
        switch (who) {
            case Requester.Anonymous _ -> {}
            case Requester.Person(var person) -> addPerson(standing, person, found);
            case Requester.Computer(var id) -> addComputer(standing, id, found);
            case Requester.Instance(var guid) -> addInstance(standing, guid, found);
        }
        return standing;
    }

    private void addPerson(Set<Caller> standing, String person, Found found) {
        standing.add(Caller.PERSON);
        var functions = assignments.of(person);
        found.computer().filter(it -> it.owner().equals(person)).ifPresent(_ -> standing.add(Caller.COMPUTER_OWNER));
        found.instance().filter(it -> owns(person, it.owner())).ifPresent(_ -> standing.add(Caller.TREE_OWNER));
        found.project().ifPresent(project -> {
            boolean all = functions.isSystemManager();
            if (all || functions.has(Function.CUSTOMER, project)) {
                standing.add(Caller.CUSTOMER);
            }
            if (all || functions.has(Function.PRODUCTION_AGENT, project)) {
                standing.add(Caller.AGENT);
            }
            if (all || functions.has(Function.PRODUCTION_MANAGER, project)) {
                standing.add(Caller.MANAGER);
            }
            if (all || functions.has(Function.SALE_AGENT) || functions.has(Function.SALE_MANAGER)) {
                standing.add(Caller.SALE);
            }
        });
    }

    /// A tree that a Computer asked for is its owner's, too.
    private boolean owns(String person, String owner) {
        return owner.equals(person)
                || (owner.startsWith("COMP-")
                        && computers
                                .find(new ComputerId(owner))
                                .filter(it -> it.owner().equals(person))
                                .isPresent());
    }

    private static void addComputer(Set<Caller> standing, ComputerId id, Found found) {
        standing.add(Caller.ANY_COMPUTER);
        if (found.place().equals(Optional.of(id))) {
            standing.add(Caller.COMPUTER);
        }
        if (found.instance().filter(it -> it.owner().equals(id.text())).isPresent()) {
            standing.add(Caller.TREE_OWNER);
        }
    }

    private void addInstance(Set<Caller> standing, String guid, Found found) {
        standing.add(Caller.ANY_INSTANCE);
        if (found.subject().equals(Subject.NONE)) {
            return;
        }
        var caller = kinships.of(new WhichInstance.Named(guid));
        if (caller.isEmpty()) {
            return;
        }
        if (found.instance().isEmpty()) {
            boolean livesThere = found.subject().instance().isEmpty()
                    && caller.get().computer().isPresent()
                    && caller.get().computer().equals(found.place());
            if (livesThere) {
                standing.add(Caller.TENANT);
            }
            return;
        }
        var instance = found.instance().get();
        var itself = Optional.of(guid);
        if (instance.reference().equals(guid)) {
            standing.add(Caller.TENANT);
        }
        if (instance.parent().equals(itself)) {
            standing.add(Caller.PARENT);
        }
        if (instance.host().equals(itself)) {
            standing.add(Caller.HOST);
        }
        if (instance.tree().equals(caller.get().tree())) {
            standing.add(Caller.TREE);
        }
    }

    private static String name(Requester who) {
        return switch (who) {
            case Requester.Person(var reference) -> reference;
            case Requester.Computer(var id) -> id.text();
            case Requester.Instance(var guid) -> guid;
            case Requester.Anonymous _ -> "Nobody known";
        };
    }
}

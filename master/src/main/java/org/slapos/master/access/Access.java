package org.slapos.master.access;

import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slapos.master.Problem;
import org.slapos.master.computer.FindComputers;
import org.slapos.master.instance.FindInstances;
import org.slapos.master.instance.FindInstances.Found;
import org.slapos.master.party.Requester;

/// Says whether a requester is among those who may call. Any thread.
public final class Access {
    private final FindComputers computers;
    private final FindInstances instances;

    public Access(FindComputers computers, FindInstances instances) {
        this.computers = computers;
        this.instances = instances;
    }

    /// Nothing, or which right is missing; of what does not exist, that it does not. A Computer that calls about itself
    /// is
    /// let in without a look at the database.
    public Optional<Problem> refusal(Requester who, String method, Set<Caller> callers, Subject subject) {
        if (callers.contains(Caller.ANYBODY) || isAmong(who, callers, subject)) {
            return Optional.empty();
        }
        return missing(who, subject).or(() -> Optional.of(forbidden(who, method, callers, subject)));
    }

    /// Numbers of Computers are given in order, so that there is nothing to hide; whether a partition is free is for
    /// those who may see the Computer.
    private Optional<Problem> missing(Requester who, Subject subject) {
        var computer = subject.computer();
        if (computer.isPresent() && computers.find(computer.get()).isEmpty()) {
            return Optional.of(Problem.notFound("There is no Computer " + computer.get()));
        }
        boolean sees = computer.filter(it -> computers.maySee(who, it)).isPresent();
        return sees && subject.instance().isPresent() && tenant(subject).isEmpty()
                ? Optional.of(Problem.notFound("Nothing is known" + subject.words() + ": there is no such instance"))
                : Optional.empty();
    }

    private static Problem forbidden(Requester who, String method, Set<Caller> callers, Subject subject) {
        var allowed = callers.stream().sorted().map(Caller::toString).collect(Collectors.joining(", "));
        return Problem.forbidden(name(who) + " may not call " + method + subject.words() + ": " + allowed + " may");
    }

    private boolean isAmong(Requester who, Set<Caller> callers, Subject subject) {
        return switch (who) {
            case Requester.Computer(var id) ->
                callers.contains(Caller.COMPUTER) && subject.computer().equals(Optional.of(id));
            case Requester.Person(var reference) ->
                callers.contains(Caller.PERSON)
                        || (callers.contains(Caller.COMPUTER_OWNER)
                                && subject.computer()
                                        .filter(computer -> computers.maySee(who, computer))
                                        .isPresent())
                        || (callers.contains(Caller.TREE_OWNER) && ownsTree(reference, subject));
            case Requester.Instance(var guid) ->
                subject.instance().isEmpty()
                        ? callers.contains(Caller.TENANT) && livesOn(guid, subject)
                        : isIn(guid, callers, subject);
            case Requester.Anonymous _ -> false;
        };
    }

    private boolean ownsTree(String person, Subject subject) {
        return tenant(subject)
                .filter(found -> found.tree().owner().equals(person))
                .isPresent();
    }

    private boolean livesOn(String guid, Subject subject) {
        return instances
                .byReference(guid)
                .flatMap(Found::placed)
                .filter(placed -> subject.computer().equals(Optional.of(placed.computer())))
                .isPresent();
    }

    private boolean isIn(String guid, Set<Caller> callers, Subject subject) {
        var tenant = tenant(subject);
        if (tenant.isEmpty()) {
            return false;
        }
        if (callers.contains(Caller.TENANT)
                && tenant.get().instance().reference().equals(guid)) {
            return true;
        }
        if (callers.contains(Caller.HOST) && hosts(guid, tenant.get())) {
            return true;
        }
        return callers.contains(Caller.TREE)
                && instances
                        .byReference(guid)
                        .filter(caller ->
                                caller.tree().id() == tenant.get().tree().id())
                        .isPresent();
    }

    private boolean hosts(String guid, Found tenant) {
        return tenant.instance().isShared()
                && tenant.placed()
                        .flatMap(placed -> instances.on(placed.computer(), placed.partition()))
                        .filter(host -> host.instance().reference().equals(guid))
                        .isPresent();
    }

    private Optional<Found> tenant(Subject subject) {
        return subject.instance().flatMap(instances::find);
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

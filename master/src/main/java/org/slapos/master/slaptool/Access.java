package org.slapos.master.slaptool;

import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slapos.master.Problem;
import org.slapos.master.computer.FindComputers;
import org.slapos.master.instance.FindInstances;
import org.slapos.master.instance.FindInstances.Found;
import org.slapos.master.party.Requester;

/// Says whether a requester is among those who may call.
final class Access {
    private final FindComputers computers;
    private final FindInstances instances;

    Access(FindComputers computers, FindInstances instances) {
        this.computers = computers;
        this.instances = instances;
    }

    /// Nothing, or which right is missing. A Computer that calls about itself is let in without a look at the database.
    Optional<Problem> refusal(Requester who, String method, Set<Caller> callers, Target target) {
        if (callers.contains(Caller.ANYBODY) || isAmong(who, callers, target)) {
            return Optional.empty();
        }
        var allowed = callers.stream().sorted().map(Caller::toString).collect(Collectors.joining(", "));
        return Optional.of(
                Problem.forbidden(name(who) + " may not call " + method + about(target) + ": " + allowed + " may"));
    }

    private boolean isAmong(Requester who, Set<Caller> callers, Target target) {
        return switch (who) {
            case Requester.Computer(var id) -> callers.contains(Caller.COMPUTER) && id.equals(target.computerOrNone());
            case Requester.Person(var reference) ->
                callers.contains(Caller.PERSON)
                        || (callers.contains(Caller.COMPUTER_OWNER)
                                && target.computerOrNone() != null
                                && computers.maySee(who, target.computer()))
                        || (callers.contains(Caller.TREE_OWNER) && ownsTree(reference, target));
            case Requester.Instance(var guid) ->
                target.partitionOrNone() == null
                        ? callers.contains(Caller.TENANT) && livesOn(guid, target)
                        : isIn(guid, callers, target);
            case Requester.Anonymous _ -> false;
        };
    }

    private boolean ownsTree(String person, Target target) {
        return target.partitionOrNone() != null
                && tenant(target)
                        .filter(found -> found.tree().owner().equals(person))
                        .isPresent();
    }

    private boolean livesOn(String guid, Target target) {
        return instances
                .byReference(guid)
                .flatMap(Found::placed)
                .filter(placed -> placed.computer().equals(target.computerOrNone()))
                .isPresent();
    }

    private boolean isIn(String guid, Set<Caller> callers, Target target) {
        var tenant = tenant(target);
        if (tenant.isEmpty()) {
            return false;
        }
        if (callers.contains(Caller.TENANT)
                && tenant.get().instance().reference().equals(guid)) {
            return true;
        }
        return callers.contains(Caller.TREE)
                && instances
                        .byReference(guid)
                        .filter(caller ->
                                caller.tree().id() == tenant.get().tree().id())
                        .isPresent();
    }

    private Optional<Found> tenant(Target target) {
        return instances.find(target.instance());
    }

    private static String about(Target target) {
        if (target.computerOrNone() == null) {
            return "";
        }
        return " about " + target.computer()
                + (target.partitionOrNone() == null ? "" : ", partition " + target.partition())
                + (target.sharedOrNone() == null ? "" : ", shared instance " + target.sharedOrNone());
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

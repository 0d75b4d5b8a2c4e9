package org.slapos.master.proxy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.RequestedState;

/// Asks for an instance, or changes one already asked for: the same request twice is one instance.
///
/// A plain instance takes the first free partition of its Computer, without any supply. A shared one goes to the
/// first instance of its release there.
final class RequestInstance {
    private final State state;
    private final String defaultComputer;

    RequestInstance(State state, String defaultComputer) {
        this.state = state;
        this.defaultComputer = defaultComputer;
    }

    /// What a request got.
    sealed interface Answer {
        /// @param shown the requested state as it is answered, `started` when the request says none
        record Plain(Partition partition, Instance instance, RequestedState shown) implements Answer {}

        record Shared(SharedInstance instance, Partition host, Instance hostInstance) implements Answer {}
    }

    /// Whether a request only changes what is there already.
    boolean isAllocated(InstanceWanted wanted) {
        return state.read(tables -> {
            var root = rootOf(tables, wanted.asker());
            if (!wanted.shared()) {
                return tables.plain(wanted.title(), root).isPresent();
            }
            return tables.sharedInstances.containsKey(sharedKey(wanted, root));
        });
    }

    private SharedInstance.Key sharedKey(InstanceWanted wanted, String root) {
        return new SharedInstance.Key(SharedInstance.reference(root, wanted.title()), wanted.computer(defaultComputer));
    }

    /// The title of the root of the tree that a partition belongs to. What is unknown or free asks as the user does.
    private static String rootOf(Tables tables, Optional<PartitionKey> asker) {
        return asker.flatMap(key -> Optional.ofNullable(tables.partitions.get(key)))
                .flatMap(Partition::held)
                .map(Instance::rootTitle)
                .orElse("");
    }

    /// @throws Refusal when no partition is free, or nothing can host it
    Answer request(InstanceWanted wanted) {
        return state.change((tables, now) -> {
            var resolved = wanted.of(Software.resolved(wanted.release(), tables.softwareRoot));
            var root = rootOf(tables, wanted.asker());
            return wanted.shared() ? shared(tables, resolved, root, now) : plain(tables, resolved, root, now);
        });
    }

    private Answer plain(Tables tables, InstanceWanted wanted, String root, double now) {
        var found = tables.plain(wanted.title(), root);
        var partition = found.orElseGet(() -> free(tables, wanted));
        var before = partition.held();
        var asked =
                before.isPresent() && !root.isEmpty() ? forcedBy(tables, root).or(wanted::state) : wanted.state();
        var next = before.map(held -> changed(held, wanted, asked)).orElseGet(() -> first(wanted, root));
        var changed = partition.holding(next);
        if (before.filter(next::equals).isEmpty()) {
            changed = changed.touched(now);
            tables.save(changed);
        }
        return new Answer.Plain(changed, next, asked.orElse(RequestedState.STARTED));
    }

    private Partition free(Tables tables, InstanceWanted wanted) {
        var computer = wanted.computer(defaultComputer);
        return tables.partitionsOf(computer).stream()
                .filter(partition -> partition.held().isEmpty())
                .findFirst()
                .orElseThrow(() -> new Refusal(
                        Refusal.Kind.NOT_FOUND,
                        "No free computer partition found for: " + wanted.title() + " (computer '" + computer
                                + "' has " + tables.partitionsOf(computer).size()
                                + ", all in use: format more, or destroy an instance)"));
    }

    /// The state that a stopped or destroyed root forces on an instance of its tree.
    private static Optional<RequestedState> forcedBy(Tables tables, String root) {
        return tables.plain(root, "")
                .flatMap(Partition::held)
                .map(Instance::state)
                .filter(rootState -> rootState != RequestedState.STARTED);
    }

    private static Instance first(InstanceWanted wanted, String root) {
        return new Instance(
                wanted.title(),
                root,
                wanted.release(),
                wanted.type().isEmpty() ? InstanceRequest.DEFAULT_TYPE : wanted.type(),
                wanted.state().orElse(RequestedState.STARTED),
                wanted.parameters().storedTexts(),
                Map.of(),
                null);
    }

    private static Instance changed(Instance held, InstanceWanted wanted, Optional<RequestedState> asked) {
        return new Instance(
                held.title(),
                held.requestedBy(),
                wanted.release(),
                wanted.type().isEmpty() ? held.type() : wanted.type(),
                asked.orElse(held.state()),
                wanted.parameters().storedTexts(),
                held.connection(),
                held.hosted());
    }

    private Answer shared(Tables tables, InstanceWanted wanted, String root, double now) {
        var host = host(tables, wanted);
        var hostInstance = host.held().orElseThrow();
        var reference = SharedInstance.reference(root, wanted.title());
        var entries = wanted.state().equals(Optional.of(RequestedState.DESTROYED))
                ? without(host, hostInstance, reference)
                : with(hostInstance, wanted.entry(reference));
        if (!entries.equals(hostInstance.hostedInstances()) || hostInstance.hosted() == null) {
            hostInstance = hostInstance.hosting(entries);
            host = host.holding(hostInstance).touched(now);
            tables.save(host);
        }
        var known = Optional.ofNullable(tables.sharedInstances.get(
                new SharedInstance.Key(reference, host.key().computer())));
        var instance = new SharedInstance(
                reference,
                host.key().computer(),
                root,
                host.key().partition(),
                known.map(SharedInstance::connection).orElse(Map.of()));
        tables.save(instance);
        return new Answer.Shared(instance, host, hostInstance);
    }

    private Partition host(Tables tables, InstanceWanted wanted) {
        var computer = wanted.computer(defaultComputer);
        var pinned = Optional.ofNullable(wanted.conditions().get("instance_guid"))
                .map(guid -> guid.startsWith(computer + "-") ? guid.substring(computer.length() + 1) : guid);
        Function<Instance, Boolean> fits = held -> held.release().equals(wanted.release())
                && (wanted.type().isEmpty() || wanted.type().equals(held.type()));
        return tables.partitionsOf(computer).stream()
                .filter(partition -> partition.held().map(fits).orElse(false))
                .filter(partition ->
                        pinned.map(partition.key().partition()::equals).orElse(true))
                .findFirst()
                .orElseThrow(() -> new Refusal(
                        Refusal.Kind.NOT_FOUND,
                        "No instance on computer '" + computer + "' can host the shared instance '" + wanted.title()
                                + "': request one of " + wanted.release()
                                + (wanted.type().isEmpty() ? "" : " and type '" + wanted.type() + "'")
                                + pinned.map(id -> " in partition '" + id + "'").orElse("") + " first"));
    }

    private static List<Instance.Hosted> with(Instance host, Instance.Hosted entry) {
        var entries = new ArrayList<>(host.hostedInstances());
        for (int i = 0; i < entries.size(); i++) {
            if (entries.get(i).reference().equals(entry.reference())) {
                entries.set(i, entry);
                return entries;
            }
        }
        entries.add(entry);
        return entries;
    }

    private static List<Instance.Hosted> without(Partition host, Instance hostInstance, String reference) {
        if (hostInstance.hosted() == null) {
            throw new Refusal(
                    Refusal.Kind.INVALID,
                    "The shared instance '" + reference + "' cannot be destroyed: its host "
                            + host.key().guid() + " never had one");
        }
        return hostInstance.hostedInstances().stream()
                .filter(entry -> !entry.reference().equals(reference))
                .toList();
    }
}

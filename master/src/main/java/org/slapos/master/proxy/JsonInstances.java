package org.slapos.master.proxy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.jsonrpc.CertificatePair;
import org.slapos.protocol.jsonrpc.InstanceCall;
import org.slapos.protocol.jsonrpc.JsonAnswer;
import org.slapos.protocol.jsonrpc.ResultList;
import org.slapos.protocol.jsonrpc.Rows;
import org.slapos.protocol.jsonrpc.Success;

/// The JSON methods about instances and their trees.
record JsonInstances(State state, Requests requests, InstanceLife life) {
    /// @param members as the call came: the parameters of a request keep their types
    /// @param here    how the caller reaches this proxy
    JsonAnswer answer(InstanceCall<?> said, ObjectNode members, URI here) {
        return switch (said) {
            case InstanceCall.Request(var wanted) -> request(wanted, members, here);
            case InstanceCall.Get(var guid) -> state.read(tables -> JsonDocuments.of(JsonDocuments.find(tables, guid)));
            case InstanceCall.OnPartition(var computer, var partition) ->
                onPartition(new PartitionKey(computer, partition));
            case InstanceCall.Root(var title) -> root(title);
            case InstanceCall.Trees _ -> new ResultList<>(state.read(JsonInstances::trees));
            case InstanceCall.HostedBy(var guid) -> hosted(plain(guid));
            case InstanceCall.Certificate _ -> new CertificatePair("", "");
            case InstanceCall.Publish(var guid, var connection) -> publish(guid, connection);
            case InstanceCall.ReportState(var guid, var reported) -> reported(guid, reported);
            case InstanceCall.BackUp backUp ->
                throw Refusal.noSuchMethod(backUp.method().wire());
            case InstanceCall.ReportError _ -> JsonComputers.IGNORED;
            case InstanceCall.Bang(var guid, var _) -> {
                life.bang(plain(guid));
                yield new Success("Bang handled");
            }
            case InstanceCall.Rename(var guid, var title) -> done("Renamed", life.rename(plain(guid), title, false));
        };
    }

    private JsonAnswer request(InstanceRequest said, ObjectNode members, URI here) {
        var wanted = InstanceWanted.of(said, JsonValues.dictionary(members.path("parameters")));
        return switch (requests.answer(wanted, here)) {
            case Requests.Outcome.Here(var answer) -> JsonDocuments.of(answer, wanted);
            case Requests.Outcome.Elsewhere(var found, var _) -> JsonDocuments.elsewhere(found, wanted);
            case Requests.Outcome.Bypassed(var found) -> JsonDocuments.bypassed(found, wanted);
        };
    }

    private JsonAnswer onPartition(PartitionKey key) {
        return state.read(tables -> {
            var partition = tables.partition(key);
            if (partition.held().isEmpty()) {
                throw Refusal.notFound("Partition '" + key.partition() + "' of '" + key.computer() + "' is free");
            }
            return JsonDocuments.of(JsonDocuments.plain(partition));
        });
    }

    private JsonAnswer root(String title) {
        return state.read(tables -> {
            var found = Stream.concat(
                            tables.plain(title, "").map(JsonDocuments::plain).stream(),
                            rootShared(tables)
                                    .filter(shared -> shared.title().equals(title))
                                    .map(shared -> JsonDocuments.shared(tables, shared)))
                    .toList();
            if (found.size() != 1) {
                throw Refusal.notFound(
                        found.isEmpty()
                                ? "No instance tree '" + title + "' is here"
                                : found.size() + " instance trees have the title '" + title + "'");
            }
            return JsonDocuments.of(found.getFirst());
        });
    }

    private static List<Rows.Tree> trees(Tables tables) {
        return Stream.concat(
                        tables.busy()
                                .flatMap(partition -> partition.held().stream())
                                .filter(Instance::isRoot)
                                .map(Instance::title),
                        rootShared(tables).map(SharedInstance::title))
                .map(Rows.Tree::new)
                .toList();
    }

    private static Stream<SharedInstance> rootShared(Tables tables) {
        return tables.sharedInstances.values().stream()
                .filter(shared -> shared.askedBy().isEmpty());
    }

    private JsonAnswer hosted(PartitionKey host) {
        return new ResultList<>(state.read(tables -> tables.partition(host).held().stream()
                .flatMap(held -> held.hostedInstances().stream())
                .flatMap(entry -> Optional.ofNullable(
                        tables.sharedInstances.get(new SharedInstance.Key(entry.reference(), host.computer())))
                        .map(shared -> JsonDocuments.hosted(shared, entry, host))
                        .stream())
                .toList()));
    }

    /// The partition of a plain instance.
    private PartitionKey plain(String guid) {
        return state.read(tables -> switch (JsonDocuments.find(tables, guid)) {
            case JsonDocuments.Found.Plain(var partition, var _) -> partition.key();
            case JsonDocuments.Found.Shared _ ->
                throw Refusal.notFound("NotImplemented: '" + guid + "' is a shared instance");
        });
    }

    private JsonAnswer publish(String guid, Map<String, String> connection) {
        switch (state.read(tables -> JsonDocuments.find(tables, guid))) {
            case JsonDocuments.Found.Plain(var partition, var _) -> life.publish(partition.key(), connection);
            case JsonDocuments.Found.Shared(var shared, var _) ->
                life.publishShared(shared.host(), shared.reference(), connection);
        }
        return new Success("Updated");
    }

    private JsonAnswer reported(String guid, RequestedState reported) {
        return reported != RequestedState.DESTROYED || JsonDocuments.isShared(guid)
                ? JsonComputers.IGNORED
                : done("Destroyed", life.destroyed(plain(guid)));
    }

    private static Success done(String title, Optional<String> whyNot) {
        if (whyNot.isPresent()) {
            throw Refusal.notFound(whyNot.get());
        }
        return new Success(title);
    }
}

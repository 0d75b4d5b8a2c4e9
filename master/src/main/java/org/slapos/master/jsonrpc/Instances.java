package org.slapos.master.jsonrpc;

import java.util.List;
import java.util.Map;
import org.slapos.master.access.Subject;
import org.slapos.master.instance.BackUpInstance;
import org.slapos.master.instance.BangInstances;
import org.slapos.master.instance.FetchInstanceCertificate;
import org.slapos.master.instance.FindInstances;
import org.slapos.master.instance.FindInstances.Found;
import org.slapos.master.instance.Placement;
import org.slapos.master.instance.PublishConnection;
import org.slapos.master.instance.RenameInstance;
import org.slapos.master.instance.ReportInstance;
import org.slapos.master.instance.RequestInstance;
import org.slapos.master.instance.WhichInstance;
import org.slapos.master.party.Requester;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.InstanceXml;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.jsonrpc.CertificatePair;
import org.slapos.protocol.jsonrpc.Instance;
import org.slapos.protocol.jsonrpc.InstanceAnswer;
import org.slapos.protocol.jsonrpc.InstanceCall;
import org.slapos.protocol.jsonrpc.JsonAnswer;
import org.slapos.protocol.jsonrpc.JsonMethod;
import org.slapos.protocol.jsonrpc.NotReady;
import org.slapos.protocol.jsonrpc.ResultList;
import org.slapos.protocol.jsonrpc.Rows;
import org.slapos.protocol.jsonrpc.Success;

/// Answers the calls about instances and their trees.
public final class Instances {
    private final Rights rights;
    private final FindInstances instances;
    private final Changes changes;

    /// What can be done to instances.
    public record Changes(
            RequestInstance request,
            ReportInstance report,
            BangInstances bang,
            RenameInstance rename,
            PublishConnection publish,
            BackUpInstance backUp,
            FetchInstanceCertificate certificates) {}

    public Instances(Rights rights, FindInstances instances, Changes changes) {
        this.rights = rights;
        this.instances = instances;
        this.changes = changes;
    }

    JsonAnswer answer(Requester who, InstanceCall<?> call) {
        return switch (call) {
            case InstanceCall.Request(var wanted) -> {
                rights.require(who, call.method());
                yield request(who, wanted);
            }
            case InstanceCall.Get(var guid) -> shown(rights.instance(who, call.method(), guid));
            case InstanceCall.OnPartition(var computer, var partition) ->
                onPartition(who, call.method(), computer, partition);
            case InstanceCall.Root(var title) -> root(rights.party(who, call.method()), title);
            case InstanceCall.Trees() -> trees(rights.party(who, call.method()));
            case InstanceCall.HostedBy(var guid) -> hostedBy(who, guid);
            case InstanceCall.Certificate(var guid) -> certificate(rights.instance(who, call.method(), guid));
            case InstanceCall.Publish(var guid, var connection) ->
                publish(rights.instance(who, call.method(), guid), connection);
            case InstanceCall.BackUp(var guid, var url) -> {
                var which = named(rights.instance(who, call.method(), guid));
                JsonRefusal.ifAny(changes.backUp().keeps(which, url), Rights.NO_INSTANCE);
                yield new Success("Backup URL kept");
            }
            case InstanceCall.ReportState(var guid, var state) ->
                reported(rights.instance(who, call.method(), guid), state);
            case InstanceCall.ReportError(var guid, var message) -> {
                var which = named(rights.instance(who, call.method(), guid));
                JsonRefusal.ifAny(changes.report().failed(which, message), Rights.NO_INSTANCE);
                yield new Success("Error reported");
            }
            case InstanceCall.Bang(var guid, var message) -> {
                var which = named(rights.instance(who, call.method(), guid));
                JsonRefusal.ifAny(changes.bang().bang(which, message), Rights.NO_INSTANCE);
                yield new Success("Bang handled");
            }
            case InstanceCall.Rename(var guid, var title) -> {
                var which = named(rights.instance(who, call.method(), guid));
                JsonRefusal.ifAny(changes.rename().rename(which, title), Rights.NO_INSTANCE);
                yield new Success("Title updated");
            }
        };
    }

    /// Unlike in SLAP v1, an instance that waits for a place is shown at once, with what it waits for.
    private InstanceAnswer request(Requester who, InstanceRequest wanted) {
        return switch (changes.request().request(who, wanted)) {
            case Placement.Placed(var instance) -> fresh(instance.guid());
            case Placement.Waiting(var reference, var _) -> fresh(reference);
            case Placement.Destroyed(var reason) -> new NotReady(reason);
            case Placement.Refused(var problem) -> throw JsonRefusal.of(problem, "OBJECT-NODE-NOT-FOUND");
        };
    }

    private InstanceAnswer fresh(String guid) {
        return instances
                .byReference(guid)
                .<InstanceAnswer>map(Instances::shown)
                .orElseGet(() -> new NotReady(guid + " was destroyed in the meantime"));
    }

    private Instance onPartition(Requester who, JsonMethod method, String computerGuid, String partitionId) {
        var computer = Rights.computerId(computerGuid);
        var partition = new PartitionId(partitionId);
        var meant = rights.admitted(
                who,
                method,
                Subject.of(computer, new WhichInstance.InPartition(computer, partition)),
                Rights.NO_INSTANCE);
        var where = "partition " + partition + " of " + computer;
        var found = instances
                .on(computer, partition)
                .filter(it ->
                        meant.isEmpty() || meant.get().equals(it.instance().reference()));
        return found.map(Instances::shown).orElseThrow(() -> {
            boolean isFree = instances.partition(computer, partition).isPresent();
            return isFree
                    ? JsonRefusal.notFound(Rights.NO_INSTANCE, "There is no instance in " + where)
                    : new JsonRefusal(404, "not-found", "There is no " + where);
        });
    }

    private Instance root(String owner, String title) {
        return instances
                .root(owner, title)
                .map(Instances::shown)
                .orElseThrow(() ->
                        JsonRefusal.notFound("INSTANCE-TREE-NOT-FOUND", "You have no instance tree '" + title + "'"));
    }

    private ResultList<Rows.Tree> trees(String owner) {
        return new ResultList<>(instances.trees(owner).stream()
                .map(tree -> new Rows.Tree(tree.title()))
                .toList());
    }

    private ResultList<Rows.SharedInstance> hostedBy(Requester who, String guid) {
        var host = rights.instance(who, JsonMethod.LIST_SHARED_INSTANCES, guid, Rights.NO_HOST);
        if (host.instance().isShared()) {
            throw JsonRefusal.notFound(Rights.NO_HOST, guid + " is shared itself and hosts none");
        }
        var partition = host.placed().map(placed -> placed.partition().text()).orElse("");
        return new ResultList<>(instances.sharedIn(guid).stream()
                .map(shared -> new Rows.SharedInstance(
                        shared.title(),
                        shared.reference(),
                        shared.desire().type(),
                        shared.desire().state().wire(),
                        shared.desire().parameters(),
                        partition))
                .toList());
    }

    private CertificatePair certificate(Found found) {
        return changes.certificates()
                .fetch(named(found))
                .map(kept -> new CertificatePair(kept.certificatePem(), kept.keyPem()))
                .orElseThrow(() -> JsonRefusal.notFound(
                        Rights.NO_INSTANCE,
                        found.instance().reference() + " is shared: its host acts for it, it has no certificate"));
    }

    private Success publish(Found found, Map<String, String> connection) {
        boolean identical = InstanceXml.write(connection)
                .equals(InstanceXml.write(found.instance().connection()));
        JsonRefusal.ifAny(changes.publish().publish(named(found), connection), Rights.NO_INSTANCE);
        return new Success(
                identical ? "connection parameter not modified as identical" : "connection parameter updated");
    }

    private Success reported(Found found, RequestedState state) {
        if (found.instance().isShared()) {
            return new Success("Ignored: nothing is reported of a shared instance");
        }
        var placed = found.placed()
                .orElseThrow(() -> new JsonRefusal(
                        403,
                        "SOFTWARE-INSTANCE-WRONG-REPORTED-STATE",
                        found.instance().reference() + " has no place, so that nothing can be " + state.wire()));
        var problem = switch (state) {
            case STARTED -> changes.report().started(placed.computer(), placed.partition());
            case STOPPED -> changes.report().stopped(placed.computer(), placed.partition());
            case DESTROYED -> changes.report().destroyed(placed.computer(), placed.partition());
        };
        JsonRefusal.ifAny(problem, Rights.NO_INSTANCE);
        return new Success("State reported");
    }

    private static WhichInstance named(Found found) {
        return new WhichInstance.Named(found.instance().reference());
    }

    private static Instance shown(Found found) {
        var instance = found.instance();
        var desire = instance.desire();
        var placed = found.placed();
        return new Instance(
                instance.title(),
                instance.reference(),
                desire.release(),
                desire.type(),
                desire.state(),
                instance.connection(),
                desire.parameters(),
                instance.isShared(),
                found.tree().title(),
                placed.map(InstanceInformation::addresses).orElse(List.of()),
                placed.map(InstanceInformation::routedAddresses).orElse(List.of()),
                desire.conditions(),
                placed.map(it -> it.computer().text()).orElse(""),
                placed.map(it -> it.partition().text()).orElse(""),
                placed.map(it -> Long.parseLong(it.timestamp())).orElse(0L),
                status(found));
    }

    /// The last report; of an instance without a place, what it waits for.
    private static String status(Found found) {
        var waitingFor = found.instance().waitingFor();
        return waitingFor.isEmpty() ? found.instance().status().text() : "#error " + waitingFor;
    }
}

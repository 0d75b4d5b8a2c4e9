package org.slapos.master.slaptool;

import java.time.InstantSource;
import java.util.Map;
import org.slapos.master.access.Access;
import org.slapos.master.access.Right;
import org.slapos.master.http.Answer;
import org.slapos.master.instance.BangInstances;
import org.slapos.master.instance.FetchInstanceCertificate;
import org.slapos.master.instance.FindInstances;
import org.slapos.master.instance.Placement;
import org.slapos.master.instance.PublishConnection;
import org.slapos.master.instance.RenameInstance;
import org.slapos.master.instance.ReportInstance;
import org.slapos.master.instance.RequestInstance;
import org.slapos.master.slaptool.SlapTool.Request;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.PartitionInformation;
import org.slapos.protocol.marshal.MarshalReader;
import org.slapos.protocol.marshal.Value;

/// The methods about instances and their partitions.
public record InstanceMethods(
        InstantSource clock,
        Access access,
        RequestInstance request,
        ReportInstance report,
        BangInstances bang,
        RenameInstance rename,
        PublishConnection publish,
        FetchInstanceCertificate certificates,
        FindInstances instances) {
    Answer request(Request call, Target target) {
        var wanted = InstanceRequest.of(call.form());
        return switch (request.request(call.requester(), wanted, target.asker())) {
            case Placement.Placed(var instance) -> SlapAnswer.document(instance.toSoftwareInstance(), "private");
            case Placement.Waiting(var _, var reason) -> SlapAnswer.notReady(reason);
            case Placement.Destroyed(var reason) -> SlapAnswer.notReady(reason);
            case Placement.Refused(var problem) -> SlapAnswer.refused(problem);
        };
    }

    /// What lives in it, which may be of other trees, is not for its siblings.
    Answer partition(Request call, Target target) {
        boolean seesHosted = access.has(call.requester(), Right.SEE_HOSTED, target.subject());
        return instances
                .partition(target.computer(), target.partition())
                .filter(found -> found.instance()
                        .map(InstanceInformation::guid)
                        .filter(guid -> !target.means(guid))
                        .isEmpty())
                .map(found -> seesHosted
                        ? found
                        : new PartitionInformation(
                                found.computer(),
                                found.partition(),
                                found.instance().map(InstanceInformation::withoutSharedInstances)))
                .map(found -> asOfNow(found.toValue(true)))
                .orElseGet(() ->
                        SlapAnswer.reason(404, "No partition " + target.partition() + " on " + target.computer()));
    }

    private Answer asOfNow(Value value) {
        return SlapAnswer.document(value, SlapAnswer.SHORT).with("Last-Modified", SlapAnswer.date(clock.instant()));
    }

    Answer certificate(Request call, Target target) {
        return certificates
                .fetch(target.instance())
                .map(kept -> SlapAnswer.document(
                        Value.texts(Map.of("certificate", kept.certificatePem(), "key", kept.keyPem())),
                        SlapAnswer.NOT_KEPT))
                .orElseGet(() -> SlapAnswer.reason(
                        404, "No instance on " + target.computer() + ", partition " + target.partition()));
    }

    Answer addresses(Request call, Target target) {
        return instances
                .addressesOfTree(target.instance())
                .map(addresses -> asOfNow(Value.list(addresses.stream()
                        .map(address -> Value.tuple(address.toArray(String[]::new)))
                        .toList())))
                .orElseGet(() -> SlapAnswer.reason(
                        404, "No instance on " + target.computer() + ", partition " + target.partition()));
    }

    Answer started(Request call, Target target) {
        return SlapAnswer.of(report.started(target.computer(), target.partition()), "None");
    }

    Answer stopped(Request call, Target target) {
        return SlapAnswer.of(report.stopped(target.computer(), target.partition()), "None");
    }

    Answer destroyed(Request call, Target target) {
        return SlapAnswer.of(report.destroyed(target.computer(), target.partition()), "None");
    }

    Answer failed(Request call, Target target) {
        var log = call.form().get("error_log").orElse("");
        return SlapAnswer.of(report.failed(target.orShared(call.form()).instance(), log), "None");
    }

    Answer bang(Request call, Target target) {
        var message = call.form().get("message").orElse("");
        return SlapAnswer.of(bang.bang(target.instance(), message), "OK");
    }

    Answer rename(Request call, Target target) {
        return SlapAnswer.of(rename.rename(target.instance(), call.form().required("new_name")), "None");
    }

    Answer publish(Request call, Target target) {
        var published = MarshalReader.read(call.form().required("connection_xml"))
                .asDictionary()
                .storedTexts();
        return SlapAnswer.of(publish.publish(target.orShared(call.form()).instance(), published), "None");
    }

    /// Accepted for the nodes that send it; nothing depends on it.
    Answer related(Request call, Target target) {
        return SlapAnswer.text("");
    }
}

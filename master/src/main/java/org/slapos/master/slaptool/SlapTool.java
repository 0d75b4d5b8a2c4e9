package org.slapos.master.slaptool;

import static java.util.Map.entry;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.slapos.master.Problem;
import org.slapos.master.access.Access;
import org.slapos.master.access.Right;
import org.slapos.master.access.Subject;
import org.slapos.master.http.Answer;
import org.slapos.master.http.Call;
import org.slapos.master.http.Door;
import org.slapos.master.party.Requester;
import org.slapos.protocol.Form;
import org.slapos.protocol.MalformedException;

/// The methods of SLAP v1 by name. Who may call each stands in [Right].
public final class SlapTool implements Door {
    private static final String REQUEST = "requestComputerPartition";

    private final Access access;
    private final Map<String, Method> methods;

    public SlapTool(
            Access access,
            ComputerMethods computers,
            SoftwareMethods software,
            InstanceMethods instances,
            StatusMethods statuses) {
        this.access = access;
        this.methods = Map.ofEntries(
                // Reading.
                asks("getFullComputerInformation", Target::computer, computers::information),
                asks("getComputerInformation", Target::computer, computers::information),
                asks("registerComputerPartition", Target::registered, instances::partition),
                asks("getComputerPartitionCertificate", Target::partition, instances::certificate),
                asks("getHostingSubscriptionIpList", Target::partition, instances::addresses),
                asks("getComputerStatus", Target::computer, statuses::computer),
                asks("getComputerPartitionStatus", Target::partition, statuses::instance),
                asks("getSoftwareInstallationStatus", Target::computer, statuses::software),
                asks("getSoftwareReleaseListFromSoftwareProduct", _ -> Target.NONE, software::releases),
                asks("getHateoasUrl", _ -> Target.NONE, (request, _) -> computers.hateoasUrl(request)),
                // What people, instances and Computers want.
                acts(REQUEST, Target::asking, instances::request),
                acts("supplySupply", Target::computer, software::supply),
                acts("requestComputer", _ -> Target.NONE, computers::request),
                acts("generateComputerCertificate", Target::computer, computers::generateCertificate),
                acts("revokeComputerCertificate", Target::computer, computers::revokeCertificate),
                // What nodes report.
                acts("loadComputerConfigurationFromXML", computers::configured, computers::configure),
                acts("useComputer", Target::computer, computers::use),
                acts("computerBang", Target::computer, computers::bang),
                acts("buildingSoftwareRelease", Target::computer, software::building),
                acts("availableSoftwareRelease", Target::computer, software::available),
                acts("destroyedSoftwareRelease", Target::computer, software::destroyed),
                acts("softwareReleaseError", Target::computer, software::failed),
                acts("startedComputerPartition", Target::partition, instances::started),
                acts("stoppedComputerPartition", Target::partition, instances::stopped),
                acts("destroyedComputerPartition", Target::partition, instances::destroyed),
                acts("softwareInstanceError", Target::partition, instances::failed),
                acts("softwareInstanceBang", Target::partition, instances::bang),
                acts("softwareInstanceRename", Target::instance, instances::rename),
                acts("setComputerPartitionConnectionXml", Target::partition, instances::publish),
                acts("updateComputerPartitionRelatedInstanceList", Target::partition, instances::related));
    }

    /// Their names.
    public Set<String> methods() {
        return methods.keySet();
    }

    /// Answers a call whose caller may make it.
    @FunctionalInterface
    interface Handler {
        Answer answer(Request request, Target target);
    }

    /// A call with its fields: of the query, or of the body.
    record Request(Call call, Form form) {
        Requester requester() {
            return call.requester();
        }
    }

    /// @param asks whether it only asks: by GET, or by POST as well; what acts is a POST
    private record Method(boolean asks, Right right, Function<Form, Target> target, Handler handler) {
        boolean takes(Call call) {
            return call.method().equals("POST") || (asks && call.isGet());
        }

        Form form(Call call) {
            if (call.isGet()) {
                return call.query();
            }
            if (!asks) {
                return call.form();
            }
            var fields = new HashMap<>(call.query().fields());
            fields.putAll(call.form().fields());
            return new Form(fields);
        }
    }

    private static Map.Entry<String, Method> asks(String name, Function<Form, Target> target, Handler handler) {
        return entry(name, new Method(true, Right.of(name).orElseThrow(), target, handler));
    }

    private static Map.Entry<String, Method> acts(String name, Function<Form, Target> target, Handler handler) {
        return entry(name, new Method(false, Right.of(name).orElseThrow(), target, handler));
    }

    @Override
    public Answer answer(Call call) {
        var method = methods.get(call.path());
        if (method == null) {
            return SlapAnswer.reason(404, "There is no SLAP method '" + call.path() + "'");
        }
        if (!method.takes(call)) {
            return Answer.methodNotAllowed(method.asks() ? "GET, HEAD, POST" : "POST");
        }
        if (call.requester() instanceof Requester.Anonymous(var why)) {
            return SlapAnswer.reason(401, why);
        }
        try {
            return answer(method, call);
        } catch (MalformedException e) {
            return SlapAnswer.reason(400, call.path() + ": " + e.getMessage());
        }
    }

    private Answer answer(Method method, Call call) {
        var form = method.form(call);
        var target = method.target().apply(form);
        var subject = target.subject();
        var right = call.path().equals(REQUEST) && !subject.equals(Subject.NONE) ? Right.REQUEST_FOR : method.right();
        return switch (access.admit(call.requester(), right, call.path(), subject)) {
            case Access.Admission.Refused(var problem) -> refused(problem, subject, call.requester());
            case Access.Admission.Admitted(var instance) ->
                method.handler().answer(new Request(call, form), target.meaning(instance));
        };
    }

    /// A node that asks for another Computer shows the wrong certificate, whether there is such a Computer or not: that
    /// is no 404, at which it would try an older method.
    private static Answer refused(Problem problem, Subject subject, Requester who) {
        boolean isNode =
                !(who instanceof Requester.Person) && subject.instance().isEmpty();
        return isNode ? SlapAnswer.reason(403, problem.message()) : SlapAnswer.refused(problem);
    }
}

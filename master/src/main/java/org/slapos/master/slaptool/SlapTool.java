package org.slapos.master.slaptool;

import static java.util.Map.entry;
import static org.slapos.master.access.Caller.ANYBODY;
import static org.slapos.master.access.Caller.COMPUTER;
import static org.slapos.master.access.Caller.COMPUTER_OWNER;
import static org.slapos.master.access.Caller.PERSON;
import static org.slapos.master.access.Caller.TENANT;
import static org.slapos.master.access.Caller.TREE;
import static org.slapos.master.access.Caller.TREE_OWNER;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.slapos.master.access.Access;
import org.slapos.master.access.Caller;
import org.slapos.master.http.Answer;
import org.slapos.master.http.Call;
import org.slapos.master.http.Door;
import org.slapos.master.party.Requester;
import org.slapos.protocol.Form;
import org.slapos.protocol.MalformedException;

/// The methods of SLAP v1 by name, and who may call each.
public final class SlapTool implements Door {
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
                entry(
                        "getFullComputerInformation",
                        get(Target::computer, computers::information, COMPUTER, COMPUTER_OWNER, TENANT)),
                entry(
                        "getComputerInformation",
                        get(Target::computer, computers::information, COMPUTER, COMPUTER_OWNER, TENANT)),
                entry(
                        "registerComputerPartition",
                        get(
                                Target::registered,
                                instances::partition,
                                COMPUTER,
                                COMPUTER_OWNER,
                                TENANT,
                                TREE,
                                TREE_OWNER)),
                entry(
                        "getComputerPartitionCertificate",
                        get(Target::partition, instances::certificate, COMPUTER, TENANT, TREE_OWNER)),
                entry(
                        "getHostingSubscriptionIpList",
                        get(Target::partition, instances::addresses, COMPUTER, TENANT, TREE, TREE_OWNER)),
                entry("getComputerStatus", get(Target::computer, statuses::computer, COMPUTER, COMPUTER_OWNER)),
                entry(
                        "getComputerPartitionStatus",
                        get(Target::partition, statuses::instance, COMPUTER, COMPUTER_OWNER, TENANT, TREE, TREE_OWNER)),
                entry(
                        "getSoftwareInstallationStatus",
                        get(Target::computer, statuses::software, COMPUTER, COMPUTER_OWNER)),
                entry("getSoftwareReleaseListFromSoftwareProduct", get(_ -> Target.NONE, software::releases, ANYBODY)),
                entry("getHateoasUrl", get(_ -> Target.NONE, (request, _) -> computers.hateoasUrl(request), ANYBODY)),
                // What people and instances want.
                entry("requestComputerPartition", post(_ -> Target.NONE, instances::request, ANYBODY)),
                entry("supplySupply", post(Target::computer, software::supply, COMPUTER_OWNER)),
                entry("requestComputer", post(_ -> Target.NONE, computers::request, PERSON)),
                entry(
                        "generateComputerCertificate",
                        post(Target::computer, computers::generateCertificate, COMPUTER_OWNER)),
                entry(
                        "revokeComputerCertificate",
                        post(Target::computer, computers::revokeCertificate, COMPUTER, COMPUTER_OWNER)),
                // What nodes report.
                entry("loadComputerConfigurationFromXML", post(computers::configured, computers::configure, COMPUTER)),
                entry("useComputer", post(Target::computer, computers::use, COMPUTER)),
                entry("computerBang", post(Target::computer, computers::bang, COMPUTER, COMPUTER_OWNER)),
                entry("buildingSoftwareRelease", post(Target::computer, software::building, COMPUTER)),
                entry("availableSoftwareRelease", post(Target::computer, software::available, COMPUTER)),
                entry("destroyedSoftwareRelease", post(Target::computer, software::destroyed, COMPUTER)),
                entry("softwareReleaseError", post(Target::computer, software::failed, COMPUTER)),
                entry("startedComputerPartition", post(Target::partition, instances::started, COMPUTER, TENANT)),
                entry("stoppedComputerPartition", post(Target::partition, instances::stopped, COMPUTER, TENANT)),
                entry("destroyedComputerPartition", post(Target::partition, instances::destroyed, COMPUTER, TENANT)),
                entry("softwareInstanceError", post(Target::partition, instances::failed, COMPUTER, TENANT)),
                entry("softwareInstanceBang", post(Target::partition, instances::bang, COMPUTER, TENANT, TREE_OWNER)),
                entry("softwareInstanceRename", post(Target::instance, instances::rename, TENANT, TREE, TREE_OWNER)),
                entry(
                        "setComputerPartitionConnectionXml",
                        post(Target::partition, instances::publish, COMPUTER, TENANT)),
                entry(
                        "updateComputerPartitionRelatedInstanceList",
                        post(Target::partition, instances::related, COMPUTER, TENANT)));
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
    private record Method(boolean asks, Function<Form, Target> target, Handler handler, Set<Caller> callers) {
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

    private static Method get(Function<Form, Target> target, Handler handler, Caller... callers) {
        return new Method(true, target, handler, Set.of(callers));
    }

    private static Method post(Function<Form, Target> target, Handler handler, Caller... callers) {
        return new Method(false, target, handler, Set.of(callers));
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
        return access.refusal(call.requester(), call.path(), method.callers(), target.subject())
                .map(SlapAnswer::refused)
                .orElseGet(() -> method.handler().answer(new Request(call, form), target));
    }
}

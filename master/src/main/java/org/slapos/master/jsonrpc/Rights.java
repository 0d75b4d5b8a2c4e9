package org.slapos.master.jsonrpc;

import static org.slapos.master.access.Caller.COMPUTER;
import static org.slapos.master.access.Caller.COMPUTER_OWNER;
import static org.slapos.master.access.Caller.HOST;
import static org.slapos.master.access.Caller.TENANT;
import static org.slapos.master.access.Caller.TREE;
import static org.slapos.master.access.Caller.TREE_OWNER;

import java.util.Map;
import java.util.Set;
import org.slapos.master.access.Access;
import org.slapos.master.access.Caller;
import org.slapos.master.access.Subject;
import org.slapos.master.instance.FindInstances;
import org.slapos.master.instance.FindInstances.Found;
import org.slapos.master.party.Requester;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.jsonrpc.JsonMethod;

/// Who may call which method: the same as the method of SLAP v1 that does the same. What a caller may not even see is
/// not found.
public final class Rights {
    static final String NO_INSTANCE = "SOFTWARE-INSTANCE-NOT-FOUND";
    static final String NO_HOST = "HOST-INSTANCE-NOT-FOUND";
    static final String NO_COMPUTER = "COMPUTE-NODE-NOT-FOUND";

    private static final Set<Caller> SEES_INSTANCE = Set.of(COMPUTER, COMPUTER_OWNER, TENANT, HOST, TREE, TREE_OWNER);
    private static final Set<Caller> SEES_COMPUTER = Set.of(COMPUTER, COMPUTER_OWNER, TENANT);

    /// Methods that are not for all who see the Computer or the instance.
    private static final Map<JsonMethod, Set<Caller>> CALLERS = Map.ofEntries(
            Map.entry(JsonMethod.GET_INSTANCE_CERTIFICATE, Set.of(COMPUTER, TENANT, TREE_OWNER)),
            Map.entry(JsonMethod.PUBLISH_CONNECTION, Set.of(COMPUTER, TENANT, HOST)),
            Map.entry(JsonMethod.REPORT_INSTANCE_STATE, Set.of(COMPUTER, TENANT)),
            Map.entry(JsonMethod.REPORT_INSTANCE_ERROR, Set.of(COMPUTER, TENANT, HOST)),
            Map.entry(JsonMethod.BANG_INSTANCE, Set.of(COMPUTER, TENANT, HOST, TREE_OWNER)),
            Map.entry(JsonMethod.RENAME_INSTANCE, Set.of(TENANT, TREE, TREE_OWNER)),
            Map.entry(JsonMethod.GET_COMPUTER_STATUS, Set.of(COMPUTER, COMPUTER_OWNER)),
            Map.entry(JsonMethod.FORMAT_COMPUTER, Set.of(COMPUTER)),
            Map.entry(JsonMethod.BANG_COMPUTER, Set.of(COMPUTER, COMPUTER_OWNER)),
            Map.entry(JsonMethod.ISSUE_COMPUTER_CERTIFICATE, Set.of(COMPUTER_OWNER)),
            Map.entry(JsonMethod.REVOKE_COMPUTER_CERTIFICATE, Set.of(COMPUTER, COMPUTER_OWNER)),
            Map.entry(JsonMethod.REPORT_USAGE, Set.of(COMPUTER)),
            Map.entry(JsonMethod.CHANGE_OFFER, Set.of(COMPUTER_OWNER)),
            Map.entry(JsonMethod.SUPPLY, Set.of(COMPUTER_OWNER)),
            Map.entry(JsonMethod.REPORT_INSTALLATION_STATE, Set.of(COMPUTER)),
            Map.entry(JsonMethod.REPORT_INSTALLATION_ERROR, Set.of(COMPUTER)),
            Map.entry(JsonMethod.GET_INSTALLATION, Set.of(COMPUTER, COMPUTER_OWNER)));

    private final Access access;
    private final FindInstances instances;

    public Rights(Access access, FindInstances instances) {
        this.access = access;
        this.instances = instances;
    }

    /// The instance that a call names, when the caller may make that call.
    Found instance(Requester who, JsonMethod method, String guid) {
        return instance(who, method, guid, NO_INSTANCE);
    }

    Found instance(Requester who, JsonMethod method, String guid, String typeNotFound) {
        var found = instances
                .byReference(guid)
                .filter(it -> sees(who, it))
                .orElseThrow(() -> JsonRefusal.notFound(typeNotFound, "There is no " + guid + " that you may see"));
        require(who, method, Subject.of(found));
        return found;
    }

    boolean sees(Requester who, Found found) {
        return access.refusal(who, "", SEES_INSTANCE, Subject.of(found)).isEmpty();
    }

    /// The Computer that a call names, when the caller may make that call.
    ComputerId computer(Requester who, JsonMethod method, String guid) {
        var computer = computerId(guid);
        if (!sees(who, computer)) {
            throw JsonRefusal.notFound(NO_COMPUTER, "There is no " + guid + " that you may see");
        }
        require(who, method, Subject.of(computer));
        return computer;
    }

    boolean sees(Requester who, ComputerId computer) {
        return access.refusal(who, "", SEES_COMPUTER, Subject.of(computer)).isEmpty();
    }

    static ComputerId computerId(String guid) {
        try {
            return new ComputerId(guid);
        } catch (MalformedException e) {
            throw JsonRefusal.invalid("computer_guid: " + e.getMessage());
        }
    }

    /// The reference of the person who calls.
    static String person(Requester who) {
        if (who instanceof Requester.Person(var reference)) {
            return reference;
        }
        throw JsonRefusal.unauthorized("Only a person has this: call with a person's certificate");
    }

    private void require(Requester who, JsonMethod method, Subject subject) {
        var callers = CALLERS.get(method);
        if (callers != null) {
            JsonRefusal.ifAny(access.refusal(who, method.wire(), callers, subject), NO_INSTANCE);
        }
    }
}

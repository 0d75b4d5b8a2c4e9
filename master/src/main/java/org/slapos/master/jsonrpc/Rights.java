package org.slapos.master.jsonrpc;

import java.util.Optional;
import org.slapos.master.access.Access;
import org.slapos.master.access.Right;
import org.slapos.master.access.Subject;
import org.slapos.master.instance.FindInstances;
import org.slapos.master.instance.FindInstances.Found;
import org.slapos.master.party.Requester;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.jsonrpc.JsonMethod;

/// Lets callers in as [Right] says. What a caller may not even see is not found.
public final class Rights {
    static final String NO_INSTANCE = "SOFTWARE-INSTANCE-NOT-FOUND";
    static final String NO_HOST = "HOST-INSTANCE-NOT-FOUND";
    static final String NO_COMPUTER = "COMPUTE-NODE-NOT-FOUND";

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
        require(who, method, Subject.named(guid), typeNotFound);
        return instances
                .byReference(guid)
                .orElseThrow(() -> JsonRefusal.notFound(typeNotFound, guid + " was destroyed in the meantime"));
    }

    /// Whether this one has a right to a thing, if there is one.
    boolean has(Requester who, Right right, Subject subject) {
        return access.has(who, right, subject);
    }

    /// The Computer that a call names, when the caller may make that call.
    ComputerId computer(Requester who, JsonMethod method, String guid) {
        var computer = computerId(guid);
        require(who, method, Subject.of(computer), NO_COMPUTER);
        return computer;
    }

    static ComputerId computerId(String guid) {
        try {
            return new ComputerId(guid);
        } catch (MalformedException e) {
            throw JsonRefusal.invalid("computer_guid: " + e.getMessage());
        }
    }

    /// The reference of the person who calls what people may call.
    String person(Requester who, JsonMethod method) {
        require(who, method);
        if (who instanceof Requester.Person(var reference)) {
            return reference;
        }
        throw JsonRefusal.unauthorized("Only a person has this: call with a person's certificate");
    }

    /// The reference of the party that calls: who may own trees.
    String party(Requester who, JsonMethod method) {
        return who instanceof Requester.Computer(var computer) ? computer(who, method, computer) : person(who, method);
    }

    private String computer(Requester who, JsonMethod method, ComputerId computer) {
        require(who, method);
        return computer.text();
    }

    /// For a call that names nothing.
    void require(Requester who, JsonMethod method) {
        require(who, method, Subject.NONE, NO_INSTANCE);
    }

    /// @param typeNotFound the type of the error when there is nothing that the caller may see
    void require(Requester who, JsonMethod method, Subject subject, String typeNotFound) {
        admitted(who, method, subject, typeNotFound);
    }

    /// As [#require].
    ///
    /// @return the one that is meant by a partition; nothing = whatever lives there
    Optional<String> admitted(Requester who, JsonMethod method, Subject subject, String typeNotFound) {
        var right =
                Right.of(method.wire()).orElseThrow(() -> JsonRefusal.unauthorized("Nobody may call " + method.wire()));
        return switch (access.admit(who, right, method.wire(), subject)) {
            case Access.Admission.Refused(var problem) -> throw JsonRefusal.of(problem, typeNotFound);
            case Access.Admission.Admitted(var instance) -> instance;
        };
    }
}

package org.slapos.master.jsonrpc;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.slapos.master.computer.FindComputers;
import org.slapos.master.party.CreateComputerToken;
import org.slapos.master.party.Requester;
import org.slapos.master.software.FindSoftware;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.MalformedException;

/// The methods about Computers and their software.
public final class ComputeNodes {
    private final FindComputers computers;
    private final FindSoftware software;
    private final CreateComputerToken tokens;

    public ComputeNodes(FindComputers computers, FindSoftware software, CreateComputerToken tokens) {
        this.computers = computers;
        this.software = software;
        this.tokens = tokens;
    }

    /// The Computers of the person who calls; `computer_guid` as in the protocol, the rest is ours.
    ObjectNode list(Requester who, ObjectNode members) {
        var answer = JsonMethods.JSON.createObjectNode();
        var list = answer.putArray("result_list");
        for (var listed : computers.ownedBy(Instances.person(who))) {
            list.addObject()
                    .put("computer_guid", listed.computer().reference().text())
                    .put("title", listed.computer().title())
                    .put(
                            "last_contact",
                            listed.contacted().map(Object::toString).orElse(null))
                    .put("partitions_used", listed.usage().busy())
                    .put("partitions_total", listed.usage().total());
        }
        return answer;
    }

    ObjectNode software(Requester who, ObjectNode members) {
        var computer = visible(computers, who, members);
        var answer = JsonMethods.JSON.createObjectNode();
        var list = answer.putArray("result_list");
        software.on(computer)
                .forEach(installation -> list.addObject()
                        .put("software_release_uri", installation.url())
                        .put("state", installation.requested().wire()));
        return answer;
    }

    /// One installation with its build's status and the output of its last failed build. An extension of ours.
    ObjectNode installation(Requester who, ObjectNode members) {
        var computer = visible(computers, who, members);
        var url = members.path("software_release_uri").textValue();
        var found = software.find(computer, url)
                .orElseThrow(() -> new JsonRefusal(
                        403, "SOFTWARE-INSTALLATION-NOT-FOUND", url + " is not supplied on " + computer));
        return JsonMethods.JSON
                .createObjectNode()
                .put("reference", found.reference())
                .put("computer_guid", computer.text())
                .put("software_release_uri", found.url())
                .put("state", found.requested().wire())
                .put("reported_state", found.status().state())
                .put("access_status_message", found.status().text())
                .put("since", found.status().since().map(Object::toString).orElse(null))
                .put("error_log", found.errorLog());
    }

    /// A one-time token with which a machine is registered as a Computer of the caller. An extension of ours.
    ObjectNode token(Requester who, ObjectNode members) {
        var token = tokens.create(Instances.person(who));
        return JsonMethods.JSON
                .createObjectNode()
                .put("token", token.text())
                .put("expires", token.expires().toString());
    }

    /// The Computer that the call names, when the caller may see it.
    static ComputerId visible(FindComputers computers, Requester who, ObjectNode members) {
        var guid = members.path("computer_guid").textValue();
        try {
            var computer = new ComputerId(guid);
            if (computers.maySee(who, computer)) {
                return computer;
            }
        } catch (MalformedException e) {
            throw JsonRefusal.invalid("computer_guid: " + e.getMessage());
        }
        throw new JsonRefusal(403, "COMPUTE-NODE-NOT-FOUND", "There is no " + guid + " that you may see");
    }
}

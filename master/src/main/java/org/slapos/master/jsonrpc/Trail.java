package org.slapos.master.jsonrpc;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import org.slapos.master.access.Right;
import org.slapos.master.access.Subject;
import org.slapos.master.audit.Event;
import org.slapos.master.audit.ListEvents;
import org.slapos.master.instance.ListTrees;
import org.slapos.master.party.Assignments;
import org.slapos.master.party.FindParties;
import org.slapos.master.party.Outcome;
import org.slapos.master.party.Party;
import org.slapos.master.party.Requester;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.jsonrpc.Document;
import org.slapos.protocol.jsonrpc.Json;
import org.slapos.protocol.jsonrpc.PartyCall;

/// Shows the audit trail: all of it to system managers, to others what they did themselves, and what was done to the
/// things that they may see.
public record Trail(ListEvents events, Assignments assignments, Rights rights, FindParties parties, ListTrees trees) {
    private static final int LISTED = 100;

    Document answer(Requester who, PartyCall call) {
        var me = rights.person(who, call.method());
        var object = call.textIfAny("object");
        var by = call.textIfAny("who");
        if (!assignments.of(me).isSystemManager()) {
            if (object.isPresent() && !sees(who, me, object.get())) {
                throw JsonRefusal.notFound("OBJECT-NOT-FOUND", "There is no " + object.get() + " that you may see");
            }
            if (object.isEmpty() && by.filter(other -> !other.equals(me)).isPresent()) {
                throw JsonRefusal.unauthorized(me + " may not see what others did: system managers may. Name an object "
                        + "of yours to see what was done to it");
            }
        }
        var whose = object.isPresent() || assignments.of(me).isSystemManager() ? by : Optional.of(me);
        var before = call.textIfAny("before").map(Trail::number);
        return Parties.list(
                events.list(new ListEvents.Wanted(object, whose, before), call.number("limit", LISTED)), Trail::shown);
    }

    private static long number(String text) {
        if (!text.matches("[0-9]{1,18}")) {
            throw JsonRefusal.invalid("member 'before' is the number of an event, not '" + text + "'");
        }
        return Long.parseLong(text);
    }

    private boolean sees(Requester who, String me, String object) {
        try {
            if (object.startsWith("COMP-")) {
                return rights.has(who, Right.SEE_PARTITIONS, Subject.of(new ComputerId(object)));
            }
        } catch (MalformedException _) {
            return false;
        }
        return rights.has(who, Right.SEE_INSTANCE, Subject.named(object))
                || trees.named(me, object).isPresent()
                || parties.find(me, object) instanceof Outcome.Done<Party>;
    }

    private static ObjectNode shown(Event event) {
        return Json.object()
                .put("id", Long.toString(event.id()))
                .put("at", event.at().toString())
                .put("who", event.who())
                .put("proof", event.proof())
                .put("address", event.address())
                .put("request", event.request())
                .put("action", event.action())
                .put("object", event.object())
                .put("before", event.before())
                .put("after", event.after());
    }
}

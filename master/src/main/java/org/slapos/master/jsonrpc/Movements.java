package org.slapos.master.jsonrpc;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.slapos.master.billing.ListMovements;
import org.slapos.master.party.Requester;

/// What moved: the ledger as its parties see it. An extension of ours.
public final class Movements {
    private static final int MAX_LIMIT = 1000;

    private final ListMovements ledger;

    public Movements(ListMovements ledger) {
        this.ledger = ledger;
    }

    ObjectNode list(Requester who, ObjectNode members) {
        var listing = ledger.of(Instances.person(who), number(members, "limit", 100), number(members, "offset", 0));
        var answer = JsonMethods.JSON.createObjectNode();
        var list = answer.putArray("result_list");
        for (var movement : listing.movements()) {
            var transfer = movement.transfer();
            list.addObject()
                    .put("id", movement.id())
                    .put("resource", transfer.resource())
                    .put("unit", transfer.unit())
                    .put("source", transfer.source())
                    .put("destination", transfer.destination())
                    .put("item", transfer.item())
                    .put("start", movement.start().toString())
                    .put("stop", movement.stop().map(Object::toString).orElse(null))
                    .put("quantity", movement.quantity().orElse(null))
                    .put("cause", movement.cause());
        }
        return answer.put("balanced", listing.balanced());
    }

    private static int number(ObjectNode members, String name, int otherwise) {
        var given = members.path(name);
        if (given.isMissingNode()) {
            return otherwise;
        }
        if (!given.isInt() || given.intValue() < 0 || given.intValue() > MAX_LIMIT) {
            throw JsonRefusal.invalid("member '" + name + "' must be a number from 0 to " + MAX_LIMIT);
        }
        return given.intValue();
    }
}

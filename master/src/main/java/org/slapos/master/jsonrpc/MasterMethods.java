package org.slapos.master.jsonrpc;

import org.slapos.master.billing.ListMovements;
import org.slapos.master.http.Call;
import org.slapos.master.party.CreateComputerToken;
import org.slapos.protocol.jsonrpc.ComputerToken;
import org.slapos.protocol.jsonrpc.HateoasUrl;
import org.slapos.protocol.jsonrpc.JsonAnswer;
import org.slapos.protocol.jsonrpc.MasterCall;
import org.slapos.protocol.jsonrpc.MovementList;
import org.slapos.protocol.jsonrpc.ResultList;
import org.slapos.protocol.jsonrpc.Rows;

/// Answers the calls about the Master itself.
public record MasterMethods(Rights rights, CreateComputerToken tokens, ListMovements ledger) {
    JsonAnswer answer(Call http, MasterCall<?> call) {
        var who = http.requester();
        return switch (call) {
            case MasterCall.GetHateoasUrl() -> {
                rights.require(who, call.method());
                yield new HateoasUrl(http.absolute("hateoas/").toString());
            }
            case MasterCall.CreateComputerToken() -> {
                var token = tokens.create(rights.person(who, call.method()));
                yield new ComputerToken(token.text(), token.expires().toString());
            }
            case MasterCall.Movements(int limit, int offset) ->
                movements(rights.person(who, call.method()), limit, offset);
        };
    }

    private MovementList movements(String person, int limit, int offset) {
        var listing = ledger.of(person, limit, offset);
        var rows = listing.movements().stream()
                .map(movement -> new Rows.Movement(
                        movement.id(),
                        movement.transfer().resource(),
                        movement.transfer().unit(),
                        movement.transfer().source(),
                        movement.transfer().destination(),
                        movement.transfer().item(),
                        movement.start().toString(),
                        movement.stop().map(Object::toString),
                        movement.quantity(),
                        movement.cause()))
                .toList();
        return new MovementList(new ResultList<>(rows), listing.balanced());
    }
}

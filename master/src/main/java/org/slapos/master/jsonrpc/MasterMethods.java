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
public record MasterMethods(CreateComputerToken tokens, ListMovements ledger) {
    JsonAnswer answer(Call http, MasterCall<?> call) {
        return switch (call) {
            case MasterCall.GetHateoasUrl() ->
                new HateoasUrl(http.absolute("hateoas/").toString());
            case MasterCall.CreateComputerToken() -> {
                var token = tokens.create(Rights.person(http.requester()));
                yield new ComputerToken(token.text(), token.expires().toString());
            }
            case MasterCall.Movements(int limit, int offset) ->
                movements(Rights.person(http.requester()), limit, offset);
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

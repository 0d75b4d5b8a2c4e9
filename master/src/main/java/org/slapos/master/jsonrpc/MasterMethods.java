package org.slapos.master.jsonrpc;

import java.util.Optional;
import org.slapos.master.billing.ListMovements;
import org.slapos.master.http.Call;
import org.slapos.master.party.CreateToken;
import org.slapos.master.party.Outcome;
import org.slapos.master.party.Token;
import org.slapos.protocol.jsonrpc.ComputerToken;
import org.slapos.protocol.jsonrpc.HateoasUrl;
import org.slapos.protocol.jsonrpc.JsonAnswer;
import org.slapos.protocol.jsonrpc.JsonMethod;
import org.slapos.protocol.jsonrpc.MasterCall;
import org.slapos.protocol.jsonrpc.MovementList;
import org.slapos.protocol.jsonrpc.ResultList;
import org.slapos.protocol.jsonrpc.Rows;

/// Answers the calls about the Master itself.
public record MasterMethods(Rights rights, CreateToken tokens, ListMovements ledger) {
    JsonAnswer answer(Call http, MasterCall<?> call) {
        var who = http.requester();
        return switch (call) {
            case MasterCall.GetHateoasUrl() -> {
                rights.require(who, call.method());
                yield new HateoasUrl(http.absolute("hateoas/").toString());
            }
            case MasterCall.CreateComputerToken(var project) -> computerToken(http, project);
            case MasterCall.Movements(int limit, int offset) ->
                movements(rights.person(who, call.method()), limit, offset);
        };
    }

    private ComputerToken computerToken(Call http, Optional<String> project) {
        return switch (tokens.forComputer(rights.person(http.requester(), JsonMethod.CREATE_COMPUTER_TOKEN), project)) {
            case Outcome.Refused<Token>(var problem) -> throw JsonRefusal.of(problem, "PARTY-NOT-FOUND");
            case Outcome.Done<Token>(var token) ->
                new ComputerToken(
                        token.text(),
                        token.expires().toString(),
                        "slapos node register NAME --master-url " + http.absolute("slap/")
                                + " --master-ca-file ca.crt --token " + token.text());
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

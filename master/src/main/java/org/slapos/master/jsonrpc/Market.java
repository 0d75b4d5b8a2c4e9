package org.slapos.master.jsonrpc;

import org.slapos.master.allocation.ChangeOffer;
import org.slapos.master.party.Requester;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.jsonrpc.Document;
import org.slapos.protocol.jsonrpc.Json;
import org.slapos.protocol.jsonrpc.JsonAnswer;
import org.slapos.protocol.jsonrpc.MarketCall;
import org.slapos.protocol.jsonrpc.Success;

/// Answers the calls about what is offered and for how much.
public record Market(Rights rights, ChangeOffer offers) {
    JsonAnswer answer(Requester who, MarketCall<?> call) {
        return switch (call) {
            case MarketCall.ShowOffer(var guid) -> offer(rights.computer(who, call.method(), guid));
            case MarketCall.ChangeOffer(var guid, var settings) -> {
                JsonRefusal.ifAny(
                        offers.change(rights.computer(who, call.method(), guid), settings), Rights.NO_COMPUTER);
                yield new Success("Offer changed");
            }
        };
    }

    private Document offer(ComputerId computer) {
        return switch (offers.settings(computer)) {
            case ChangeOffer.Shown.Refused(var problem) -> throw JsonRefusal.of(problem, Rights.NO_COMPUTER);
            case ChangeOffer.Shown.Settings(var settings) -> {
                var json = Json.object().put("computer_guid", computer.text());
                settings.forEach(json.putObject("settings")::put);
                yield new Document(json);
            }
        };
    }
}

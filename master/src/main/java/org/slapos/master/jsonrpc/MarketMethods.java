package org.slapos.master.jsonrpc;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Optional;
import org.slapos.master.allocation.ChangeOffer;
import org.slapos.master.allocation.ChangeSupply;
import org.slapos.master.allocation.Explanation;
import org.slapos.master.allocation.Market;
import org.slapos.master.allocation.Outlook;
import org.slapos.master.allocation.Price;
import org.slapos.master.instance.Brake;
import org.slapos.master.instance.ChangePools;
import org.slapos.master.instance.ExplainPlacement;
import org.slapos.master.instance.WhichInstance;
import org.slapos.master.party.Outcome;
import org.slapos.master.party.Requester;
import org.slapos.master.software.ChangeProduct;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.jsonrpc.Document;
import org.slapos.protocol.jsonrpc.Json;
import org.slapos.protocol.jsonrpc.JsonAnswer;
import org.slapos.protocol.jsonrpc.MarketCall;
import org.slapos.protocol.jsonrpc.Success;

/// Answers the calls about what is offered and for how much, and why something is placed or waits.
public record MarketMethods(Rights rights, Changes changes, ExplainPlacement explain, Market market) {
    private static final String NO_PROJECT = "PROJECT-NOT-FOUND";

    /// What can be done to what is offered.
    public record Changes(ChangeOffer offers, ChangeSupply supplies, ChangeProduct products, ChangePools pools) {}

    JsonAnswer answer(Requester who, MarketCall<?> call) {
        return switch (call) {
            case MarketCall.ShowOffer(var guid) -> offer(rights.computer(who, call.method(), guid));
            case MarketCall.ChangeOffer(var guid, var settings) -> {
                JsonRefusal.ifAny(
                        changes.offers().change(rights.computer(who, call.method(), guid), settings),
                        Rights.NO_COMPUTER);
                yield new Success("Offer changed");
            }
            case MarketCall.ChangeSupply supply -> supply(who, supply);
            case MarketCall.ChangeProduct product -> {
                var said = new ChangeProduct.Said(
                        product.alias(), product.type(), product.weight(), product.release(), product.effective());
                JsonRefusal.ifAny(
                        changes.products().change(rights.person(who, call.method()), product.title(), said),
                        "PRODUCT-NOT-FOUND");
                yield new Success("Product changed");
            }
            case MarketCall.Figures() -> {
                rights.person(who, call.method());
                yield figures(market.figures());
            }
            case MarketCall.SetPool(var release, var type, var project, var size, int most) -> {
                var person = rights.person(who, call.method());
                var said = new ChangePools.Said(release, type, project, size, most);
                yield new Document(pool(done(changes.pools().set(person, said), "POOL-NOT-FOUND")));
            }
            case MarketCall.ListPools(var project) -> {
                var person = rights.person(who, call.method());
                var json = Json.object();
                var list = json.putArray("result_list");
                done(changes.pools().list(person, project), NO_PROJECT).forEach(shown -> list.add(pool(shown)));
                yield new Document(json);
            }
            case MarketCall.SetBrake(int requests, var per, var project) -> {
                var person = rights.person(who, call.method());
                yield brake(done(changes.pools().brake(person, project, requests, per.duration()), NO_PROJECT));
            }
            case MarketCall.ShowBrake(var project) -> {
                var person = rights.person(who, call.method());
                yield brake(done(changes.pools().brake(person, project), NO_PROJECT));
            }
            case MarketCall.Plan(var wanted) -> {
                rights.require(who, call.method());
                yield explained(explain.plan(who, wanted), MarketCall.Explain.MOST);
            }
            case MarketCall.Explain(var guid, int computers) -> {
                rights.instance(who, call.method(), guid);
                yield explained(explain.explain(new WhichInstance.Named(guid)), computers);
            }
        };
    }

    private static <T> T done(Outcome<T> outcome, String typeNotFound) {
        return switch (outcome) {
            case Outcome.Done<T>(var value) -> value;
            case Outcome.Refused<T>(var problem) -> throw JsonRefusal.of(problem, typeNotFound);
        };
    }

    private static ObjectNode pool(ChangePools.Shown pool) {
        var json = Json.object()
                .put("reference", pool.reference())
                .put("project_guid", pool.project())
                .put("software_release_uri", pool.release())
                .put("software_type", pool.type());
        pool.size().ifPresentOrElse(size -> json.put("size", size), () -> json.put("most", pool.most()));
        return json.put("wanted", pool.wanted())
                .put("placed", pool.placed())
                .put("running", pool.running())
                .put("handed_over", pool.handedOver());
    }

    private static Document brake(ChangePools.ShownBrake shown) {
        var json = Json.object()
                .put("project_guid", shown.project())
                .put("requests", shown.brake().map(Brake::requests).orElse(0));
        shown.brake()
                .ifPresent(brake ->
                        json.put("per", MarketCall.Period.of(brake.per()).wire()));
        return new Document(json);
    }

    private static Document figures(Market.Figures figures) {
        return new Document(Json.object()
                .put("computers", figures.computers())
                .put("plans", figures.plans())
                .put("plan_microseconds", figures.planMicroseconds())
                .put("refreshes", figures.refreshes())
                .put("refresh_microseconds", figures.refreshMicroseconds()));
    }

    private Document offer(ComputerId computer) {
        return switch (changes.offers().settings(computer)) {
            case ChangeOffer.Shown.Refused(var problem) -> throw JsonRefusal.of(problem, Rights.NO_COMPUTER);
            case ChangeOffer.Shown.Settings(var settings) -> {
                var json = Json.object().put("computer_guid", computer.text());
                settings.forEach(json.putObject("settings")::put);
                yield new Document(json);
            }
        };
    }

    private Success supply(Requester who, MarketCall.ChangeSupply call) {
        var supply = new ChangeSupply.Supply(
                rights.computer(who, call.method(), call.computer()),
                call.release(),
                call.type(),
                call.customer(),
                call.price().map(Price::parse),
                call.from());
        JsonRefusal.ifAny(
                call.isAllowed()
                        ? changes.supplies().allow(supply)
                        : changes.supplies().forbid(supply),
                Rights.NO_COMPUTER);
        return new Success("Supply changed");
    }

    /// @param computers how many verdicts are shown
    private static Document explained(ExplainPlacement.Answer answer, int computers) {
        return switch (answer) {
            case ExplainPlacement.Answer.Refused(var problem) -> throw JsonRefusal.of(problem, "OBJECT-NODE-NOT-FOUND");
            case ExplainPlacement.Answer.Explained(var title, var release, var on, var outlook, boolean isSpare) -> {
                var json = write(title, release, on, outlook, computers);
                yield new Document(isSpare ? json.put("spare", true) : json);
            }
        };
    }

    private static ObjectNode write(
            String title, String release, Optional<ComputerId> on, Outlook outlook, int computers) {
        var prospects = outlook.prospects();
        var explanation = outlook.explanation();
        var json = Json.object().put("title", title).put("software_release_uri", release);
        if (on.isPresent()) {
            json.put("outcome", "placed").put("computer_guid", on.get().text());
        } else if (prospects.isEmpty()) {
            json.put("outcome", "wait").put("reason", explanation.why());
        } else {
            put(json.put("outcome", "place"), prospects.getFirst());
            if (prospects.size() > 1) {
                put(json.putObject("runner_up"), prospects.get(1));
            }
        }
        json.put("computers", explanation.verdicts().size());
        var counts = json.putObject("counts");
        explanation.counts().forEach((rule, count) -> counts.put(rule.name().toLowerCase(Locale.ROOT), count));
        var remedies = json.putArray("changes");
        explanation
                .remedies()
                .forEach(remedy -> remedies.addObject()
                        .put("change", remedy.text())
                        .put("computer_guid", remedy.computer().text()));
        if (computers > 0) {
            var verdicts = json.putArray("verdicts");
            explanation.inOrder().stream().limit(computers).forEach(verdict -> put(verdicts.addObject(), verdict));
        }
        return json;
    }

    private static void put(ObjectNode json, Outlook.Prospect prospect) {
        json.put("computer_guid", prospect.computer().text())
                .put("price", prospect.price().toString());
    }

    private static void put(ObjectNode json, Explanation.Verdict verdict) {
        json.put("computer_guid", verdict.computer().text())
                .put("verdict", verdict.rule().name().toLowerCase(Locale.ROOT))
                .put("text", verdict.text())
                .put("failures", verdict.failures())
                .put("price", verdict.price().toString());
        verdict.remedy().ifPresent(remedy -> json.put("change", remedy.text()));
    }
}

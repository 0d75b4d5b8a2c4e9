package org.slapos.master.jsonrpc;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slapos.master.computer.JoinNetwork;
import org.slapos.master.party.AcceptInvitation;
import org.slapos.master.party.ChangeAssignments;
import org.slapos.master.party.ChangeAssignments.Wanted;
import org.slapos.master.party.ChangeParty;
import org.slapos.master.party.CreateToken;
import org.slapos.master.party.FindParties;
import org.slapos.master.party.IssuedToken;
import org.slapos.master.party.Outcome;
import org.slapos.master.party.Party;
import org.slapos.master.party.Party.Detail;
import org.slapos.master.party.PartyState;
import org.slapos.master.party.Requester;
import org.slapos.master.party.Session;
import org.slapos.master.party.Sessions;
import org.slapos.master.party.SignIn;
import org.slapos.master.party.Token;
import org.slapos.protocol.jsonrpc.Document;
import org.slapos.protocol.jsonrpc.Json;
import org.slapos.protocol.jsonrpc.JsonMethod;
import org.slapos.protocol.jsonrpc.PartyCall;
import org.slapos.protocol.jsonrpc.Success;

/// Answers the calls about people, organisations, projects, networks, functions and tokens.
public record Parties(
        Rights rights,
        InstantSource clock,
        FindParties find,
        ChangeParty change,
        ChangeAssignments assignments,
        CreateToken tokens,
        AcceptInvitation invitations,
        JoinNetwork networks,
        Sessions sessions,
        SignIn signIn) {
    private static final String NONE = "PARTY-NOT-FOUND";
    private static final int LISTED = 100;

    /// @param root of the Master, as this caller reaches it
    Document answer(Requester who, PartyCall call, Supplier<URI> root) {
        if (call.method() == JsonMethod.JOIN_NETWORK) {
            var computer = rights.computer(who, call.method(), call.text("computer_guid"));
            JsonRefusal.ifAny(
                    networks.join(who.reference(), computer, call.textIfAny("network_guid")), Rights.NO_COMPUTER);
            return new Document(new Success("Network changed").write());
        }
        return answer(rights.person(who, call.method()), call, root);
    }

    private Document answer(String me, PartyCall call, Supplier<URI> root) {
        return switch (call.method()) {
            case MAKE_PARTY -> shown(change.make(me, kind(call), call.text("title"), details(call)), Parties::party);
            case GET_PARTY -> shown(find.find(me, call.text("reference")), Parties::party);
            case LIST_PARTIES ->
                list(find.list(me, kind(call), call.number("limit", LISTED), call.number("offset", 0)), Parties::party);
            case CHANGE_PARTY ->
                shown(
                        change.change(me, call.text("reference"), call.textIfAny("title"), details(call), root),
                        Parties::party);
            case SET_PARTY_STATE ->
                shown(
                        change.setState(me, call.text("reference"), PartyState.ofWire(call.text("state"))),
                        Parties::party);
            case OPEN_ASSIGNMENT -> shown(assignments.open(me, assignment(call)), Parties::assignment);
            case CLOSE_ASSIGNMENT -> shown(assignments.close(me, assignment(call)), Parties::assignment);
            case LIST_ASSIGNMENTS ->
                list(
                        done(assignments.list(me, call.textIfAny("person"), call.textIfAny("project_guid"))),
                        Parties::assignment);
            case CREATE_INVITATION ->
                shown(
                        tokens.invitation(
                                me,
                                call.textIfAny("function")
                                        .map(Parties::function)
                                        .orElse(org.slapos.master.party.Function.CUSTOMER),
                                call.textIfAny("project_guid")),
                        Parties::token);
            case ACCEPT_INVITATION -> shown(invitations.accept(me, call.text("token")), Parties::assignment);
            case CREATE_CERTIFICATE_TOKEN ->
                shown(tokens.forCertificate(me, call.textIfAny("person").orElse(me)), Parties::token);
            case CREATE_FEED_TOKEN -> shown(tokens.feed(me, call.text("path")), Parties::token);
            case LIST_TOKENS -> {
                var now = clock.instant();
                yield list(done(tokens.list(me, call.textIfAny("person").orElse(me))), it -> issued(it, now));
            }
            case WITHDRAW_TOKEN -> shown(tokens.withdraw(me, number(call, "id")), it -> issued(it, clock.instant()));
            case LIST_SESSIONS ->
                list(done(sessions.list(me, call.textIfAny("person").orElse(me))), Parties::session);
            case END_SESSION -> shown(sessions.end(me, number(call, "id")), Parties::session);
            case BLOCK_LOGIN ->
                shown(
                        signIn.block(
                                me,
                                call.text("person"),
                                call.members().path("blocked").asBoolean()),
                        login -> Json.object()
                                .put("login", login)
                                .put("blocked", call.members().path("blocked").asBoolean()));
            default -> throw new IllegalStateException(call.method() + " is not about parties");
        };
    }

    private static long number(PartyCall call, String name) {
        var text = call.text(name);
        if (!text.matches("[0-9]{1,18}")) {
            throw JsonRefusal.invalid("member '" + name + "' is a number of at most 18 digits");
        }
        return Long.parseLong(text);
    }

    private static Party.Kind kind(PartyCall call) {
        return Party.Kind.ofWire(call.text("kind")).orElseThrow();
    }

    private static Map<Detail, String> details(PartyCall call) {
        var details = new EnumMap<Detail, String>(Detail.class);
        call.texts("details")
                .forEach((name, text) -> details.put(
                        Detail.ofWire(name)
                                .orElseThrow(() -> JsonRefusal.invalid("no party has a detail '" + name + "'")),
                        text.strip()));
        return details;
    }

    private static Wanted assignment(PartyCall call) {
        return new Wanted(call.text("person"), function(call.text("function")), call.textIfAny("project_guid"));
    }

    private static org.slapos.master.party.Function function(String word) {
        return org.slapos.master.party.Function.ofWire(word)
                .orElseThrow(() -> JsonRefusal.invalid(
                        "there is no function '" + word + "'; known: " + org.slapos.master.party.Function.words()));
    }

    private static ObjectNode party(Party party) {
        var json = Json.object()
                .put("reference", party.reference())
                .put("kind", party.kind().wire())
                .put("title", party.title())
                .put("state", party.state().wire())
                .put("created", party.created().toString());
        var details = json.putObject("details");
        for (var detail : Detail.values()) {
            var text = party.detail(detail);
            if (!text.isEmpty()) {
                details.put(detail.wire(), text);
            }
        }
        return json;
    }

    private static ObjectNode assignment(Wanted held) {
        return Json.object()
                .put("person", held.person())
                .put("function", held.function().wire())
                .put("project_guid", held.project().orElse(null));
    }

    private static ObjectNode token(Token token) {
        return Json.object()
                .put("token", token.text())
                .put("scope", token.scope().wire())
                .put("expires", token.expires().toString());
    }

    private static ObjectNode issued(IssuedToken token, Instant now) {
        var bound = token.bound();
        return Json.object()
                .put("id", Long.toString(token.id()))
                .put("scope", token.scope().wire())
                .put("person", token.person())
                .put("project_guid", bound.project().orElse(null))
                .put("function", bound.function().map(Object::toString).orElse(null))
                .put("path", bound.path().orElse(null))
                .put("created", token.created().toString())
                .put("expires", token.expires().toString())
                .put("state", token.state(now));
    }

    private static ObjectNode session(Session session) {
        return Json.object()
                .put("id", Long.toString(session.id()))
                .put("person", session.person())
                .put("way", session.way())
                .put("address", session.address())
                .put("agent", session.agent())
                .put("created", session.created().toString())
                .put("used", session.used().toString())
                .put("expires", session.expires().toString());
    }

    private static <T> T done(Outcome<T> outcome) {
        return switch (outcome) {
            case Outcome.Done<T>(var value) -> value;
            case Outcome.Refused<T>(var problem) -> throw JsonRefusal.of(problem, NONE);
        };
    }

    static <T> Document shown(Outcome<T> outcome, Function<T, ObjectNode> as) {
        return new Document(as.apply(done(outcome)));
    }

    static <T> Document list(List<T> rows, Function<T, ObjectNode> as) {
        var json = Json.object();
        var list = json.putArray("result_list");
        rows.forEach(row -> list.add(as.apply(row)));
        return new Document(json);
    }
}

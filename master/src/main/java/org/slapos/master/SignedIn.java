package org.slapos.master;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Optional;
import org.slapos.master.audit.Actor;
import org.slapos.master.http.Answer;
import org.slapos.master.http.Call;
import org.slapos.master.http.Door;
import org.slapos.master.http.SameOrigin;
import org.slapos.master.http.SessionCookie;
import org.slapos.master.party.Outcome;
import org.slapos.master.party.ReadFeed;
import org.slapos.master.party.Requester;
import org.slapos.master.party.Session;
import org.slapos.master.party.Sessions;
import org.slapos.protocol.Form;

/// A door that people enter by their session too, or to read one address by a feed's token. A certificate, when one was
/// shown, goes before.
record SignedIn(Door door, String prefix, Sessions sessions, ReadFeed feeds) implements Door {
    private static final String TOKEN = "token";

    @Override
    public Answer answer(Call call) throws IOException {
        if (!(call.requester() instanceof Requester.Anonymous)) {
            return door.answer(call);
        }
        var cookie = SessionCookie.of(call);
        if (cookie.isPresent()) {
            return bySession(call, cookie.get());
        }
        var token = call.query().get(TOKEN);
        return call.isGet() && token.isPresent() ? byToken(call, token.get()) : door.answer(call);
    }

    @Override
    public boolean knows(Call head) {
        return SessionCookie.of(head)
                .filter(cookie -> sessions.of(cookie) instanceof Outcome.Done<Session>)
                .isPresent();
    }

    private Answer bySession(Call call, String cookie) throws IOException {
        return switch (sessions.of(cookie)) {
            case Outcome.Refused<Session>(var problem) ->
                door.answer(call.by(new Requester.Anonymous(problem.message())));
            case Outcome.Done<Session>(var session) -> bySession(call, session);
        };
    }

    private Answer bySession(Call call, Session session) throws IOException {
        var foreign = call.isGet() ? Optional.<String>empty() : SameOrigin.refusal(call);
        return foreign.isPresent()
                ? Answer.text(403, foreign.get())
                : as(session.person(), "session " + session.id(), call);
    }

    private Answer byToken(Call call, String token) throws IOException {
        var others = new LinkedHashMap<>(call.query().fields());
        others.remove(TOKEN);
        var query = new Form(others);
        var path = prefix + call.path() + (others.isEmpty() ? "" : "?" + query.encode());
        return switch (feeds.reader(token, path)) {
            case Outcome.Refused<String>(var problem) ->
                door.answer(call.by(new Requester.Anonymous(problem.message())));
            case Outcome.Done<String>(var person) -> as(person, "feed token", call);
        };
    }

    private Answer as(String person, String proof, Call call) throws IOException {
        return Actor.current().as(person, proof).does(() -> door.answer(call.by(new Requester.Person(person))));
    }
}

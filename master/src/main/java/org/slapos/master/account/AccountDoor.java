package org.slapos.master.account;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.slapos.master.Problem;
import org.slapos.master.http.Answer;
import org.slapos.master.http.Call;
import org.slapos.master.http.Door;
import org.slapos.master.http.SameOrigin;
import org.slapos.master.http.SessionCookie;
import org.slapos.master.party.Assignments;
import org.slapos.master.party.ChangePassword;
import org.slapos.master.party.FindParties;
import org.slapos.master.party.Outcome;
import org.slapos.master.party.Party;
import org.slapos.master.party.RegisterPerson;
import org.slapos.master.party.Requester;
import org.slapos.master.party.Session;
import org.slapos.master.party.Sessions;
import org.slapos.master.party.SignIn;
import org.slapos.master.party.Token;
import org.slapos.protocol.Reason;
import org.slapos.protocol.jsonrpc.Json;

/// Registration, sign-in, passwords and sessions of people. What a page of another site sends is refused, signed in or
/// not: nobody is signed in, out or up from there.
public record AccountDoor(
        RegisterPerson register,
        SignIn signIn,
        ChangePassword passwords,
        Sessions sessions,
        FindParties parties,
        Assignments assignments)
        implements Door {
    private static final String JSON = "application/json";
    private static final Set<String> PAGES = Set.of("verify", "sign-in-by-link", "recover");

    @Override
    public Answer answer(Call call) {
        try {
            return call.isGet() ? shown(call) : done(call);
        } catch (Fields.Refusal refusal) {
            return refused(call, refusal.status(), String.valueOf(refusal.getMessage()));
        }
    }

    private Answer shown(Call call) {
        return switch (call.path()) {
            case "me" -> me(person(call));
            case "sessions" -> sessionsOf(person(call), call);
            case "verify" -> page(call, "Verify my e-mail address", false);
            case "sign-in-by-link" -> page(call, "Sign in", false);
            case "recover" -> page(call, "Choose this password", true);
            default -> Answer.notFound("/account/" + call.path());
        };
    }

    private static Answer page(Call call, String button, boolean hasPassword) {
        return LinkPage.ask(button, call.path(), call.query().get("token").orElse(""), hasPassword);
    }

    private Answer done(Call call) {
        if (!call.method().equals("POST")) {
            return Answer.methodNotAllowed("GET, HEAD, POST");
        }
        var foreign = SameOrigin.refusal(call);
        if (foreign.isPresent()) {
            return refused(call, 403, foreign.get());
        }
        var fields = Fields.of(call, PAGES.contains(call.path()));
        return switch (call.path()) {
            case "register" ->
                said(
                        call,
                        202,
                        register.register(
                                new RegisterPerson.Wanted(
                                        fields.text("login"),
                                        fields.text("password"),
                                        fields.text("first_name"),
                                        fields.text("last_name"),
                                        fields.text("email")),
                                call.remoteAddress(),
                                call.absolute("")),
                        person -> Json.object().put("person", person));
            case "verify" ->
                said(
                        call,
                        200,
                        register.verify(fields.text("token")),
                        person -> Json.object().put("person", person));
            case "sign-in" -> begun(call, signIn.byPassword(fields.text("login"), fields.text("password"), from(call)));
            case "sign-in-by-link" -> begun(call, signIn.byLink(fields.text("token"), from(call)));
            case "sign-in-by-certificate" -> begun(call, signIn.byCertificate(person(call), from(call)));
            case "sign-in-link" -> mailed(call, Token.Scope.SIGN_IN, fields);
            case "recovery" -> mailed(call, Token.Scope.PASSWORD_RECOVERY, fields);
            case "recover" ->
                said(
                        call,
                        200,
                        passwords.recover(fields.text("token"), fields.text("password")),
                        person -> Json.object().put("person", person));
            case "login" ->
                said(
                        call,
                        200,
                        passwords.choose(person(call), fields.text("login"), fields.text("password")),
                        login -> Json.object().put("login", login));
            case "password" ->
                said(
                        call,
                        200,
                        passwords.change(
                                person(call),
                                fields.text("old"),
                                fields.text("new"),
                                session(call).map(Session::id).orElse(0L)),
                        person -> Json.object().put("person", person));
            case "end-session" ->
                said(call, 200, sessions.end(person(call), fields.number("id")), AccountDoor::session);
            case "sign-out" -> signOut(call);
            default -> Answer.notFound("/account/" + call.path());
        };
    }

    private Answer mailed(Call call, Token.Scope scope, Fields fields) {
        var problem = passwords.send(scope, fields.text("email"), call.remoteAddress(), call.absolute(""));
        return problem.map(it -> refused(call, it))
                .orElseGet(() -> json(
                        202,
                        Json.object().put("title", "If somebody here has that address, a mail is on its way to it")));
    }

    private Answer begun(Call call, Outcome<Sessions.Begun> outcome) {
        return switch (outcome) {
            case Outcome.Refused<Sessions.Begun>(var problem) -> refused(call, problem);
            case Outcome.Done<Sessions.Begun>(var begun) ->
                SessionCookie.set(
                        Fields.isForm(call)
                                ? LinkPage.say(
                                        200,
                                        "You are signed in as "
                                                + begun.session().person())
                                : json(200, session(begun.session())),
                        begun.cookie(),
                        Sessions.LIFE);
        };
    }

    private Answer signOut(Call call) {
        session(call).ifPresent(session -> sessions.end(session.person(), session.id()));
        return SessionCookie.clear(json(200, Json.object().put("title", "Signed out")));
    }

    private Answer me(String person) {
        var json = Json.object().put("person", person);
        if (parties.find(person, person) instanceof Outcome.Done<Party>(var party)) {
            json.put("title", party.title()).put("email", party.detail(Party.Detail.EMAIL));
        }
        var held = assignments.of(person);
        var siteWide = json.putArray("functions");
        held.siteWide().stream().sorted().forEach(function -> siteWide.add(function.wire()));
        var projects = json.putObject("projects");
        held.projects().forEach(project -> {
            var functions = projects.putArray(project);
            held.inProject().getOrDefault(project, Set.of()).stream()
                    .sorted()
                    .forEach(function -> functions.add(function.wire()));
        });
        return json(200, json);
    }

    private Answer sessionsOf(String person, Call call) {
        return said(call, 200, sessions.list(person, person), open -> {
            var json = Json.object();
            var list = json.putArray("result_list");
            open.forEach(session -> list.add(session(session)));
            return json;
        });
    }

    private Optional<Session> session(Call call) {
        return SessionCookie.of(call)
                .map(sessions::of)
                .filter(Outcome.Done.class::isInstance)
                .map(found -> ((Outcome.Done<Session>) found).value());
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

    private static SignIn.From from(Call call) {
        return new SignIn.From(call.remoteAddress(), call.header("user-agent").orElse(""));
    }

    private static String person(Call call) {
        return switch (call.requester()) {
            case Requester.Person(var reference) -> reference;
            case Requester.Anonymous(var why) -> throw new Fields.Refusal(401, why + " Sign in first");
            default ->
                throw new Fields.Refusal(403, call.requester().reference() + " may not call /account/: a person may");
        };
    }

    private static <T> Answer said(Call call, int status, Outcome<T> outcome, Function<T, ObjectNode> as) {
        return switch (outcome) {
            case Outcome.Refused<T>(var problem) -> refused(call, problem);
            case Outcome.Done<T>(var value) ->
                Fields.isForm(call) ? LinkPage.say(200, "Done. You can sign in now") : json(status, as.apply(value));
        };
    }

    private static Answer refused(Call call, Problem problem) {
        int status = switch (problem.kind()) {
            case NOT_FOUND -> 404;
            case FORBIDDEN -> 403;
            case CONFLICT -> 409;
            case INVALID -> 400;
            case BUSY, LIMITED -> 429;
        };
        var answer = refused(call, status, problem.message());
        return problem.retryAfter()
                .map(wait -> answer.with("Retry-After", Long.toString(wait.toSeconds())))
                .orElse(answer);
    }

    private static Answer refused(Call call, int status, String why) {
        var answer = Fields.isForm(call)
                ? LinkPage.say(status, why)
                : json(status, Json.object().put("status", status).put("title", why));
        return answer.with(Reason.HEADER, Reason.encode(why));
    }

    private static Answer json(int status, ObjectNode body) {
        return Answer.ok(JSON, Json.write(body)).with(status).with("Cache-Control", "no-store");
    }
}

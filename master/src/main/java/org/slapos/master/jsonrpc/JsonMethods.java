package org.slapos.master.jsonrpc;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Map;
import org.slapos.master.db.DatabaseUnavailableException;
import org.slapos.master.http.Answer;
import org.slapos.master.http.Call;
import org.slapos.master.http.Door;
import org.slapos.master.party.Requester;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.Reason;
import org.slapos.protocol.jsonrpc.CertificateCall;
import org.slapos.protocol.jsonrpc.ComputeNodeCall;
import org.slapos.protocol.jsonrpc.InstallationCall;
import org.slapos.protocol.jsonrpc.InstanceCall;
import org.slapos.protocol.jsonrpc.Json;
import org.slapos.protocol.jsonrpc.JsonAnswer;
import org.slapos.protocol.jsonrpc.JsonCall;
import org.slapos.protocol.jsonrpc.JsonError;
import org.slapos.protocol.jsonrpc.JsonMethod;
import org.slapos.protocol.jsonrpc.MarketCall;
import org.slapos.protocol.jsonrpc.MasterCall;
import org.slapos.protocol.jsonrpc.OpenApi;
import org.slapos.protocol.jsonrpc.PartyCall;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads a call of a JSON method, has it answered, and writes the answer or the error.
public final class JsonMethods implements Door {
    private static final Logger LOG = LoggerFactory.getLogger(JsonMethods.class);
    private static final String JSON = "application/json";

    /// What all methods take, for anybody.
    private static final String DOCUMENT = "viewOpenAPIAsJson";

    private final Instances instances;
    private final ComputeNodes nodes;
    private final Installations installations;
    private final MarketMethods market;
    private final Parties parties;
    private final Trail trail;
    private final MasterMethods master;
    private final Certificates certificates;

    public JsonMethods(
            Instances instances,
            ComputeNodes nodes,
            Installations installations,
            MarketMethods market,
            Parties parties,
            Trail trail,
            MasterMethods master,
            Certificates certificates) {
        this.certificates = certificates;
        this.instances = instances;
        this.nodes = nodes;
        this.installations = installations;
        this.market = market;
        this.parties = parties;
        this.trail = trail;
        this.master = master;
    }

    /// Whether a path below the door's prefix is one of these.
    public static boolean takes(String path) {
        return path.startsWith("slapos.") || path.equals(DOCUMENT);
    }

    @Override
    public Answer answer(Call call) {
        if (call.path().equals(DOCUMENT)) {
            return call.isGet()
                    ? Answer.ok(JSON, Json.write(OpenApi.document()))
                    : Answer.methodNotAllowed("GET, HEAD");
        }
        try {
            var method =
                    JsonMethod.ofWire(call.path()).orElseThrow(() -> new JsonRefusal(404, "not-found", call.path()));
            checkTransport(call);
            return answer(200, answer(call, method.read(members(call.body()))));
        } catch (JsonRefusal refusal) {
            return refused(refusal);
        } catch (MalformedException e) {
            return refused(JsonRefusal.invalid(String.valueOf(e.getMessage())));
        } catch (DatabaseUnavailableException e) {
            throw e;
        } catch (RuntimeException e) {
            LOG.error("request {} ({}) failed", call.id(), call.path(), e);
            return answer(
                    500,
                    new JsonError(
                            500,
                            "unknown-error",
                            "Internal error. The operator finds it in the log as request " + call.id() + "."));
        }
    }

    private static void checkTransport(Call call) {
        var type = call.header("content-type").orElse("").toLowerCase(Locale.ROOT);
        if (!type.equals(JSON) && !type.startsWith(JSON + ";")) {
            throw new JsonRefusal(415, "unexpected-media-type", "send the parameters as " + JSON);
        }
        if (!call.method().equals("POST")) {
            throw new JsonRefusal(405, "not-allowed-http-method", "use POST");
        }
        if (!call.accepts(JSON)) {
            throw new JsonRefusal(
                    406, "not-acceptable", "the answer is " + JSON + ", which the caller does not accept");
        }
        if (call.requester() instanceof Requester.Anonymous(var why)) {
            throw JsonRefusal.unauthorized(why);
        }
    }

    private static ObjectNode members(byte[] body) {
        try {
            if (Json.read(body) instanceof ObjectNode object) {
                return object;
            }
        } catch (MalformedException e) {
            throw new JsonRefusal(400, "not-parsable-json-content", String.valueOf(e.getMessage()));
        }
        throw new JsonRefusal(400, "not-json-object-content", "the body must be a JSON object");
    }

    private JsonAnswer answer(Call http, JsonCall<?> call) {
        var who = http.requester();
        return switch (call) {
            case InstanceCall<?> about -> instances.answer(who, about);
            case ComputeNodeCall<?> about -> nodes.answer(who, about);
            case InstallationCall<?> about -> installations.answer(who, about);
            case MarketCall<?> about -> market.answer(who, about);
            case PartyCall about ->
                about.method() == JsonMethod.LIST_EVENTS
                        ? trail.answer(who, about)
                        : parties.answer(who, about, () -> http.absolute(""));
            case MasterCall<?> about -> master.answer(http, about);
            case CertificateCall<?> about -> certificates.answer(who, about);
        };
    }

    private static Answer refused(JsonRefusal refusal) {
        var error = refusal.error();
        var answer = answer(error.status(), error).with(Reason.HEADER, Reason.encode(error.title()));
        if (!refusal.retryAfter().isEmpty()) {
            return answer.with("Retry-After", refusal.retryAfter());
        }
        return error.status() == 405 ? answer.with("Allow", "POST") : answer;
    }

    private static Answer answer(int status, JsonAnswer body) {
        return new Answer(
                status, Map.of("Content-Type", JSON, "Cache-Control", "private, no-store"), Json.write(body.write()));
    }
}

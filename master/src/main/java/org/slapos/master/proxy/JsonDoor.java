package org.slapos.master.proxy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slapos.master.http.Answer;
import org.slapos.master.http.Call;
import org.slapos.master.http.Mount;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.Reason;
import org.slapos.protocol.jsonrpc.CertificateCall;
import org.slapos.protocol.jsonrpc.ComputeNodeCall;
import org.slapos.protocol.jsonrpc.HateoasUrl;
import org.slapos.protocol.jsonrpc.InstallationCall;
import org.slapos.protocol.jsonrpc.InstanceCall;
import org.slapos.protocol.jsonrpc.Json;
import org.slapos.protocol.jsonrpc.JsonAnswer;
import org.slapos.protocol.jsonrpc.JsonError;
import org.slapos.protocol.jsonrpc.JsonMethod;
import org.slapos.protocol.jsonrpc.MarketCall;
import org.slapos.protocol.jsonrpc.MasterCall;
import org.slapos.protocol.jsonrpc.NotReady;
import org.slapos.protocol.jsonrpc.PartyCall;

/// The JSON methods at the root, with the statuses and words of the Python slapproxy: what is unknown is refused with
/// 403, `type` is the phrase of the status.
record JsonDoor(JsonInstances instances, JsonComputers computers) {
    private static final Map<Integer, String> PHRASES = Map.of(
            400, "Bad Request",
            403, "Forbidden",
            404, "Not Found",
            405, "Method Not Allowed",
            406, "Not Acceptable",
            415, "Unsupported Media Type",
            500, "Internal Server Error");

    List<Mount> mounts() {
        return Arrays.stream(JsonMethod.values())
                .map(method -> new Mount("/" + method.wire(), call -> answer(method, call)))
                .toList();
    }

    private Answer answer(JsonMethod method, Call call) {
        try {
            var unfit = unfit(call);
            return unfit.isPresent() ? unfit.get() : answer(200, said(method, call));
        } catch (MalformedException e) {
            return refused(400, String.valueOf(e.getMessage()));
        } catch (Refusal refusal) {
            var reason = refusal.reason();
            return refusal.kind() == Refusal.Kind.NOT_READY
                    ? answer(200, new NotReady(reason)).with(Reason.HEADER, Reason.encode(reason))
                    : refused(refusal.kind().jsonStatus(), reason);
        }
    }

    private static Optional<Answer> unfit(Call call) {
        if (!call.method().equals("POST")) {
            return Optional.of(refused(405, "use POST").with("Allow", "POST"));
        }
        var type = call.header("content-type").orElse("").toLowerCase(Locale.ROOT);
        if (!type.equals("application/json") && !type.startsWith("application/json;")) {
            return Optional.of(refused(415, "send the parameters as application/json"));
        }
        var accepted = call.header("accept").orElse("*/*").toLowerCase(Locale.ROOT);
        if (!accepted.contains("*/*")
                && !accepted.contains("application/*")
                && !accepted.contains("application/json")) {
            return Optional.of(refused(406, "the answer is application/json, which '" + accepted + "' excludes"));
        }
        return Optional.empty();
    }

    private JsonAnswer said(JsonMethod method, Call call) {
        if (!(Json.read(call.body()) instanceof ObjectNode members)) {
            throw new MalformedException("the body must be a JSON object");
        }
        return switch (method.read(members)) {
            case InstanceCall<?> about -> instances.answer(about, members, Bypass.here(call));
            case ComputeNodeCall<?> about -> computers.answer(about);
            case InstallationCall<?> about -> computers.answer(about);
            case MasterCall.GetHateoasUrl _ -> new HateoasUrl(Bypass.here(call) + "hateoas/");
            case MarketCall<?> _,
                    PartyCall _,
                    CertificateCall<?> _,
                    MasterCall.CreateComputerToken _,
                    MasterCall.Movements _ -> throw Refusal.noSuchMethod(method.wire());
        };
    }

    private static Answer refused(int status, String title) {
        return answer(status, new JsonError(status, PHRASES.getOrDefault(status, "Error"), title))
                .with(Reason.HEADER, Reason.encode(title));
    }

    private static Answer answer(int status, JsonAnswer body) {
        return new Answer(status, Map.of("Content-Type", "application/json"), Json.write(body.write()));
    }
}

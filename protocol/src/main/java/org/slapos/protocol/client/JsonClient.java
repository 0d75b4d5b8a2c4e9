package org.slapos.protocol.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.client.Transport.Repeat;
import org.slapos.protocol.jsonrpc.Json;
import org.slapos.protocol.jsonrpc.JsonAnswer;
import org.slapos.protocol.jsonrpc.JsonCall;
import org.slapos.protocol.jsonrpc.JsonError;
import org.slapos.protocol.jsonrpc.JsonMethod;

/// Carries the JSON methods. Any thread may call.
final class JsonClient {
    private final Transport transport;

    JsonClient(Transport transport) {
        this.transport = transport;
    }

    <A extends JsonAnswer> A call(JsonCall<A> call) {
        return call.answer(call(call.method().wire(), call.write(), repeat(call.method())));
    }

    /// A method by its name, which may be one that [JsonMethod] does not know.
    JsonNode call(String method, ObjectNode parameters) {
        return call(
                method,
                parameters,
                JsonMethod.ofWire(method).map(JsonClient::repeat).orElse(Repeat.NEVER));
    }

    private JsonNode call(String method, ObjectNode parameters, Repeat repeat) {
        var request = transport.post(transport.base().resolve(method), "application/json", parameters.toString());
        var answer = transport.send(method, request, repeat);
        if (answer.status() == 200) {
            return read(method, answer);
        }
        throw failure(method, answer);
    }

    /// Absence and refusal share the status 403: the type in the body tells them apart (JSON methods, errors).
    private static SlapException failure(String method, Answer answer) {
        try {
            var error = JsonError.read(answer.status(), Json.read(answer.body()));
            var said = error.title().isEmpty() ? error.type() : error.title();
            return answer.failure(
                    error.isNotFound() ? SlapException.Kind.NOT_FOUND : answer.kind(),
                    method,
                    said.isEmpty() ? answer.reason() : said);
        } catch (MalformedException _) {
            return answer.failure(answer.kind(), method, answer.reason());
        }
    }

    /// @param method what was asked, for the message
    static JsonNode read(String method, Answer answer) {
        try {
            return Json.read(answer.body());
        } catch (MalformedException e) {
            throw new SlapException(SlapException.Kind.SERVER_ERROR, method + ": the answer is " + e.getMessage(), e);
        }
    }

    private static Repeat repeat(JsonMethod method) {
        return switch (method) {
            case BANG_INSTANCE,
                    BANG_COMPUTER,
                    REPORT_USAGE,
                    ISSUE_COMPUTER_CERTIFICATE,
                    REVOKE_COMPUTER_CERTIFICATE,
                    REVOKE_CERTIFICATE,
                    CREATE_COMPUTER_TOKEN,
                    MAKE_PARTY,
                    CREATE_INVITATION,
                    ACCEPT_INVITATION,
                    CREATE_CERTIFICATE_TOKEN,
                    CREATE_FEED_TOKEN -> Repeat.NEVER;
            case GET_INSTANCE,
                    GET_PARTITION,
                    GET_TREE,
                    LIST_TREES,
                    LIST_SHARED_INSTANCES,
                    GET_INSTANCE_CERTIFICATE,
                    GET_COMPUTER_STATUS,
                    LIST_INSTANCES,
                    LIST_INSTALLATIONS,
                    GET_HATEOAS_URL,
                    LIST_COMPUTERS,
                    GET_INSTALLATION,
                    GET_OFFER,
                    GET_CERTIFICATE,
                    LIST_CERTIFICATES,
                    PLAN_INSTANCE,
                    MARKET_FIGURES,
                    EXPLAIN_INSTANCE,
                    LIST_POOLS,
                    GET_BRAKE,
                    LIST_MOVEMENTS,
                    GET_PARTY,
                    LIST_PARTIES,
                    LIST_ASSIGNMENTS,
                    LIST_TOKENS,
                    LIST_SESSIONS,
                    LIST_EVENTS -> Repeat.READING;
            case REQUEST_INSTANCE,
                    RENEW_CERTIFICATE,
                    PUBLISH_CONNECTION,
                    REPORT_INSTANCE_STATE,
                    REPORT_INSTANCE_ERROR,
                    RENAME_INSTANCE,
                    FORMAT_COMPUTER,
                    SUPPLY,
                    CHANGE_OFFER,
                    LOSE_COMPUTER,
                    BACK_UP_INSTANCE,
                    CHANGE_PARTY,
                    SET_PARTY_STATE,
                    JOIN_NETWORK,
                    OPEN_ASSIGNMENT,
                    CLOSE_ASSIGNMENT,
                    WITHDRAW_TOKEN,
                    END_SESSION,
                    BLOCK_LOGIN,
                    CHANGE_SUPPLY,
                    CHANGE_PRODUCT,
                    SET_POOL,
                    SET_BRAKE,
                    REPORT_INSTALLATION_STATE,
                    REPORT_INSTALLATION_ERROR -> Repeat.IDEMPOTENT;
        };
    }
}

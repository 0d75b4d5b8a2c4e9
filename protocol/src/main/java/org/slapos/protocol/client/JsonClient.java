package org.slapos.protocol.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import org.slapos.protocol.client.Transport.Repeat;

/// A Master's JSON methods. Any thread may call.
final class JsonClient {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Transport transport;

    JsonClient(Transport transport) {
        this.transport = transport;
    }

    /// The answer of a method. That there is no such thing is answered with 403 by these methods; the `type` of the
    /// error tells it from a refusal (JSON methods, errors).
    JsonNode call(String method, ObjectNode parameters) {
        var request = transport.post(transport.base().resolve(method), "application/json", parameters.toString());
        var answer = transport.send(method, request, Repeat.NEVER);
        if (answer.status() == 403 && errorType(answer).endsWith("-NOT-FOUND")) {
            throw new SlapException(SlapException.Kind.NOT_FOUND, method + ": " + answer.reason());
        }
        return parsed(method, answer.checked(method));
    }

    static ObjectNode parameters() {
        return JSON.createObjectNode();
    }

    /// @param method what was asked, for the message
    static JsonNode parsed(String method, Answer answer) {
        try {
            return JSON.readTree(answer.body());
        } catch (IOException e) {
            throw new SlapException(SlapException.Kind.SERVER_ERROR, method + ": the answer is not JSON", e);
        }
    }

    private static String errorType(Answer answer) {
        try {
            return JSON.readTree(answer.body()).path("type").asText();
        } catch (IOException _) {
            return "";
        }
    }
}

package org.slapos.protocol.jsonrpc;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;

/// The JSON methods as an OpenAPI document: each with what its call may and must hold.
public final class OpenApi {
    private static final String JSON = "application/json";

    private OpenApi() {}

    public static ObjectNode document() {
        var document = Json.object().put("openapi", "3.0.0");
        document.putObject("info").put("title", "slapos master api").put("version", "0.0.3");
        var paths = document.putObject("paths");
        for (var method : JsonMethod.values()) {
            describe(method, paths.putObject("/" + method.wire()).putObject("post"));
        }
        return document;
    }

    private static void describe(JsonMethod method, ObjectNode post) {
        post.put("operationId", method.wire());
        var body = post.putObject("requestBody").put("required", true);
        describeCall(method, body.putObject("content").putObject(JSON).putObject("schema"));
        var responses = post.putObject("responses");
        schema(responses.putObject("200").put("description", "The answer.")).put("type", "object");
        var error = schema(responses.putObject("default").put("description", "Why not."))
                .put("type", "object")
                .putObject("properties");
        error.putObject("status").put("type", "integer");
        error.putObject("type").put("type", "string");
        error.putObject("title").put("type", "string");
    }

    private static ObjectNode schema(ObjectNode response) {
        return response.putObject("content").putObject(JSON).putObject("schema");
    }

    private static void describeCall(JsonMethod method, ObjectNode schema) {
        schema.put("type", "object").put("additionalProperties", false);
        var properties = schema.putObject("properties");
        for (var member : method.members()) {
            var property = properties.putObject(member.name());
            property.put("type", member.kind().name().toLowerCase(Locale.ROOT));
            if (member.kind() == Member.Kind.ARRAY) {
                property.putObject("items").put("type", "object");
            }
            if (member.longest() != Integer.MAX_VALUE) {
                property.put("maxLength", member.longest());
            }
            if (!member.words().isEmpty()) {
                Json.putAll(property.putArray("enum"), member.words());
            }
            if (member.required()) {
                schema.withArray("required").add(member.name());
            }
        }
    }
}

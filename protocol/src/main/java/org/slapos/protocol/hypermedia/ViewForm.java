package org.slapos.protocol.hypermedia;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.jsonrpc.Json;

/// The properties of one thing, as its form shows them.
///
/// @param type       what it is: `Instance Tree`, `Compute Node`
/// @param form       name of the form
/// @param properties by their name without `my_`; any JSON value
public record ViewForm(String type, String form, Map<String, JsonNode> properties) {
    /// The view that a client asks for.
    public static final String VIEW = "slaposjs_view";

    private static final Set<String> FIELDS =
            Set.of("StringField", "EmailField", "IntegerField", "FloatField", "TextAreaField");

    public ViewForm {
        properties = Collections.unmodifiableMap(new LinkedHashMap<>(properties));
    }

    /// The property's text; nothing when there is no such property, or it is no string.
    public Optional<String> text(String property) {
        return Optional.ofNullable(properties.get(property)).map(JsonNode::textValue);
    }

    public ObjectNode write() {
        var json = Json.object();
        var view = json.putObject("_embedded").putObject("_view");
        view.putObject("form_id").put("key", "form_id").put("default", form).put("type", "StringField");
        properties.forEach((name, value) -> view.putObject("my_" + name)
                .put("key", "field_my_" + name)
                .put("type", fieldOf(value))
                .set("default", value));
        json.putObject("_links").putObject("type").put("name", type).put("href", Link.of("portal_types/" + type));
        return json;
    }

    private static String fieldOf(JsonNode value) {
        if (value.isIntegralNumber()) {
            return "IntegerField";
        }
        return value.asText("").contains("\n") ? "TextAreaField" : "StringField";
    }

    /// Fields that are no simple ones are passed over.
    ///
    /// @throws MalformedException when it is no such document
    public static ViewForm read(JsonNode json) {
        var view = json.path("_embedded").path("_view");
        var type = json.path("_links").path("type").path("name");
        var form = view.path("form_id");
        if (!view.isObject() || !type.isTextual() || !form.has("key") || !form.has("default")) {
            throw new MalformedException("not the form of one thing: '_embedded._view', its 'form_id' with key and "
                    + "default, and '_links.type.name' are expected");
        }
        var properties = new LinkedHashMap<String, JsonNode>();
        for (var member : view.properties()) {
            var name = member.getKey();
            var field = member.getValue();
            if ((name.startsWith("my_") || name.startsWith("your_"))
                    && FIELDS.contains(field.path("type").asText(""))) {
                properties.put(name.substring(name.indexOf('_') + 1), defaultOf(field));
            }
        }
        return new ViewForm(type.textValue(), form.path("default").asText(""), properties);
    }

    private static JsonNode defaultOf(JsonNode field) {
        return field.has("default") ? field.get("default") : Json.object().nullNode();
    }
}

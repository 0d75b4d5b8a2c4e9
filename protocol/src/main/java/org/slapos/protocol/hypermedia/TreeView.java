package org.slapos.protocol.hypermedia;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slapos.protocol.InstanceXml;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.RequestedState;

/// An InstanceTree, as its form shows it.
///
/// @param reference  `HOSTSUBS-n`; empty when a Master does not say
/// @param state      `start_requested`... or, from other Masters, any other word for it
/// @param parameters of the root
/// @param connection what the root published
/// @param news       how its instances are; nothing when a Master does not say
public record TreeView(
        String title,
        String reference,
        String state,
        String softwareRelease,
        String softwareType,
        boolean shared,
        Map<String, String> parameters,
        Map<String, String> connection,
        Optional<News> news) {
    private static final String TYPE = "Instance Tree";

    public TreeView {
        parameters = Map.copyOf(parameters);
        connection = Map.copyOf(connection);
    }

    /// The word of hypermedia documents for a requested state.
    public static String wordOf(RequestedState state) {
        return switch (state) {
            case STARTED -> "start_requested";
            case STOPPED -> "stop_requested";
            case DESTROYED -> "destroy_requested";
        };
    }

    public ViewForm toForm() {
        var properties = new LinkedHashMap<String, JsonNode>();
        properties.put("title", TextNode.valueOf(title));
        properties.put("reference", TextNode.valueOf(reference));
        properties.put("slap_state", TextNode.valueOf(state));
        properties.put("source_reference", TextNode.valueOf(softwareType));
        properties.put("root_slave", IntNode.valueOf(shared ? 1 : 0));
        properties.put("url_string", TextNode.valueOf(softwareRelease));
        properties.put("text_content", TextNode.valueOf(InstanceXml.write(parameters)));
        properties.put("connection_parameter_list", ConnectionList.write(connection));
        news.ifPresent(them -> properties.put("news", them.write(TYPE, reference, title)));
        return new ViewForm(TYPE, "InstanceTree_viewAsHateoas", properties);
    }

    /// @throws MalformedException when what every Master sends is missing
    public static TreeView of(ViewForm form) {
        var properties = form.properties();
        return new TreeView(
                form.text("title").orElse(""),
                form.text("reference").orElse(""),
                required(form, "slap_state"),
                required(form, "url_string"),
                form.text("source_reference").orElse(""),
                properties.getOrDefault("root_slave", NullNode.instance).asInt() == 1,
                InstanceXml.read(form.text("text_content").orElse("")),
                ConnectionList.read(properties.getOrDefault("connection_parameter_list", NullNode.instance)),
                Optional.ofNullable(properties.get("news"))
                        .filter(JsonNode::isObject)
                        .map(News::read));
    }

    private static String required(ViewForm form, String property) {
        return form.text(property)
                .orElseThrow(() -> new MalformedException("the form has no property '" + property + "'"));
    }
}

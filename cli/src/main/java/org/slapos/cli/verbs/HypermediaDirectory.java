package org.slapos.cli.verbs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.slapos.protocol.InstanceXml;
import org.slapos.protocol.client.SlapException;

/// The lists over hypermedia, as every kind of Master offers it: one search for a list, two calls for a thing.
final class HypermediaDirectory {
    private static final String TREES = "portal_type:\"Instance Tree\" AND validation_state:validated";
    private static final String COMPUTERS = "portal_type:\"Compute Node\" AND validation_state:validated";
    private static final String INSTALLATIONS = "portal_type:\"Software Installation\" AND validation_state:validated";
    private static final String LIMIT = "10000";
    private static final Set<String> FIELDS =
            Set.of("StringField", "EmailField", "IntegerField", "FloatField", "TextAreaField");

    private final MasterReader reader;
    private final String search;
    private final String traverse;

    private HypermediaDirectory(MasterReader reader, JsonNode root) {
        this.reader = reader;
        this.search = root.path("_links").path("raw_search").path("href").asText();
        this.traverse = root.path("_links").path("traverse").path("href").asText();
    }

    /// At the configured URL, else where the Master says that it is; nothing when it has none.
    static Optional<HypermediaDirectory> find(ClientConfiguration configuration, MasterReader reader) {
        var root = configuration.hypermedia().or(() -> told(configuration, reader));
        return root.map(url -> new HypermediaDirectory(reader, reader.json(url)))
                .filter(directory -> !directory.search.isEmpty() && !directory.traverse.isEmpty());
    }

    private static Optional<URI> told(ClientConfiguration configuration, MasterReader reader) {
        var page = reader.get(configuration.method("getHateoasUrl"));
        var text = page.body().strip();
        try {
            return page.isThere() && text.startsWith("http") ? Optional.of(URI.create(text)) : Optional.empty();
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    List<ObjectNode> services(boolean all) {
        var columns = all
                ? List.of("title", "url_string", "slap_state", "computer_reference", "partition_reference", "news")
                : List.of("title", "url_string");
        var found = new ArrayList<ObjectNode>();
        for (var row : rows(TREES, columns)) {
            var service = object().put("reference", row.path("title").asText())
                    .put("software-url", row.path("url_string").asText());
            if (all) {
                service.put(
                                "requested-state",
                                Status.state(row.path("slap_state").asText()))
                        .put("computer", row.path("computer_reference").asText(""))
                        .put("partition", row.path("partition_reference").asText(""));
                status(service, row);
            }
            found.add(service);
        }
        return found;
    }

    Optional<ObjectNode> service(String reference) {
        return row(TREES, "title", reference, List.of("title", "relative_url")).map(row -> {
            var form = form(row);
            var service = object().put("reference", reference)
                    .put("software-url", form.path("url_string").asText())
                    .put("software-type", form.path("source_reference").asText())
                    .put("shared", form.path("root_slave").asInt() != 0)
                    .put("requested-state", form.path("slap_state").asText());
            service.set("instance-parameters", parameters(form.path("text_content")));
            service.set("connection-parameters", connection(form.path("connection_parameter_list")));
            status(service, form);
            return service;
        });
    }

    List<ObjectNode> computers() {
        var found = new ArrayList<ObjectNode>();
        for (var row : rows(COMPUTERS, List.of("title", "reference"))) {
            found.add(object().put("reference", row.path("reference").asText())
                    .put("title", row.path("title").asText()));
        }
        return found;
    }

    /// By search alone: not every Master has a form for Computers.
    Optional<ObjectNode> computer(String reference) {
        return row(COMPUTERS, "reference", reference, List.of("title", "reference"))
                .map(row -> object().put("reference", row.path("reference").asText())
                        .put("title", row.path("title").asText()));
    }

    List<String> softwareReleases() {
        var urls = new TreeSet<String>();
        try {
            rows(INSTALLATIONS, List.of("url_string"))
                    .forEach(row -> urls.add(row.path("url_string").asText()));
        } catch (SlapException e) {
            if (e.kind() == SlapException.Kind.UNREACHABLE) {
                throw e;
            }
            // Not every Master can be asked this.
            services(false).forEach(row -> urls.add(row.path("software-url").asText()));
        }
        return List.copyOf(urls);
    }

    private JsonNode rows(String query, List<String> columns) {
        var url = UriTemplate.expand(
                search, Map.of("query", List.of(query), "select_list", columns, "limit", List.of(LIMIT)));
        return reader.json(URI.create(url)).path("_embedded").path("contents");
    }

    /// The one row whose column is exactly the value.
    private Optional<JsonNode> row(String query, String column, String value, List<String> columns) {
        if (value.indexOf('"') >= 0) {
            return Optional.empty();
        }
        for (var row : rows(query + " AND " + column + ":=\"" + value + "\"", columns)) {
            if (row.path(column).asText().equals(value)) {
                return Optional.of(row);
            }
        }
        return Optional.empty();
    }

    /// The fields of a thing's form by their names.
    private ObjectNode form(JsonNode row) {
        var url = UriTemplate.expand(
                traverse,
                Map.of(
                        "relative_url", List.of(row.path("relative_url").asText()),
                        "view", List.of("slaposjs_view")));
        var fields = object();
        reader.json(URI.create(url))
                .path("_embedded")
                .path("_view")
                .properties()
                .forEach(entry -> {
                    var name = entry.getKey();
                    int prefix = name.startsWith("my_") ? 3 : name.startsWith("your_") ? 5 : 0;
                    if (prefix > 0
                            && FIELDS.contains(entry.getValue().path("type").asText())) {
                        fields.set(name.substring(prefix), entry.getValue().path("default"));
                    }
                });
        return fields;
    }

    private static void status(ObjectNode service, JsonNode row) {
        var news = row.path("news");
        service.put("status", Status.colour(news));
        if (news.isObject()) {
            service.set("news", news);
        }
    }

    private static JsonNode parameters(JsonNode xml) {
        return InstanceParameters.unwrapped(xml.isTextual() ? InstanceXml.read(xml.asText()) : Map.of());
    }

    /// Pairs, or the text of an `<instance>` element.
    private static JsonNode connection(JsonNode list) {
        if (!list.isArray()) {
            return parameters(list);
        }
        var connection = object();
        for (var pair : list) {
            connection.set(pair.path("connection_key").asText(), pair.path("connection_value"));
        }
        return InstanceParameters.unwrapped(connection);
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }
}

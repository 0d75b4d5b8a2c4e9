package org.slapos.cli.verbs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.slapos.protocol.InstanceXml;
import org.slapos.protocol.client.SlapException;
import org.slapos.protocol.hypermedia.ConnectionList;
import org.slapos.protocol.hypermedia.RootDocument;
import org.slapos.protocol.hypermedia.SearchQuery;
import org.slapos.protocol.hypermedia.SearchResult;
import org.slapos.protocol.hypermedia.ViewForm;

/// The lists over hypermedia, as every kind of Master offers it: one search for a list, two calls for a thing.
final class HypermediaDirectory {
    private static final String LIMIT = "10000";

    private final PageReader reader;
    private final RootDocument root;

    private HypermediaDirectory(PageReader reader, RootDocument root) {
        this.reader = reader;
        this.root = root;
    }

    /// The directory whose root document is there.
    static HypermediaDirectory at(URI root, PageReader reader) {
        return new HypermediaDirectory(reader, RootDocument.read(reader.json(root)));
    }

    /// Where a Master says that its hypermedia is, when asked in the way of SLAP; nothing when it does not.
    static Optional<URI> told(ClientConfiguration configuration, PageReader reader) {
        var page = reader.get(configuration.method("getHateoasUrl"));
        return page.isThere() ? url(page.body().strip()) : Optional.empty();
    }

    static Optional<URI> url(String text) {
        try {
            return text.startsWith("http") ? Optional.of(URI.create(text)) : Optional.empty();
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    List<ObjectNode> services(boolean all) {
        var columns = all
                ? List.of("title", "url_string", "slap_state", "computer_reference", "partition_reference", "news")
                : List.of("title", "url_string");
        var found = new ArrayList<ObjectNode>();
        for (var row : rows(new SearchQuery.Trees(Optional.empty()), columns)) {
            var service = JsonNodeFactory.instance
                    .objectNode()
                    .put("reference", text(row, "title"))
                    .put("software-url", text(row, "url_string"));
            if (all) {
                // A slapproxy sends the rows of its database, where these names mean other things.
                boolean isProxy = text(row, "slap_state").equals("busy");
                service.put("requested-state", Status.state(text(row, isProxy ? "requested_state" : "slap_state")))
                        .put("computer", text(row, "computer_reference"))
                        .put("partition", text(row, isProxy ? "reference" : "partition_reference"));
                status(service, row.columns());
            }
            found.add(service);
        }
        return found;
    }

    Optional<ObjectNode> service(String reference) {
        if (cannotBeNamed(reference)) {
            return Optional.empty();
        }
        var query = new SearchQuery.Trees(Optional.of(reference));
        return row(query, "title", reference, List.of("title", "relative_url")).map(row -> {
            var form = form(row);
            var properties = form.properties();
            var service = JsonNodeFactory.instance
                    .objectNode()
                    .put("reference", reference)
                    .put("software-url", form.text("url_string").orElse(""))
                    .put("software-type", form.text("source_reference").orElse(""))
                    .put(
                            "shared",
                            properties
                                            .getOrDefault("root_slave", NullNode.instance)
                                            .asInt()
                                    != 0)
                    .put("requested-state", form.text("slap_state").orElse(""));
            var parameters = InstanceXml.read(form.text("text_content").orElse(""));
            var connection =
                    ConnectionList.read(properties.getOrDefault("connection_parameter_list", NullNode.instance));
            service.set("instance-parameters", InstanceParameters.unwrapped(parameters));
            service.set("connection-parameters", InstanceParameters.unwrapped(connection));
            status(service, properties);
            return service;
        });
    }

    List<ObjectNode> computers() {
        var found = new ArrayList<ObjectNode>();
        for (var row : rows(new SearchQuery.Computers(Optional.empty()), List.of("title", "reference"))) {
            found.add(computer(row));
        }
        return found;
    }

    /// By search alone: not every Master has a form for Computers.
    Optional<ObjectNode> computer(String reference) {
        return cannotBeNamed(reference)
                ? Optional.empty()
                : row(
                                new SearchQuery.Computers(Optional.of(reference)),
                                "reference",
                                reference,
                                List.of("title", "reference"))
                        .map(HypermediaDirectory::computer);
    }

    private static ObjectNode computer(SearchResult.Row row) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("reference", text(row, "reference"))
                .put("title", text(row, "title"));
    }

    List<String> softwareReleases() {
        var urls = new TreeSet<String>();
        try {
            rows(new SearchQuery.Installations(Optional.empty()), List.of("url_string"))
                    .forEach(row -> urls.add(text(row, "url_string")));
        } catch (SlapException e) {
            if (e.kind() == SlapException.Kind.UNREACHABLE) {
                throw e;
            }
            // Not every Master can be asked this.
            services(false).forEach(row -> urls.add(row.path("software-url").asText()));
        }
        return List.copyOf(urls);
    }

    private List<SearchResult.Row> rows(SearchQuery query, List<String> columns) {
        var url = root.search()
                .expand(Map.of("query", List.of(query.text()), "select_list", columns, "limit", List.of(LIMIT)));
        return SearchResult.read(reader.json(URI.create(url))).rows();
    }

    /// The one row whose column is exactly the value.
    private Optional<SearchResult.Row> row(SearchQuery query, String column, String value, List<String> columns) {
        for (var row : rows(query, columns)) {
            if (text(row, column).equals(value)) {
                return Optional.of(row);
            }
        }
        return Optional.empty();
    }

    private ViewForm form(SearchResult.Row row) {
        var url = root.traverse()
                .expand(Map.of("relative_url", List.of(row.relativeUrl()), "view", List.of(ViewForm.VIEW)));
        return ViewForm.read(reader.json(URI.create(url)));
    }

    private static void status(ObjectNode service, Map<String, JsonNode> properties) {
        var news = properties.getOrDefault("news", NullNode.instance);
        service.put("status", Status.colour(news));
        if (news.isObject()) {
            service.set("news", news);
        }
    }

    private static String text(SearchResult.Row row, String column) {
        return row.text(column).orElse("");
    }

    /// A search is for one word or more without double quotes: nothing else exists.
    private static boolean cannotBeNamed(String reference) {
        return reference.isEmpty() || reference.indexOf('"') >= 0;
    }
}

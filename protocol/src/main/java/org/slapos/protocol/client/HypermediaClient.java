package org.slapos.protocol.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.client.Transport.Repeat;
import org.slapos.protocol.hypermedia.RootDocument;
import org.slapos.protocol.hypermedia.SearchQuery;
import org.slapos.protocol.hypermedia.SearchResult;
import org.slapos.protocol.hypermedia.SearchResult.Row;
import org.slapos.protocol.hypermedia.TreeView;
import org.slapos.protocol.hypermedia.UriTemplate;
import org.slapos.protocol.hypermedia.ViewForm;

/// What a Master shows of itself (hypermedia API): lists by searching, one thing by traversing. It only reads.
/// Any thread may call; it ends with the [SlapClient] it comes from. Failures are those of [SlapClient].
public final class HypermediaClient {
    private static final String VIEW = "slaposjs_view";

    private final Transport transport;
    private final URI begin;
    private volatile @Nullable RootDocument root;

    HypermediaClient(Transport transport, URI begin) {
        this.transport = transport;
        this.begin = begin;
        transport.trust(begin);
    }

    /// The InstanceTrees of whoever asks: title and SoftwareRelease.
    public Map<String, String> trees() {
        var trees = new LinkedHashMap<String, String>();
        search(new SearchQuery.Trees(Optional.empty()), List.of("title", "url_string"))
                .forEach(row ->
                        trees.put(text(row, "title"), row.text("url_string").orElse("")));
        return trees;
    }

    /// The InstanceTree of that title, or nothing when there is none.
    public Optional<TreeView> tree(String title) {
        return search(new SearchQuery.Trees(Optional.of(title)), List.of("title", "relative_url")).stream()
                .filter(row -> text(row, "title").equals(title))
                .findFirst()
                .map(row -> TreeView.of(traverse(row.relativeUrl())));
    }

    /// The Computers of whoever asks: reference and title.
    public Map<String, String> computers() {
        var computers = new LinkedHashMap<String, String>();
        search(new SearchQuery.Computers(Optional.empty()), List.of("title", "reference"))
                .forEach(row ->
                        computers.put(text(row, "reference"), row.text("title").orElse("")));
        return computers;
    }

    /// The properties of a Computer, or nothing when there is none of that reference. Some Masters show a Computer in
    /// lists only: NOT_FOUND then.
    public Optional<ViewForm> computer(String reference) {
        return search(new SearchQuery.Computers(Optional.of(reference)), List.of("reference", "relative_url")).stream()
                .filter(row -> text(row, "reference").equals(reference))
                .findFirst()
                .map(row -> traverse(row.relativeUrl()));
    }

    /// The instances of a tree, with all that their rows say.
    public List<Row> instances(String tree) {
        return search(
                new SearchQuery.Instances(tree),
                List.of(
                        "uid",
                        "title",
                        "relative_url",
                        "portal_type",
                        "url_string",
                        "text_content",
                        "getConnectionXmlAsDict",
                        "SoftwareInstance_getNewsDict"));
    }

    /// The SoftwareInstallations, those on one Computer if it is named, with all that their rows say.
    public List<Row> installations(Optional<String> computer) {
        return search(
                new SearchQuery.Installations(computer),
                List.of("uid", "relative_url", "url_string", "SoftwareInstallation_getNewsDict"));
    }

    /// What a search finds, up to [SearchResult#DEFAULT_LIMIT] rows.
    public List<Row> search(SearchQuery query, List<String> columns) {
        return SearchResult.read(read(
                        "search",
                        root().search(),
                        Map.of(
                                "query", List.of(query.text()),
                                "select_list", columns,
                                "limit", List.of(Integer.toString(SearchResult.DEFAULT_LIMIT)))))
                .rows();
    }

    /// One thing, by the `relative_url` of its row.
    public ViewForm traverse(String relativeUrl) {
        return ViewForm.read(read(
                "traverse", root().traverse(), Map.of("relative_url", List.of(relativeUrl), "view", List.of(VIEW))));
    }

    /// Read once.
    private RootDocument root() {
        var known = root;
        if (known == null) {
            var request = transport.get(begin).header("Cache-Control", "no-cache");
            var answer = transport.send(begin.toString(), request, Repeat.READING);
            known = RootDocument.read(JsonClient.read(begin.toString(), answer.checked(begin.toString())));
            root = known;
        }
        return known;
    }

    private JsonNode read(String what, UriTemplate template, Map<String, List<String>> values) {
        var target = target(template.expand(values));
        var answer = transport.send(what, transport.get(target), Repeat.READING);
        return JsonClient.read(what, answer.checked(what));
    }

    private URI target(String expanded) {
        try {
            return begin.resolve(expanded);
        } catch (IllegalArgumentException e) {
            throw new MalformedException(begin + " leads to '" + expanded + "', which is no URL", e);
        }
    }

    private static String text(Row row, String column) {
        return row.text(column).orElse("");
    }
}

package org.slapos.protocol.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.slapos.protocol.golden.Values.BLOG;
import static org.slapos.protocol.golden.Values.WP;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.slapos.protocol.client.HypermediaClient;
import org.slapos.protocol.client.SlapClient;
import org.slapos.protocol.hypermedia.SearchQuery;

/// The calls that read hypermedia. Each walks from the root document on, and so through several conversations.
final class HypermediaCalls {
    private static final String ROOT = "hypermedia/root.document";
    private static final String PROXY_ROOT = "proxy/hateoas.root";

    private final Map<String, Walk> walks = new TreeMap<>();

    /// @param conversations in the order in which the client says them, the one it is about among them
    record Walk(List<String> conversations, Consumer<HypermediaClient> call) {
        void from(SlapClient client, URI web) {
            call.accept(client.hypermedia(Optional.of(web.resolve("/hateoas/"))).orElseThrow());
        }
    }

    private HypermediaCalls() {}

    static Map<String, Walk> byName() {
        var made = new HypermediaCalls();
        made.ofMaster();
        made.ofProxy();
        return made.walks;
    }

    private void ofMaster() {
        Consumer<HypermediaClient> trees = c -> assertThat(c.trees()).isEqualTo(Map.of("blog", WP));
        add("hypermedia/root.document", List.of(ROOT, "hypermedia/search.trees"), trees);
        add("hypermedia/root.byNobody", List.of("hypermedia/root.byNobody"), HypermediaClient::trees);
        search("trees", trees);
        search("noTrees", c -> assertThat(c.trees()).isEmpty());
        search(
                "tree",
                c -> assertThat(c.search(new SearchQuery.Trees(Optional.of("blog")), List.of("title", "relative_url")))
                        .singleElement()
                        .satisfies(row -> assertThat(row.relativeUrl()).isEqualTo(Blanks.sample("relativeUrl"))));
        search("noTree", c -> assertThat(c.tree("shop")).isEmpty());
        search("computers", c -> assertThat(c.computers()).isEqualTo(Map.of("COMP-1", "machine")));
        search(
                "computer",
                c -> assertThat(c.search(
                                new SearchQuery.Computers(Optional.of("COMP-1")), List.of("reference", "relative_url")))
                        .singleElement()
                        .satisfies(row -> assertThat(row.text("reference")).contains("COMP-1")));
        search(
                "instances",
                c -> assertThat(c.search(
                                new SearchQuery.Instances("blog"), List.of("title", "portal_type", "url_string")))
                        .extracting(row -> row.text("title").orElseThrow())
                        .containsExactly("blog", "db"));
        search(
                "installations",
                c -> assertThat(c.search(new SearchQuery.Installations(Optional.of("COMP-1")), List.of("url_string")))
                        .extracting(row -> row.text("url_string").orElseThrow())
                        .containsExactly(WP));
        add("hypermedia/traverse.tree", List.of(ROOT, "hypermedia/search.tree", "hypermedia/traverse.tree"), c -> {
            var tree = c.tree("blog").orElseThrow();
            assertThat(tree.title()).isEqualTo("blog");
            assertThat(tree.state()).isEqualTo("start_requested");
            assertThat(tree.parameters()).isEqualTo(BLOG);
            assertThat(tree.connection()).isEqualTo(Map.of("url", "http://10.0.0.2/?a=1&b=<é>"));
        });
        add(
                "hypermedia/traverse.computer",
                List.of(ROOT, "hypermedia/search.computer", "hypermedia/traverse.computer"),
                c -> assertThat(c.computer("COMP-1").orElseThrow().text("title"))
                        .contains("machine"));
        add(
                "hypermedia/traverse.ofOther",
                List.of(ROOT, "hypermedia/traverse.ofOther"),
                c -> c.traverse(Blanks.sample("relativeUrl")));
        add("hypermedia/traverse.unknown", List.of(ROOT, "hypermedia/traverse.unknown"), c -> c.traverse("nowhere/9"));
    }

    private void search(String which, Consumer<HypermediaClient> call) {
        var name = "hypermedia/search." + which;
        add(name, List.of(ROOT, name), call);
    }

    private void ofProxy() {
        Consumer<HypermediaClient> trees = c -> assertThat(c.trees()).isEqualTo(Map.of("blog", WP));
        add(PROXY_ROOT, List.of(PROXY_ROOT, "proxy/hateoas.trees"), trees);
        add("proxy/hateoas.trees", List.of(PROXY_ROOT, "proxy/hateoas.trees"), trees);
        add(
                "proxy/hateoas.computers",
                List.of(PROXY_ROOT, "proxy/hateoas.computers"),
                c -> assertThat(c.computers()).isEqualTo(Map.of("local_computer", "local_computer")));
        add(
                "proxy/hateoas.computer",
                List.of(PROXY_ROOT, "proxy/hateoas.computer"),
                c -> assertThat(c.search(
                                new SearchQuery.Computers(Optional.of("local_computer")),
                                List.of("reference", "relative_url")))
                        .singleElement()
                        .satisfies(
                                row -> assertThat(row.relativeUrl()).isEqualTo("/hateoas/computers/local_computer")));
        var walk = List.of(PROXY_ROOT, "proxy/hateoas.tree", "proxy/hateoas.traverse", "proxy/hateoas.partition");
        for (var one : walk.subList(1, walk.size())) {
            add(one, walk, c -> {
                var tree = c.tree("blog").orElseThrow();
                assertThat(tree.state()).isEqualTo("started");
                assertThat(tree.parameters()).isEqualTo(BLOG);
                assertThat(tree.connection()).isEmpty();
            });
        }
    }

    private void add(String name, List<String> conversations, Consumer<HypermediaClient> call) {
        assertThat(walks.put(name, new Walk(conversations, call))).as(name).isNull();
    }
}

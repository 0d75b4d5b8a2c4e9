package org.slapos.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.slapos.master.TestTrades.ALICE;
import static org.slapos.master.TestTrades.BOB;
import static org.slapos.master.TestTrades.HELLO;
import static org.slapos.master.TestTrades.reason;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slapos.master.http.Answer;
import org.slapos.master.party.Requester;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareState;
import org.slapos.protocol.hypermedia.News;
import org.slapos.protocol.hypermedia.RootDocument;
import org.slapos.protocol.hypermedia.SearchQuery;
import org.slapos.protocol.hypermedia.SearchResult;
import org.slapos.protocol.hypermedia.TreeView;
import org.slapos.protocol.hypermedia.ViewForm;
import org.slapos.protocol.jsonrpc.Json;

/// The hypermedia door, over the trees of Alice: `blog` runs with a child, `wiki` waits for a place.
class HypermediaDoorTest {
    private static final Requester ROOT = new Requester.Instance("SOFTINST-1");

    private final TestTrades cloud = new TestTrades();

    @BeforeEach
    void open() {
        var computer = cloud.computer(ALICE, "machine", 2);
        cloud.supply(ALICE, computer, HELLO, SoftwareState.AVAILABLE);
        var blog = cloud.placed(
                cloud.request(ALICE, TestTrades.wanted("blog", RequestedState.STARTED, Map.of("size", "3"))));
        cloud.start(ROOT, "db");
        cloud.request(ALICE, "wiki", RequestedState.STARTED);
        cloud.report("startedComputerPartition", blog);
        cloud.json(
                ROOT,
                "slapos.put.v0.software_instance_connection_parameter",
                "{\"instance_guid\": \"SOFTINST-1\", \"connection_parameter_dict\": {\"url\": \"http://x/\"}}");
    }

    @AfterEach
    void close() {
        cloud.close();
    }

    private Answer get(Requester who, String path, Map<String, String> query) throws IOException {
        return cloud.hypermedia(who, "GET", path, Map.of(), query);
    }

    private SearchResult search(Requester who, SearchQuery query, String columns) throws IOException {
        return SearchResult.read(json(
                get(who, "", Map.of("mode", "search", "query", query.text(), "select_list", columns, "limit", "100"))));
    }

    private ViewForm traverse(Requester who, String relativeUrl) throws IOException {
        return ViewForm.read(
                json(get(who, "", Map.of("mode", "traverse", "relative_url", relativeUrl, "view", "slaposjs_view"))));
    }

    private static JsonNode json(Answer answer) {
        assertThat(answer.status()).as(reason(answer)).isEqualTo(200);
        assertThat(answer.headers()).containsEntry("Content-Type", "application/hal+json; charset=utf-8");
        return Json.read(answer.body());
    }

    private static List<String> texts(SearchResult result, String column) {
        return result.rows().stream().map(row -> row.text(column).orElse("")).toList();
    }

    @Test
    void theRootDocumentLeadsToAll() throws IOException {
        var root = RootDocument.read(json(get(ALICE, "", Map.of())));
        assertThat(root.self()).contains("https://master.example/hateoas");
        assertThat(root.me()).contains("person_module/PERSON-1");
        assertThat(root.search()
                        .expand(Map.of(
                                "query", List.of("a b"), "select_list", List.of("x", "y"), "limit", List.of("1"))))
                .isEqualTo("https://master.example/hateoas/?mode=search&query=a%20b&select_list=x,y&limit=1");
    }

    @Test
    void treesAreListedWithAllThatOneAsksFor() throws IOException {
        var result = search(
                ALICE,
                new SearchQuery.Trees(Optional.empty()),
                "title,url_string,slap_state,reference,computer_reference,partition_reference,relative_url,nothing");
        assertThat(texts(result, "title")).containsExactly("blog", "wiki");
        assertThat(texts(result, "url_string")).containsExactly(HELLO, HELLO);
        assertThat(texts(result, "slap_state")).containsExactly("start_requested", "start_requested");
        assertThat(texts(result, "computer_reference")).containsExactly("COMP-1", "");
        assertThat(texts(result, "partition_reference")).containsExactly("slappart0", "");
        assertThat(texts(result, "relative_url"))
                .containsExactly("instance_tree_module/HOSTSUBS-1", "instance_tree_module/HOSTSUBS-2");
        assertThat(result.rows().getFirst().columns()).containsEntry("nothing", NullNode.instance);
        var one = search(ALICE, new SearchQuery.Trees(Optional.of("wiki")), "title,news");
        assertThat(texts(one, "title")).containsExactly("wiki");
        assertThat(News.read(Objects.requireNonNull(
                                one.rows().getFirst().columns().get("news")))
                        .instances())
                .singleElement()
                .matches(status -> status.isError() && status.text().contains("in use"), "says what it waits for");
    }

    @Test
    void otherPeopleSeeNothing() throws IOException {
        for (var query : List.of(
                new SearchQuery.Trees(Optional.empty()),
                new SearchQuery.Trees(Optional.of("blog")),
                new SearchQuery.Computers(Optional.of("COMP-1")),
                new SearchQuery.Instances("blog"),
                new SearchQuery.Installations(Optional.of("COMP-1")))) {
            assertThat(search(BOB, query, "title").rows()).isEmpty();
            assertThat(search(ALICE, query, "title").rows()).isNotEmpty();
        }
        for (var url : List.of("instance_tree_module/HOSTSUBS-1", "compute_node_module/COMP-1")) {
            assertThat(get(BOB, "", Map.of("mode", "traverse", "relative_url", url))
                            .status())
                    .isEqualTo(404);
            traverse(ALICE, url);
        }
    }

    @Test
    void aTreeIsShownAsAForm() throws IOException {
        var tree = TreeView.of(traverse(ALICE, "instance_tree_module/HOSTSUBS-1"));
        assertThat(tree.title()).isEqualTo("blog");
        assertThat(tree.reference()).isEqualTo("HOSTSUBS-1");
        assertThat(tree.parameters()).isEqualTo(Map.of("size", "3"));
        assertThat(tree.connection()).isEqualTo(Map.of("url", "http://x/"));
        assertThat(tree.shared()).isFalse();
        // The root runs; of the child nothing was reported yet.
        assertThat(tree.news().orElseThrow().colour()).isEqualTo(News.Colour.ORANGE);
        cloud.request(ALICE, TestTrades.wanted("blog", RequestedState.STOPPED, Map.of("size", "3")));
        var stopped = TreeView.of(traverse(ALICE, "instance_tree_module/HOSTSUBS-1"));
        assertThat(stopped.state()).isEqualTo("stop_requested");
        assertThat(stopped.news().orElseThrow().instances()).isEmpty();
    }

    @Test
    void aComputerIsShownAsAForm() throws IOException {
        var form = traverse(ALICE, "compute_node_module/COMP-1");
        assertThat(form.type()).isEqualTo("Compute Node");
        assertThat(form.text("title")).contains("machine");
        assertThat(form.text("reference")).contains("COMP-1");
    }

    @Test
    void theInstancesOfATreeAreListedRootFirst() throws IOException {
        var result = search(
                ALICE,
                new SearchQuery.Instances("blog"),
                "uid,title,portal_type,text_content,getConnectionXmlAsDict,SoftwareInstance_getNewsDict");
        assertThat(texts(result, "title")).containsExactly("blog", "db");
        assertThat(texts(result, "portal_type")).containsOnly("Software Instance");
        var root = Json.object();
        result.rows().getFirst().columns().forEach(root::set);
        assertThat(root.path("uid").isIntegralNumber()).isTrue();
        assertThat(root.path("text_content").asText()).contains("<parameter id=\"size\">3</parameter>");
        assertThat(root.path("getConnectionXmlAsDict").path("url").asText()).isEqualTo("http://x/");
        assertThat(root.path("SoftwareInstance_getNewsDict").path("text").asText())
                .startsWith("#access");
    }

    @Test
    void installationsAreListedWithTheirStatus() throws IOException {
        var result = search(
                ALICE,
                new SearchQuery.Installations(Optional.empty()),
                "uid,relative_url,url_string,computer_reference,SoftwareInstallation_getNewsDict");
        assertThat(texts(result, "url_string")).containsExactly(HELLO);
        assertThat(texts(result, "relative_url")).containsExactly("software_installation_module/SOFTINSTALL-1");
        assertThat(search(ALICE, new SearchQuery.Installations(Optional.of("COMP-9")), "uid")
                        .rows())
                .isEmpty();
    }

    @Test
    void aListEndsAtItsLimit() throws IOException {
        var query = new HashMap<>(
                Map.of("mode", "search", "query", new SearchQuery.Trees(Optional.empty()).text(), "limit", "1"));
        assertThat(texts(SearchResult.read(json(get(ALICE, "", query))), "title"))
                .containsExactly("blog");
        for (var limit : List.of("0", "-1", "10001", "x")) {
            query.put("limit", limit);
            assertThatThrownBy(() -> get(ALICE, "", query)).isInstanceOf(MalformedException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "portal_type:\"Person\"",
                "portal_type:\"Instance Tree\" AND validation_state:validated AND title:=\"a\u0000\"",
                "portal_type:\"Software Installation\" AND validation_state:validated"
                        + " AND default_aggregate_reference:=\"a/b\""
            })
    void anUnknownQueryIsRefusedWithTheReason(String query) {
        assertThatThrownBy(() -> get(ALICE, "", Map.of("mode", "search", "query", query)))
                .isInstanceOf(MalformedException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "instance_tree_module/",
                "instance_tree_module/HOSTSUBS-9",
                "instance_tree_module/HOSTSUBS-1\u0000",
                "compute_node_module/COMP-9",
                "software_instance_module/SOFTINST-1",
                "../etc"
            })
    void anUnknownThingIsNotFound(String relativeUrl) throws IOException {
        assertThat(get(ALICE, "", Map.of("mode", "traverse", "relative_url", relativeUrl))
                        .status())
                .isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource({
        "GET, '', '*/*', 200",
        "HEAD, '', 'application/hal+json', 200",
        "GET, '', 'text/html, application/json;q=0.5', 200",
        "GET, '', 'text/html', 406",
        "POST, '', '*/*', 405",
        "GET, elsewhere, '*/*', 404",
        "GET, computer_module/Base_getComputerToken, '*/*', 410"
    })
    void aCallIsAnsweredByItsStatus(String verb, String path, String accept, int status) throws IOException {
        var answer = cloud.hypermedia(ALICE, verb, path, Map.of("accept", accept), Map.of());
        assertThat(answer.status()).isEqualTo(status);
        if (status == 410) {
            assertThat(reason(answer)).contains("slapos.post.v0.compute_node_token", "slapos computer token");
        }
    }

    @Test
    void whoeverIsNoPersonIsToldSo() throws IOException {
        var nobody = get(new Requester.Anonymous("No client certificate was shown."), "", Map.of());
        assertThat(nobody.status()).isEqualTo(401);
        assertThat(nobody.headers())
                .containsEntry(
                        "WWW-Authenticate",
                        "X-Delegate uri=\"https://master.example/connection/login_form{?came_from}\"");
        assertThat(get(ROOT, "", Map.of()).status()).isEqualTo(403);
    }
}

package org.slapos.protocol.hypermedia;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slapos.protocol.AccessStatus;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.jsonrpc.Json;

/// The documents of the hypermedia API.
class HypermediaTest {
    private static List<SearchQuery> queries() {
        return List.of(
                new SearchQuery.Trees(Optional.empty()),
                new SearchQuery.Trees(Optional.of("a \\ 'blog' é")),
                new SearchQuery.Trees(Optional.of("Computer")),
                new SearchQuery.Computers(Optional.empty()),
                new SearchQuery.Computers(Optional.of("COMP-1")),
                new SearchQuery.Instances("blog"),
                new SearchQuery.Installations(Optional.empty()),
                new SearchQuery.Installations(Optional.of("COMP-1")));
    }

    @ParameterizedTest
    @MethodSource("queries")
    void aQueryIsReadAsItWasWritten(SearchQuery query) {
        assertThat(SearchQuery.parse(query.text())).isEqualTo(query);
    }

    @Test
    void queriesHaveTheirExactTexts() {
        assertThat(new SearchQuery.Trees(Optional.of("blog")).text())
                .isEqualTo("portal_type:\"Instance Tree\" AND validation_state:validated AND title:=\"blog\"");
        assertThat(new SearchQuery.Computers(Optional.of("COMP-1")).text())
                .isEqualTo("portal_type:\"Compute Node\" AND validation_state:validated AND reference:=\"COMP-1\"");
        assertThat(new SearchQuery.Instances("blog").text())
                .isEqualTo("portal_type:(\"Software Instance\", \"Slave Instance\") AND validation_state:validated"
                        + " AND default_specialise_title:=\"blog\"");
    }

    @Test
    void theOldNamesOfPortalTypesAreUnderstood() {
        assertThat(SearchQuery.parse("portal_type:\"Hosting Subscription\" AND validation_state:validated"))
                .isEqualTo(new SearchQuery.Trees(Optional.empty()));
        assertThat(SearchQuery.parse("portal_type:\"Computer\" AND validation_state:validated"))
                .isEqualTo(new SearchQuery.Computers(Optional.empty()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "portal_type:\"Person\"",
                "portal_type:\"Instance Tree\"",
                "portal_type:\"Instance Tree\" AND validation_state:validated AND title:=\"a\" OR title:=\"b\"",
                "portal_type:\"Instance Tree\" AND validation_state:validated AND title:=\"\"",
                "portal_type:\"Instance Tree\" AND validation_state:validated AND title:=\"",
                "portal_type:\"Instance Tree\" AND validation_state:validated AND reference:=\"a\"",
                "portal_type:(\"Software Instance\", \"Slave Instance\") AND validation_state:validated"
            })
    void anyOtherQueryIsRefused(String text) {
        assertThatThrownBy(() -> SearchQuery.parse(text)).isInstanceOf(MalformedException.class);
    }

    @Test
    void aValueWithADoubleQuoteIsRefused() {
        assertThatThrownBy(() -> new SearchQuery.Instances("a\"b")).isInstanceOf(MalformedException.class);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '^', textBlock = """
                    http://m/{none}            | http://m/
                    http://m/{x}               | http://m/a%20%26%20%C3%A9~
                    http://m/{list}            | http://m/a,b%2Cc
                    http://m/{list*}           | http://m/a,b%2Cc
                    http://m/{x,list}          | http://m/a%20%26%20%C3%A9~,a,b%2Cc
                    http://m/{?x,none}         | http://m/?x=a%20%26%20%C3%A9~
                    http://m/?a=b{&list,x}     | http://m/?a=b&list=a,b%2Cc&x=a%20%26%20%C3%A9~
                    http://m/?a=b{&list*,x*}   | http://m/?a=b&list=a&list=b%2Cc&x=a%20%26%20%C3%A9~
                    http://m/?a=b{&none}       | http://m/?a=b
                    http://m/{?empty}          | http://m/?empty=
                    """)
    void aTemplateIsExpanded(String template, String expected) {
        var values = Map.of("x", List.of("a & é~"), "list", List.of("a", "b,c"), "empty", List.of(""));
        assertThat(new UriTemplate(template).expand(values)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://m/{", "http://m/}", "http://m/{+x}", "http://m/{}", "http://m/{x:3}"})
    void aTemplateThatIsNotUnderstoodIsRefused(String template) {
        assertThatThrownBy(() -> new UriTemplate(template).expand(Map.of())).isInstanceOf(MalformedException.class);
    }

    @Test
    void theRootDocumentIsReadAsItWasWritten() {
        var root = new RootDocument(
                Optional.of("https://m/hateoas/"),
                new UriTemplate("https://m/hateoas/?mode=search{&query,select_list*,limit}"),
                new UriTemplate("https://m/hateoas/?mode=traverse{&relative_url,view}"),
                Optional.of("person_module/PERSON-1"));
        assertThat(RootDocument.read(root.write())).isEqualTo(root);
        assertThat(root.write().at("/_links/me/href").asText()).isEqualTo("urn:jio:get:person_module/PERSON-1");
        assertThatThrownBy(() -> RootDocument.read(Json.object())).hasMessageContaining("raw_search");
    }

    @Test
    void rowsAreReadAsTheyWereWritten() {
        var result = new SearchResult(List.of(new SearchResult.Row(
                "tree_module/HOSTSUBS-1",
                Map.of(
                        "title",
                        TextNode.valueOf("blog"),
                        "relative_url",
                        TextNode.valueOf("tree_module/HOSTSUBS-1")))));
        assertThat(SearchResult.read(result.write("q", List.of("title"), 40))).isEqualTo(result);
        assertThatThrownBy(() -> SearchResult.read(Json.object())).isInstanceOf(MalformedException.class);
    }

    @Test
    void aTreeIsReadAsItWasWritten() {
        var now = Optional.of(Instant.parse("2031-04-01T08:00:00Z"));
        var status = new AccessStatus(
                "#access fine", "started", "COMP-1", now, now, "SOFTINST-1", "", AccessStatus.Silence.NONE);
        var tree = new TreeView(
                "blog",
                "HOSTSUBS-9",
                TreeView.wordOf(RequestedState.STARTED),
                "https://soft.example/wp.cfg",
                "default",
                false,
                Map.of("size", "3"),
                Map.of("url", "http://10.0.0.2/"),
                Optional.of(new News(List.of(status))));
        assertThat(TreeView.of(ViewForm.read(tree.toForm().write()))).isEqualTo(tree);
    }

    @Test
    void aTreeOfAProxyIsRead() {
        var form = ViewForm.read(json("""
                {"_embedded": {"_view": {
                   "form_id": {"key": "form_id", "default": "InstanceTree_viewAsHateoas", "type": "StringField"},
                   "my_title": {"key": "field_my_title", "default": "blog", "type": "StringField"},
                   "my_slap_state": {"key": "field_my_slap_state", "default": "started", "type": "StringField"},
                   "my_url_string": {"key": "k", "default": "https://soft.example/wp.cfg", "type": "StringField"},
                   "my_text_content": {"key": "k", "type": "TextAreaField"},
                   "your_note": {"key": "k", "default": 3, "type": "IntegerField"},
                   "my_list": {"key": "k", "default": 3, "type": "ListField"},
                   "other": {"key": "k", "default": 3, "type": "StringField"},
                   "my_connection_parameter_list": {"key": "k", "type": "StringField", "default":
                      "<instance><parameter id='url'>http://10.0.0.2/</parameter></instance>"}}},
                 "_links": {"type": {"name": "Instance Tree", "href": "urn:jio:get:portal_types/Instance Tree"}}}
                """));
        assertThat(form.properties()).containsKey("note").doesNotContainKeys("list", "other");
        var tree = TreeView.of(form);
        assertThat(tree.connection()).containsExactly(Map.entry("url", "http://10.0.0.2/"));
        assertThat(tree.parameters()).isEmpty();
        assertThat(tree.news()).isEmpty();
    }

    @Test
    void aFormWithoutItsMandatoryPartsIsRefused() {
        assertThatThrownBy(() -> ViewForm.read(json("{\"_embedded\": {\"_view\": {}}}")))
                .isInstanceOf(MalformedException.class);
    }

    @Test
    void aPackedConnectionIsTakenApart() {
        assertThat(ConnectionList.read(ConnectionList.write(Map.of("_", "{\"a\": \"b\", \"n\": 1}"))))
                .isEqualTo(Map.of("a", "b", "n", "1"));
        assertThat(ConnectionList.read(ConnectionList.write(Map.of("_", "no JSON"))))
                .isEqualTo(Map.of("_", "no JSON"));
    }

    @Test
    void theNewsHaveOneColour() {
        assertThat(news("#access a", "#access b").colour()).isEqualTo(News.Colour.GREEN);
        assertThat(news("#access a", "#error b").colour()).isEqualTo(News.Colour.ORANGE);
        assertThat(news("#error a").colour()).isEqualTo(News.Colour.RED);
        assertThat(news().colour()).isEqualTo(News.Colour.NONE);
    }

    private static News news(String... texts) {
        return new News(List.of(texts).stream()
                .map(text -> new AccessStatus(
                        text, "", "", Optional.empty(), Optional.empty(), "", "", AccessStatus.Silence.NONE))
                .toList());
    }

    private static JsonNode json(String text) {
        return Json.read(text.getBytes(StandardCharsets.UTF_8));
    }
}

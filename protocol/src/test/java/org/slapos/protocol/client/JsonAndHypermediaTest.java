package org.slapos.protocol.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.jsonrpc.ComputeNodeCall;
import org.slapos.protocol.jsonrpc.Instance;
import org.slapos.protocol.jsonrpc.InstanceCall;
import org.slapos.protocol.jsonrpc.NotReady;

class JsonAndHypermediaTest {
    private static final String INSTANCE = """
            {"title": "blog", "instance_guid": "SOFTINST-77", "software_release_uri": "https://soft.example/wp.cfg",
             "software_type": "default", "state": "started", "connection_parameters": {"url": "http://10.0.0.2/"},
             "parameters": {"_": "{\\"size\\": 3}"}, "shared": false, "root_instance_title": "blog",
             "ip_list": [["slaptap0", "10.0.0.2"]], "full_ip_list": [], "sla_parameters": {"computer_guid": "COMP-12"},
             "computer_guid": "COMP-12", "compute_partition_id": "slappart0", "processing_timestamp": 1932768000000000,
             "access_status_message": "#access Instance correctly started", "unknown": 1}""";
    private static final String TREE = """
            {"_embedded": {"_view": {
               "form_id": {"key": "form_id", "default": "InstanceTree_viewAsHateoas", "type": "StringField"},
               "my_title": {"key": "t", "default": "blog", "type": "StringField"},
               "my_slap_state": {"key": "s", "default": "start_requested", "type": "StringField"},
               "my_url_string": {"key": "u", "default": "https://soft.example/wp.cfg", "type": "StringField"},
               "my_connection_parameter_list": {"key": "c", "type": "StringField", "default": CONNECTION}}},
             "_links": {"type": {"name": "Instance Tree"}}}""";
    private static final String LIST = "[{\"connection_key\": \"url\", \"connection_value\": \"http://10.0.0.2/\"}]";
    private static final String XML = "\"<instance><parameter id='url'>http://10.0.0.2/</parameter></instance>\"";
    private static final String ROW = "{\"_embedded\": {\"contents\": [{\"title\": \"blog\", \"relative_url\":"
            + " \"/hateoas/partitions/bl%20og\", \"url_string\": \"https://soft.example/wp.cfg\"}]}}";

    private final WireServer server = new WireServer();
    private SlapClient client;

    @BeforeEach
    void open() throws IOException {
        client = SlapClient.open(server.settings());
    }

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    @Test
    void aRequestIsAnsweredByAnInstanceOrByNotReady() {
        server.then(
                        200,
                        "{\"message\": \"Software Instance Not Ready\", \"name\": \"SoftwareInstanceNotReady\", \"status\": 102}")
                .then(200, INSTANCE);
        var call = new InstanceCall.Request(
                InstanceRequest.started("blog", "https://soft.example/wp.cfg", Map.of("_", "{\"size\": 3}")));
        assertThat(client.json(call)).isEqualTo(new NotReady(""));
        assertThat(client.json(call))
                .isInstanceOfSatisfying(
                        Instance.class, instance -> assertThat(instance.guid()).isEqualTo("SOFTINST-77"));
        assertThat(server.last().method()).isEqualTo("slapos.post.v0.software_instance");
        assertThat(server.last().headers()).containsEntry("Content-type", "application/json");
        assertThat(server.last().body()).contains("\"state\":\"started\"");
    }

    @ParameterizedTest
    @CsvSource({
        "403, SOFTWARE-INSTANCE-NOT-FOUND, NOT_FOUND",
        "404, not-found, NOT_FOUND",
        "403, Forbidden, FORBIDDEN",
        "401, unauthorized, FORBIDDEN",
        "400, invalid-json-object-content, REFUSED",
        "500, unknown-error, SERVER_ERROR",
        "503, unknown-error, BUSY"
    })
    void theTypeOfAnErrorTellsAbsenceFromRefusal(int status, String type, SlapException.Kind kind) {
        server.then(status, "{\"type\": \"" + type + "\", \"title\": \"said why\"}");
        assertThatThrownBy(() -> client.json(new InstanceCall.Bang("SOFTINST-1", "help")))
                .isInstanceOfSatisfying(
                        SlapException.class, e -> assertThat(e.kind()).isEqualTo(kind))
                .hasMessage("slapos.put.v0.software_instance_bang: " + status + ", said why");
        assertThat(server.received()).hasSize(1);
    }

    @Test
    void whatOnlyReadsIsTriedAgain() {
        server.then(503, "").then(200, "{\"result_list\": []}");
        assertThat(client.json(new ComputeNodeCall.Instances("COMP-12")).rows()).isEmpty();
        assertThat(server.received()).hasSize(2);
    }

    @Test
    void anAnswerThatIsNoJsonIsTheMastersFailure() {
        server.then(200, "<html>");
        assertThatThrownBy(() -> client.json(new ComputeNodeCall.Instances("COMP-12")))
                .isInstanceOfSatisfying(
                        SlapException.class, e -> assertThat(e.kind()).isEqualTo(SlapException.Kind.SERVER_ERROR));
    }

    @Test
    void hypermediaIsFoundByConfigurationOrByTheMasterOrNotAtAll() {
        server.then(200, "http://127.0.0.1:" + server.port() + "/hateoas/").then(500, "");
        assertThat(client.hypermedia(Optional.empty())).isPresent();
        assertThat(client.hypermedia(Optional.empty())).isEmpty();
        assertThat(client.hypermedia(Optional.of(URI.create("http://127.0.0.1:1/"))))
                .isPresent();
        assertThat(server.received()).hasSize(2);
    }

    @Test
    void aTreeOfAMasterIsSearchedAndTraversed() {
        var base = "http://127.0.0.1:" + server.port() + "/hateoas/";
        server.then(
                        200,
                        root(
                                base + "ERP5Document_getHateoas?mode=search{&query,select_list*,limit*}",
                                base + "ERP5Document_getHateoas?mode=traverse{&relative_url,view}"))
                .then(200, ROW)
                .then(200, TREE.replace("CONNECTION", LIST))
                .then(200, ROW);
        var hypermedia = client.hypermedia(Optional.of(URI.create(base))).orElseThrow();
        assertThat(hypermedia.tree("blog").orElseThrow().connection()).isEqualTo(Map.of("url", "http://10.0.0.2/"));
        assertThat(hypermedia.trees()).isEqualTo(Map.of("blog", "https://soft.example/wp.cfg"));
        assertThat(server.received().getFirst().headers()).containsEntry("Cache-control", "no-cache");
        assertThat(server.received().stream().map(WireServer.Received::target).toList())
                .containsExactly(
                        "/hateoas/",
                        "/hateoas/ERP5Document_getHateoas?mode=search&query=portal_type%3A%22Instance%20Tree%22%20AND%20"
                                + "validation_state%3Avalidated%20AND%20title%3A%3D%22blog%22&select_list=title"
                                + "&select_list=relative_url&limit=40",
                        "/hateoas/ERP5Document_getHateoas?mode=traverse&relative_url=%2Fhateoas%2Fpartitions%2Fbl%2520og"
                                + "&view=slaposjs_view",
                        "/hateoas/ERP5Document_getHateoas?mode=search&query=portal_type%3A%22Instance%20Tree%22%20AND%20"
                                + "validation_state%3Avalidated&select_list=title&select_list=url_string&limit=40");
    }

    @Test
    void aTreeOfAProxyIsReachedThroughItsRedirects() {
        var base = "http://127.0.0.1:" + server.port() + "/hateoas";
        server.then(308, "", "Location", base + "/")
                .then(
                        200,
                        root(
                                base + "/?mode=search&query={query}&select_list={select_list}",
                                base + "/?mode=traverse&relative_url={relative_url}&view={view}"))
                .then(200, ROW)
                .then(302, "", "Location", "/hateoas/partitions/bl%20og")
                .then(200, TREE.replace("CONNECTION", XML));
        var hypermedia = client.hypermedia(Optional.of(URI.create(base))).orElseThrow();
        assertThat(hypermedia.tree("blog").orElseThrow().connection()).isEqualTo(Map.of("url", "http://10.0.0.2/"));
        assertThat(server.received().get(2).target()).endsWith("&select_list=title,relative_url");
        assertThat(server.last().target()).isEqualTo("/hateoas/partitions/bl%20og");
    }

    @Test
    void aRowOfAnotherTitleIsNotTheTree() {
        server.then(200, root("/s{?query}", "/t{?relative_url}")).then(200, ROW);
        var hypermedia = client.hypermedia(Optional.of(server.url())).orElseThrow();
        assertThat(hypermedia.tree("bl")).isEmpty();
        assertThat(hypermedia.computer("COMP-1")).isEmpty();
        assertThat(hypermedia.instances("blog")).hasSize(1);
        assertThat(hypermedia.installations(Optional.of("COMP-1"))).hasSize(1);
        assertThat(hypermedia.computers()).isEqualTo(Map.of("", "blog"));
    }

    private static String root(String search, String traverse) {
        return "{\"_links\": {\"raw_search\": {\"href\": \"" + search + "\"}, \"traverse\": {\"href\": \"" + traverse
                + "\"}}}";
    }
}

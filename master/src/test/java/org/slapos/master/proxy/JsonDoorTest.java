package org.slapos.master.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.slapos.master.proxy.TestProxy.COMPUTER;
import static org.slapos.master.proxy.TestProxy.SOFTWARE;
import static org.slapos.master.proxy.TestProxy.tree;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slapos.protocol.jsonrpc.Json;
import org.slapos.protocol.marshal.Value;

/// The JSON methods as the Python slapproxy has them.
class JsonDoorTest {
    private TestProxy proxy;

    @BeforeEach
    void open() throws IOException {
        proxy = TestProxy.open();
        proxy.format(COMPUTER, 3);
    }

    @AfterEach
    void close() throws IOException {
        proxy.close();
    }

    private HttpResponse<String> request(String title, String more) {
        return proxy.json(
                "post.v0.software_instance",
                "{\"title\": \"" + title + "\", \"software_release_uri\": \"" + SOFTWARE
                        + "\", \"software_type\": \"default\"" + more + "}");
    }

    private HttpResponse<String> byGuid(String method, String guid, String more) {
        return proxy.json(method, "{\"instance_guid\": \"" + guid + "\"" + more + "}");
    }

    private static JsonNode json(String text) {
        return Json.read(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    private static JsonNode without(String member, JsonNode object) {
        return ((ObjectNode) object.deepCopy()).without(member);
    }

    private static void assertError(HttpResponse<String> answer, int status, String type, String words) {
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(tree(answer).path("status").asInt()).isEqualTo(status);
        assertThat(tree(answer).path("type").asText()).isEqualTo(type);
        assertThat(tree(answer).path("title").asText()).contains(words);
    }

    private static void assertDone(HttpResponse<String> answer, String title) {
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("{\"type\":\"success\",\"title\":\"" + title + "\"}");
    }

    @Test
    void anInstanceHasSixteenMembers() {
        var answer =
                request("blog", ", \"parameters\": {\"size\": 3, \"on\": true, \"none\": null, \"list\": [1, \"a\"]}");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(tree(answer)).hasSize(16);
        assertThat(without("parameters", tree(answer)))
                .isEqualTo(json("{'title': 'blog', 'instance_guid': 'blog______0', 'software_release_uri': '" + SOFTWARE
                        + "', 'software_type': 'default', 'state': 'started', 'connection_parameters': {},"
                        + " 'shared': false, 'root_instance_title': 'blog', 'ip_list': [['slaptap0', '10.0.0.2']],"
                        + " 'full_ip_list': [], 'sla_parameters': {}, 'computer_guid': 'local_computer',"
                        + " 'compute_partition_id': 'slappart0', 'processing_timestamp': 1932796800,"
                        + " 'access_status_message': ''}"));
        var parameters = tree(answer).path("parameters");
        assertThat(parameters.path("size").asText()).isEqualTo("3");
        assertThat(parameters.path("on").asText()).isEqualTo("True");
        assertThat(parameters.path("none").asText()).isEqualTo("None");
        assertThat(parameters.path("list").asText()).isEqualTo("[1, 'a']");
        assertThat(tree(byGuid("get.v0.software_instance", "blog______0", ""))).isEqualTo(tree(answer));
        assertThat(tree(proxy.json("get.v0.instance_tree", "{\"title\": \"blog\"}")))
                .isEqualTo(tree(answer));
        assertThat(tree(proxy.json(
                        "get.v0.compute_partition",
                        "{\"computer_guid\": \"local_computer\", \"compute_partition_id\": \"slappart0\"}")))
                .isEqualTo(tree(answer));
    }

    @Test
    void aRequestWithoutStateStartsWhatWasStopped() {
        request("blog", ", \"state\": \"stopped\"");
        assertThat(tree(byGuid("get.v0.software_instance", "blog______0", ""))
                        .path("state")
                        .asText())
                .isEqualTo("stopped");
        assertThat(tree(request("blog", "")).path("state").asText()).isEqualTo("started");
    }

    @Test
    void whatDoesNotFitOrDoesNotExistIsForbidden() {
        request("a", "");
        request("b", "");
        request("c", "");
        assertError(request("d", ""), 403, "Forbidden", "No free computer partition found for: d");
        assertError(byGuid("get.v0.software_instance", "x______0", ""), 403, "Forbidden", "x______0");
        assertError(byGuid("get.v0.software_instance", "nonsense", ""), 403, "Forbidden", "nonsense");
        assertError(proxy.json("get.v0.instance_tree", "{\"title\": \"x\"}"), 403, "Forbidden", "'x'");
        for (var list : new String[] {"compute_node_instance_list", "compute_node_software_installation_list"}) {
            assertError(
                    proxy.json("allDocs.v0." + list, "{\"computer_guid\": \"COMP-9\"}"), 403, "Forbidden", "COMP-9");
        }
        assertError(
                proxy.json(
                        "get.v0.compute_partition",
                        "{\"computer_guid\": \"local_computer\", \"compute_partition_id\": \"slappart9\"}"),
                403,
                "Forbidden",
                "slappart9");
    }

    @Test
    void aCallThatIsNotOfTheSchemaIsNamed() {
        assertError(request("blog", ", \"colour\": \"red\""), 400, "Bad Request", "unknown member 'colour'");
        assertError(request("blog", ", \"state\": \"sleeping\""), 400, "Bad Request", "state");
        assertError(request("blog", ", \"shared\": 1"), 400, "Bad Request", "shared");
        assertError(request("blog", ", \"sla_parameters\": {\"x\": 1}"), 400, "Bad Request", "x");
        assertThat(request("blog", ", \"sla_parameters\": {\"retention_delay\": 7}")
                        .statusCode())
                .isEqualTo(200);
        assertError(request("b".repeat(201), ""), 400, "Bad Request", "200");
        assertError(proxy.json("get.v0.software_instance", "{}"), 400, "Bad Request", "'instance_guid' is missing");
        assertError(proxy.json("get.v0.software_instance", "[]"), 400, "Bad Request", "object");
        assertError(proxy.json("get.v0.software_instance", "{"), 400, "Bad Request", "JSON");
        assertError(
                proxy.send(proxy.to("/slapos.get.v0.hateoas_url").POST(HttpRequest.BodyPublishers.ofString("{}"))),
                415,
                "Unsupported Media Type",
                "application/json");
        assertError(
                proxy.send(proxy.to("/slapos.get.v0.hateoas_url")
                        .header("Content-Type", "application/json")
                        .header("Accept", "text/html")
                        .POST(HttpRequest.BodyPublishers.ofString("{}"))),
                406,
                "Not Acceptable",
                "text/html");
        assertThat(proxy.get("slapos.get.v0.hateoas_url").statusCode()).isEqualTo(405);
        assertThat(proxy.json("get.v0.nothing", "{}").statusCode()).isEqualTo(404);
        assertError(proxy.json("allDocs.v0.movement_list", "{}"), 404, "Not Found", "movement_list");
        assertError(
                proxy.json("get.v0.instance_tree", "{\"title\": \"a\", \"title\": \"b\"}"),
                400,
                "Bad Request",
                "title");
    }

    @Test
    void aSharedInstanceKeepsTheTypesOfItsParameters() {
        request("frontend", "");
        var shared = request("shop", ", \"shared\": true, \"parameters\": {\"port\": 8080}");
        assertThat(tree(shared).path("instance_guid").asText()).isEqualTo("shop______1");
        assertThat(tree(shared).path("processing_timestamp").asLong()).isZero();
        assertThat(tree(shared).path("parameters").path("port").asText()).isEqualTo("8080");
        assertThat(tree(shared).path("ip_list")).hasSize(1);
        assertDone(
                byGuid(
                        "put.v0.software_instance_connection_parameter",
                        "shop______1",
                        ", \"connection_parameter_dict\": {\"url\": \"http://a/\"}"),
                "Updated");
        var got = tree(byGuid("get.v0.software_instance", "shop______1", ""));
        assertThat(got.path("parameters").path("port").isInt()).isTrue();
        assertThat(got.path("connection_parameters").path("url").asText()).isEqualTo("http://a/");
        assertThat(got.path("ip_list")).isEmpty();
        var hosted = tree(byGuid("allDocs.v0.instance_node_instance_list", "frontend______0", ""));
        assertThat(hosted.path("result_list").toString())
                .isEqualTo(
                        "[{\"title\":\"shop\",\"instance_guid\":\"shop______1\",\"software_type\":\"default\","
                                + "\"state\":\"started\",\"compute_partition_id\":\"slappart0\",\"parameters\":{\"port\":8080}}]");
        assertError(byGuid("allDocs.v0.instance_node_instance_list", "shop______1", ""), 403, "Forbidden", "shop");
        for (var method : new String[] {
            "put.v0.software_instance_bang\", \"message\": \"x", "put.v0.software_instance_title\", \"title\": \"x"
        }) {
            var parts = method.split("\"", 2);
            assertError(byGuid(parts[0], "shop______1", parts[1] + "\""), 403, "Forbidden", "NotImplemented");
        }
        assertThat(tree(proxy.json("allDocs.v0.instance_tree_list", "{}")).toString())
                .isEqualTo("{\"result_list\":[{\"title\":\"frontend\"},{\"title\":\"shop\"}]}");
    }

    @Test
    void aNodeLivesByTheJsonMethodsAlone() {
        assertDone(
                proxy.json(
                        "put.v0.compute_node_format",
                        "{\"computer_guid\": \"COMP-7\", \"compute_partition_list\": [{\"partition_id\": \"p0\", \"ip_list\":"
                                + " [{\"ip-address\": \"10.1.0.1\", \"netmask\": \"255.0.0.0\", \"network-interface\": \"tap0\"}]}]}"),
                "Formatted");
        assertDone(
                proxy.json(
                        "post.v0.software_installation",
                        "{\"computer_guid\": \"COMP-7\", \"software_release_uri\": \"" + SOFTWARE + "\"}"),
                "Supplied " + SOFTWARE + " to be available");
        assertThat(tree(proxy.json(
                                "allDocs.v0.compute_node_software_installation_list",
                                "{\"computer_guid\": \"COMP-7\"}"))
                        .toString())
                .contains("\"state\":\"available\"");
        assertThat(tree(request("blog", ", \"sla_parameters\": {\"computer_guid\": \"COMP-7\"}"))
                        .path("ip_list")
                        .toString())
                .isEqualTo("[[\"tap0\",\"10.1.0.1\"]]");
        assertThat(tree(proxy.json("allDocs.v0.compute_node_instance_list", "{\"computer_guid\": \"COMP-7\"}"))
                        .toString())
                .isEqualTo(
                        "{\"result_list\":[{\"title\":\"blog\",\"instance_guid\":\"blog______0\",\"state\":\"started\","
                                + "\"compute_partition_id\":\"p0\",\"software_release_uri\":\"" + SOFTWARE + "\"}]}");
        assertDone(
                byGuid("put.v0.software_instance_reported_state", "blog______0", ", \"reported_state\": \"started\""),
                "Ignored");
        proxy.advance(Duration.ofSeconds(7));
        assertDone(byGuid("put.v0.software_instance_bang", "blog______0", ", \"message\": \"x\""), "Bang handled");
        assertThat(tree(byGuid("get.v0.software_instance", "blog______0", ""))
                        .path("processing_timestamp")
                        .asLong())
                .isEqualTo(1932796807);
        assertDone(byGuid("put.v0.software_instance_title", "blog______0", ", \"title\": \"log\""), "Renamed");
        assertDone(
                byGuid("put.v0.software_instance_reported_state", "log______0", ", \"reported_state\": \"destroyed\""),
                "Destroyed");
        assertError(
                byGuid("put.v0.software_instance_reported_state", "log______0", ", \"reported_state\": \"destroyed\""),
                403,
                "Forbidden",
                "log");
        assertDone(
                proxy.json(
                        "put.v0.software_installation_reported_state",
                        "{\"computer_guid\": \"COMP-7\", \"software_release_uri\": \"" + SOFTWARE
                                + "\", \"reported_state\": \"destroyed\"}"),
                "Destroyed");
        assertThat(tree(proxy.json("allDocs.WIP.compute_node_list", "{}")).toString())
                .isEqualTo("{\"result_list\":[{\"computer_guid\":\"local_computer\"},{\"computer_guid\":\"COMP-7\"}]}");
    }

    @Test
    void aPartitionWithoutAnAddressIsRefusedAsAWhole() {
        assertError(
                proxy.json(
                        "put.v0.compute_node_format",
                        "{\"computer_guid\": \"COMP-7\", \"compute_partition_list\": [{\"partition_id\": \"p0\"}, {}]}"),
                400,
                "Bad Request",
                "partition_id");
        assertThat(proxy.get("getFullComputerInformation", "computer_id", "COMP-7")
                        .statusCode())
                .isEqualTo(500);
    }

    @Test
    void whatIsIgnoredSaysSo() {
        assertDone(byGuid("put.v0.software_instance_error", "x", ", \"message\": \"m\""), "Ignored");
        assertDone(proxy.json("put.v0.compute_node_bang", "{\"computer_guid\": \"c\", \"message\": \"m\"}"), "Ignored");
        assertDone(proxy.json("remove.v0.compute_node_certificate", "{\"computer_guid\": \"c\"}"), "Ignored");
        assertDone(
                proxy.json("post.v0.compute_node_usage", "{\"computer_guid\": \"c\", \"tioxml\": \"<x/>\"}"),
                "Ignored");
        assertThat(tree(byGuid("get.v0.software_instance_certificate", "x", "")))
                .isEqualTo(json("{'key': '', 'certificate': ''}"));
        assertThat(tree(proxy.json("get.v0.compute_node_status", "{\"computer_guid\": \"c\"}"))
                        .path("text")
                        .asText())
                .isEqualTo("Unknown (not implemented)");
        assertThat(tree(proxy.json("get.v0.hateoas_url", "{}"))
                        .path("hateoas_url")
                        .asText())
                .isEqualTo(proxy.url() + "hateoas/");
    }

    @Test
    void bothProtocolsShowTheSameInstanceUnderTheirOwnGuid() {
        proxy.request("blog");
        proxy.request("db", "computer_id", COMPUTER, "computer_partition_id", "slappart0");
        assertThat(tree(byGuid("get.v0.software_instance", "db___blog___0", ""))
                        .path("compute_partition_id")
                        .asText())
                .isEqualTo("slappart1");
        assertThat(proxy.partition("slappart1").entries())
                .containsEntry("_instance_guid", Value.of("local_computer-slappart1"));
    }
}

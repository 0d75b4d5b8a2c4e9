package org.slapos.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.slapos.master.TestTrades.ALICE;
import static org.slapos.master.TestTrades.BOB;
import static org.slapos.master.TestTrades.HELLO;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slapos.master.party.Requester;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareState;
import org.slapos.protocol.jsonrpc.Json;
import org.slapos.protocol.jsonrpc.JsonMethod;

/// The JSON door.
class JsonMethodsTest {
    private final TestTrades cloud = new TestTrades();

    @AfterEach
    void close() {
        cloud.close();
    }

    @Test
    void bytesThatAreNoTextAreRefused() {
        var utf32 = new byte[] {0, 0, 0, '{', 0x7f, 0, 0, 0, 0, 0, 0, '}'};
        var answer = cloud.call(
                TestTrades.ALICE,
                "POST",
                "slapos.allDocs.v0.instance_tree_list",
                Map.of("content-type", "application/json"),
                new byte[0],
                utf32);
        assertThat(answer.status()).isEqualTo(400);
    }

    @Test
    void anInstanceIsShownWithItsSixteenMembers() {
        var computer = cloud.computer(ALICE, "machine", 2);
        cloud.supply(ALICE, computer, HELLO, SoftwareState.AVAILABLE);
        var placed =
                cloud.placed(cloud.request(ALICE, TestTrades.wanted("blog", RequestedState.STARTED, Map.of("a", "é"))));
        cloud.report("startedComputerPartition", placed);
        var shown = cloud.json(ALICE, "slapos.get.v0.instance_tree", "{\"title\": \"blog\"}");
        assertThat(shown.size()).isEqualTo(16);
        assertThat(shown.path("instance_guid").asText()).isEqualTo("SOFTINST-1");
        assertThat(shown.path("parameters").path("a").asText()).isEqualTo("é");
        assertThat(shown.path("compute_partition_id").asText()).isEqualTo("slappart0");
        assertThat(shown.path("access_status_message").asText()).isEqualTo("#access Instance correctly started");
        assertThat(shown.path("ip_list").get(0).get(0).asText()).isEqualTo("slaptap0");
        assertThat(shown.path("processing_timestamp").asText()).isEqualTo(placed.timestamp());
        assertThat(cloud.json(
                        new Requester.Instance("SOFTINST-1"),
                        "slapos.get.v0.software_instance",
                        "{\"instance_guid\": \"SOFTINST-1\"}"))
                .isEqualTo(shown);
        assertThat(cloud.json(BOB, "slapos.get.v0.software_instance", "{\"instance_guid\": \"SOFTINST-1\"}")
                        .path("type")
                        .asText())
                .isEqualTo("SOFTWARE-INSTANCE-NOT-FOUND");
        var list = cloud.json(ALICE, "slapos.allDocs.v0.compute_node_instance_list", "{\"computer_guid\": \"COMP-1\"}");
        assertThat(list.path("result_list").get(0).path("title").asText()).isEqualTo("blog");
        var trees = cloud.json(ALICE, "slapos.allDocs.v0.instance_tree_list", "{}");
        assertThat(trees.path("result_list").findValuesAsText("title")).containsExactly("blog");
        assertThat(cloud.json(BOB, "slapos.allDocs.v0.instance_tree_list", "{}").path("result_list"))
                .isEmpty();
        var nodes =
                cloud.json(ALICE, "slapos.allDocs.WIP.compute_node_list", "{}").path("result_list");
        assertThat(nodes.get(0).path("partitions_used").asInt()).isEqualTo(1);
        assertThat(nodes.get(0).path("partitions_total").asInt()).isEqualTo(2);
        var software = cloud.json(
                ALICE, "slapos.allDocs.v0.compute_node_software_installation_list", "{\"computer_guid\": \"COMP-1\"}");
        assertThat(software.path("result_list").get(0).path("state").asText()).isEqualTo("available");
    }

    @Test
    void whatWaitsSaysForWhat() {
        cloud.request(ALICE, "blog", RequestedState.STARTED);
        var shown = cloud.json(ALICE, "slapos.get.v0.instance_tree", "{\"title\": \"blog\"}");
        assertThat(shown.path("computer_guid").asText()).isEmpty();
        assertThat(shown.path("access_status_message").asText()).contains("is supplied on no Computer");
    }

    @Test
    void aBadCallIsAnsweredByAnErrorObject() {
        assertError(
                cloud.json(ALICE, "slapos.get.v0.nothing", "{}").path("type").asText(), "not-found");
        assertError(type("slapos.get.v0.instance_tree", "{"), "not-parsable-json-content");
        assertError(type("slapos.get.v0.instance_tree", "[]"), "not-json-object-content");
        assertError(type("slapos.get.v0.instance_tree", "{}"), "invalid-json-object-content");
        assertError(type("slapos.get.v0.instance_tree", "{\"title\": 3}"), "invalid-json-object-content");
        assertError(type("slapos.get.v0.instance_tree", "{\"title\": \"x\", \"y\": 1}"), "invalid-json-object-content");
        assertError(type("slapos.get.v0.instance_tree", "{\"title\": \"x\"}"), "INSTANCE-TREE-NOT-FOUND");
        assertError(
                cloud.json(new Requester.Anonymous("no certificate"), "slapos.get.v0.instance_tree", "{}")
                        .path("type")
                        .asText(),
                "unauthorized");
        var plain = cloud.call(
                ALICE,
                "POST",
                "slapos.get.v0.instance_tree",
                Map.of("content-type", "text/plain"),
                new byte[0],
                new byte[0]);
        assertThat(plain.status()).isEqualTo(415);
    }

    @Test
    void theDocumentSaysWhatEachMethodTakes() throws Exception {
        var answer = cloud.get(new Requester.Anonymous("no certificate"), "viewOpenAPIAsJson", Map.of());
        var paths = Json.read(answer.body()).path("paths");
        assertThat(paths).hasSize(JsonMethod.values().length);
        var call = paths.path("/slapos.post.v0.software_instance")
                .at("/post/requestBody/content/application~1json/schema");
        assertThat(call.path("additionalProperties").booleanValue()).isFalse();
        assertThat(call.path("required").toString())
                .isEqualTo("[\"title\",\"software_release_uri\",\"software_type\"]");
        assertThat(call.at("/properties/title/maxLength").intValue()).isEqualTo(200);
        assertThat(call.at("/properties/state/enum").toString()).isEqualTo("[\"started\",\"stopped\",\"destroyed\"]");
        assertThat(cloud.post(ALICE, "viewOpenAPIAsJson", Map.of()).status()).isEqualTo(405);
    }

    @Test
    void theTransportIsLookedAtBeforeTheCaller() {
        var nobody = new Requester.Anonymous("no certificate");
        var json = Map.of("content-type", "application/json; charset=utf-8");
        assertThat(status(nobody, "POST", Map.of())).isEqualTo(415);
        assertThat(status(nobody, "GET", Map.of())).isEqualTo(415);
        assertThat(status(nobody, "GET", json)).isEqualTo(405);
        assertThat(status(nobody, "POST", with(json, "text/html"))).isEqualTo(406);
        assertThat(status(nobody, "POST", with(json, "application/json;q=0, */*")))
                .isEqualTo(406);
        assertThat(status(nobody, "POST", with(json, "text/html, */*;q=0.1"))).isEqualTo(401);
        assertThat(status(ALICE, "POST", with(json, "application/*"))).isEqualTo(200);
    }

    private int status(Requester who, String verb, Map<String, String> headers) {
        return cloud.call(
                        who,
                        verb,
                        "slapos.allDocs.v0.instance_tree_list",
                        headers,
                        new byte[0],
                        "{}".getBytes(StandardCharsets.US_ASCII))
                .status();
    }

    private static Map<String, String> with(Map<String, String> headers, String accept) {
        var more = new HashMap<>(headers);
        more.put("accept", accept);
        return more;
    }

    private String type(String method, String body) {
        return cloud.json(ALICE, method, body).path("type").asText();
    }

    private static void assertError(String type, String expected) {
        assertThat(type).isEqualTo(expected);
    }
}

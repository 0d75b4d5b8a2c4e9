package org.slapos.master.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.slapos.master.proxy.TestProxy.COMPUTER;
import static org.slapos.master.proxy.TestProxy.SOFTWARE;
import static org.slapos.master.proxy.TestProxy.attributes;
import static org.slapos.master.proxy.TestProxy.marshalled;
import static org.slapos.master.proxy.TestProxy.state;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slapos.protocol.ComputerInformation;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.Reason;
import org.slapos.protocol.marshal.MarshalReader;
import org.slapos.protocol.marshal.Value;

/// SLAP v1 as the Python slapproxy speaks it.
class SlapDoorTest {
    private TestProxy proxy;

    @BeforeEach
    void open() throws IOException {
        proxy = TestProxy.open();
    }

    @AfterEach
    void close() throws IOException {
        proxy.close();
    }

    private static void assertRefused(HttpResponse<String> answer, int status, String words) {
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.body()).contains(words);
        assertThat(answer.headers().firstValue(Reason.HEADER)).isPresent();
    }

    private static void assertWord(HttpResponse<String> answer, String word) {
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(word);
    }

    private static String[] at(String partition, String... more) {
        var fields = new ArrayList<>(List.of("computer_id", COMPUTER, "computer_partition_id", partition));
        fields.addAll(List.of(more));
        return fields.toArray(String[]::new);
    }

    @Test
    void theDefaultComputerIsThereBeforeItIsFormattedAndNoOther() {
        var empty = attributes(proxy.get("getFullComputerInformation", "computer_id", COMPUTER));
        assertThat(empty.items("_computer_partition_list")).isEmpty();
        assertThat(empty.items("_software_release_list")).isEmpty();
        assertThat(proxy.get("getComputerInformation", "computer_id", COMPUTER).statusCode())
                .isEqualTo(200);
        assertRefused(proxy.get("getFullComputerInformation", "computer_id", "COMP-1"), 500, "COMP-1");
        assertRefused(proxy.get("getFullComputerInformation"), 400, "computer_id");
    }

    @Test
    void aFreePartitionHasAGuidAndNoParameters() {
        proxy.format(COMPUTER, 1);
        var free = proxy.partition("slappart0");
        assertThat(free.requiredText("_instance_guid")).isEqualTo("local_computer-slappart0");
        assertThat(free.requiredText("_requested_state")).isEqualTo("destroyed");
        assertThat(free.requiredText("_need_modification")).isEqualTo("0");
        assertThat(free.entries()).containsKeys("_request_dict", "_software_release_document");
        assertThat(free.entries()).doesNotContainKeys("_parameter_dict", "_connection_dict");
        assertRefused(
                proxy.get(
                        "registerComputerPartition",
                        "computer_reference",
                        COMPUTER,
                        "computer_partition_reference",
                        "slappart9"),
                500,
                "slappart9");
    }

    @Test
    void aRequestTakesTheFirstFreePartitionWithoutAnySupply() {
        proxy.format(COMPUTER, 2);
        var answer = proxy.request(
                "blog",
                "partition_parameter_xml",
                marshalled(Map.of("size", Value.of(3), "on", new Value.Bool(true), "none", Value.of(""))));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("content-type")).hasValue("text/xml; charset=utf-8");
        var got = attributes(answer);
        assertThat(got.requiredText("slap_computer_partition_id")).isEqualTo("slappart0");
        assertThat(got.requiredText("slap_server_url")).isEqualTo("slap_server_url");
        assertThat(got.requiredText("_instance_guid")).isEqualTo("local_computer-slappart0");
        assertThat(got.requiredText("_requested_state")).isEqualTo("started");
        assertThat(got.entries()).containsEntry("connection_xml", Value.none());
        assertThat(got.dictionary("_parameter_dict").entries())
                .containsEntry("size", Value.of("3"))
                .containsEntry("on", Value.of("True"))
                .containsEntry("none", Value.none())
                .containsEntry("timestamp", Value.of("1932796800.25"));
        var busy = proxy.partition("slappart0").dictionary("_parameter_dict");
        assertThat(busy.requiredText("instance_title")).isEqualTo("blog");
        assertThat(busy.requiredText("root_instance_title")).isEqualTo("blog");
        assertThat(busy.requiredText("slap_software_release_url")).isEqualTo(SOFTWARE);
        assertThat(busy.entries()).containsKeys("full_address_list", "slave_instance_list");
        assertThat(busy.entries().get("ip_list")).isEqualTo(Value.list(List.of(Value.tuple("slaptap0", "10.0.0.2"))));
    }

    @Test
    void ourOwnNodeAndClientUnderstandIt() {
        proxy.format(COMPUTER, 2);
        var answered = InstanceInformation.ofRequestAnswer(
                MarshalReader.read(proxy.request("blog").body()));
        assertThat(answered.guid()).isEqualTo("local_computer-slappart0");
        var known = ComputerInformation.read(proxy.get("getFullComputerInformation", "computer_id", COMPUTER)
                .body()
                .getBytes(StandardCharsets.UTF_8));
        assertThat(known.partitions()).hasSize(2);
        assertThat(known.partitions().getFirst().instance().orElseThrow().timestamp())
                .isEqualTo("1932796800.25");
        assertThat(known.partitions().getLast().instance()).isEmpty();
    }

    @Test
    void theSameRequestTwiceIsOneInstanceWithOneTimestamp() {
        proxy.format(COMPUTER, 2);
        proxy.request("blog");
        var first = proxy.timestamp("slappart0");
        proxy.advance(Duration.ofSeconds(5));
        proxy.request("blog");
        assertThat(proxy.timestamp("slappart0")).isEqualTo(first);
        proxy.request("blog", "state", state("stopped"));
        assertThat(proxy.timestamp("slappart0")).isEqualTo("1932796805.25");
        assertThat(proxy.partition("slappart1").requiredText("_requested_state"))
                .isEqualTo("destroyed");
    }

    @Test
    void aRequestWithoutStateKeepsItAndIsAnsweredStarted() {
        proxy.format(COMPUTER, 1);
        proxy.request("blog", "state", state("stopped"));
        var answer = proxy.request("blog", "state", "<marshal><none/></marshal>");
        assertThat(attributes(answer).requiredText("_requested_state")).isEqualTo("started");
        assertThat(proxy.partition("slappart0").requiredText("_requested_state"))
                .isEqualTo("stopped");
    }

    @Test
    void aChildBelongsToTheTreeOfItsRoot() {
        proxy.format(COMPUTER, 4);
        proxy.request("blog");
        proxy.request("db", at("slappart0"));
        proxy.request("cache", at("slappart1"));
        proxy.request("db");
        assertThat(proxy.partition("slappart1").dictionary("_parameter_dict").requiredText("root_instance_title"))
                .isEqualTo("blog");
        assertThat(proxy.partition("slappart2").dictionary("_parameter_dict").requiredText("root_instance_title"))
                .isEqualTo("blog");
        assertThat(proxy.partition("slappart3").dictionary("_parameter_dict").requiredText("root_instance_title"))
                .isEqualTo("db");
        assertThat(attributes(proxy.request("db", at("slappart2"))).requiredText("slap_computer_partition_id"))
                .isEqualTo("slappart1");
    }

    @Test
    void aStoppedRootStopsAChildThatIsRequestedAgain() {
        proxy.format(COMPUTER, 3);
        proxy.request("blog", "state", state("stopped"));
        var first = proxy.request("db", at("slappart0"));
        assertThat(attributes(first).requiredText("_requested_state")).isEqualTo("started");
        var second = proxy.request("db", at("slappart0"));
        assertThat(attributes(second).requiredText("_requested_state")).isEqualTo("stopped");
        assertThat(proxy.partition("slappart1").requiredText("_requested_state"))
                .isEqualTo("stopped");
    }

    @Test
    void noFreePartitionIsNotFoundAndChangesNothing() {
        proxy.format(COMPUTER, 1);
        proxy.request("blog");
        assertRefused(proxy.request("shop"), 404, "No free computer partition found for: shop");
        assertRefused(
                proxy.request("shop", "filter_xml", marshalled(Map.of("computer_guid", Value.of("COMP-9")))),
                404,
                "COMP-9");
        assertThat(proxy.request("blog").statusCode()).isEqualTo(200);
    }

    @Test
    void ofFiftyAtOnceOneGetsTheOnePartition() throws Exception {
        proxy.format(COMPUTER, 1);
        var answers = new ArrayList<Future<Integer>>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 50; i++) {
                var title = "blog" + i;
                answers.add(threads.submit(() -> proxy.request(title).statusCode()));
            }
        }
        var statuses = new ArrayList<Integer>();
        for (var answer : answers) {
            statuses.add(answer.get());
        }
        assertThat(statuses).containsOnlyOnce(200);
        assertThat(statuses.stream().filter(status -> status == 404)).hasSize(49);
    }

    @Test
    void aSharedInstanceLivesInItsHostWithTypedParameters() {
        proxy.format(COMPUTER, 2);
        proxy.request("frontend");
        proxy.advance(Duration.ofSeconds(1));
        var parameters = marshalled(Map.of("domain", Value.of("shop.example"), "port", Value.of(8080)));
        var shared = "<marshal><bool>1</bool></marshal>";
        var answer = proxy.request("shop", "shared_xml", shared, "partition_parameter_xml", parameters);
        var got = attributes(answer);
        assertThat(got.requiredText("slap_computer_partition_id")).isEqualTo("slappart0");
        assertThat(got.entries()).doesNotContainKeys("_requested_state", "_instance_guid");
        assertThat(got.dictionary("_parameter_dict").entries()).containsEntry("port", Value.of("8080"));
        assertThat(got.dictionary("_connection_dict").entries()).isEmpty();
        var host = proxy.partition("slappart0").dictionary("_parameter_dict");
        var entry = host.items("slave_instance_list").getFirst().asDictionary();
        assertThat(entry.entries())
                .containsEntry("slave_reference", Value.of("_shop"))
                .containsEntry("slave_title", Value.of("_shop"))
                .containsEntry("slap_software_type", Value.of("default"))
                .containsEntry("port", Value.of(8080));
        assertThat(host.requiredText("timestamp")).isEqualTo("1932796801.25");

        proxy.advance(Duration.ofSeconds(1));
        proxy.request("shop", "shared_xml", shared, "partition_parameter_xml", parameters);
        assertThat(proxy.timestamp("slappart0")).isEqualTo("1932796801.25");

        assertWord(
                proxy.post(
                        "setComputerPartitionConnectionXml",
                        at(
                                "slappart0",
                                "connection_xml",
                                marshalled(Map.of("url", Value.of("http://a/?b&c"))),
                                "slave_reference",
                                "_shop")),
                "done");
        assertThat(attributes(proxy.request("shop", "shared_xml", shared, "partition_parameter_xml", parameters))
                        .dictionary("_connection_dict")
                        .requiredText("url"))
                .isEqualTo("http://a/?b&c");

        proxy.request("shop", "shared_xml", shared, "state", state("destroyed"));
        assertThat(proxy.partition("slappart0").dictionary("_parameter_dict").items("slave_instance_list"))
                .isEmpty();
        assertThat(proxy.timestamp("slappart0")).isEqualTo("1932796802.25");
    }

    @Test
    void aSharedInstanceWithoutHostIsNotFound() {
        proxy.format(COMPUTER, 2);
        var shared = "<marshal><bool>1</bool></marshal>";
        assertRefused(proxy.request("shop", "shared_xml", shared), 404, "request one of " + SOFTWARE);
        proxy.request("frontend");
        assertRefused(
                proxy.request(
                        "shop",
                        "shared_xml",
                        shared,
                        "filter_xml",
                        marshalled(Map.of("instance_guid", Value.of("slappart1")))),
                404,
                "slappart1");
        assertRefused(proxy.request("shop", "shared_xml", shared, "state", state("destroyed")), 500, "never had one");
        assertThat(proxy.request(
                                "shop",
                                "shared_xml",
                                shared,
                                "filter_xml",
                                marshalled(Map.of("instance_guid", Value.of("local_computer-slappart0"))))
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void publishingReplacesTheSetAndMovesNoTimestamp() {
        proxy.format(COMPUTER, 1);
        proxy.request("blog");
        var before = proxy.timestamp("slappart0");
        proxy.advance(Duration.ofSeconds(1));
        proxy.post(
                "setComputerPartitionConnectionXml",
                at("slappart0", "connection_xml", marshalled(Map.of("a", Value.of(1))), "slave_reference", "None"));
        proxy.post(
                "setComputerPartitionConnectionXml",
                at("slappart0", "connection_xml", marshalled(Map.of("b", Value.of("2")))));
        var got = attributes(proxy.request("blog"));
        assertThat(got.dictionary("_connection_dict").entries()).isEqualTo(Map.of("b", Value.of("2")));
        assertThat(got.requiredText("connection_xml")).contains("<parameter id=\"b\">2</parameter>");
        assertThat(proxy.timestamp("slappart0")).isEqualTo(before);
        assertRefused(
                proxy.post(
                        "setComputerPartitionConnectionXml",
                        at("slappart0", "connection_xml", marshalled(Map.of()), "slave_reference", "_shop")),
                404,
                "_shop");
    }

    @Test
    void aRootIsFreedWhenItsChildrenAre() {
        proxy.format(COMPUTER, 2);
        proxy.request("blog");
        proxy.request("db", at("slappart0"));
        assertWord(
                proxy.post("destroyedComputerPartition", at("slappart0")),
                "Not destroying yet because this partition has child partitions: slappart1");
        assertThat(proxy.partition("slappart1").requiredText("_requested_state"))
                .isEqualTo("destroyed");
        assertWord(proxy.post("destroyedComputerPartition", at("slappart1")), "OK");
        assertWord(proxy.post("destroyedComputerPartition", at("slappart0")), "OK");
        assertThat(proxy.partition("slappart0").get("_software_release_document"))
                .isEmpty();
        assertThat(proxy.post("destroyedComputerPartition", at("slappart9")).body())
                .contains("slappart9");
    }

    @Test
    void aBangReachesTheWholeTreeAndOnlyIt() {
        proxy.format(COMPUTER, 3);
        proxy.request("blog");
        proxy.request("db", at("slappart0"));
        proxy.request("other");
        proxy.advance(Duration.ofSeconds(1));
        assertWord(proxy.post("softwareInstanceBang", at("slappart1", "message", "broken")), "OK");
        assertThat(List.of(proxy.timestamp("slappart0"), proxy.timestamp("slappart1")))
                .containsOnly("1932796801.25");
        assertThat(proxy.timestamp("slappart2")).startsWith("1932796800.");
        assertThat(proxy.post("softwareInstanceBang", "message", "x").statusCode())
                .isEqualTo(400);
        assertRefused(proxy.post("softwareInstanceBang", at("slappart9", "message", "x")), 500, "slappart9");
    }

    @Test
    void aRenamedRootTakesItsChildrenAlong() {
        proxy.format(COMPUTER, 2);
        proxy.request("blog");
        proxy.request("db", at("slappart0"));
        assertWord(proxy.post("softwareInstanceRename", at("slappart0", "new_name", "journal")), "done");
        assertThat(proxy.partition("slappart1").dictionary("_parameter_dict").requiredText("root_instance_title"))
                .isEqualTo("journal");
        assertThat(attributes(proxy.request("journal")).requiredText("slap_computer_partition_id"))
                .isEqualTo("slappart0");
        assertThat(proxy.post("softwareInstanceRename", at("slappart9", "new_name", "x"))
                        .body())
                .contains("slappart9");
    }

    @Test
    void formattingAgainKeepsWhatIsListedAndDropsTheRest() {
        proxy.format(COMPUTER, 2);
        proxy.request("blog");
        proxy.request("db", at("slappart0"));
        proxy.format(COMPUTER, 1);
        assertThat(proxy.partition("slappart0").dictionary("_parameter_dict").requiredText("instance_title"))
                .isEqualTo("blog");
        assertRefused(
                proxy.get(
                        "registerComputerPartition",
                        "computer_reference",
                        COMPUTER,
                        "computer_partition_reference",
                        "slappart1"),
                500,
                "slappart1");
    }

    @Test
    void softwareIsSuppliedAndReportedGone() {
        assertWord(
                proxy.post("supplySupply", "url", SOFTWARE, "computer_id", COMPUTER, "state", "available"),
                "Supplied '" + SOFTWARE + "' to be available");
        proxy.post("supplySupply", "url", SOFTWARE, "computer_id", COMPUTER, "state", "destroyed");
        var list = attributes(proxy.get("getFullComputerInformation", "computer_id", COMPUTER))
                .items("_software_release_list");
        assertThat(list).hasSize(1);
        assertThat(list.getFirst().asObject("SoftwareRelease").attributes().requiredText("_requested_state"))
                .isEqualTo("destroyed");
        assertWord(proxy.post("destroyedSoftwareRelease", "url", SOFTWARE, "computer_id", COMPUTER), "OK");
        assertThat(attributes(proxy.get("getFullComputerInformation", "computer_id", COMPUTER))
                        .items("_software_release_list"))
                .isEmpty();
        assertThat(proxy.post("supplySupply", "url", SOFTWARE, "computer_id", COMPUTER)
                        .statusCode())
                .isEqualTo(400);
        assertRefused(
                proxy.post("supplySupply", "url", SOFTWARE, "computer_id", COMPUTER, "state", "maybe"), 500, "maybe");
    }

    @Test
    void reportsAreTakenAndIgnored() {
        for (var report : List.of(
                "useComputer",
                "buildingSoftwareRelease",
                "availableSoftwareRelease",
                "softwareReleaseError",
                "startedComputerPartition",
                "stoppedComputerPartition",
                "softwareInstanceError")) {
            assertWord(proxy.post(report, at("slappart0", "url", SOFTWARE)), "Ignored");
            assertThat(proxy.get(report).statusCode()).as(report).isEqualTo(405);
        }
        assertWord(
                proxy.post("computerBang", "computer_id", COMPUTER, "message", "x"),
                "<marshal><string></string></marshal>");
        assertWord(
                proxy.get("getComputerPartitionStatus", at("slappart0")),
                "<marshal><string>Not implemented.</string></marshal>");
        assertThat(MarshalReader.read(proxy.get("getComputerPartitionCertificate", at("slappart0"))
                        .body()))
                .isEqualTo(Value.texts(Map.of("certificate", "", "key", "")));
        assertThat(proxy.get("getRunId").body())
                .matches("[A-Za-z0-9]{32}")
                .isEqualTo(proxy.get("getRunId").body());
    }

    @Test
    void whatSlapproxyDoesNotHaveIsNotFound() {
        for (var query : List.of(
                "getComputerStatus",
                "getSoftwareInstallationStatus",
                "getHostingSubscriptionIpList",
                "getHateoasUrl")) {
            assertThat(proxy.get(query).statusCode()).as(query).isEqualTo(404);
        }
        for (var command : List.of(
                "requestComputer",
                "generateComputerCertificate",
                "revokeComputerCertificate",
                "updateComputerPartitionRelatedInstanceList")) {
            assertThat(proxy.post(command).statusCode()).as(command).isEqualTo(404);
        }
    }

    @Test
    void aMalformedCallIsNamedAndLeavesNothing() {
        proxy.format(COMPUTER, 1);
        assertRefused(proxy.post("requestComputerPartition"), 400, "software_release");
        assertRefused(proxy.request("blog", "state", "None"), 400, "state");
        assertRefused(proxy.request("blog", "state", state("sleeping")), 400, "sleeping");
        assertRefused(proxy.request("blog", "partition_parameter_xml", "<marshal><dictionary>"), 400, "XML");
        assertRefused(
                proxy.request("blog", "filter_xml", "<marshal><object module='os' class='X'/></marshal>"), 400, "os");
        assertRefused(proxy.request("b".repeat(201)), 400, "200 characters");
        assertRefused(proxy.request("blog", "software_release", "u".repeat(2001)), 400, "2000 characters");
        assertRefused(
                proxy.post("loadComputerConfigurationFromXML", "xml", "<marshal><dictionary/></marshal>"),
                400,
                "reference");
        assertThat(proxy.partition("slappart0").get("_software_release_document"))
                .isEmpty();
    }
}

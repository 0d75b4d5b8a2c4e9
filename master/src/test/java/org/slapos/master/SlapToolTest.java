package org.slapos.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.slapos.master.TestTrades.ALICE;
import static org.slapos.master.TestTrades.BOB;
import static org.slapos.master.TestTrades.HELLO;
import static org.slapos.master.TestTrades.reason;
import static org.slapos.master.TestTrades.text;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slapos.master.http.Answer;
import org.slapos.master.party.Requester;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.ComputerInformation;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.PartitionInformation;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareState;
import org.slapos.protocol.marshal.MarshalReader;

/// The SLAP door: who may call, what a bad call gets, and what the answers look like.
class SlapToolTest {
    private static final List<String> QUERIES = List.of(
            "getFullComputerInformation",
            "getComputerInformation",
            "registerComputerPartition",
            "getComputerPartitionCertificate",
            "getHostingSubscriptionIpList",
            "getComputerStatus",
            "getComputerPartitionStatus",
            "getSoftwareInstallationStatus",
            "getSoftwareReleaseListFromSoftwareProduct",
            "getHateoasUrl");
    private static final List<String> COMMANDS = List.of(
            "requestComputerPartition",
            "supplySupply",
            "requestComputer",
            "generateComputerCertificate",
            "revokeComputerCertificate",
            "loadComputerConfigurationFromXML",
            "useComputer",
            "computerBang",
            "buildingSoftwareRelease",
            "availableSoftwareRelease",
            "destroyedSoftwareRelease",
            "softwareReleaseError",
            "startedComputerPartition",
            "stoppedComputerPartition",
            "destroyedComputerPartition",
            "softwareInstanceError",
            "softwareInstanceBang",
            "softwareInstanceRename",
            "setComputerPartitionConnectionXml",
            "updateComputerPartitionRelatedInstanceList");

    private final TestTrades cloud = new TestTrades();

    @AfterEach
    void close() {
        cloud.close();
    }

    private ComputerId supplied(int partitions) {
        var computer = cloud.computer(ALICE, "machine", partitions);
        cloud.supply(ALICE, computer, HELLO, SoftwareState.AVAILABLE);
        return computer;
    }

    @Test
    void nobodyKnownIsToldWhyForEveryMethod() {
        var nobody = new Requester.Anonymous("The certificate of COMP-1 was revoked.");
        for (var method : QUERIES) {
            assertRefused(cloud.get(nobody, method, Map.of()), 401, "revoked");
        }
        for (var method : COMMANDS) {
            assertRefused(cloud.post(nobody, method, Map.of()), 401, "revoked");
        }
    }

    @Test
    void theWrongVerbAndTheUnknownMethodAreNamed() {
        for (var method : QUERIES) {
            var refused = cloud.call(ALICE, "PUT", method, Map.of(), new byte[0], new byte[0]);
            assertThat(refused.status()).isEqualTo(405);
            assertThat(refused.headers()).containsEntry("Allow", "GET, HEAD, POST");
        }
        for (var method : COMMANDS) {
            assertThat(cloud.get(ALICE, method, Map.of()).status()).isEqualTo(405);
        }
        assertRefused(cloud.get(ALICE, "getRunId", Map.of()), 404, "getRunId");
        assertThat(TestTrades.text(cloud.get(ALICE, "getHateoasUrl", Map.of())))
                .isEqualTo("https://master.example/hateoas/");
    }

    @Test
    void othersMayNeitherReadNorReport() {
        supplied(3);
        var placed = cloud.start(ALICE, "blog");
        var elsewhere = cloud.computer(BOB, "other", 1);
        cloud.supply(BOB, elsewhere, "https://soft.example/bob.cfg", SoftwareState.AVAILABLE);
        var strangers = List.of(new Requester.Computer(elsewhere), new Requester.Instance("SOFTINST-99"));
        var fields = new TreeMap<>(fields(placed));
        fields.put("url", HELLO);
        fields.put("state", "available");
        for (var stranger : strangers) {
            for (var method : QUERIES.subList(0, 8)) {
                var answer = cloud.get(stranger, method, fields);
                assertThat(answer.status()).as(method).isIn(403, 404);
                assertThat(reason(answer)).contains(method).contains("may see");
            }
            for (var method : COMMANDS) {
                if (!method.equals("requestComputerPartition")
                        && !method.equals("requestComputer")
                        && !method.equals("loadComputerConfigurationFromXML")) {
                    assertThat(cloud.post(stranger, method, fields).status())
                            .as(method)
                            .isIn(403, 404);
                }
            }
        }
        assertThat(cloud.request(ALICE, "blog", RequestedState.STARTED).status())
                .isEqualTo(200);
    }

    private static Map<String, String> fields(InstanceInformation where) {
        return Map.of(
                "computer_id", where.computer().text(),
                "computer_partition_id", where.partition().text(),
                "computer_reference", where.computer().text(),
                "computer_partition_reference", where.partition().text());
    }

    @Test
    void theOwnerTheNodeAndTheInstanceReadAPartition() {
        var computer = supplied(3);
        var placed = cloud.start(ALICE, "blog");
        var child = cloud.placed(cloud.request(new Requester.Instance(placed.guid()), "db", RequestedState.STARTED));
        for (var reader : List.of(
                ALICE,
                new Requester.Computer(computer),
                new Requester.Instance(placed.guid()),
                new Requester.Instance(child.guid()))) {
            var answer = cloud.get(reader, "registerComputerPartition", fields(placed));
            assertThat(answer.status()).isEqualTo(200);
            assertThat(text(answer)).contains("<string>_synced</string><bool>1</bool>");
            assertThat(PartitionInformation.of(MarshalReader.read(answer.body()))
                            .instance()
                            .orElseThrow()
                            .guid())
                    .isEqualTo(placed.guid());
        }
        var own = ComputerInformation.read(
                cloud.get(new Requester.Instance(child.guid()), "getFullComputerInformation", fields(placed))
                        .body());
        assertThat(own.partitions())
                .extracting(p -> p.partition().text())
                .containsExactly(child.partition().text());
        assertThat(own.software()).isEmpty();
        var addresses = MarshalReader.read(
                        cloud.get(new Requester.Computer(computer), "getHostingSubscriptionIpList", fields(placed))
                                .body())
                .asItems();
        assertThat(addresses).hasSize(4);
    }

    @Test
    @Tag("row:4.8.2")
    @Tag("row:9")
    @Tag("row:13")
    void theCertificateOfAnInstanceGoesToItsNodeUntilItIsDestroyed() {
        var computer = supplied(1);
        var placed = cloud.start(ALICE, "blog");
        var node = new Requester.Computer(computer);
        var answer = cloud.get(node, "getComputerPartitionCertificate", fields(placed));
        var pair = MarshalReader.read(answer.body()).asDictionary();
        assertThat(pair.requiredText("certificate")).contains("BEGIN CERTIFICATE");
        assertThat(pair.requiredText("key")).contains("BEGIN PRIVATE KEY");
        assertThat(answer.headers()).containsEntry("Cache-Control", "private, no-store");
        assertThat(cloud.get(node, "getComputerPartitionCertificate", fields(placed))
                        .body())
                .isEqualTo(answer.body());
        cloud.request(ALICE, "blog", RequestedState.DESTROYED);
        assertThat(cloud.get(node, "getComputerPartitionCertificate", fields(placed))
                        .status())
                .isEqualTo(200);
        cloud.report("destroyedComputerPartition", placed);
        assertThat(cloud.get(node, "getComputerPartitionCertificate", fields(placed))
                        .status())
                .isEqualTo(404);
        long active = cloud.database.inTransaction(tx -> tx.handle()
                .createQuery("select count(*) from certificate where holder = :guid and revoked_at is null")
                .bind("guid", placed.guid())
                .mapTo(Long.class)
                .one());
        assertThat(active).isZero();
    }

    @Test
    @Tag("row:4.3.1")
    @Tag("row:4.4.1")
    void aBadCallIsNamedAndLeavesNothing() {
        var computer = supplied(1);
        var node = new Requester.Computer(computer);
        assertRefused(cloud.get(node, "getFullComputerInformation", Map.of()), 400, "computer_id");
        assertRefused(cloud.get(node, "getFullComputerInformation", Map.of("computer_id", "../x")), 400, "ComputerId");
        assertRefused(cloud.post(ALICE, "requestComputerPartition", Map.of()), 400, "software_release");
        var request = new TreeMap<>(TestTrades.wanted("blog", RequestedState.STARTED, Map.of())
                .toForm()
                .fields());
        request.put("partition_parameter_xml", "<marshal><dictionary>");
        assertRefused(cloud.post(ALICE, "requestComputerPartition", request), 400, "XML");
        request.put("partition_parameter_xml", "<!DOCTYPE x [<!ENTITY a 'b'>]><marshal><dictionary/></marshal>");
        assertRefused(cloud.post(ALICE, "requestComputerPartition", request), 400, "DOCTYPE");
        request.put("partition_parameter_xml", "<marshal><dictionary id=\"i2\"/></marshal>");
        request.put("partition_reference", "x".repeat(201));
        assertRefused(cloud.post(ALICE, "requestComputerPartition", request), 400, "partition_reference");
        request.put("partition_reference", "bl\0og");
        assertRefused(cloud.post(ALICE, "requestComputerPartition", request), 400, "control characters");
        request.put("partition_reference", "blog");
        request.put("state", "<marshal><string>flying</string></marshal>");
        assertRefused(cloud.post(ALICE, "requestComputerPartition", request), 400, "flying");
        assertRefused(
                cloud.request(
                        ALICE, TestTrades.wanted("big", RequestedState.STARTED, Map.of("_", "x".repeat(1024 * 1024)))),
                400,
                "characters");
        assertRefused(
                cloud.post(
                        ALICE, "supplySupply", Map.of("computer_id", computer.text(), "url", HELLO, "state", "gone")),
                400,
                "gone");
        assertRefused(cloud.post(node, "loadComputerConfigurationFromXML", Map.of("xml", "<x/>")), 400, "marshal");
        var body = "computer_id=%zz".getBytes(StandardCharsets.US_ASCII);
        assertRefused(cloud.call(ALICE, "POST", "supplySupply", Map.of(), new byte[0], body), 400, "percent escape");
        assertThat(cloud.count("instance")).isZero();
        assertThat(cloud.count("instance_tree")).isZero();
    }

    @Test
    void anUnknownThingIsNotFound() {
        var computer = supplied(2);
        var node = new Requester.Computer(computer);
        var nowhere = Map.of("computer_id", computer.text(), "computer_partition_id", "slappart1");
        assertRefused(cloud.post(node, "startedComputerPartition", nowhere), 404, "slappart1");
        assertRefused(
                cloud.post(node, "buildingSoftwareRelease", Map.of("computer_id", computer.text(), "url", "x")),
                404,
                "not supplied");
        var ghost = new Requester.Computer(new ComputerId("COMP-77"));
        assertRefused(cloud.get(ghost, "getFullComputerInformation", Map.of("computer_id", "COMP-77")), 404, "COMP-77");
        assertRefused(
                cloud.get(
                        node,
                        "registerComputerPartition",
                        Map.of("computer_reference", computer.text(), "computer_partition_reference", "nope")),
                404,
                "nope");
    }

    @Test
    void theStatusMethodsTellWhatWasReported() {
        var computer = supplied(2);
        var placed = cloud.start(ALICE, "blog");
        var node = new Requester.Computer(computer);
        assertThat(status(cloud.get(node, "getComputerPartitionStatus", fields(placed)), "no_data"))
                .isEqualTo("1");
        cloud.report("startedComputerPartition", placed);
        var answer = cloud.get(ALICE, "getComputerPartitionStatus", fields(placed));
        assertThat(status(answer, "text")).isEqualTo("#access Instance correctly started");
        assertThat(status(answer, "state")).isEqualTo("started");
        assertThat(answer.headers())
                .containsEntry("Cache-Control", "max-age=60")
                .containsEntry("Vary", "REMOTE_USER");
        cloud.information(computer);
        assertThat(status(cloud.get(ALICE, "getComputerStatus", fields(placed)), "text"))
                .isEqualTo("#access COMP-1");
    }

    private static String status(Answer answer, String key) {
        return MarshalReader.read(answer.body()).asDictionary().text(key).orElse("");
    }

    private static void assertRefused(Answer answer, int status, String why) {
        assertThat(answer.status()).as(reason(answer)).isEqualTo(status);
        assertThat(reason(answer)).contains(why);
    }
}

package org.slapos.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.slapos.master.TestTrades.ALICE;
import static org.slapos.master.TestTrades.BOB;
import static org.slapos.master.TestTrades.HELLO;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slapos.master.party.Requester;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareState;
import org.slapos.protocol.jsonrpc.JsonMethod;

/// Every JSON method through its door: what it answers, to whom, and what it changes.
class JsonDoorTest {
    private static final String USAGE = "<journal><transaction type='Sale Packing List'><title/>"
            + "<start_date>2031-04-01 00:00:00</start_date><stop_date>2031-04-01 23:59:59</stop_date>"
            + "<reference>day</reference><currency/><payment_mode/><category/><arrow type='Destination'/>"
            + "<movement><resource>service_module/cpu_load_percent</resource><title/><reference>slapuser0</reference>"
            + "<quantity>12.75</quantity><price>0.0</price><VAT/><category/></movement></transaction></journal>";

    /// Callers by the names used in the tables.
    private static final Requester.Person CHIEF = new Requester.Person("PERSON-3");

    private static final Map<String, Requester> CALLERS = Map.of(
            "alice", ALICE,
            "bob", BOB,
            "node", new Requester.Computer(new ComputerId("COMP-1")),
            "other node", new Requester.Computer(new ComputerId("COMP-2")),
            "root", new Requester.Instance("SOFTINST-1"),
            "child", new Requester.Instance("SOFTINST-2"),
            "chief", CHIEF,
            "nobody", new Requester.Anonymous("No client certificate was shown."));

    /// Who calls which method with which members, and how the answer begins: the title of a success, or the whole
    /// answer. In the order in which they are made; HELLO and USAGE stand for their texts.
    private static final List<Step> GOOD_CALLS = Step.read("json-calls.txt");

    /// As above, with status and type of the refusal.
    private static final List<Step> BAD_CALLS = Step.read("json-refusals.txt");

    private record Step(String caller, String method, String body, String expected) {
        static List<Step> read(String file) {
            try (var in = Objects.requireNonNull(JsonDoorTest.class.getResourceAsStream(file))) {
                return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                        .lines()
                        .map(Step::of)
                        .toList();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static Step of(String line) {
            var cells = line.split("\\s+\\|\\s+", 3);
            int blank = cells[1].indexOf(' ');
            return new Step(
                    cells[0],
                    "slapos." + cells[1].substring(0, blank),
                    texts(cells[1].substring(blank + 1)),
                    texts(cells[2]));
        }

        private static String texts(String cell) {
            return cell.replace("HELLO", HELLO).replace("USAGE", USAGE);
        }
    }

    private static final String INVITATION = """
            insert into token (hash, scope, party, project, function, created_at, expires_at)
            values (encode(sha256('an invitation'), 'hex'), 'INVITATION', 'PERSON-3', 'PROJ-1', 'production/agent',
                timestamptz '2020-01-01', timestamptz '2100-01-01')""";

    private static final String SIGNED_IN = """
            with login as (insert into login (name, person, password_hash, changed_at)
                values ('alice', 'PERSON-1', '', now()))
            insert into session (hash, person, way, address, agent, created_at, used_at, expires_at)
            values ('none', 'PERSON-1', 'password', '127.0.0.1', '', timestamptz '2020-01-01', timestamptz '2020-01-01',
                timestamptz '2100-01-01')""";
    private static final String CERTIFICATE = """
            insert into certificate (serial, holder_kind, holder, intended_at, not_after, fingerprint, certificate)
            values ('5e41a1', 'PERSON', 'PERSON-1', timestamptz '2020-01-01', timestamptz '2100-01-01', 'any', 'any')""";

    private final TestTrades cloud = new TestTrades();

    /// A system manager, who has left an invitation; and Alice has a certificate.
    @BeforeEach
    void invite() {
        cloud.welcome(CHIEF, "Chief", "system/manager");
        cloud.database.inTransaction(
                tx -> tx.handle().execute(INVITATION) + tx.handle().execute(SIGNED_IN));
        cloud.database.inTransaction(tx -> tx.handle().execute(CERTIFICATE));
    }

    @AfterEach
    void close() {
        cloud.close();
    }

    /// A machine of Alice with her tree in its first partition.
    private void blog(int partitions) {
        var computer = cloud.computer(ALICE, "machine", partitions);
        cloud.supply(ALICE, computer, HELLO, SoftwareState.AVAILABLE);
        cloud.start(ALICE, "blog");
    }

    private JsonNode call(Step step) {
        return cloud.json(Objects.requireNonNull(CALLERS.get(step.caller())), step.method(), step.body());
    }

    @Test
    @Tag("row:17")
    void everyMethodAnswersWhoMayCall() {
        blog(3);
        for (var step : GOOD_CALLS) {
            var answer = call(step);
            var shown = answer.path("type").asText().equals("success")
                    ? answer.path("title").asText()
                    : answer.toString();
            assertThat(shown).as(step.toString()).startsWith(step.expected());
        }
    }

    @Test
    @Tag("row:17")
    void aRefusalSaysItsStatusTypeAndReasonAndChangesNothing() {
        blog(2);
        cloud.computer(BOB, "his", 1);
        var before = rows();
        for (var step : BAD_CALLS) {
            var answer = call(step);
            assertThat(answer.path("status").asText() + " "
                            + answer.path("type").asText())
                    .as(step + " -> " + answer)
                    .isEqualTo(step.expected());
            assertThat(answer.path("title").asText()).isNotEmpty();
        }
        assertThat(rows()).isEqualTo(before);
    }

    private Map<String, Long> rows() {
        return List.of(
                        "instance",
                        "software_installation",
                        "computer_partition",
                        "usage_report",
                        "certificate",
                        "movement")
                .stream()
                .collect(Collectors.toMap(Function.identity(), cloud::count));
    }

    @Test
    void everyMethodStandsInBothTables() {
        var all = Arrays.stream(JsonMethod.values()).map(JsonMethod::wire).toList();
        for (var table : List.of(GOOD_CALLS, BAD_CALLS)) {
            assertThat(table.stream().map(Step::method).distinct()).containsExactlyInAnyOrderElementsOf(all);
        }
    }

    @Test
    void whatAFormatSaysNothingOfStays() {
        var computer = cloud.computer(ALICE, "machine", 1);
        cloud.supply(ALICE, computer, HELLO, SoftwareState.AVAILABLE);
        call(GOOD_CALLS.getFirst());
        cloud.start(ALICE, "blog");
        var shown = cloud.json(ALICE, "slapos.get.v0.instance_tree", "{\"title\": \"blog\"}");
        assertThat(shown.path("ip_list").toString()).isEqualTo("[[\"tap0\",\"10.0.0.2\"]]");
        assertThat(shown.path("full_ip_list").toString())
                .isEqualTo("[[\"route_tap0\",\"10.1.0.2\",\"10.1.0.1\",\"255.255.0.0\",\"10.1.0.0\"]]");
        assertThat(users()).containsExactly("slapuser0", "", "");
        var timestamp = shown.path("processing_timestamp").asLong();
        call(GOOD_CALLS.getFirst());
        assertThat(cloud.json(ALICE, "slapos.get.v0.instance_tree", "{\"title\": \"blog\"}")
                        .path("processing_timestamp")
                        .asLong())
                .isEqualTo(timestamp);
    }

    private List<String> users() {
        return cloud.database.inTransaction(tx -> tx.handle()
                .createQuery("select user_name from computer_partition order by position")
                .mapTo(String.class)
                .list());
    }

    @Test
    @Tag("row:4.3.5")
    void anInstanceThatWaitsIsShownWithWhatItWaitsFor() {
        var wanted =
                "{\"title\": \"blog\", \"software_release_uri\": \"" + HELLO + "\", \"software_type\": \"default\"}";
        var waiting = cloud.json(ALICE, "slapos.post.v0.software_instance", wanted);
        assertThat(waiting.size()).isEqualTo(16);
        assertThat(waiting.path("computer_guid").textValue()).isEmpty();
        assertThat(waiting.path("compute_partition_id").textValue()).isEmpty();
        assertThat(waiting.path("processing_timestamp").isIntegralNumber()).isTrue();
        assertThat(waiting.path("access_status_message").asText())
                .startsWith("#error ")
                .contains("supplied");
        assertThat(cloud.json(ALICE, "slapos.post.v0.software_instance", wanted))
                .isEqualTo(waiting);
        var state = cloud.json(
                new Requester.Instance("SOFTINST-1"),
                "slapos.put.v0.software_instance_reported_state",
                "{\"instance_guid\": \"SOFTINST-1\", \"reported_state\": \"started\"}");
        assertThat(state.path("type").asText()).isEqualTo("unauthorized");
        var gone = cloud.json(
                ALICE, "slapos.post.v0.software_instance", wanted.replace("}", ", \"state\": \"destroyed\"}"));
        assertThat(gone.path("status").asInt()).isEqualTo(102);
        assertThat(gone.path("reason").asText()).contains("blog");
    }

    @Test
    void aListByTheNodeIsAContact() {
        cloud.computer(ALICE, "machine", 1);
        assertThat(status().path("no_data").asInt()).isEqualTo(1);
        cloud.json(
                Objects.requireNonNull(CALLERS.get("node")),
                "slapos.allDocs.v0.compute_node_instance_list",
                "{\"computer_guid\": \"COMP-1\"}");
        assertThat(status().path("text").asText()).isEqualTo("#access COMP-1");
        assertThat(status().path("no_data_since_5_minutes").isInt()).isTrue();
    }

    private JsonNode status() {
        return cloud.json(ALICE, "slapos.get.v0.compute_node_status", "{\"computer_guid\": \"COMP-1\"}");
    }

    @Test
    void aComputerHasOneActiveCertificate() {
        cloud.computer(ALICE, "machine", 1);
        var first = cloud.json(ALICE, "slapos.post.v0.compute_node_certificate", "{\"computer_guid\": \"COMP-1\"}");
        assertThat(first.path("key").asText()).startsWith("-----BEGIN PRIVATE KEY-----");
        var second = cloud.json(ALICE, "slapos.post.v0.compute_node_certificate", "{\"computer_guid\": \"COMP-1\"}");
        assertThat(second.path("type").asText()).isEqualTo("conflict");
    }

    @Test
    void bothProtocolsTellTheSameOfAnInstance() {
        blog(2);
        var instance = cloud.placed(cloud.request(ALICE, "blog", RequestedState.STARTED));
        var shown = cloud.json(ALICE, "slapos.get.v0.software_instance", "{\"instance_guid\": \"SOFTINST-1\"}");
        assertThat(shown.path("processing_timestamp").asText()).isEqualTo(instance.timestamp());
        assertThat(shown.path("computer_guid").asText())
                .isEqualTo(instance.computer().text());
        assertThat(shown.path("compute_partition_id").asText())
                .isEqualTo(instance.partition().text());
    }
}

package org.slapos.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.slapos.master.TestTrades.ALICE;
import static org.slapos.master.TestTrades.HELLO;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.slapos.master.http.Answer;
import org.slapos.master.party.Requester;
import org.slapos.protocol.ComputerConfiguration;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareState;
import org.slapos.protocol.marshal.MarshalWriter;

/// What tests of the market need: Computers on offer, and requests through the doors.
abstract class MarketCase {
    static final ObjectMapper JSON = new ObjectMapper();
    static final String NEWER = "https://soft.example/2/hello/software.cfg";

    TestTrades trades;

    @BeforeEach
    void open() {
        trades = new TestTrades();
    }

    @AfterEach
    void close() {
        trades.close();
    }

    ComputerId offered(String title, int partitions, Map<String, String> settings) {
        var computer = trades.computer(ALICE, title, partitions);
        trades.supply(ALICE, computer, HELLO, SoftwareState.AVAILABLE);
        if (!settings.isEmpty()) {
            set(computer, settings);
        }
        return computer;
    }

    void set(ComputerId computer, Map<String, String> settings) {
        var call = object().put("computer_guid", computer.text());
        settings.forEach(call.putObject("settings")::put);
        put("compute_node_offer", call);
    }

    void put(String what, ObjectNode call) {
        assertThat(json(ALICE, "put.v0." + what, call).path("type").asText())
                .as(call.toString())
                .isEqualTo("success");
    }

    JsonNode json(Requester who, String method, ObjectNode call) {
        return trades.json(who, "slapos." + method, call.toString());
    }

    static ObjectNode object() {
        return JSON.createObjectNode();
    }

    static ObjectNode supply(ComputerId computer) {
        return object().put("computer_guid", computer.text()).put("software_release_uri", HELLO);
    }

    static ObjectNode planned(String title, Map<String, String> conditions) {
        var call =
                object().put("title", title).put("software_release_uri", HELLO).put("software_type", "default");
        conditions.forEach(call.putObject("sla_parameters")::put);
        return call;
    }

    void networks(String... references) {
        for (var reference : references) {
            trades.database.inTransaction(tx -> {
                tx.handle()
                        .execute(
                                "insert into party (reference, kind, title, created_at) "
                                        + "values (?, 'NETWORK', 'a network', now())",
                                reference);
                return tx.handle().execute("insert into network (reference, project) values (?, 'PROJ-1')", reference);
            });
        }
    }

    /// That many instances of Alice's that wait, under one condition.
    void waiting(int number, String key, String value) {
        trades.database.inTransaction(tx -> {
            tx.handle()
                    .execute("select setval('instance_number', ?), setval('instance_tree_number', ?)", number, number);
            tx.handle().execute("""
                    insert into instance_tree (id, reference, owner, title, state, created_at)
                    select n, 'HOSTSUBS-' || n, 'PERSON-1', 'w' || n, 'started', now() from generate_series(1, ?) n""", number);
            return tx.handle().execute("""
                            insert into instance (id, reference, tree_id, title, release_url, software_type, parameters,
                                conditions, connection, state, created_at)
                            select n, 'SOFTINST-' || n, n, 'w' || n, ?, 'default', ?, ?, ?, 'started', now()
                            from generate_series(1, ?) n""", HELLO, xml(Map.of()), xml(Map.of(key, value)), xml(Map.of()), number);
        });
    }

    static String xml(Map<String, String> texts) {
        return org.slapos.protocol.InstanceXml.write(texts);
    }

    void capable(ComputerId computer, List<String> first, List<String> second) {
        var plain = TestTrades.configuration(computer, 2);
        var partitions = IntStream.range(0, 2)
                .mapToObj(i -> {
                    var it = plain.partitions().get(i);
                    return new ComputerConfiguration.Partition(
                            it.reference(), it.path(), it.user(), it.addresses(), it.tap(), i == 0 ? first : second);
                })
                .toList();
        var document = new ComputerConfiguration(computer, plain.address(), plain.netmask(), plain.facts(), partitions);
        assertThat(trades.post(
                                new Requester.Computer(computer),
                                "loadComputerConfigurationFromXML",
                                Map.of("xml", MarshalWriter.write(document.toValue())))
                        .status())
                .isEqualTo(200);
    }

    long running() {
        return trades.count("instance where partition_id is not null");
    }

    Answer request(Requester who, String title, String release, Map<String, String> conditions) {
        return request(who, title, release, "default", conditions);
    }

    Answer request(Requester who, String title, String release, String type, Map<String, String> conditions) {
        return request(who, title, release, type, RequestedState.STARTED, conditions);
    }

    Answer request(
            Requester who,
            String title,
            String release,
            String type,
            RequestedState state,
            Map<String, String> conditions) {
        return trades.request(who, wanted(title, release, type, state, conditions));
    }

    static InstanceRequest wanted(
            String title, String release, String type, RequestedState state, Map<String, String> conditions) {
        return new InstanceRequest(
                release,
                type,
                title,
                false,
                Map.of(),
                conditions,
                Optional.of(state),
                Optional.empty(),
                Optional.empty());
    }

    String on(Answer answer) {
        return trades.placed(answer).computer().text();
    }
}

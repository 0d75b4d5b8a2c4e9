package org.slapos.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.slapos.master.TestTrades.ALICE;
import static org.slapos.master.TestTrades.HELLO;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slapos.master.instance.FindInstances;
import org.slapos.master.party.Requester;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareState;
import org.slapos.protocol.marshal.MarshalWriter;
import org.slapos.protocol.marshal.Value;

/// Clients repeat their requests for ever: that has to leave no trace.
class RepeatedRequestTest {
    private static final int TIMES = 200;

    private static InstanceRequest wanted(String title, boolean shared, Map<String, String> filter) {
        return new InstanceRequest(
                HELLO,
                "default",
                title,
                shared,
                Map.of("_", "{\"a\": [1, null]}", "é", "<&>", "empty", ""),
                filter,
                Optional.of(RequestedState.STARTED),
                Optional.empty(),
                Optional.empty());
    }

    /// Each table with its rows, by where they are and who wrote them last; each sequence with its last number.
    private static Map<String, String> traces(TestTrades cloud) {
        return cloud.database.inTransaction(tx -> {
            var traces = new TreeMap<String, String>();
            for (var table : tx.handle()
                    // The rows of `work` are the Master's own clockwork, which goes on beside the requests.
                    .select("select tablename from pg_tables where schemaname = 'public' and tablename <> 'work'")
                    .mapTo(String.class)
                    .list()) {
                traces.put(
                        table,
                        tx.handle()
                                .select("select count(*) || ' rows: '"
                                        + " || coalesce(string_agg(ctid || '/' || xmin, ' ' order by ctid), '')"
                                        + " from " + table)
                                .mapTo(String.class)
                                .one());
            }
            tx.handle()
                    .select("select sequencename || ' ' || coalesce(last_value, 0) from pg_sequences"
                            + " where sequencename not like 'work%'")
                    .mapTo(String.class)
                    .forEach(sequence -> traces.put(sequence, ""));
            return traces;
        });
    }

    @Test
    @Tag("row:27")
    @Tag("row:4.3.6")
    void theSameRequestsAgainLeaveNoTrace() {
        try (var cloud = new TestTrades()) {
            var computer = cloud.computer(ALICE, "machine", 2);
            cloud.supply(ALICE, computer, HELLO, SoftwareState.AVAILABLE);
            var root = cloud.placed(cloud.request(ALICE, wanted("blog", false, Map.of("retention_delay", "1.5"))));
            Requester asRoot = new Requester.Instance(root.guid());
            Runnable everybody = () -> {
                var answers = List.of(
                        cloud.request(ALICE, wanted("blog", false, Map.of("retention_delay", "1.5"))),
                        cloud.request(asRoot, wanted("db", false, Map.of())),
                        cloud.request(asRoot, wanted("site", true, Map.of())),
                        cloud.request(ALICE, wanted("shop", true, Map.of("instance_guid", root.guid()))),
                        cloud.request(ALICE, wanted("full", false, Map.of())),
                        cloud.request(ALICE, wanted("hostless", true, Map.of("computer_guid", "COMP-77"))),
                        cloud.request(ALICE, "nothing", RequestedState.DESTROYED));
                assertThat(answers).extracting("status").containsExactly(200, 200, 200, 200, 408, 408, 408);
            };
            everybody.run();
            var shown = cloud.information(computer);
            var before = traces(cloud);
            assertThat(before).containsKeys("instance", "computer_partition", "computer", "certificate");

            for (int i = 0; i < TIMES; i++) {
                cloud.clock.advance(Duration.ofSeconds(1));
                everybody.run();
            }

            var after = traces(cloud);
            // The Computer's row is written by the contact that the look above was.
            before.remove("computer");
            after.remove("computer");
            assertThat(after).isEqualTo(before);
            assertThat(cloud.information(computer)).isEqualTo(shown);
        }
    }

    private static List<String> statementsOf(TestTrades cloud, Requester who, InstanceRequest wanted) {
        var asker = Thread.currentThread();
        var statements = new ArrayList<String>();
        cloud.database.beforeEachStatement(statement -> {
            if (Thread.currentThread() == asker) {
                statements.add(statement.toLowerCase(Locale.ROOT));
            }
        });
        assertThat(cloud.request(who, wanted).status()).isEqualTo(200);
        cloud.database.beforeEachStatement(_ -> {});
        return statements;
    }

    @Test
    @Tag("row:27")
    void aRepeatedRequestOfWhatHasItsPlaceIsOneStatementThatOnlyReads() {
        try (var cloud = new TestTrades()) {
            var computer = cloud.computer(ALICE, "machine", 2);
            cloud.supply(ALICE, computer, HELLO, SoftwareState.AVAILABLE);
            var root = cloud.placed(cloud.request(ALICE, wanted("blog", false, Map.of())));
            var asRoot = new Requester.Instance(root.guid());
            cloud.request(asRoot, wanted("db", false, Map.of()));

            assertThat(List.of(
                            statementsOf(cloud, ALICE, wanted("blog", false, Map.of())),
                            statementsOf(cloud, asRoot, wanted("db", false, Map.of()))))
                    .allSatisfy(statements -> assertThat(statements)
                            .hasSize(1)
                            .allMatch(statement -> statement.strip().startsWith("select")
                                    && !statement.contains("for update")
                                    && !statement.contains("for no key")
                                    && !statement.contains("lock(")));
        }
    }

    @Test
    @Tag("row:27")
    void aRepeatedRequestIsAnsweredByWhatTheInstanceIsNow() {
        try (var cloud = new TestTrades()) {
            var computer = cloud.computer(ALICE, "machine", 2);
            cloud.supply(ALICE, computer, HELLO, SoftwareState.AVAILABLE);
            var root = cloud.placed(cloud.request(ALICE, wanted("blog", false, Map.of())));
            Requester asRoot = new Requester.Instance(root.guid());
            var child = cloud.placed(cloud.request(asRoot, wanted("db", false, Map.of())));
            cloud.request(asRoot, wanted("site", true, Map.of()));
            var published = MarshalWriter.write(Value.texts(Map.of("url", "http://blog")));
            cloud.report(
                    new Requester.Computer(computer),
                    "setComputerPartitionConnectionXml",
                    root,
                    Map.of("connection_xml", published));

            assertThat(cloud.placed(cloud.request(ALICE, wanted("blog", false, Map.of()))))
                    .isEqualTo(shown(cloud, root))
                    .satisfies(blog -> assertThat(blog.connection()).containsEntry("url", "http://blog"));
            assertThat(cloud.placed(cloud.request(asRoot, wanted("db", false, Map.of()))))
                    .isEqualTo(shown(cloud, child))
                    .isEqualTo(cloud.placed(cloud.request(
                            new Requester.Computer(computer),
                            new InstanceRequest(
                                    HELLO,
                                    "default",
                                    "db",
                                    false,
                                    child.parameters(),
                                    Map.of(),
                                    Optional.empty(),
                                    Optional.of(new InstanceRequest.From(root.computer(), root.partition())),
                                    Optional.empty()))));
        }
    }

    /// As the answer to a request shows it.
    private static InstanceInformation shown(TestTrades cloud, InstanceInformation instance) {
        var found =
                new FindInstances(cloud.database).byReference(instance.guid()).orElseThrow();
        return InstanceInformation.ofRequestAnswer(found.placed().orElseThrow().toSoftwareInstance());
    }

    @Test
    @Tag("row:27")
    void aRepeatedRequestOfAStoppedTreeKeepsItsChildStopped() {
        try (var cloud = new TestTrades()) {
            var computer = cloud.computer(ALICE, "machine", 2);
            cloud.supply(ALICE, computer, HELLO, SoftwareState.AVAILABLE);
            var root = cloud.start(ALICE, "blog");
            Requester asRoot = new Requester.Instance(root.guid());
            cloud.request(asRoot, wanted("db", false, Map.of()));
            cloud.request(ALICE, "blog", RequestedState.STOPPED);

            assertThat(statementsOf(cloud, asRoot, wanted("db", false, Map.of())))
                    .hasSize(1);
            assertThat(cloud.placed(cloud.request(asRoot, wanted("db", false, Map.of())))
                            .state())
                    .isEqualTo(RequestedState.STOPPED);
            cloud.request(ALICE, "blog", RequestedState.STARTED);
            assertThat(cloud.placed(cloud.request(asRoot, wanted("db", false, Map.of())))
                            .state())
                    .isEqualTo(RequestedState.STARTED);
        }
    }

    @Test
    @Tag("row:27")
    void aRepeatedRequestMovesNoRevision() {
        try (var cloud = new TestTrades()) {
            var computer = cloud.computer(ALICE, "machine", 1);
            cloud.supply(ALICE, computer, HELLO, SoftwareState.AVAILABLE);
            cloud.request(ALICE, wanted("blog", false, Map.of()));
            cloud.request(ALICE, wanted("shop", true, Map.of()));
            var before = traces(cloud);
            cloud.request(ALICE, wanted("blog", false, Map.of()));
            cloud.request(ALICE, wanted("shop", true, Map.of()));
            assertThat(traces(cloud)).isEqualTo(before).containsKey("computer");
        }
    }
}

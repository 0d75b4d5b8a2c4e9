package org.slapos.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.slapos.master.TestTrades.ALICE;
import static org.slapos.master.TestTrades.BOB;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slapos.master.db.Database;
import org.slapos.master.db.TestDatabase;
import org.slapos.master.party.Function;
import org.slapos.master.party.Requester;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.RequestedState;

/// The tables of a Master of version 016, with what was in them, are brought up to date: everybody finds what was
/// there.
class MigrationTest {
    private static final ComputerId COMPUTER = new ComputerId("COMP-1");

    private TestTrades cloud;

    @BeforeEach
    void migrated() throws IOException {
        var address = TestDatabase.emptyAddress();
        try (var in = Objects.requireNonNull(MigrationTest.class.getResourceAsStream("master-at-016.sql"));
                var before = TestDatabase.at(address, "016")) {
            var script = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            before.inTransaction(tx -> tx.handle().createScript(script).execute());
        }
        var database = Database.open(address, 8);
        // The migration gives who waits three days by the database's clock; this Master's is years ahead of it.
        database.inTransaction(tx -> tx.handle()
                .execute("update work set due_at = '2031-04-04 08:00:00Z' where kind = 'tree.never-placed'"));
        cloud = new TestTrades(database);
    }

    @AfterEach
    void close() {
        cloud.close();
    }

    @Test
    void theNodeReadsWhatItReadBefore() {
        var partitions = cloud.information(COMPUTER).partitions();
        assertThat(partitions).hasSize(2);
        var blog = partitions.getFirst().instance().orElseThrow();
        assertThat(blog.guid()).isEqualTo("SOFTINST-1");
        assertThat(blog.state()).isEqualTo(RequestedState.STARTED);
        assertThat(blog.timestamp()).isEqualTo("1930000000000001"); // nothing to do for it
        assertThat(blog.parameters()).containsEntry("greeting", "Hello");
        assertThat(blog.connection()).containsEntry("url", "https://blog.example/");
        assertThat(blog.sharedInstances()).hasSize(1);
        assertThat(cloud.information(COMPUTER).software())
                .singleElement()
                .asString()
                .contains(TestTrades.HELLO);
    }

    @Test
    void theSameRequestIsTheSameInstance() {
        long before = cloud.count("instance");
        var again = cloud.placed(
                cloud.request(ALICE, TestTrades.wanted("blog", RequestedState.STARTED, Map.of("greeting", "Hello"))));
        assertThat(again.guid()).isEqualTo("SOFTINST-1");
        assertThat(again.partition().text()).isEqualTo("slappart0");
        assertThat(again.connection()).containsEntry("url", "https://blog.example/");
        assertThat(cloud.count("instance")).isEqualTo(before);
        assertThat(cloud.information(COMPUTER)
                        .partitions()
                        .getFirst()
                        .instance()
                        .orElseThrow()
                        .timestamp())
                .isEqualTo("1930000000000001");
    }

    @Test
    void whatWaitsForTheOldDefaultProjectWaitsForTheNew() {
        var waiting = cloud.json(BOB, "slapos.get.v0.software_instance", "{\"instance_guid\": \"SOFTINST-3\"}");
        assertThat(waiting.path("sla_parameters").path("project_guid").asText()).isEqualTo("PROJ-1");
        assertThat(cloud.count("instance where conditions like '%PROJECT-1%'")).isZero();
    }

    @Test
    void whatWaitedBeforeIsPlacedInWhatIsFree() {
        cloud.information(COMPUTER); // its node is there
        cloud.work();
        cloud.placeAll();
        assertThat(cloud.json(BOB, "slapos.get.v0.software_instance", "{\"instance_guid\": \"SOFTINST-3\"}")
                        .toString())
                .contains("slappart1");
    }

    @Test
    void peopleMayWhatTheyCouldAndTheFirstOneManages() {
        assertThat(cloud.assignments.of("PERSON-1").isSystemManager()).isTrue();
        assertThat(cloud.assignments.of("PERSON-1").has(Function.PRODUCTION_MANAGER, "PROJ-1"))
                .isTrue();
        assertThat(cloud.assignments.of("PERSON-2").has(Function.CUSTOMER, "PROJ-1"))
                .isTrue();
        assertThat(cloud.assignments.of("PERSON-2").isSystemManager()).isFalse();
        assertThat(cloud.json(BOB, "slapos.get.v0.software_instance", "{\"instance_guid\": \"SOFTINST-3\"}")
                        .path("title")
                        .asText())
                .isEqualTo("shop");
        assertThat(cloud.computer(BOB, "another", 1)).isEqualTo(new ComputerId("COMP-2")); // no number is used again
    }

    @Test
    void whatWasOwedIsOwedAndAReportThatIsSentAgainIsNotNew() {
        var movements =
                cloud.json(ALICE, "slapos.allDocs.v0.movement_list", "{}").path("result_list");
        assertThat(movements).hasSize(1);
        long reports = cloud.count("usage_report");
        var usage =
                "<journal><transaction type='Sale Packing List'><title/><start_date>2031-03-01 00:00:00</start_date>"
                        + "<stop_date>2031-03-01 23:59:59</stop_date><reference>day</reference><currency/><payment_mode/>"
                        + "<category/><arrow type='Destination'/><movement><resource>service_module/cpu_load_percent</resource>"
                        + "<title/><reference>slapuser0</reference><quantity>1</quantity><price>0.0</price><VAT/><category/>"
                        + "</movement></transaction></journal>";
        assertThat(cloud.post(
                                new Requester.Computer(COMPUTER),
                                "useComputer",
                                Map.of("computer_id", "COMP-1", "use_string", usage))
                        .status())
                .isEqualTo(200);
        assertThat(cloud.count("usage_report")).isEqualTo(reports);
        assertThat(cloud.count("movement")).isEqualTo(1);
        boolean isZero = cloud.database.inTransaction(tx -> tx.handle()
                .select("select coalesce(sum(quantity), 0) = 0 from posting")
                .mapTo(Boolean.class)
                .one());
        assertThat(isZero).isTrue();
    }
}

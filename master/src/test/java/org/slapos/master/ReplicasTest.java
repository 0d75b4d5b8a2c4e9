package org.slapos.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.slapos.master.TestTrades.ALICE;
import static org.slapos.master.TestTrades.HELLO;

import com.fasterxml.jackson.databind.JsonNode;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slapos.master.db.Database;
import org.slapos.master.db.TestDatabase;
import org.slapos.master.party.Requester;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareState;

/// Two Masters on one database, step by step: what one has begun before it died is the other's to finish.
class ReplicasTest {
    private static final Requester.Person CHIEF = new Requester.Person("PERSON-2");

    private final StepByStep hands = new StepByStep();
    private final Database database = TestDatabase.stepped("", hands);
    private final List<TestTrades> masters = new ArrayList<>();

    @BeforeEach
    void begin() throws SQLException {
        for (int i = 0; i < 2; i++) {
            hands.starts(i);
            masters.add(new TestTrades(database));
        }
        masters.getFirst().welcome(ALICE, "Alice", "customer");
        hands.listen(database.address());
    }

    @AfterEach
    void end() {
        hands.close();
        database.close();
        TestDatabase.drop(TestDatabase.name(database));
    }

    @Test
    void whatWaitsForASilentComputerGetsItThoughTheMasterThatHeardOfItDies() {
        var computer = computer();
        pass(Duration.ofSeconds(601));
        var other = masters.getLast();
        waits(other, "blog");

        contact(masters.getFirst(), computer);
        masters.getFirst().writeContacts();
        hands.starts(0); // the first one is no more
        other.placeAll();

        assertThat(placed(other)).containsExactly("blog");
    }

    @Test
    void whatBecameFreeIsWhoWaitsForItsThoughTheMasterDiesRightAfterTheCommit() {
        computer();
        var first = masters.getFirst();
        var other = masters.getLast();
        var blog = first.start(ALICE, "blog");
        waits(first, "shop");
        first.request(ALICE, "blog", RequestedState.DESTROYED);

        hands.afterCommit(() -> {
            throw new Simulation.Crash("after a commit");
        });
        assertThatThrownBy(() -> first.report("destroyedComputerPartition", blog))
                .isInstanceOf(Simulation.Crash.class);
        hands.afterCommit(() -> {});
        hands.starts(0);
        other.placeAll();

        assertThat(placed(other)).containsExactly("shop");
    }

    @Test
    void aContactThatWasNotWrittenDownBeforeTheMasterDiedIsOneAtTheNextCall() {
        var computer = computer();
        pass(Duration.ofSeconds(601));
        var other = masters.getLast();
        waits(other, "blog");

        contact(masters.getFirst(), computer);
        hands.starts(0); // the first one is no more, and has written nothing down
        other.placeAll();
        assertThat(placed(other)).isEmpty();
        contact(other, computer);
        other.placeAll();

        assertThat(placed(other)).containsExactly("blog");
    }

    /// A Master that just started does not hold the silence against anybody: what waits from before has to be told.
    @Test
    void whatWaitedForASilentComputerBeforeARestartGetsItWhenItCalls() {
        var computer = computer();
        contact(masters.getFirst(), computer);
        masters.getFirst().writeContacts();
        pass(Duration.ofSeconds(601));
        waits(masters.getLast(), "blog");

        hands.starts(1);
        var restarted = masters.getLast().restarted(Duration.ofSeconds(601));
        hands.hearAnew(1);
        contact(restarted, computer);
        restarted.placeAll();

        assertThat(placed(restarted)).containsExactly("blog");
    }

    /// One Master hears of it, the other is asked: for a place, for a spare, and why.
    @Test
    void aComputerThatOnlyTheOtherMasterHearsOfIsNotSilent() {
        var hearing = masters.getFirst();
        var asked = masters.getLast();
        hearing.welcome(CHIEF, "Chief", "production/manager");
        var computer = computer();
        hearing.format(computer, 3);
        asked.json(CHIEF, "slapos.put.v0.instance_pool", "{\"software_release_uri\": \"" + HELLO + "\", \"size\": 1}");
        assertThat(plan(asked).path("outcome").asText()).isEqualTo("place"); // it has looked
        for (int i = 0; i < 3; i++) {
            pass(Duration.ofMinutes(5));
            contact(hearing, computer);
            hearing.writeContacts();
        }

        asked.work();
        assertThat(asked.count("instance where partition_id is not null"))
                .as("a spare was made")
                .isOne();
        assertThat(plan(asked).path("outcome").asText()).isEqualTo("place");
        pass(Duration.ofMinutes(5));
        contact(hearing, computer);
        hearing.writeContacts();
        pass(Duration.ofMinutes(6));
        contact(hearing, computer);
        hearing.writeContacts();
        var planned = plan(asked);
        assertThat(planned.path("outcome").asText()).as(planned.toString()).isEqualTo("place");
        assertThat(planned.path("counts").path("fits").asInt()).isOne();
        assertThat(planned.path("spare").asBoolean()).isFalse(); // it does not run yet, and there is a place
        assertThat(asked.request(ALICE, "blog", RequestedState.STARTED).status())
                .isEqualTo(200);
    }

    private static void waits(TestTrades master, String title) {
        assertThat(master.request(ALICE, title, RequestedState.STARTED).status())
                .isEqualTo(408);
    }

    private static JsonNode plan(TestTrades master) {
        return master.json(
                ALICE,
                "slapos.get.v0.instance_plan",
                "{\"title\": \"blog\", \"software_release_uri\": \"" + HELLO
                        + "\", \"software_type\": \"default\", \"sla_parameters\": {}}");
    }

    /// Without asking, since who asks is looked at then.
    private static List<String> placed(TestTrades master) {
        return master.database.inTransaction(tx -> tx.handle()
                .createQuery("select title from instance where partition_id is not null order by title")
                .mapTo(String.class)
                .list());
    }

    private ComputerId computer() {
        var computer = masters.getFirst().computer(ALICE, "machine", 1);
        masters.getFirst().supply(ALICE, computer, HELLO, SoftwareState.AVAILABLE);
        return computer;
    }

    private void pass(Duration time) {
        masters.forEach(master -> master.clock.advance(time));
    }

    private static void contact(TestTrades master, ComputerId computer) {
        var answer = master.get(
                new Requester.Computer(computer), "getFullComputerInformation", Map.of("computer_id", computer.text()));
        assertThat(answer.status()).isEqualTo(200);
    }
}
